"""The commands of pull requests and releases: their options, and what they print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate import comment, pages


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands to the command line's parser."""
    parser = commands.add_parser(
        "comment",
        help="write a pull-request comment from a stored report",
        description="Write the pull-request comment of a report that 'check --json' or "
        "'gate --json' printed. Nothing in the report is trusted.",
    )
    parser.set_defaults(run=run_comment)
    parser.add_argument("report", type=Path, help="the JSON file")
    parser.add_argument(
        "--annotations",
        action="store_true",
        help="print what makes GitHub mark the failed benchmarks instead",
    )


def run_comment(args: argparse.Namespace) -> int:
    """Tell a stored report again."""
    try:
        text = args.report.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{args.report} cannot be read: {error}") from error
    found = comment.read_report(text)
    render = comment.to_annotations if args.annotations else pages.to_markdown
    sys.stdout.write(render(found))
    return 0
