"""Draw a graph of the history as SVG: a logarithmic axis where its series lie far apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from holdfast.gate.core.text import format_value, list_ticks
from holdfast.gate.since.trend import Step, day
from tools.dashboard.series import Graph, Series

_HEIGHT = 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 24, 30
_FAR_APART = 3.0
"""From this ratio on between the largest and the smallest value, the axis is logarithmic."""
_COLOURS = 4
_MOST_TICKS, _LINES = 6, 4
Place = Callable[[str], float]


def draw_graph(graph: Graph, marks: Sequence[Step], order: Sequence[str], width: int) -> str:
    """Return the graph as SVG of a width; the marked steps are numbered from 1."""
    commits = _list_commits(graph, order)
    place = {commit: number for number, commit in enumerate(commits)}
    values = [point.value for one in graph.series for point in one.points]
    axis = _Axis(min(values), max(values))

    def x(commit: str) -> float:
        return _LEFT + place[commit] * (width - _LEFT - _RIGHT) / max(len(commits) - 1, 1)

    parts = [_draw_tick(axis, value, graph.unit, width) for value in axis.ticks]
    parts += _draw_dates(graph, commits, x, width)
    for number, step in enumerate(marks, start=1):
        at = x(step.after.commit)
        parts.append(f'<line class="step" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_FLOOR}"/>')
        parts.append(f'<text class="mark" x="{at:.1f}" y="{_TOP - 8}">{number}</text>')
    for number, one in enumerate(graph.series):
        parts.append(_draw_series(one, axis, x, number % _COLOURS))
    label = f"{graph.title}: {graph.benchmark} over {len(commits)} commits"
    return (
        f'<svg viewBox="0 0 {width} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


_FLOOR = _HEIGHT - _BOTTOM


class _Axis:
    """Values to heights, and the values that get a line of their own."""

    def __init__(self, low: float, high: float) -> None:
        self._log = low > 0 and high / low >= _FAR_APART
        if self._log:
            self._low, self._high = low / 1.15, high * 1.15
        else:
            room = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
            self._low, self._high = max(low - room, 0.0) if low >= 0 else low - room, high + room
        low, high = self._low, self._high
        self.ticks = _log_ticks(low, high) if self._log else list_ticks(low, high, _LINES)

    def y(self, value: float) -> float:
        low, high = self._low, self._high
        if self._log:
            value, low, high = math.log(value), math.log(low), math.log(high)
        return _FLOOR - (value - low) / (high - low) * (_FLOOR - _TOP)


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for parts in ((1, 2, 5), (1, 3), (1,)):
        ticks = [part * 10.0**decade for decade in decades for part in parts]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= _MOST_TICKS:
            return ticks
    return ticks


def _list_commits(graph: Graph, order: Sequence[str]) -> list[str]:
    ages = {commit: age for age, commit in enumerate(order)}
    found = {point.commit for one in graph.series for point in one.points}
    return sorted(found, key=lambda commit: ages.get(commit[:8], -1))


def _draw_tick(axis: _Axis, value: float, unit: str, width: int) -> str:
    y = axis.y(value)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{width - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick" x="{_LEFT - 7}" y="{y + 4:.1f}">{_short(value, unit)}</text>'
    )


def _draw_dates(graph: Graph, commits: Sequence[str], x: Place, width: int) -> list[str]:
    dates = {point.commit: day(point.date) for one in graph.series for point in one.points}
    most = 2 if width < 500 else 4
    places = sorted({round(n * (len(commits) - 1) / (most - 1)) for n in range(most)})
    parts = []
    for number, at in enumerate(places):
        last = number == len(places) - 1
        anchor = "start" if number == 0 else "end" if last else "middle"
        parts.append(
            f'<text class="date" x="{x(commits[at]):.1f}" y="{_HEIGHT - 10}" '
            f'text-anchor="{anchor}">{dates[commits[at]]}</text>'
        )
    return parts


def _draw_series(one: Series, axis: _Axis, x: Place, colour: int) -> str:
    dots = "".join(
        f'<circle cx="{x(p.commit):.1f}" cy="{axis.y(p.value):.1f}" r="2.6"/>' for p in one.points
    )
    lines = []
    for level in one.levels:
        left, right = x(one.points[level.first].commit), x(one.points[level.end - 1].commit)
        y = axis.y(level.value)
        lines.append(f"M{left - 4:.1f} {y:.1f}H{right + 4:.1f}")
    return f'<g class="s{colour}"><path d="{"".join(lines)}"/>{dots}</g>'


def _short(value: float, unit: str) -> str:
    """Return a tick's value without the digits that it does not need."""
    number, _, name = format_value(value, unit).partition(" ")
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{number} {name}".strip()
