"""Draw the samples of a row: two strips of dots over one axis that shows the change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.gate.core.text import format_value, list_ticks
from holdfast.gate.core.verdict import Row
from holdfast.gate.show.page import to_html_text

_SIDES = ("before", "after")
_LEFT, _RIGHT = 62, 44
_LINE, _GAP = 7, 12
"""Between two processes, and between the two sides of a drawing."""
_INSIDE = 0.9
"""Which part of each side's samples is always inside the axis."""
_ROOM = 0.12
_LARGEST = 1e300
"""Beyond it the axis itself would overflow."""
_COLUMN = 110
"""Pixels for each number below the axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What part of the samples is drawn to scale."""

    low: float
    high: float
    width: int

    def x(self, value: float) -> float:
        """Return where a value is drawn; what lies outside, at the edge."""
        part = (value - self.low) / (self.high - self.low)
        return _LEFT + min(max(part, 0.0), 1.0) * (self.width - _LEFT - _RIGHT)

    @property
    def ticks(self) -> list[float]:
        """Round values, as many as there is room for."""
        return list_ticks(self.low, self.high, max(3, (self.width - _LEFT) // _COLUMN))


def choose_axis(row: Row, width: int) -> Axis:
    """Return an axis that has the change in its middle, whatever single samples do.

    It reaches over nine tenths of each side's samples and over both estimates.
    """
    ends = [value for value in (row.before, row.after) if value is not None]
    for side in row.samples:
        values = sorted(value for process in side for value in process)
        if values:
            ends += [values[0], values[math.ceil(len(values) * _INSIDE) - 1]]
    low, high = (min(max(end, -_LARGEST), _LARGEST) for end in (min(ends), max(ends)))
    # Values that differ by less than can be drawn stand in the middle, as equal ones do.
    span = high - low if high - low > abs(high) * 1e-6 else abs(high)
    room = span * _ROOM or 1.0
    return Axis(low - room, high + room, width)


def draw_samples(row: Row, width: int) -> str:
    """Return the samples of both sides as SVG, a line of dots for each process."""
    axis = choose_axis(row, width)
    y, parts = _GAP, []
    for name, side in zip(_SIDES, row.samples, strict=True):
        middle = y + _LINE * (len(side) - 1) / 2
        parts.append(f'<text x="10" y="{middle + 4}">{name}</text>')
        parts.append(_count_outside(name, side, axis, middle, row.unit))
        for process in side:
            inside = [value for value in process if axis.low <= value <= axis.high]
            dots = "".join(f"M{axis.x(value):.1f} {y}h0" for value in inside)
            parts.append(f'<path class="{name}" d="{dots}"/>')
            y += _LINE
        y += _GAP
    for name, level in zip(_SIDES, (row.before, row.after), strict=True):
        at = f"{axis.x(level):.1f}"
        parts.append(f'<line class="{name}" x1="{at}" x2="{at}" y1="4" y2="{y - 6}"/>')
    for tick in axis.ticks:
        text = to_html_text(format_value(tick, row.unit))
        parts.append(f'<text x="{axis.x(tick):.1f}" y="{y + 6}" text-anchor="middle">{text}</text>')
    return f'<svg viewBox="0 0 {width} {y + 14}" role="img">{"".join(parts)}</svg>'


def _count_outside(
    name: str, side: Sequence[Sequence[float]], axis: Axis, middle: float, unit: str
) -> str:
    """Mark at the right edge how many samples lie beyond it, and how far the last does."""
    beyond = [value for process in side for value in process if value > axis.high]
    if not beyond:
        return ""
    hint = f"{len(beyond)} more, up to {format_value(max(beyond), unit)}"
    return (
        f'<text class="beyond {name}" x="{axis.width - 6}" y="{middle + 4}" text-anchor="end">'
        f"+{len(beyond)} ▸<title>{to_html_text(hint)}</title></text>"
    )
