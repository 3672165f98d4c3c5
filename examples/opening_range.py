"""By the minute: buy what breaks out of its first half hour's range, and sell before the close."""

from holdfast.api import (
    EODCancel,
    date_rules,
    order_target,
    order_target_percent,
    schedule_function,
    set_cancel_policy,
    symbols,
    time_rules,
)

MINUTES = 30


def initialize(context):
    context.stocks = symbols("A000", "A001")
    context.highs = {}
    set_cancel_policy(EODCancel())
    schedule_function(measure, date_rules.every_day(), time_rules.market_open(minutes=MINUTES))
    schedule_function(leave, date_rules.every_day(), time_rules.market_close(minutes=15))


def measure(context, data):
    highs = data.history(context.stocks, "high", MINUTES, "1m")
    context.highs = highs.max().to_dict()


def handle_data(context, data):
    for stock, high in list(context.highs.items()):
        if data.current(stock, "price") > high:
            order_target_percent(stock, 0.4)
            del context.highs[stock]  # once a day


def leave(context, data):
    context.highs = {}
    for stock in context.stocks:
        order_target(stock, 0)
