"""'holdfast calibrate': how far this machine's verdicts can be trusted."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate.asv.plan import Plan
from holdfast.gate.asv.preflight import preflight
from holdfast.gate.cli import options
from holdfast.gate.cli.check import measure_and_hear
from holdfast.gate.core.policy import Policy
from holdfast.gate.trust import calibrate, summary
from holdfast.gate.trust.laboratory import Laboratory, equal_code, planted_work
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
        "--busy",
        type=options.parse_count,
        default=0,
        metavar="N",
        help="neighbours that work meanwhile, in bursts of 25 to 55 s (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="what the neighbours' bursts are drawn from (default: %(default)s)",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="keep each check in this file as soon as it is done, and go on from what it holds, "
        "such as results/calibration/MACHINE.json",
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
        place, plan = _prepare(args, Path(temporary).resolve())
        say = options.print_progress
        how = {"check": measure_and_hear, "busy": args.busy, "seed": args.seed}
        trials = calibrate.run_trials(place, plan, args.runs, args.json, say, **how)
    summarise = summary.summarise_planted if args.plant else summary.summarise_equal
    sys.stdout.write(summarise(trials, calibrate.list_earlier(args.json, trials)))
    return 0


def _prepare(args: argparse.Namespace, folder: Path) -> tuple[Laboratory, Plan]:
    if args.plant:
        place = planted_work(args.plant, folder)
        plan = replace(options.make_plan(args, place.project, Policy()), bench=())
    else:
        project, policy = options.load_measured(args)
        place = equal_code(project, folder)
        preflight(place.project, place.base)
        plan = options.make_plan(args, place.project, policy)
    return place, replace(plan, environment=options.choose_environment(args, place.project))
