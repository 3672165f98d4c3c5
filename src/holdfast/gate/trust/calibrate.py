"""Try the gate on this machine: equal code must pass, planted work must be named."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from holdfast.atomic import write_text
from holdfast.errors import UsageError
from holdfast.gate.asv.plan import Plan, Progress
from holdfast.gate.asv.session import Measurement
from holdfast.gate.core.report import Report
from holdfast.gate.core.verdict import Verdict
from holdfast.gate.trust.laboratory import Laboratory
from holdfast.gate.trust.neighbour import keep_busy

_JUDGING = ("core", "asv")
"""The folders of the gate on which a verdict depends."""

Check = Callable[[Plan, str, str, Progress], tuple[Measurement, Report]]
"""Takes base and head; returns what was measured of them, and judged."""


class Trial(NamedTuple):
    """One check: how much was planted into which code, and what the gate said."""

    planted: int
    code: str
    seconds: float
    rows: Sequence[tuple[str, str, float | None]]
    """Per benchmark (and for the whole suite): its label, its verdict, its ratio."""
    measuring: float = 0.0
    """Seconds without the environments."""
    busy: int = 0
    """Neighbours that were set to work."""
    share: float = 0.0
    """Which part of the machine they, and whoever else was there, took."""
    verdict: str = ""
    gate: str = ""
    """Tells versions of the gate apart."""
    when: str = ""
    machine: str = ""


def run_trials(
    place: Laboratory,
    plan: Plan,
    runs: int,
    log: Path | None,
    progress: Progress,
    *,
    check: Check,
    busy: int = 0,
    seed: int = 0,
) -> list[Trial]:
    """Check every variant ``runs`` times; what ``log`` holds already is not measured again.

    Parameters
    ----------
    check
        What measures and judges two commits, as 'holdfast check' does.
    busy, seed
        How many neighbours work in bursts meanwhile, and what their bursts are drawn from.

    Returns
    -------
    list of Trial
        Of the same code, by this version of the gate, and with as many neighbours.
    """
    logged = read_trials(log) if log and log.exists() else []
    kind = (place.code, busy, digest_gate())
    trials = [one for one in logged if (one.code, one.busy, one.gate) == kind]
    done = Counter(one.planted for one in trials)
    queue = [one for run in range(runs) for one in place.heads.items() if run >= done[one[0]]]
    # A calibration that goes on meets other bursts than those it met already.
    with keep_busy(busy, seed + len(trials)):
        for number, (per_cent, head) in enumerate(queue, start=1):
            prefix = f"check {number} of {len(queue)}, {per_cent} % planted: "
            began, say = time.monotonic(), _under(prefix, progress)
            taken, report = check(plan, place.base, head, say)
            seconds = round(time.monotonic() - began, 1)
            trial = _describe(place.code, per_cent, seconds, taken, report)
            trials.append(trial._replace(busy=busy, gate=kind[-1]))
            logged.append(trials[-1])
            if log:
                _write(log, logged)
            progress(f"{prefix}{trial.seconds:.0f} s; {_tally([trial])}; in all: {_tally(trials)}")
    return [trial for trial in trials if trial.planted in place.heads]


def digest_gate() -> str:
    """Return what tells this version of the gate's judging from another: a hash of its code."""
    top = Path(__file__).parents[1]
    code = hashlib.sha256()
    for path in sorted(path for name in _JUDGING for path in (top / name).glob("*.py")):
        code.update(path.read_bytes())
    return code.hexdigest()[:8]


def list_earlier(log: Path | None, trials: Sequence[Trial]) -> list[Trial]:
    """Return the checks of earlier versions of the gate or of the code, of the same kind."""
    kinds = {(trial.planted, trial.busy) for trial in trials}
    here = {(trial.code, trial.gate) for trial in trials}
    found = read_trials(log) if log and log.exists() else []
    alike = [one for one in found if (one.planted, one.busy) in kinds]
    return [one for one in alike if (one.code, one.gate) not in here]


def _describe(
    code: str, per_cent: int, seconds: float, taken: Measurement, report: Report
) -> Trial:
    return Trial(
        per_cent,
        code,
        seconds,
        [(row.label, row.verdict.value, row.ratio) for row in report.all_rows],
        measuring=round(taken.seconds, 1),
        share=round(taken.busy, 3),
        verdict=report.verdict.value,
        when=time.strftime("%Y-%m-%d %H:%M"),
        machine=f"{report.machine}, {platform.machine()}",
    )


def _under(prefix: str, progress: Progress) -> Progress:
    return lambda line: progress(prefix + line)


def _tally(trials: Sequence[Trial]) -> str:
    counts = Counter(verdict for trial in trials for _, verdict, _ in trial.rows)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])


def _write(log: Path, trials: Sequence[Trial]) -> None:
    checks = ",\n".join(json.dumps(trial._asdict()) for trial in trials)
    log.parent.mkdir(parents=True, exist_ok=True)
    write_text(log, f'{{"schema": 1, "checks": [\n{checks}\n]}}\n')


def read_trials(log: Path) -> list[Trial]:
    """Return the checks that a calibration has kept.

    Raises
    ------
    UsageError
        When the file holds none.
    """
    try:
        return list(_trials(json.loads(log.read_text("utf-8"))["checks"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{log} holds no checks of 'holdfast calibrate'; name another") from error


def _trials(checks: Sequence[dict]) -> Iterator[Trial]:  # type: ignore[type-arg]
    for check in checks:
        trial = Trial(**check)
        yield trial._replace(rows=[(*row,) for row in trial.rows])
