"""Draw a benchmark's history: dots for commits, lines for the levels that asv finds."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.escapes import escape
from holdfast.gate.core.text import format_change, format_value, scale
from holdfast.gate.since.trend import Level, Point, day
from holdfast.plots import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS, _ROWS = 72, 12
_DOT, _LEVEL, _FAINT = "#5b7083", "#c2410c", "#656d76"
_NAMED_COMMITS, _LABELS = 8, 18
"""How many have room beside each other, below the picture and above it."""
_LINE = 12


def to_terminal(series: Sequence[Point], levels: Sequence[Level], unit: str) -> str:
    """Return the history as text, with its scale on the left."""
    low, high = _range(series)
    columns = min(_COLUMNS, len(series))

    def column(place: int) -> int:
        return place * (columns - 1) // max(len(series) - 1, 1)

    def line(value: float) -> int:
        # In halves, since the range of floats may exceed the largest of them.
        return round((high / 2 - value / 2) / (high / 2 - low / 2) * (_ROWS - 1))

    grid = [[" "] * columns for _ in range(_ROWS)]
    for level in levels:
        for place in range(level.first, level.end):
            grid[line(level.value)][column(place)] = "─"
    for place, point in enumerate(series):
        grid[line(point.value)][column(place)] = "•"
    scale = [format_value(high, unit), *[""] * (_ROWS - 2), format_value(low, unit)]
    width = max(map(len, scale))
    rows = [
        f"{text:>{width}} │{''.join(cells)}".rstrip()
        for text, cells in zip(scale, grid, strict=True)
    ]
    first, last = series[0].commit[:8], series[-1].commit[:8]
    return "\n".join([*rows, f"{'':{width}}  {first} .. {last}, {len(series)} commits"]) + "\n"


def draw(
    series: Sequence[Point], levels: Sequence[Level], unit: str, title: str, path: Path
) -> None:
    """Draw the history into a file, each step with its per cent."""
    from matplotlib.figure import Figure

    size, name = scale(max(abs(point.value) for point in series), unit)
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([point.value / size for point in series], "o", color=_DOT, alpha=0.6, mew=0)
    for level in levels:
        left, right = level.first - 0.4, level.end - 0.6
        axes.hlines(level.value / size, left, right, color=_LEVEL, linewidth=1.5, zorder=3)
    above = _mark_steps(axes, levels, room=len(series) / _LABELS)
    axes.set_title(escape(title), loc="left", fontsize=11, pad=above + 8, parse_math=False)
    axes.set_ylabel(name, color=_FAINT)
    _name_commits(axes, series)
    save_figure(figure, path)


def _mark_steps(axes: Axes, levels: Sequence[Level], room: float) -> int:
    """Write each step's per cent above it, and return how high that reaches."""
    rows: list[float] = []  # the last place in each that is taken
    for old, new in pairwise(levels):
        place, ratio = new.first - 0.5, new.value / old.value if old.value else math.inf
        row = next((at for at, taken in enumerate(rows) if place - taken >= room), len(rows))
        rows[row : row + 1] = [place]
        axes.axvline(place, color=_LEVEL, linewidth=0.8, alpha=0.5, linestyle=":")
        axes.annotate(
            format_change(ratio), (place, 1), xycoords=("data", "axes fraction"), ha="center",
            xytext=(0, 4 + row * _LINE), textcoords="offset points", color=_LEVEL, fontsize=8,
        )  # fmt: skip
    return len(rows) * _LINE


def _name_commits(axes: Axes, series: Sequence[Point]) -> None:
    """Name some commits with their days below the axis, the last among them."""
    places = range(len(series) - 1, -1, -math.ceil(len(series) / _NAMED_COMMITS))
    axes.set_xticks(places, [f"{series[at].commit[:8]}\n{day(series[at].date)}" for at in places])
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)
    axes.tick_params(colors=_FAINT, labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25)


def _range(series: Sequence[Point]) -> tuple[float, float]:
    values = [point.value for point in series]
    low, high = min(values), max(values)
    if high / 2 > low / 2:
        return low, high
    around = max(1.0, abs(high) / 2)  # one more would be lost beside a large value
    largest = sys.float_info.max
    return max(low - around, -largest), min(high + around, largest)
