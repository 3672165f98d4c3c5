"""Bundles in object storage: a version is fetched once to a machine, checked, and then local.

Any URL will do that fsspec reads: ``s3://market/stocks``, ``gs://...``, ``file:///mnt/shared/...``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from holdfast.data.bundle import CURRENT, get_version_folder, parse_version
from holdfast.data.integrity import MANIFEST, is_whole, read_manifest
from holdfast.data.locks import remove_unless_kept
from holdfast.errors import BundleError, MissingExtra

_KEPT = 2  # older versions that stay: another sweep may be at work on one
_STAGING = ".staging-"

PathLike = str | os.PathLike[str]


def is_remote(path: PathLike) -> bool:
    """Return whether a bundle's path is a URL."""
    return "://" in os.fspath(path)


def make_absolute(path: PathLike) -> str:
    """Return a path as processes in other folders find it; a URL is that already."""
    return os.fspath(path) if is_remote(path) else os.path.abspath(path)


def localize(path: PathLike, version: str | None = None) -> tuple[str, str | None]:
    """Return a folder of this machine with a version of a bundle, and which version that is.

    Parameters
    ----------
    path
        A folder is returned as it is. A URL's version is fetched, unless it is there already,
        to ``HOLDFAST_CACHE``, or else ``~/.cache/holdfast``.
    version
        None for the version that is current at the URL, which is asked.

    Raises
    ------
    BundleError
        When the URL cannot be read, or a file is not what the manifest says.
    MissingExtra
        When fsspec, or its driver for this kind of URL, is not installed.
    """
    url = os.fspath(path)
    if not is_remote(url):
        return url, version
    cache = _find_cache() / hashlib.sha256(url.encode()).hexdigest()[:16]
    if version is not None and get_version_folder(cache, version).is_dir():
        return str(cache), version
    files, root = _open_file_system(url)
    if version is None:
        version = parse_version(_read(files, f"{root}/{CURRENT}", url), url)
    if not get_version_folder(cache, version).is_dir():
        _fetch(files, f"{root}/{version[:16]}", cache, version, url)
    return str(cache), version


def _find_cache() -> Path:
    given = os.environ.get("HOLDFAST_CACHE")
    if given:
        return Path(given).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "holdfast"


def _open_file_system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        files, root = url_to_fs(url)
    except ImportError as error:
        raise MissingExtra(
            f"the bundle {url} needs the remote extra, and fsspec's driver for its storage, such "
            f"as s3fs: pip install 'asv-holdfast[remote]' s3fs ({error})"
        ) from None
    except ValueError as error:  # a kind of URL that nobody knows
        raise BundleError(f"the bundle {url} cannot be read: {error}") from None
    return files, str(root).rstrip("/")


def _read(files: Any, path: str, url: str) -> bytes:
    try:
        content: bytes = files.cat_file(path)
    except FileNotFoundError:
        raise BundleError(f"no bundle at {url}: it has no {path.rsplit('/', 1)[-1]}") from None
    except Exception as error:  # each storage has errors of its own
        raise BundleError(f"the bundle {url} cannot be read: {error}") from None
    return content


def _fetch(files: Any, source: str, cache: Path, version: str, url: str) -> None:
    """Copy a version to the cache: all of it, as the manifest says, or nothing."""
    staged = cache / f"{_STAGING}{secrets.token_hex(8)}"
    staged.mkdir(parents=True)
    try:
        (staged / MANIFEST).write_bytes(_read(files, f"{source}/{MANIFEST}", url))
        for name in _list_files(staged, version, url):
            _copy(files, f"{source}/{name}", staged / name, url)
        if not is_whole(staged, version):
            raise _damaged(url, "a file's SHA-256 is not that of its manifest")
        _move(staged, get_version_folder(cache, version))
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    _tidy(cache, version)


def _list_files(staged: Path, version: str, url: str) -> list[str]:
    """Return the names of a version's files, by its manifest, which is checked."""
    try:
        names = list(read_manifest(staged, version)["files"])
    except BundleError as error:
        place = f"{url}/{version[:16]}"
        raise BundleError(str(error).replace(str(staged), place)) from None
    if any(Path(name).name != name for name in names):
        raise _damaged(url, f"its manifest names {names}, which are not file names")
    return names


def _copy(files: Any, source: str, target: Path, url: str) -> None:
    try:
        files.get_file(source, str(target))
    except Exception as error:  # each storage has errors of its own
        raise BundleError(f"{source} of the bundle {url} cannot be read: {error}") from None


def _damaged(url: str, why: str) -> BundleError:
    return BundleError(f"the bundle {url} is damaged: {why} (upload it again)")


def _move(staged: Path, target: Path) -> None:
    try:
        staged.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was quicker
            raise


def _tidy(cache: Path, version: str) -> None:
    """Remove versions that were fetched long before this one, and that nobody keeps."""
    others = [one for one in cache.glob("[!.]*") if one != get_version_folder(cache, version)]
    for old in sorted(others, key=lambda one: one.stat().st_mtime)[:-_KEPT]:
        remove_unless_kept(old)
