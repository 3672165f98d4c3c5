"""The report's picture, for those who want one image: drawn by matplotlib."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from holdfast.plots import save_figure
from holdfast.report.figures import drawdown


def draw_picture(path: Path, perf: pd.DataFrame, title: str) -> None:
    """Write return, drawdown and leverage of a run as .png or .svg.

    Parameters
    ----------
    path
        The file; its ending says how it is written.
    perf
        What ``run_algorithm`` returned.
    title
        Above it all.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=(10, 8))
    above, middle, below = figure.subplots(3, sharex=True, height_ratios=(3, 1, 1))
    days = pd.DatetimeIndex(perf.index).tz_localize(None)
    above.plot(days, perf["algorithm_period_return"], label="portfolio", color="#0b6e75")
    if (perf["benchmark_period_return"] != 0).any():
        above.plot(days, perf["benchmark_period_return"], label="benchmark", color="#b06000")
        above.legend(frameon=False)
    above.set(title=title, ylabel="return")
    middle.fill_between(days, drawdown(perf), color="#c0332b", alpha=0.4)
    middle.set_ylabel("drawdown")
    below.plot(days, perf["gross_leverage"], color="#0b6e75")
    below.set_ylabel("gross leverage")
    for axes in (above, middle):
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    for axes in (above, middle, below):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)
