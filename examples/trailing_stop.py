"""Follow a stock upwards, and let a stop order sell it once it has lost a tenth."""

from holdfast.api import cancel_order, get_open_orders, order, order_target_percent, record, symbol

LOSS = 0.10


def initialize(context):
    context.stock = symbol("A001")
    context.peak = 0.0


def handle_data(context, data):
    price = data.current(context.stock, "price")
    held = context.portfolio.positions[context.stock].amount
    if not held:
        context.peak = 0.0
        if not get_open_orders(context.stock):
            order_target_percent(context.stock, 0.9)
    elif price > context.peak:
        context.peak = price
        for stop in get_open_orders(context.stock):
            cancel_order(stop)
        order(context.stock, -held, stop_price=price * (1 - LOSS))
    record(peak=context.peak)
