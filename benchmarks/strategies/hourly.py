"""Hold 100 shares of what rose 5 % in 1200 minutes, sell what fell as much."""

from holdfast.api import order_target, record, set_commission, set_slippage, symbols
from holdfast.finance.commission import NoCommission
from holdfast.finance.slippage import NoSlippage


def initialize(context):
    set_slippage(NoSlippage())
    set_commission(NoCommission())
    context.assets = symbols(*(f"A{number:03d}" for number in range(5)))


def handle_data(context, data):
    for asset in context.assets:
        prices = data.history(asset, "price", 1200, "1m").values
        change = prices[-1] / prices[0] - 1
        if change > 0.05:
            order_target(asset, 100)
        elif change < -0.05:
            order_target(asset, 0)
    record(cash=context.portfolio.cash)
