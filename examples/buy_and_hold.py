"""Put a third of the money in each of three stocks on the first day, and wait."""

from holdfast.api import order_target_percent, record, set_benchmark, symbols


def initialize(context):
    context.stocks = symbols("A000", "A001", "A002")
    context.bought = False
    set_benchmark(context.stocks[0])


def handle_data(context, data):
    if not context.bought:
        for stock in context.stocks:
            order_target_percent(stock, 1 / len(context.stocks))
        context.bought = True
    record(worth=context.portfolio.positions_value)
