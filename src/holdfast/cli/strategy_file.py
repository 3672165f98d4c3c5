"""Strategy files at the command line: their options, and how they are loaded."""

from __future__ import annotations

import argparse
import runpy
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from holdfast.cli.strategy_errors import describe_failure
from holdfast.errors import StrategyFailed, UsageError
from holdfast.zipline_names import zipline_names

START, END = "first date, such as 2024-01-31", "last date, included"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for a strategy file and the settings of a backtest."""
    parser.add_argument("strategy", type=Path, help="a Python file")
    parser.add_argument(
        "--bundle", required=True, metavar="DIR", help="folder of the bundle, or its URL"
    )
    parser.add_argument("--start", required=True, metavar="DATE", help=START)
    parser.add_argument("--end", required=True, metavar="DATE", help=END)
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="how both are written, such as %%d/%%m/%%Y"
    )
    parser.add_argument(
        "--frequency",
        choices=("daily", "minute"),
        default="daily",
        help="how often handle_data is called (default: %(default)s)",
    )
    parser.add_argument(
        "--capital-base",
        type=float,
        default=1e7,
        metavar="MONEY",
        help="cash at the start (default: 10000000)",
    )
    parser.add_argument(
        "--ledger",
        choices=("decimal", "float"),
        default="decimal",
        help="how money is added up (default: %(default)s)",
    )
    parser.add_argument(
        "--traceback",
        action="store_true",
        help="show all of Python's traceback when the strategy raises",
    )
    parser.add_argument(
        "--no-zipline-names",
        action="store_true",
        help="do not let 'import zipline' mean Holdfast where Zipline is not installed",
    )


def read_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the values of `add_options` as keyword arguments of ``run_algorithm``."""
    from holdfast.data.dates import to_iso

    return {
        "start": to_iso("--start", args.start, args.date_format),
        "end": to_iso("--end", args.end, args.date_format),
        "capital_base": args.capital_base,
        "bundle": args.bundle,
        "data_frequency": args.frequency,
        "ledger": args.ledger,
        "zipline_names": not args.no_zipline_names,
    }


def load_strategy(path: Path, aliases: bool = True) -> dict[str, Any]:
    """Run a strategy file and return the names it defines.

    Parameters
    ----------
    path
        The file.
    aliases
        Whether ``import zipline`` means Holdfast, where Zipline is not installed.

    Raises
    ------
    UsageError
        When there is no such file, it is not Python, or it imports what is not there.
    """
    if not path.is_file():
        raise UsageError(f"there is no strategy file {path}")
    # A strategy may import modules from its own folder.
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with zipline_names(aliases):
            return runpy.run_path(str(path), run_name="holdfast_strategy")
    except SyntaxError as error:
        raise UsageError(f"{error.filename}, line {error.lineno}: {error.msg}") from None
    except ImportError as error:
        raise UsageError(f"{path}, line {_line_in(path, error)}: {_import_text(error)}") from None


@contextmanager
def short_errors(args: argparse.Namespace) -> Iterator[None]:
    """Tell an error of the strategy by its own file and line, unless a traceback is wanted.

    Raises
    ------
    StrategyFailed
        When the strategy has raised.
    """
    try:
        yield
    except Exception as error:
        if args.traceback:
            traceback.print_exc()
            raise StrategyFailed(f"the strategy failed: {type(error).__name__}") from None
        failure = describe_failure(error)
        if failure is None:
            raise
        raise failure from None


def _line_in(path: Path, error: BaseException) -> int:
    """Return the line of `path` that `error` came through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename) == path]
    return lines[-1] or 0 if lines else 0


def _import_text(error: ImportError) -> str:
    text = str(error).partition(" (/")[0]  # not the path of the module that lacks a name
    hint = " (pip install it, or change the import to holdfast)"
    return text + (hint if "No module named" in text else "")
