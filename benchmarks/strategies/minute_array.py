"""The minute scenario on arrays: all assets' windows in one call, nothing boxed in pandas."""

import numpy as np

from holdfast.api import order_target, record

from .minute import initialize

__all__ = ["handle_data", "initialize"]


def handle_data(context, data):
    window = data.history(context.assets, "price", 20, "1m", return_type="array")
    # What window.std does, without the checks that cost more than the sums of twenty rows.
    away = window - np.add.reduce(window) / 20
    scores = away[-1] / np.sqrt(np.add.reduce(away * away) / 20)
    for asset, score in zip(context.assets, scores.tolist(), strict=True):
        if score < -2:
            order_target(asset, 100)
        elif score > 2:
            order_target(asset, 0)
    record(cash=context.portfolio.cash)
