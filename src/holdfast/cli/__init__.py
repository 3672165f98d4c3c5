"""The command line: one parser, one place where errors become exit codes.

Results go to stdout, progress and errors to stderr.
Exit codes: 0 ok, 1 regression, 2 usage or what the system refuses, 3 nothing measured.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import holdfast
from holdfast.cli import backtest, completion, sweep
from holdfast.cli.overview import Overview
from holdfast.errors import HoldfastError
from holdfast.extras import require_extra
from holdfast.gate import cli as gate_commands
from holdfast.usage import Commands, Parser, print_error


class _ShowVersion(argparse.Action):
    # argparse's own wants the text beforehand, and every command would pay for finding it.
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"holdfast {holdfast.__version__}")
        parser.exit()


@functools.cache
def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each command's handler is ``args.run``."""
    parser = Overview()
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    backtest.add_to(commands)
    sweep.add_to(commands)
    gate_commands.add_to(commands)
    completion.add_to(commands)
    _add_maintainers_commands(commands)
    return parser


def _add_maintainers_commands(commands: Commands) -> None:
    """Add what only a checkout of this project has: 'holdfast baseline'."""
    checkout = Path(__file__).parents[3]
    if (checkout / "tools" / "release" / "commands.py").is_file():
        sys.path.append(str(checkout))
        from tools.release.commands import add_to

        add_to(commands)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = build_parser()
    args = parser.parse_args(argv)
    if "run" not in args:
        parser.print_help()
        return 0
    try:
        if "extra" in args:
            require_extra(args.command, args.extra)
        code = args.run(args)
        sys.stdout.flush()
        return int(code)
    except HoldfastError as error:
        where = "".join(f"\n    {note}" for note in getattr(error, "__notes__", ()))
        print_error(f"holdfast: {error}{where}")
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
        print_error(f"holdfast: {' '.join(what.split())}")
    _close_stdout()
    return 2


def _close_stdout() -> None:
    """Drop what cannot be written: the interpreter would try again as it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
