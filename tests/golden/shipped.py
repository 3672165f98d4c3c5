"""Where the example strategies are that zipline-reloaded ships."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

ROOT = Path(__file__).parents[2]


def shipped_examples() -> Path | None:
    """Return the folder of Zipline's examples, None when there is no Zipline.

    It is looked for where ``ZIPLINE_EXAMPLES`` says, in this environment, and in the one that
    ``make golden`` makes.
    """
    named = os.environ.get("ZIPLINE_EXAMPLES")
    spec = importlib.util.find_spec("zipline")
    installed = [Path(spec.origin).parent] if spec is not None and spec.origin else []
    made = sorted(ROOT.glob(".venv-zipline/lib/python3*/site-packages/zipline"))
    folders = [Path(named)] if named else []
    folders += [package / "examples" for package in (*installed, *made)]
    return next((folder for folder in folders if (folder / "olmar.py").is_file()), None)
