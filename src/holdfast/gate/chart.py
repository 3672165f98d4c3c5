"""Draw a benchmark's history: dots for commits, lines for the levels that asv finds."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.gate.page import to_html_text
from holdfast.gate.text import human
from holdfast.gate.trend import Level, Point

_COLUMNS, _ROWS = 72, 12
_WIDTH, _HEIGHT = 900, 260
_LEFT, _RIGHT, _TOP, _FOOT = 80, 20, 40, 40
_STYLE = """
svg { background: #fff } text { font: 12px system-ui, sans-serif; fill: #656d76 }
circle { fill: #5b7083; fill-opacity: .7 } line { stroke: #c2410c; stroke-width: 2 }
"""


def to_terminal(series: Sequence[Point], levels: Sequence[Level], unit: str) -> str:
    """Return the history as text, with its scale on the left."""
    low, high = _range(series)
    columns = min(_COLUMNS, len(series))

    def column(place: int) -> int:
        return place * (columns - 1) // max(len(series) - 1, 1)

    def line(value: float) -> int:
        return round((high - value) / (high - low) * (_ROWS - 1))

    grid = [[" "] * columns for _ in range(_ROWS)]
    for level in levels:
        for place in range(level.first, level.end):
            grid[line(level.value)][column(place)] = "─"
    for place, point in enumerate(series):
        grid[line(point.value)][column(place)] = "•"
    scale = [human(high, unit), *[""] * (_ROWS - 2), human(low, unit)]
    width = max(map(len, scale))
    rows = [
        f"{text:>{width}} │{''.join(cells)}".rstrip()
        for text, cells in zip(scale, grid, strict=True)
    ]
    first, last = series[0].commit[:8], series[-1].commit[:8]
    return "\n".join([*rows, f"{'':{width}}  {first} .. {last}, {len(series)} commits"]) + "\n"


def to_svg(series: Sequence[Point], levels: Sequence[Level], unit: str, title: str) -> str:
    """Return the history as a picture of its own."""
    low, high = _range(series)

    def x(place: float) -> str:
        across = place / max(len(series) - 1, 1)
        return f"{_LEFT + across * (_WIDTH - _LEFT - _RIGHT):.1f}"

    def y(value: float) -> str:
        return f"{_TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _FOOT):.1f}"

    parts = [
        f'<circle cx="{x(place)}" cy="{y(point.value)}" r="3"><title>{point.commit[:8]}: '
        f"{to_html_text(human(point.value, unit))}</title></circle>"
        for place, point in enumerate(series)
    ]
    parts += [
        f'<line x1="{x(level.first)}" x2="{x(level.end - 1)}" '
        f'y1="{y(level.value)}" y2="{y(level.value)}"/>'
        for level in levels
    ]
    for value in (low, high):
        text = to_html_text(human(value, unit))
        parts.append(f'<text x="{_LEFT - 10}" y="{y(value)}" text-anchor="end">{text}</text>')
    for place, anchor in ((0, "start"), (len(series) - 1, "end")):
        commit = series[place].commit[:8]
        parts.append(
            f'<text x="{x(place)}" y="{_HEIGHT - 16}" text-anchor="{anchor}">{commit}</text>'
        )
    parts.append(f'<text x="{_LEFT}" y="20">{to_html_text(title)}</text>')
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    inner = "\n".join([f"<style>{_STYLE}</style>", *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{inner}\n</svg>\n'


def _range(series: Sequence[Point]) -> tuple[float, float]:
    values = [point.value for point in series]
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)
