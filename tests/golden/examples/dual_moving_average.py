"""Hold shares while the fast average is above the slow one."""

from zipline.api import order_target, record, set_commission, set_slippage, symbol
from zipline.finance import commission, slippage


def initialize(context):
    context.asset = symbol("A005")
    context.days = 0
    set_commission(commission.PerShare(cost=0.0075, min_trade_cost=1.0))
    set_slippage(slippage.VolumeShareSlippage())


def handle_data(context, data):
    context.days += 1
    if context.days < 5:
        return
    fast = data.history(context.asset, "price", bar_count=10, frequency="1d").mean()
    slow = data.history(context.asset, "price", bar_count=30, frequency="1d").mean()
    if fast > slow:
        order_target(context.asset, 1000)
    elif fast < slow:
        order_target(context.asset, 0)
    record(price=data.current(context.asset, "price"), fast=fast, slow=slow)
