"""The command line: one parser, one place where errors become exit codes.

Results go to stdout, progress and errors to stderr.
Exit codes: 0 ok, 1 regression, 2 usage or what the system refuses, 3 nothing measured.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import holdfast
from holdfast.cli import backtest, sweep
from holdfast.errors import HoldfastError
from holdfast.extras import require_extra
from holdfast.gate import cli as gate_commands


class _Parser(argparse.ArgumentParser):
    """A parser that offers the nearest option for one that it does not know."""

    def error(self, message: str) -> NoReturn:
        """End with the usage, the message and what may have been meant."""
        known = {
            option: None
            for parser in self._with_commands()
            for option in parser._option_string_actions
        }
        hints = []
        for word in re.findall(r"--[\w-]+", message):
            close = difflib.get_close_matches(word, known, n=1) if word not in known else []
            hints += [f"did you mean {close[0]}?"] if close else []
        super().error("; ".join([message, *hints]))

    def _with_commands(self) -> list[argparse.ArgumentParser]:
        commands = [a for a in self._actions if isinstance(a, argparse._SubParsersAction)]
        return [self, *(parser for action in commands for parser in action.choices.values())]


class _ShowVersion(argparse.Action):
    # argparse's own wants the text beforehand, and every command would pay for finding it.
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"holdfast {holdfast.__version__}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each command's handler is ``args.run``."""
    parser: argparse.ArgumentParser = _Parser(
        prog="holdfast",
        description="Run backtests, and judge whether they became slower.",
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    backtest.add_to(commands)
    sweep.add_to(commands)
    gate_commands.add_to(commands)
    _add_maintainers_commands(commands)
    return parser


def _add_maintainers_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    """Add what only a checkout of this project has: 'holdfast baseline'."""
    checkout = Path(__file__).parents[3]
    if (checkout / "tools" / "release" / "commands.py").is_file():
        sys.path.append(str(checkout))
        from tools.release.commands import add_to

        add_to(commands)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = build_parser().parse_args(argv)
    try:
        if "extra" in args:
            require_extra(args.command, args.extra)
        code = args.run(args)
        sys.stdout.flush()
        return int(code)
    except HoldfastError as error:
        where = "".join(f"\n    {note}" for note in getattr(error, "__notes__", ()))
        print(f"holdfast: {error}{where}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # 'holdfast gate ... | head' is no error; the interpreter must not complain at exit either.
        _close_stdout()
        return 0
    except KeyboardInterrupt:
        print("holdfast: interrupted", file=sys.stderr)
        return 130
    except (OSError, MemoryError, RecursionError) as error:
        return _report_system_error(error)


def _report_system_error(error: OSError | MemoryError | RecursionError) -> int:
    """Say in one line what the system refused; the exit code is not that of a regression."""
    match error:
        case OSError():
            where = f"{error.filename}: " if error.filename is not None else ""
            what = f"{where}{error.strerror or error}"
        case MemoryError():
            what = "out of memory"
        case _:
            what = f"{error} (the input or the strategy nests too deeply)"
    with contextlib.suppress(OSError):
        print(f"holdfast: {' '.join(what.split())}", file=sys.stderr)
    _close_stdout()
    return 2


def _close_stdout() -> None:
    """Drop what could not be written: the interpreter would try again as it ends, and complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
