"""'holdfast completion': a script with which a shell completes commands and options."""

from __future__ import annotations

import argparse
from pathlib import Path

from holdfast.extras import is_installed, missing_extra
from holdfast.usage import Commands, add_command


def add_to(commands: Commands) -> None:
    """Add the command to the parser of a command line."""
    parser = add_command(
        commands,
        "completion",
        print_script,
        examples="""
        eval "$(holdfast completion bash)"      in ~/.bashrc
        holdfast completion zsh > _holdfast     in a folder of $fpath
        """,
        exits="0 printed    2 wrong usage, or shtab is not installed",
    )
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell that reads it")


def print_script(args: argparse.Namespace) -> int:
    """Print a script that completes commands and options in a shell.

    Needs shtab, which the extra 'completion' brings.
    """
    if not is_installed("shtab"):
        raise missing_extra("completion", "completion")
    import shtab

    from holdfast.cli import build_parser

    parser = build_parser()
    _complete_files(parser, shtab.FILE)
    print(shtab.complete(parser, shell=args.shell))
    return 0


def _complete_files(parser: argparse.ArgumentParser, files: object) -> None:
    """Let every argument that is a path be completed with the names of files."""
    for action in parser._actions:
        if action.type is Path:
            action.complete = files  # type: ignore[attr-defined]
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_files(command, files)
