"""Charts as SVG in HTML: the lines stretch with the page, the text does not."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

_WIDTH, _HEIGHT = 1000, 300
_MOST_POINTS, _MOST_MARKS = 1500, 400

Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; `kind` is its CSS class."""

    label: str
    values: pd.Series
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot on a chart, with a text to show when it is pointed at."""

    row: int
    value: float
    kind: str
    text: str


def draw_chart(
    title: str,
    lines: Sequence[Line],
    text: Format,
    marks: Sequence[Mark] = (),
    area: bool = False,
    note: str = "",
) -> str:
    """Return a figure in HTML.

    Parameters
    ----------
    title
        Its heading.
    lines
        All with the same index of times.
    text
        Writes a value of the vertical axis.
    marks
        Dots on it; of many, the first are drawn and the rest is counted.
    area
        Whether the first line is filled down to 0.
    note
        More of the legend, in HTML.
    """
    index = lines[0].values.index
    values = np.concatenate([line.values.to_numpy(dtype=float) for line in lines])
    known = values[np.isfinite(values)]
    if not len(known):
        return ""
    ticks = _nice_ticks(min(known.min(), 0.0) if area else known.min(), known.max())
    low, high = min(ticks[0], known.min()), max(ticks[-1], known.max())
    plot = _Plot(len(index), low, high if high > low else low + 1)
    shapes = [plot.path(line, filled=area and not i) for i, line in enumerate(lines)]
    shapes += [plot.mark(mark) for mark in marks[:_MOST_MARKS]]
    legend = "".join(
        f'<span class="{line.kind}">{html.escape(line.label)}</span>' for line in lines
    )
    legend += note
    if len(marks) > _MOST_MARKS:
        legend += f"<span>the first {_MOST_MARKS} of {len(marks):,} trades</span>"
    return (
        f'<figure class="chart"><figcaption><h2>{html.escape(title)}</h2>{legend}</figcaption>'
        f'<div class="plot">{plot.labels(ticks, text)}'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{html.escape(title)}">{plot.grid(ticks)}{"".join(shapes)}</svg></div>'
        f'<div class="dates">{_dates(pd.DatetimeIndex(index))}</div></figure>'
    )


@dataclass(frozen=True, slots=True)
class _Plot:
    n_rows: int
    low: float
    high: float

    def x(self, row: int) -> float:
        return round(row / max(self.n_rows - 1, 1) * _WIDTH, 1)

    def y(self, value: float) -> float:
        return round((self.high - value) / (self.high - self.low) * _HEIGHT, 1)

    def path(self, line: Line, filled: bool) -> str:
        values = line.values.to_numpy(dtype=float)
        step = max(math.ceil(self.n_rows / _MOST_POINTS), 1)
        rows = sorted({*range(0, self.n_rows, step), self.n_rows - 1})
        parts, pen = [], "M"
        for row in rows:
            if math.isfinite(values[row]):
                parts.append(f"{pen}{self.x(row)} {self.y(values[row])}")
            pen = "L" if math.isfinite(values[row]) else "M"
        shape = f'<path class="line {line.kind}" d="{"".join(parts)}"/>'
        if not filled:
            return shape
        zero = self.y(0.0)
        area = f"M0 {zero}" + "".join(parts).replace("M", "L") + f"L{_WIDTH} {zero}Z"
        return f'<path class="area {line.kind}" d="{area}"/>{shape}'

    def mark(self, mark: Mark) -> str:
        # A line without a length has round ends: a dot, which does not stretch with the page.
        at = f"M{self.x(mark.row)} {self.y(mark.value)}h0"
        return (
            f'<path class="dot {mark.kind}" d="{at}"><title>{html.escape(mark.text)}</title></path>'
        )

    def grid(self, ticks: Sequence[float]) -> str:
        return "".join(f'<path class="grid" d="M0 {self.y(t)}H{_WIDTH}"/>' for t in ticks)

    def labels(self, ticks: Sequence[float], text: Format) -> str:
        return "".join(
            f'<span class="tick" style="top:{self.y(tick) / _HEIGHT:.2%}">{text(tick)}</span>'
            for tick in ticks
        )


def _nice_ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers from `low` to `high`."""
    span = high - low
    if span <= 0:
        return [low]
    power = 10 ** math.floor(math.log10(span / 4))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if span / (f * power) <= 5)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 12) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _dates(index: pd.DatetimeIndex) -> str:
    """Write up to five dates below the chart."""
    rows = sorted({round(part * (len(index) - 1)) for part in (0, 0.25, 0.5, 0.75, 1)})
    return "".join(f"<span>{index[row]:%Y-%m-%d}</span>" for row in rows)
