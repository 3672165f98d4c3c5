"""Hold a stock while its 50-day mean is above its 200-day mean."""

from holdfast.api import get_open_orders, order_target_percent, record, symbol


def initialize(context):
    context.stock = symbol("A000")


def handle_data(context, data):
    closes = data.history(context.stock, "price", 200, "1d")
    fast, slow = closes.iloc[-50:].mean(), closes.mean()
    # An order that is still open would be placed again: wait until it has filled.
    if not get_open_orders(context.stock):
        order_target_percent(context.stock, 0.95 if fast > slow else 0.0)
    record(fast=fast, slow=slow)
