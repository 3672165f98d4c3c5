"""Write the first page: the newest verdict, the scenarios over time, suspects, targets, peers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from holdfast.gate.core.readings import label
from holdfast.gate.core.text import format_change, format_value
from holdfast.gate.show.headline import format_headline
from holdfast.gate.show.table import find_tone
from holdfast.gate.since.trend import Group, Step, day
from tools.dashboard.draw import draw_graph
from tools.dashboard.facts import Facts, Judged
from tools.dashboard.frame import read_body, write_framed
from tools.dashboard.page import format_peers, format_table, format_targets
from tools.dashboard.series import Graph, find_layers

PAGE = "index.html"
_WIDTHS = {"narrow": 360, "wide": 620}
_MOST_MARKS, _MOST_SUSPECTS = 6, 8


def write_front(html: Path, facts: Facts, root: Path) -> None:
    """Write the page into ``html``."""
    body = Template(read_body("front.html")).substitute(
        headline=_format_headline(facts.verdicts[0] if facts.verdicts else None),
        graphs="\n".join(_format_card(graph, facts, root) for graph in facts.graphs),
        suspects=_format_suspects(facts.suspects, facts),
        targets="\n".join(map(format_targets, facts.targets)),
        peers=format_peers(facts.peers),
    )
    write_framed(html / PAGE, "is it still fast?", body)


def _format_headline(newest: Judged | None) -> str:
    if newest is None:
        return "<h1>Nothing is measured yet</h1>"
    report = newest.report
    tone = find_tone(report.verdict) or "good"
    link = f"compare.html#{report.base[:8]}..{report.head[:8]}"
    return (
        f'<h1 class="{tone}">{escape(format_headline(report))}</h1>'
        f"<p>The newest commit that was measured: <code>{escape(report.head[:8])}</code> "
        f"{escape(newest.subject)}, {escape(newest.date)}, on {escape(report.machine)}, "
        f'<a href="{escape(link)}">against the one before it</a>.</p>'
    )


def _format_card(graph: Graph, facts: Facts, root: Path) -> str:
    marks = _choose_marks(graph)
    drawn = "".join(
        f'<div class="{name}">{draw_graph(graph, marks, facts.order, width)}</div>'
        for name, width in _WIDTHS.items()
    )
    keys = "".join(
        f'<span class="s{number % 4}">{escape(one.name)} '
        f"<b>{format_value(one.points[-1].value, graph.unit)}</b> {day(one.points[-1].date)}</span>"
        for number, one in enumerate(graph.series)
    )
    listed = "".join(f"<li>{_format_step(step, graph.unit, facts, root)}</li>" for step in marks)
    return (
        f'<section class="card"><h3>{escape(graph.title)}</h3><p class="key">{keys}</p>{drawn}'
        f"<ol>{listed}</ol></section>"
    )


def _choose_marks(graph: Graph) -> list[Step]:
    """Return the greatest steps, one of each commit, oldest first."""
    found: dict[str, Step] = {}
    for step in (step for one in graph.series for step in one.steps):
        commit = step.after.commit
        if commit not in found or _size(step) > _size(found[commit]):
            found[commit] = step
    greatest = sorted(found.values(), key=_size, reverse=True)[:_MOST_MARKS]
    return sorted(greatest, key=lambda step: step.after.date)


def _size(step: Step) -> float:
    return max(step.ratio, 1 / step.ratio) if step.ratio else 0.0


def _format_step(step: Step, unit: str, facts: Facts, root: Path) -> str:
    commit = step.after.commit
    layers = find_layers(root, commit)
    layer = f" · layer: {escape(layers)}" if layers else ""
    _, subject = facts.subjects.get(commit[:8], ("", ""))
    return (
        f"<b>{format_change(step.ratio)}</b> {format_value(step.old, unit)} → "
        f"{format_value(step.new, unit)} <code>{commit[:8]}</code>{layer} · {escape(subject)}"
    )


def _format_suspects(groups: Sequence[Group], facts: Facts) -> str:
    rows = []
    for group in groups[:_MOST_SUSPECTS]:
        _, subject = facts.subjects.get(group.commit[:8], ("", ""))
        worst = max(group.steps, key=lambda step: step.ratio)
        what = label(worst.key)
        if group.shift:
            what = f"the whole suite ({len(group.names)} of {group.measured} benchmarks)"
        change = format_change(group.shift or worst.ratio)
        cells = (change, day(group.date), group.commit[:8], f"{what}: {subject}")
        rows.append(("warn", cells))
    if not rows:
        return "<p>None.</p>"
    return format_table(("change", "date", "commit", "benchmark, and what the commit says"), rows)
