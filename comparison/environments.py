"""A virtual environment for each peer, and fresh processes in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from comparison.roster import Engine

ROOT = Path(__file__).parents[1]
RUNNER, SWEEP_RUNNER = ("-m", "comparison.runner"), ("-m", "comparison.sweep_runner")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS")
HOURS_2 = 7200


class Failed(Exception):
    """An engine could not be installed or did not finish; the message is its last line."""


def python_of(engine: Engine, envs: Path) -> Path:
    """Return the interpreter that has the engine, which is installed when it must be.

    Raises
    ------
    Failed
        When pip cannot install it.
    """
    if not engine.needs:
        return Path(sys.executable)
    home = (envs / engine.home).absolute()
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installed = home / ".installed"
    wanted = "\n".join((sys.version, *engine.needs))
    if not installed.exists() or installed.read_text() != wanted:
        sys.stderr.write(f"{engine.name}: installing {' '.join(engine.needs)}\n")
        finished([sys.executable, "-m", "venv", "--clear", home])
        finished([python, "-m", "pip", "install", "--quiet", *engine.needs])
        installed.write_text(wanted)
    return python


def backtest(engine: Engine, python: Path, market: Path, step: str = "run") -> dict[str, Any]:
    """Run one step of ``runner.py`` in a fresh process and return what it printed.

    Raises
    ------
    Failed
        When it does not finish.
    """
    out = finished([python, "-W", "ignore", *RUNNER, engine.module, engine.variant, market, step])
    return json.loads(out.splitlines()[-1]) if step == "run" else {}


def sweep(engine: Engine, python: Path, market: Path, **asked: Any) -> dict[str, Any]:
    """Run ``sweep_runner.py`` in a fresh process and return what it printed.

    Raises
    ------
    Failed
        When it does not finish.
    """
    options = json.dumps({"started": time.time(), **asked})
    command = [
        python,
        "-W",
        "ignore",
        *SWEEP_RUNNER,
        engine.module,
        engine.variant,
        market,
        options,
    ]
    return json.loads(finished(command).splitlines()[-1])


def finished(command: list[Any]) -> str:
    """Return what a command printed.

    Raises
    ------
    Failed
        When it ends with an error or not within two hours.
    """
    clean = {name: value for name, value in os.environ.items() if name != "HOLDFAST_LAYERS"}
    clean |= dict.fromkeys(ONE_THREAD, "1") | {"PYTHONPATH": str(ROOT)}
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": HOURS_2}
    try:
        done = subprocess.run([*map(str, command)], env=clean, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Failed(said[-1] if said else f"ended with {done.returncode}")
    return done.stdout
