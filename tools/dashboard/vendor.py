"""Make asv's pages load their libraries from beside them, not from other people's servers.

``packages.json`` says which npm package has each file that asv's pages name, and the digest of
the package. The packages are fetched anew each time and never committed; their licences are
kept beside the files.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

PACKAGES = Path(__file__).with_name("packages.json")
ELSEWHERE = re.compile(r'<(script|link)\b[^>]*?\b(src|href)="https?://[^"]*/([^"/]+)"([^>]*)>')
TERMS = re.compile(r"(licen[cs]e|readme)[.\w]*|package\.json", re.IGNORECASE)
LAST_LINK = '<li id="nav-li-regressions">'


class Unvendored(Exception):
    """A file cannot be had, or is not the one that was agreed on."""


def make_local(html: Path, link: tuple[str, str]) -> None:
    """Fetch what the start page of ``html`` loads, and add a ``link`` (text, address) to it."""
    start = html / "index.html"
    local = fetch_all(html / "vendor")
    page = with_local_files(start.read_text("utf-8"), local)
    text, address = link
    if LAST_LINK not in page:
        raise Unvendored(f"{start} has no {LAST_LINK}: asv's page changed, look at {__file__}")
    page = page.replace(LAST_LINK, f'<li><a href="{address}">{text}</a></li>\n\t{LAST_LINK}')
    start.write_text(page, "utf-8")


def with_local_files(page: str, local: Mapping[str, str]) -> str:
    """Return ``page`` with every script and style of another server taken from ``local``."""

    def replace(found: re.Match[str]) -> str:
        tag, attribute, name, rest = found.groups()
        if name not in local:
            raise Unvendored(f"asv's page loads {name}, which no package in {PACKAGES} has")
        handler = ' onerror="js_load_failure()"' if "onerror" in rest else ""
        relation = 'rel="stylesheet" ' if tag == "link" else ""
        return f'<{tag} {relation}{attribute}="vendor/{local[name]}"{handler}>'

    return ELSEWHERE.sub(replace, page)


def fetch_all(vendor: Path) -> dict[str, str]:
    """Unpack the files of all packages, and return where each lies below ``vendor``, by name."""
    local: dict[str, str] = {}
    for package, wanted in json.loads(PACKAGES.read_text("utf-8")).items():
        place = package.rpartition("@")[0]
        with tempfile.TemporaryDirectory() as folder:
            archive = packed(package, wanted["integrity"], Path(folder))
            unpack(archive, vendor / place, wanted["files"])
        local |= {name: f"{place}/{path}" for name, path in wanted["files"].items()}
    return local


def packed(package: str, integrity: str, folder: Path) -> Path:
    """Download ``name@version`` with npm, and return the archive when it has that digest."""
    command = ["npm", "pack", package, "--silent", "--prefer-offline"]
    command += ["--pack-destination", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise Unvendored("npm is not installed; it fetches what asv's pages load") from error
    except subprocess.CalledProcessError as error:
        raise Unvendored(f"npm cannot fetch {package}: {error.stderr.strip()[-300:]}") from error
    (archive,) = folder.glob("*.tgz")
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != integrity:
        raise Unvendored(f"{package} has the digest {found}, not {integrity} of {PACKAGES}")
    return archive


def unpack(archive: Path, place: Path, wanted: Mapping[str, str]) -> None:
    """Take the wanted files out of an archive, and what says under which terms they are."""
    with tarfile.open(archive) as files:
        for member in files:
            path = member.name.partition("/")[2]
            source = files.extractfile(member)
            if source and (path in wanted.values() or TERMS.fullmatch(path)):
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                (place / path).write_bytes(source.read())
