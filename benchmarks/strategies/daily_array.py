"""The daily scenario on arrays: all assets' windows in one call, nothing boxed in pandas."""

from holdfast.api import order_target, record

from .daily import initialize

__all__ = ["handle_data", "initialize"]


def handle_data(context, data):
    window = data.history(context.assets, "price", 200, "1d", return_type="array")
    rising = window[-50:].mean(axis=0) > window.mean(axis=0)
    for asset, up in zip(context.assets, rising.tolist(), strict=True):
        order_target(asset, 100 if up else 0)
    record(cash=context.portfolio.cash)
