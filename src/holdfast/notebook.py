"""``%load_ext holdfast``: a notebook's cell is a strategy."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from holdfast.errors import UsageError
from holdfast.run import run_algorithm
from holdfast.zipline_names import zipline_names

if TYPE_CHECKING:
    import pandas as pd

_CALLBACKS = ("initialize", "handle_data", "before_trading_start", "analyze")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise instead of ending the notebook's process."""
        raise UsageError(f"%%holdfast: {message} (such as %%holdfast --bundle stocks --start ...)")


def register(shell: Any) -> None:
    """Add ``%%holdfast`` to a running IPython.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    """

    def holdfast(line: str, cell: str) -> pd.DataFrame:
        """Run the cell as a strategy; its perf frame is the result, and the variable `perf`."""
        perf = run_cell(line, cell, shell.user_ns)
        shell.user_ns["perf"] = perf
        return perf

    shell.register_magic_function(holdfast, "cell", "holdfast")


def run_cell(line: str, cell: str, names: dict[str, Any]) -> pd.DataFrame:
    """Run a cell's functions as a strategy.

    Parameters
    ----------
    line
        Options: ``--bundle stocks --start 2024-01-31 --end 2024-12-31``.
    cell
        Defines initialize, handle_data, before_trading_start or analyze.
    names
        The notebook's own; what the cell defines is added.

    Returns
    -------
    DataFrame
        The perf frame.
    """
    args = _parse(line)
    before = {name: names.pop(name, None) for name in _CALLBACKS}
    with zipline_names(not args.no_zipline_names):
        exec(compile(cell, "<strategy>", "exec"), names)
    found = {name: names[name] for name in _CALLBACKS if name in names}
    if not found:
        names.update({name: value for name, value in before.items() if value is not None})
        raise UsageError(f"the cell defines none of {', '.join(_CALLBACKS)}")
    return run_algorithm(
        start=args.start,
        end=args.end,
        capital_base=args.capital_base,
        bundle=args.bundle,
        data_frequency=args.frequency,
        ledger=args.ledger,
        zipline_names=not args.no_zipline_names,
        progress=True,
        **found,
    )


def _parse(line: str) -> argparse.Namespace:
    parser = _Parser(prog="%%holdfast", add_help=False)
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--start", required=True)
    parser.add_argument("--end", required=True)
    parser.add_argument("--frequency", choices=("daily", "minute"), default="daily")
    parser.add_argument("--capital-base", type=float, default=1e7)
    parser.add_argument("--ledger", choices=("decimal", "float"), default="decimal")
    parser.add_argument("--no-zipline-names", action="store_true")
    return parser.parse_args(shlex.split(line))
