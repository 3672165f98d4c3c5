"""Hold 100 shares of whatever has its 50-day mean above its 200-day mean."""

from holdfast.api import order_target, record, set_commission, set_slippage, symbols
from holdfast.finance.commission import NoCommission
from holdfast.finance.slippage import NoSlippage

FAST, SLOW = 50, 200


def initialize(context):
    set_slippage(NoSlippage())
    set_commission(NoCommission())
    context.assets = symbols(*(f"A{number:03d}" for number in range(10)))


def handle_data(context, data):
    for asset in context.assets:
        fast = data.history(asset, "price", FAST, "1d").mean()
        slow = data.history(asset, "price", SLOW, "1d").mean()
        order_target(asset, 100 if fast > slow else 0)
    record(cash=context.portfolio.cash)
