"""The minute scenario on arrays: all assets' windows in one call, nothing boxed in pandas."""

from holdfast.api import order_target, record

from .minute import initialize

__all__ = ["handle_data", "initialize"]


def handle_data(context, data):
    window = data.history(context.assets, "price", 20, "1m", return_type="array")
    scores = (window[-1] - window.mean(axis=0)) / window.std(axis=0)
    for asset, score in zip(context.assets, scores.tolist(), strict=True):
        if score < -2:
            order_target(asset, 100)
        elif score > 2:
            order_target(asset, 0)
    record(cash=context.portfolio.cash)
