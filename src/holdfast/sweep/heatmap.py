"""Draws a grid of two parameters as a heatmap of the objective."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from holdfast.plots import save_figure


def draw_heatmap(table: pd.DataFrame, names: tuple[str, str], objective: str, path: Path) -> None:
    """Draw the objective over two parameters; undefined values stay white.

    Parameters
    ----------
    table
        As ``grid`` returns it.
    names
        The parameters: down, and across.
    """
    from matplotlib.figure import Figure

    down, across = names
    squares = table.pivot(index=down, columns=across, values=objective)
    size = (1.5 + 0.6 * squares.shape[1], 1.5 + 0.45 * squares.shape[0])
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot(xlabel=across, ylabel=down, title=objective)
    image = axes.imshow(squares.to_numpy(dtype=float), aspect="auto", origin="lower")
    axes.set_xticks(range(squares.shape[1]), [str(value) for value in squares.columns])
    axes.set_yticks(range(squares.shape[0]), [str(value) for value in squares.index])
    figure.colorbar(image)
    save_figure(figure, path)
