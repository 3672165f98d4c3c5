"""'holdfast calibrate': how far this machine's verdicts can be trusted."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate.asv.preflight import require_one_wheel
from holdfast.gate.cli import options
from holdfast.gate.core.policy import Policy
from holdfast.gate.trust import calibrate
from holdfast.usage import Commands, add_command


def add_to(parsers: Commands) -> None:
    """Add the command to the parser of a command line."""
    parser = add_command(
        parsers,
        "calibrate",
        run_calibrate,
        parents=(options.project_options(), options.measure_options()),
        exits="0 measured    2 wrong usage    3 nothing was measured",
        examples="""
        holdfast calibrate --runs 10                      false alarms, of equal code
        holdfast calibrate --plant 5,10,30 --runs 5       what is seen of planted work
        """,
    )
    parser.add_argument(
        "--runs",
        type=options.parse_count,
        default=5,
        metavar="N",
        help="checks (default: %(default)s)",
    )
    parser.add_argument(
        "--plant",
        type=options.parse_per_cents,
        default=[],
        metavar="P,P",
        help="extra work to plant, in per cent (default: none)",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="keep each check in this file as soon as it is done, and go on from what it holds",
    )


def run_calibrate(args: argparse.Namespace) -> int:
    """Show how far this machine's verdicts can be trusted.

    Checks HEAD against an equal commit (false alarms, and the noise of each benchmark), or
    with --plant a small package with that much extra work (how often it is seen). Results of
    the project stay as they are.
    """
    if args.plant and args.bench:
        raise UsageError("--bench does nothing with --plant, which measures a package of its own")
    with tempfile.TemporaryDirectory(prefix="holdfast-") as temporary:
        folder = Path(temporary).resolve()
        if args.plant:
            laboratory = calibrate.planted_work(args.plant, folder)
            plan = options.make_plan(args, laboratory.project, Policy())
            plan = replace(plan, bench=())
        else:
            project, policy = options.load_measured(args)
            laboratory = calibrate.equal_code(project, folder)
            require_one_wheel(laboratory.project, laboratory.base)
            plan = options.make_plan(args, laboratory.project, policy)
        environment = options.choose_environment(args, laboratory.project)
        plan = replace(plan, environment=environment)
        trials = calibrate.run_trials(
            laboratory, plan, args.runs, args.json, options.print_progress
        )
    show = calibrate.detections if args.plant else calibrate.false_alarms
    sys.stdout.write(show(trials))
    return 0
