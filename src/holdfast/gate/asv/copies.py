"""Copy an environment instead of installing the same packages a second time."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

_RELOCATABLE = ("virtualenv", "uv")
"""What finds its packages from where its interpreter lies; of others, too much knows the path."""


def copy_environment(source: Any, target: Any) -> bool:
    """Copy one of asv's environments to where another belongs; return whether that was possible.

    Both then hold the same packages to the byte, however loosely the project pins them.
    """
    if source.tool_name not in _RELOCATABLE or sys.platform == "win32":
        return False
    old, new = Path(source._path), Path(target._path)
    part = new.with_name(f"{new.name}.part")  # so that half a copy is never taken for one
    try:
        for folder in (part, new):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(old, part, symlinks=True)
        for script in (part / "bin").iterdir():
            _move_script(script, os.fsencode(old), os.fsencode(new))
        part.rename(new)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        return False
    return bool(target.check_presence())


def _move_script(script: Path, old: bytes, new: bytes) -> None:
    """Let a script run the interpreter of its own environment."""
    if script.is_symlink() or not script.is_file():
        return
    text = script.read_bytes()
    if old in text and b"\0" not in text:
        script.write_bytes(text.replace(old, new))
