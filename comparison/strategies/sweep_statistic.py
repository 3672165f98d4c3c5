"""The daily scenario with any two windows: their means looked up, orders only where one crosses."""

from benchmarks.strategies import daily

from holdfast.api import order_target


def strategy(fast, slow):
    def initialize(context):
        daily.initialize(context)
        context.rising = [False] * len(context.assets)

    def handle_data(context, data):
        short = data.statistic("mean", context.assets, "price", fast, "1d")
        long = data.statistic("mean", context.assets, "price", slow, "1d")
        before, context.rising = context.rising, (short > long).tolist()
        if context.rising == before:
            return
        for asset, up, was in zip(context.assets, context.rising, before, strict=True):
            if up != was:
                order_target(asset, 100 if up else 0)

    return initialize, handle_data
