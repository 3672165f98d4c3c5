"""Add to a report what profiles say: why a benchmark fails, which functions outgrew a limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from holdfast.gate.core.policy import Policy
from holdfast.gate.core.ratios import divide, exact
from holdfast.gate.core.report import Report, sort_key
from holdfast.gate.core.verdict import Row, Verdict
from holdfast.gate.why.blame import Blame


def explain(report: Report, blames: Sequence[Blame], policy: Policy) -> Report:
    """Add what profiles say: why a benchmark fails, and which functions outgrew their limits."""
    known = {blame.benchmark: blame for blame in blames}
    rows = [row for blame in blames for row in outgrown(blame, policy)]
    functions = [change.function for blame in blames for change in blame.changes]
    idle = [
        limit for limit in policy.function_limits if not any(map(limit.pattern.search, functions))
    ]
    remarks = [
        f"{limit.place}: {limit.pattern.pattern!r} matches no function that was profiled"
        for limit in idle
    ]
    for row in report.rows:
        why = known[row.key[0]].summary if row.fails and row.key[0] in known else ""
        rows.append(replace(row, note="; ".join(filter(None, (row.note, why)))))
    rows.sort(key=sort_key)
    return replace(report, rows=rows, remarks=(*report.remarks, *remarks))


def outgrown(blame: Blame, policy: Policy) -> Iterator[Row]:
    """Yield a warning for each function whose own time grew beyond its limit."""
    for change in blame.changes:
        limit = policy.function_limit(change.function)
        before, after = change.before.own, change.after.own
        ratio = divide(before, after)
        if limit and ratio and after - before > limit.floor and ratio > 1 + exact(limit.warn) / 100:
            yield Row(
                (f"{blame.benchmark}: {change.function}", ()), Verdict.WARN, "seconds",
                before, after, float(ratio), note=f"own time of a function; {change.calls} calls",
                owner=limit.owner,
            )  # fmt: skip
