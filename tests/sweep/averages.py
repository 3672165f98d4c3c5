"""The strategy of these tests: it holds what has its short mean above its long one."""

from holdfast.api import order_target, record, symbols

GRID = {"fast": [2, 5, 8], "slow": [10, 20]}
DATES = {"start": "2023-03-01", "end": "2023-06-30"}


def averages(fast, slow):
    def initialize(context):
        context.assets = symbols("A000", "A001", "A002")

    def handle_data(context, data):
        window = data.history(context.assets, "price", slow, "1d", return_type="array")
        rising = window[-fast:].mean(axis=0) > window.mean(axis=0)
        for asset, up in zip(context.assets, rising.tolist(), strict=True):
            order_target(asset, 100 if up else 0)
        record(width=window.size)

    return initialize, handle_data
