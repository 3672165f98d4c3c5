"""The hourly scenario on arrays: all assets' windows in one call, nothing boxed in pandas."""

from holdfast.api import order_target, record

from .hourly import initialize

__all__ = ["handle_data", "initialize"]


def handle_data(context, data):
    window = data.history(context.assets, "price", 1200, "1m", return_type="array")
    changes = window[-1] / window[0] - 1
    for asset, change in zip(context.assets, changes.tolist(), strict=True):
        if change > 0.05:
            order_target(asset, 100)
        elif change < -0.05:
            order_target(asset, 0)
    record(cash=context.portfolio.cash)
