"""Buy what has fallen far below its mean, by a limit order; sell it once it is back there."""

from holdfast.api import cancel_order, get_open_orders, order, order_target, symbols

DAYS, FAR = 20, 1.5


def initialize(context):
    context.stocks = symbols("A000", "A001", "A002", "A003")


def handle_data(context, data):
    for stock in context.stocks:
        for waiting in get_open_orders(stock):
            cancel_order(waiting)  # yesterday's limit is not today's
        closes = data.history(stock, "price", DAYS, "1d")
        price, mean, spread = closes.iloc[-1], closes.mean(), closes.std()
        held = context.portfolio.positions[stock].amount
        if price < mean - FAR * spread and not held:
            shares = int(0.2 * context.portfolio.portfolio_value / price)
            order(stock, shares, limit_price=price)
        elif price >= mean and held:
            order_target(stock, 0)
