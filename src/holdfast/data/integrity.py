"""A version holds what ingest wrote: each of its files is compared with a SHA-256 as it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.errors import BundleError

SCHEMA = 2
MANIFEST = "manifest.json"
_HEAD = '{{"sha256": "{}", '
_HEAD_BYTES = len(_HEAD.format("0" * 64))


def seal(content: Mapping[str, Any]) -> bytes:
    """Return a manifest that carries the SHA-256 of its own text, as ``sha256sum`` of a file would.

    Parameters
    ----------
    content
        With ``version``, ``schema`` and ``files``: the SHA-256 of each other file, by name.
    """
    rest = (json.dumps(content)[1:] + "\n").encode()
    return _HEAD.format(hashlib.sha256(rest).hexdigest()).encode() + rest


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path, version: str) -> dict[str, Any]:
    """Return the manifest of a version.

    Raises
    ------
    BundleError
        When it is missing, damaged, of another schema or of another version.
    """
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
        manifest: dict[str, Any] = json.loads(raw)
        schema = manifest.get("schema")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(path, error) from None
    if schema != SCHEMA:
        raise BundleError(
            f"{folder.parent} has bundle schema {schema!r:.20}, this version of Holdfast reads "
            f"schema {SCHEMA} (ingest the bars again)"
        )
    if raw[:_HEAD_BYTES] != _HEAD.format(hashlib.sha256(raw[_HEAD_BYTES:]).hexdigest()).encode():
        raise damaged(path, "its SHA-256 is another")
    if manifest["version"] != version:
        raise damaged(path, f"it is of version {manifest['version'][:12]}, not {version[:12]}")
    return manifest


def read_verified(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    """Return the content of one file of a version.

    Raises
    ------
    BundleError
        When it is missing, or not what the manifest says.
    """
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise damaged(path, error) from None
    if hashlib.sha256(content).hexdigest() != manifest["files"].get(name):
        raise damaged(path, "its SHA-256 is another")
    return content


def is_whole(folder: Path, version: str) -> bool:
    """Return whether every file of a version is what was written."""
    try:
        manifest = read_manifest(folder, version)
        return all(digest_of(folder / name) == sha for name, sha in manifest["files"].items())
    except (BundleError, OSError):
        return False


def damaged(path: Path, why: object) -> BundleError:
    """Return the error for a file of a bundle that cannot be used."""
    what = " ".join(str(why).split())
    return BundleError(f"{path} is damaged or missing: {what} (ingest the bars again)")
