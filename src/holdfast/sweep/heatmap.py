"""Draws a grid of two parameters as a heatmap of the objective."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.plots import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_MOST_VALUES = 400
"""In more squares than this, no numbers are written."""


def draw_heatmap(
    table: pd.DataFrame, names: tuple[str, str], objective: str, path: Path, about: str = ""
) -> None:
    """Draw the objective over two parameters, each value in its square and the best in a frame.

    Parameters
    ----------
    table
        As ``grid`` returns it. Undefined values stay white.
    names
        The parameters: down, and across.
    about
        A line below the title: the strategy, the bundle and the dates.
    """
    from matplotlib.figure import Figure

    down, across = names
    squares = table.pivot(index=down, columns=across, values=objective)
    values = squares.to_numpy(dtype=float)
    rows, columns = values.shape
    size = (max(2.0 + 0.75 * columns, 5.0), 1.9 + 0.5 * rows)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot(xlabel=across, ylabel=down)
    figure.suptitle(f"{objective}\n{about}" if about else objective, fontsize=10)
    # One absurd value must not leave all others in one colour.
    low, high = _find_range(values)
    image = axes.imshow(values, aspect="auto", origin="lower", vmin=low, vmax=high)
    axes.set_xticks(range(columns), [str(value) for value in squares.columns])
    axes.set_yticks(range(rows), [str(value) for value in squares.index])
    figure.colorbar(image, extend=_find_extend(values, low, high))
    if values.size <= _MOST_VALUES:
        _write_values(axes, values, (low + high) / 2)
    _mark_best(axes, values)
    save_figure(figure, path)


def _find_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return what the colours span: nine tenths of the values, from the middle."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = np.quantile(finite, [0.05, 0.95])
    return float(low), float(high)


def _find_extend(values: NDArray[np.float64], low: float, high: float) -> str:
    if not np.isfinite(values).any():
        return "neither"
    below, above = bool(np.nanmin(values) < low), bool(np.nanmax(values) > high)
    return {(True, True): "both", (True, False): "min", (False, True): "max"}.get(
        (below, above), "neither"
    )


def _write_values(axes: Axes, values: NDArray[np.float64], middle: float) -> None:
    spec = _find_format(values)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "black" if value > middle else "white"
            axes.text(
                column, row, f"{value:{spec}}", ha="center", va="center", color=colour, fontsize=7
            )


def _find_format(values: NDArray[np.float64]) -> str:
    """Return a format with as many decimals for all as give the greatest value three digits."""
    finite = np.abs(values[np.isfinite(values)])
    if not finite.any() or (finite == finite.round()).all():
        return ",.0f"
    decimals = max(0, 2 - int(np.floor(np.log10(finite.max()))))
    return f",.{decimals}f" if decimals < 7 else ".3g"


def _mark_best(axes: Axes, values: NDArray[np.float64]) -> None:
    from matplotlib.patches import Rectangle

    if np.isfinite(values).any():
        row, column = np.unravel_index(np.nanargmax(values), values.shape)
        corner = (float(column) - 0.5, float(row) - 0.5)
        axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor="#d1242f", linewidth=2.5))
