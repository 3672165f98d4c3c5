"""Hold 100 shares of what lies 2 deviations below its 20-minute mean, sell 2 above it."""

from holdfast.api import order_target, record, set_commission, set_slippage, symbols
from holdfast.finance.commission import NoCommission
from holdfast.finance.slippage import NoSlippage


def initialize(context):
    set_slippage(NoSlippage())
    set_commission(NoCommission())
    context.assets = symbols(*(f"A{number:03d}" for number in range(3)))


def handle_data(context, data):
    for asset in context.assets:
        prices = data.history(asset, "price", 20, "1m").values
        score = (prices[-1] - prices.mean()) / prices.std()
        if score < -2:
            order_target(asset, 100)
        elif score > 2:
            order_target(asset, 0)
    record(cash=context.portfolio.cash)
