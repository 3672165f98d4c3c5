"""The daily scenario with any two windows, on arrays: a window per bar, sliced for the other."""

from benchmarks.strategies.daily import initialize

from holdfast.api import order_target


def strategy(fast, slow):
    def handle_data(context, data):
        window = data.history(context.assets, "price", slow, "1d", return_type="array")
        rising = window[-fast:].mean(axis=0) > window.mean(axis=0)
        for asset, up in zip(context.assets, rising.tolist(), strict=True):
            order_target(asset, 100 if up else 0)

    return initialize, handle_data
