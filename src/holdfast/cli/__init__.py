"""The command line: one parser, one place where errors become exit codes.

Results go to stdout, progress and errors to stderr.
Exit codes: 0 ok, 1 regression, 2 usage, 3 nothing measured.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from holdfast.cli import backtest, sweep
from holdfast.errors import HoldfastError
from holdfast.gate import commands as gate_commands
from holdfast.gate import questions, release_commands


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each command's handler is ``args.run``."""
    parser = argparse.ArgumentParser(
        prog="holdfast",
        description="Run backtests, and judge whether they became slower.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    backtest.add_to(commands)
    sweep.add_to(commands)
    gate_commands.add_to(commands)
    questions.add_to(commands)
    release_commands.add_to(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = build_parser().parse_args(argv)
    try:
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
