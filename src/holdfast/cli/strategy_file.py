"""A strategy file at the command line: its names, and the options of every command over one."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the strategy file, and what a backtest of it needs."""
    parser.add_argument("strategy", type=Path, help="a Python file")
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--start", required=True, help="first date, such as 2024-01-31")
    parser.add_argument("--end", required=True, help="last date, included")
    parser.add_argument("--frequency", choices=("daily", "minute"), default="daily")
    parser.add_argument("--capital-base", type=float, default=1e7, help="default: 10 million")
    parser.add_argument("--ledger", choices=("decimal", "float"), default="decimal")


def read_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return what `add_options` asked for, as ``run_algorithm`` takes it."""
    return {
        "start": args.start,
        "end": args.end,
        "capital_base": args.capital_base,
        "bundle": args.bundle,
        "data_frequency": args.frequency,
        "ledger": args.ledger,
    }


def load_strategy(path: Path) -> dict[str, Any]:
    """Run a strategy file and return the names it defines.

    Raises
    ------
    UsageError
        When there is no such file, or it is no Python.
    """
    if not path.is_file():
        raise UsageError(f"there is no strategy file {path}")
    # A strategy may import modules that lie beside it.
    sys.path.insert(0, str(path.resolve().parent))
    try:
        return runpy.run_path(str(path), run_name="holdfast_strategy")
    except SyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno}: {error.msg}") from None
