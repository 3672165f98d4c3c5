"""Buy one share more every day, and keep them all."""

from zipline.api import order, record, symbol


def initialize(context):
    context.asset = symbol("A003")


def handle_data(context, data):
    order(context.asset, 1)
    record(price=data.current(context.asset, "price"))


def analyze(context, perf):
    context.outcome = perf["portfolio_value"].iloc[-1]
    assert perf["price"].iloc[-1] == perf["positions"].iloc[-1][0]["last_sale_price"]
