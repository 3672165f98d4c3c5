"""The command line: one parser, one place where errors become exit codes.

Results go to stdout, progress and errors to stderr.
Exit codes: 0 ok, 1 regression, 2 usage, 3 nothing measured.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import holdfast
from holdfast.cli import backtest, sweep
from holdfast.errors import HoldfastError
from holdfast.extras import require_extra
from holdfast.gate import cli as gate_commands


class _ShowVersion(argparse.Action):
    # argparse's own wants the text beforehand, and every command would pay for finding it.
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"holdfast {holdfast.__version__}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each command's handler is ``args.run``."""
    parser = argparse.ArgumentParser(
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
        print(f"holdfast: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # 'holdfast gate ... | head' is no error; the interpreter must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("holdfast: interrupted", file=sys.stderr)
        return 130
