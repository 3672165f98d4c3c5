"""Each month, hold the three stocks that gained most in the last six months."""

from holdfast.api import date_rules, order_target_percent, schedule_function, symbols, time_rules

MONTHS, HELD = 6, 3


def initialize(context):
    context.stocks = symbols(*(f"A{number:03d}" for number in range(10)))
    schedule_function(rotate, date_rules.month_start(), time_rules.market_open(minutes=30))


def rotate(context, data):
    closes = data.history(context.stocks, "price", MONTHS * 21, "1d")
    gains = closes.iloc[-1] / closes.iloc[0] - 1
    best = set(gains.nlargest(HELD).index)
    for stock in context.stocks:
        if data.can_trade(stock):
            order_target_percent(stock, 1 / HELD if stock in best else 0.0)
