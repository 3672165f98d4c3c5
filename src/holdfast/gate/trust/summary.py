"""What a calibration found, as text: rates per check and per row, with what they may be at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from holdfast.escapes import escape
from holdfast.gate.core.verdict import FAILS, WARNS, Verdict
from holdfast.gate.trust.calibrate import Trial
from holdfast.gate.trust.laboratory import TARGET
from holdfast.gate.trust.rates import format_rate

_SLOWER = FAILS | WARNS
_DOUBT = {Verdict.NOT_SURE}
_KINDS = (("fail", FAILS), ("warn or fail", _SLOWER), ("not sure", _DOUBT))


def summarise_equal(trials: Sequence[Trial], earlier: Sequence[Trial] = ()) -> str:
    """Return how often equal code was called slower, and how far each benchmark strayed.

    Parameters
    ----------
    earlier
        Checks of earlier versions, to be counted with these as well.
    """
    count = len(trials[0].rows)
    lines = [f"equal code, {_describe(trials)}: {len(trials)} checks of {count} benchmarks"]
    lines += _list_rates(trials)
    if earlier:
        lines += ["", f"with {len(earlier)} checks of earlier versions:"]
        lines += _list_rates([*earlier, *trials])
    return "\n".join([*lines, *_list_seconds(trials), "", *_list_noise(trials)]) + "\n"


def summarise_planted(trials: Sequence[Trial], earlier: Sequence[Trial] = ()) -> str:
    """Return how often planted work was seen, and whether anything else was named."""
    lines = [f"planted work, {_describe(trials)}: {len(trials)} checks"]
    lines += _list_plants(trials)
    if earlier:
        lines += ["", f"with {len(earlier)} checks of earlier versions:"]
        lines += _list_plants([*earlier, *trials])
    return "\n".join([*lines, *_list_seconds(trials)]) + "\n"


def _describe(trials: Sequence[Trial]) -> str:
    busy, share = trials[0].busy, median(trial.share for trial in trials)
    what = (
        f"beside {busy} busy {'neighbours' if busy > 1 else 'neighbour'}"
        if busy
        else "no neighbours"
    )
    return f"{what} (others took {share:.0%} of the machine)"


def _list_rates(trials: Sequence[Trial]) -> list[str]:
    lines = []
    for what, verdicts in _KINDS:
        hits = sum(any(row[1] in verdicts for row in trial.rows) for trial in trials)
        lines.append(f"  checks with a {what:13} {format_rate(hits, len(trials))}")
    rows = [row for trial in trials for row in trial.rows]
    for what, verdicts in _KINDS:
        hits = sum(row[1] in verdicts for row in rows)
        lines.append(f"  rows           {what:12} {format_rate(hits, len(rows))}")
    faster = sum(row[1] == Verdict.IMPROVED for row in rows)
    return [*lines, f"  rows           {'improved':12} {format_rate(faster, len(rows))}"]


def _list_plants(trials: Sequence[Trial]) -> list[str]:
    lines = []
    for per_cent in sorted({trial.planted for trial in trials}):
        chosen = [trial for trial in trials if trial.planted == per_cent]
        rows = [row for trial in chosen for row in trial.rows]
        hits = Counter(verdict for name, verdict, _ in rows if name == TARGET)
        others = sum(verdict in _SLOWER for name, verdict, _ in rows if name != TARGET)
        count, failed = len(chosen), hits[Verdict.FAIL]
        warned = failed + hits[Verdict.WARN]
        lines += [
            f"{per_cent:+d} %: {count} checks",
            f"  failed        {format_rate(failed, count)}",
            f"  warned        {format_rate(warned, count)}",
            f"  missed        {format_rate(count - warned, count)}",
            f"  not sure      {hits[Verdict.NOT_SURE]} of {count}",
            f"  others named  {format_rate(others, len(rows) - count)}",
        ]
    return lines


def _list_seconds(trials: Sequence[Trial]) -> list[str]:
    whole = [trial.seconds for trial in trials]
    alone = [trial.measuring for trial in trials]
    return [
        f"  seconds a check: {median(whole):.0f} ({min(whole):.0f} to {max(whole):.0f}); "
        f"without environments {median(alone):.0f} ({min(alone):.0f} to {max(alone):.0f})"
    ]


def _list_noise(trials: Sequence[Trial]) -> list[str]:
    strays: dict[str, list[float]] = {}
    for name, _, ratio in (row for trial in trials for row in trial.rows):
        if ratio is not None:
            strays.setdefault(name, []).append(abs(ratio - 1))
    width = max(map(len, strays), default=0)
    lines = [f"{'noise':{width}}  typical    worst"]
    for name, seen in sorted(strays.items(), key=lambda item: -max(item[1])):
        lines.append(f"{escape(name):{width}}  {median(seen):7.2%}  {max(seen):7.2%}")
    return lines
