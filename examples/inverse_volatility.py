"""Weigh stocks by the inverse of their volatility each week, and never borrow."""

from holdfast.api import (
    date_rules,
    order_target_percent,
    schedule_function,
    set_long_only,
    set_max_leverage,
    symbols,
)

DAYS = 60


def initialize(context):
    context.stocks = symbols("A000", "A001", "A002", "A003", "A004")
    set_long_only()
    set_max_leverage(1.1)
    schedule_function(weigh, date_rules.week_start())


def weigh(context, data):
    closes = data.history(context.stocks, "price", DAYS, "1d")
    calm = 1 / closes.pct_change().std()
    for stock, weight in (0.9 * calm / calm.sum()).items():
        order_target_percent(stock, weight)
