"""Judge what the nights measured, and keep one issue for each guilty commit.

    python -m tools.nights                      print the issues, and change nothing
    python -m tools.nights --post OWNER/NAME    keep them on GitHub, through gh

Reads asv's stored results and runs no benchmark.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.gate.asv.results import list_tree
from holdfast.gate.show.headline import format_headline
from tools.dashboard.facts import commits_of, places, read_policy
from tools.dashboard.series import read_sides
from tools.nights.guilty import Night, review, stored_judge
from tools.nights.post import post
from tools.nights.text import Commit, write_issue


def review_place(root: Path) -> Night:
    """Return what is found on the machine whose newest commit is the latest one measured."""
    tree, order = list_tree(root / "results"), list(commits_of(root))
    found = [
        read_sides(tree, place.machine, place.environment, order)
        for place in places(root / "results", order)
    ]
    sides = max(found, key=lambda sides: order.index(sides[-1].commit[:8]), default=[])
    compare = stored_judge(tree.suite(), read_policy(root))
    release = _git(root, "rev-list", "-1", _git(root, "describe", "--tags", "--abbrev=0") or "-")
    yesterday = _git(root, "rev-list", "-1", "--before=24 hours ago", "HEAD")
    known = [side.commit for side in sides]
    return review(sides, compare, _nearest(root, release, known), _nearest(root, yesterday, known))


def _nearest(root: Path, commit: str, known: list[str]) -> str:
    """Return the last measured commit that a commit holds, itself or before it."""
    inside = set(_git(root, "rev-list", commit).split()) if commit else set()
    return next((one for one in reversed(known) if one in inside), "")


def _git(root: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _describe(root: Path, commit: str) -> Commit:
    form = ("show", "--no-patch", "--format=%cs%n%an%n%s", "--end-of-options")
    lines = _git(root, *form, commit).splitlines()
    return Commit(*lines) if len(lines) == 3 else Commit("", "", "")


def main() -> int:
    """Print or keep the issues, and return an exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--post", metavar="OWNER/NAME", help="keep them there (default: print)")
    args = parser.parse_args()
    root = Path(__file__).parents[2]
    night = review_place(root)
    for name, report in (("release", night.since_release), ("yesterday", night.since_yesterday)):
        said = format_headline(report) if report else "nothing to compare with"
        sys.stdout.write(f"since {name}: {said}\n")
    for report in night.shifts:
        place = f"{report.base[:8]}..{report.head[:8]}"
        sys.stdout.write(f"the whole suite moved at {place}: the machine's doing, no issue\n")
    issues = [write_issue(one, _describe(root, one.head)) for one in night.guilty]
    if args.post:
        sys.stdout.writelines(f"{line}\n" for line in post(args.post, issues))
    else:
        sys.stdout.writelines(f"\n{issue.title}\n\n{issue.body}" for issue in issues)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UsageError as error:
        sys.exit(f"nights: {error}")
