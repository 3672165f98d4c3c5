"""Strategies in Zipline's API, written once: `api` is ``zipline.api`` or ``holdfast.api``.

Each returns the functions that ``run_algorithm`` takes, by name. What a strategy sees it may
append to `notes`, in plain form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from golden.answers import plain

Functions = dict[str, Any]

PORTFOLIO = (
    "cash",
    "cash_flow",
    "pnl",
    "portfolio_value",
    "positions_exposure",
    "positions_value",
    "returns",
    "starting_cash",
)
ACCOUNT = (
    "accrued_interest",
    "available_funds",
    "buying_power",
    "cushion",
    "day_trades_remaining",
    "equity_with_loan",
    "excess_liquidity",
    "initial_margin_requirement",
    "leverage",
    "maintenance_margin_requirement",
    "net_leverage",
    "net_liquidation",
    "regt_equity",
    "regt_margin",
    "settled_cash",
    "total_positions_exposure",
    "total_positions_value",
)


def set_costs(api: Any, costs: str) -> None:
    """Choose one of the three settings of costs that scenarios run with."""
    if costs == "volume_share":
        api.set_slippage(api.slippage.VolumeShareSlippage(volume_limit=0.025, price_impact=0.1))
        api.set_commission(api.commission.PerShare(cost=0.0075, min_trade_cost=1.0))
    elif costs == "zero":
        api.set_slippage(api.slippage.NoSlippage())
        api.set_commission(api.commission.NoCommission())


def crossover(api: Any, notes: list[Any], costs: str) -> Functions:
    """Hold what is above its slower average; orders are larger than a day's volume allows."""

    def initialize(context: Any) -> None:
        set_costs(api, costs)
        context.assets = [api.symbol(f"A{number:03d}") for number in range(10)]

    def handle_data(context: Any, data: Any) -> None:
        for asset in context.assets:
            closes = data.history(asset, "price", 30, "1d")
            above = closes.iloc[-8:].mean() > closes.mean()
            if not api.get_open_orders(asset):
                api.order_target(asset, 4000 if above else 0)
        api.record(cash=context.portfolio.cash, held=len(context.portfolio.positions))

    return {"initialize": initialize, "handle_data": handle_data}


def momentum(api: Any, notes: list[Any], costs: str) -> Functions:
    """Every minute: long what rose over 1200 minutes, short what fell."""

    def initialize(context: Any) -> None:
        set_costs(api, costs)
        context.assets = [api.symbol(f"A{number:03d}") for number in range(3)]

    def handle_data(context: Any, data: Any) -> None:
        for asset in context.assets:
            prices = data.history(asset, "price", 1200, "1m")
            change = prices.iloc[-1] / prices.iloc[0] - 1
            if change > 0.05:
                api.order_target(asset, 100)
            elif change < -0.05:
                api.order_target(asset, -100)
            elif abs(change) < 0.01:
                api.order_target(asset, 0)
        api.record(value=context.portfolio.portfolio_value)

    return {"initialize": initialize, "handle_data": handle_data}


def z_score(api: Any, notes: list[Any], costs: str) -> Functions:
    """Every minute: against a move of two deviations over 20 bars."""

    def initialize(context: Any) -> None:
        set_costs(api, costs)
        context.assets = [api.symbol(f"A{number:03d}") for number in range(3)]

    def handle_data(context: Any, data: Any) -> None:
        for asset in context.assets:
            prices = data.history(asset, "price", 20, "1m")
            score = (prices.iloc[-1] - prices.mean()) / prices.std()
            if api.get_open_orders(asset):
                continue
            if score > 2.2:
                api.order_target(asset, -1500)
            elif score < -2.2:
                api.order_target(asset, 1500)
            elif abs(score) < 0.05:
                api.order_target(asset, 0)

    return {"initialize": initialize, "handle_data": handle_data}


def mixed(api: Any, notes: list[Any], every: int) -> Functions:
    """Every way to order, in turn, once in `every` bars; and functions on a schedule."""
    ways = _ways_to_order(api, notes)

    def initialize(context: Any) -> None:
        api.set_slippage(api.slippage.VolumeShareSlippage(volume_limit=0.05, price_impact=0.2))
        api.set_commission(api.commission.PerShare(cost=0.005, min_trade_cost=1.0))
        context.assets = api.symbols("A000", "A001", "A002")
        context.bars = 0
        days, times = api.date_rules, api.time_rules
        for name, day, time in (
            ("every day", days.every_day(), times.market_open(minutes=5)),
            ("week start", days.week_start(), times.market_open()),
            ("second of week", days.week_start(1), times.market_open(hours=1, minutes=30)),
            ("week end", days.week_end(), times.market_close(minutes=30)),
            ("before week end", days.week_end(days_offset=1), times.market_close()),
            ("month start", days.month_start(), times.market_open(minutes=1)),
            ("third of month", days.month_start(2), times.market_close(hours=2)),
            ("month end", days.month_end(), times.market_close(minutes=1)),
            ("fourth last of month", days.month_end(3), times.market_open(minutes=200)),
        ):
            api.schedule_function(_record_handed_out(api, notes, name), day, time)
        api.schedule_function(_record_handed_out(api, notes, "default"))
        api.schedule_function(
            _record_handed_out(api, notes, "whole days"),
            days.every_day(),
            times.market_close(minutes=10),
            half_days=False,
        )
        api.schedule_function(_rebalance(api), days.week_start(), times.market_open(minutes=40))

    def before_trading_start(context: Any, data: Any) -> None:
        notes.append(["before", plain(api.get_datetime()), len(context.portfolio.positions)])

    def handle_data(context: Any, data: Any) -> None:
        turn, rest = divmod(context.bars, every)
        context.bars += 1
        if not rest:
            ways[turn % len(ways)](context, *data.current(context.assets, "price"))

    return {
        "initialize": initialize,
        "before_trading_start": before_trading_start,
        "handle_data": handle_data,
    }


def _ways_to_order(api: Any, notes: list[Any]) -> list[Callable[..., None]]:
    """Return functions of the context and the prices of its three assets."""
    style = api.execution

    def hold(context: Any, *_: float) -> None:
        context.held = api.order(context.assets[0], 60_000)

    def cancel_held(context: Any, *_: float) -> None:
        notes.append(["held", _seen(api.get_order(context.held))])
        api.cancel_order(context.held)
        notes.append(["cancelled", _seen(api.get_order(context.held))])

    def cancel_second(context: Any, *_: float) -> None:
        for waiting in api.get_open_orders(context.assets[1]):
            api.cancel_order(waiting)

    def look(context: Any, *_: float) -> None:
        seen = api.get_open_orders().items()
        notes.append(["open", {asset.symbol: [_seen(each) for each in all] for asset, all in seen}])

    def limit_and_stop(context: Any, first: float, second: float, _: float) -> None:
        api.order(context.assets[1], 210, style=style.StopOrder(second * 1.0017))
        api.order_target_percent(context.assets[0], 0, stop_price=first * 1.0043)

    def fractions(context: Any, *_: float) -> None:
        api.order(context.assets[2], 0.4)
        api.order(context.assets[2], 12.99995)
        api.order(context.assets[0], -33.7, style=style.MarketOrder())

    return [
        lambda context, *_: api.order(context.assets[0], 700),
        lambda context, _, b, __: api.order(context.assets[1], 400, limit_price=b * 0.9971),
        lambda context, a, *_: api.order(context.assets[0], -350, stop_price=a * 0.9953),
        lambda context, _, __, c: api.order(
            context.assets[2], 300, style=style.StopLimitOrder(c * 1.004, 0.01)
        ),
        lambda context, _, __, c: api.order(
            context.assets[2], -250, style=style.StopLimitOrder(c, c * 1.02)
        ),
        lambda context, *_: api.order_value(context.assets[1], 30_000),
        lambda context, *_: api.order_percent(context.assets[2], -0.08),
        lambda context, _, b, __: api.order_target_value(
            context.assets[1], 45_000.0, limit_price=b * 1.003
        ),
        cancel_second,
        lambda context, *_: api.order_target_percent(context.assets[2], 0.05),
        hold,
        cancel_held,
        lambda context, a, *_: api.order_target(
            context.assets[0], -500, style=style.LimitOrder(a * 0.999)
        ),
        limit_and_stop,
        look,
        fractions,
        lambda context, *_: api.order_target_value(context.assets[2], -20_000.0),
    ]


def _record_handed_out(api: Any, notes: list[Any], name: str) -> Callable[[Any, Any], None]:
    def note(context: Any, data: Any) -> None:
        notes.append([name, plain(api.get_datetime())])

    return note


def _rebalance(api: Any) -> Callable[[Any, Any], None]:
    def rebalance(context: Any, data: Any) -> None:
        for asset in context.assets:
            api.order_target_percent(asset, 0.04)

    return rebalance


def _seen(order: Any) -> list[Any]:
    """Return what a strategy sees of an order."""
    names = ("amount", "filled", "limit", "stop", "status", "commission", "created")
    return [plain(getattr(order, name)) for name in names]


def churn(
    api: Any, notes: list[Any], slippage: tuple[str, Any], commission: tuple[str, Any]
) -> Functions:
    """Go long, flip to short, flip back, go flat; orders outlast the bar's volume."""
    targets = (900, -700, 0, 2500, 400, -400, -1600, 1200)

    def initialize(context: Any) -> None:
        api.set_slippage(getattr(api.slippage, slippage[0])(**slippage[1]))
        api.set_commission(getattr(api.commission, commission[0])(**commission[1]))
        context.assets = [api.symbol(name) for name in ("A000", "A003", "A004")]
        context.bars = 0

    def handle_data(context: Any, data: Any) -> None:
        turn, rest = divmod(context.bars, 3)
        context.bars += 1
        for place, asset in enumerate(context.assets):
            if rest == place:
                api.order_target(asset, targets[(turn + place) % len(targets)] // (1 + 3 * place))
        asset = context.assets[0]
        if rest == 1 and turn % 2:
            api.order(asset, 150, limit_price=data.current(asset, "price"))
        if context.bars % 10 == 0:
            notes.append(plain([getattr(context.portfolio, name) for name in PORTFOLIO]))
            notes.append(plain([getattr(context.account, name) for name in ACCOUNT]))
        basis = [held.cost_basis for held in context.portfolio.positions.values()]
        api.record(
            leverage=context.account.leverage,
            net=context.account.net_leverage,
            basis=sum(basis),
            pnl_so_far=context.portfolio.pnl,
            worth=context.portfolio.positions_value,
        )

    return {"initialize": initialize, "handle_data": handle_data}


def day_orders(api: Any, notes: list[Any]) -> Functions:
    """Orders that are cancelled when the day ends."""

    def initialize(context: Any) -> None:
        api.set_cancel_policy(api.cancel_policy.EODCancel(warn_on_cancel=False))
        context.assets = [api.symbol(name) for name in ("A000", "A004")]
        context.bars = 0

    def handle_data(context: Any, data: Any) -> None:
        liquid, thin = context.assets
        if context.bars % 390 in (100, 340):
            price = data.current(liquid, "price")
            api.order(thin, 70)
            api.order(liquid, 100, limit_price=price * 0.97)
            api.order(liquid, -100, stop_price=price * 0.995)
        if context.bars % 390 == 200:
            api.order_target(thin, -20)
        context.bars += 1

    def before_trading_start(context: Any, data: Any) -> None:
        notes.append([plain(api.get_datetime()), len(api.get_open_orders())])

    return {
        "initialize": initialize,
        "handle_data": handle_data,
        "before_trading_start": before_trading_start,
    }


def payouts(
    api: Any,
    notes: list[Any],
    plan: dict[str, list[Any]],
    look: list[str],
    frequencies: list[str],
) -> Functions:
    """Place the orders of a plan, and look at prices around splits and dividends.

    Parameters
    ----------
    plan
        By date and hour, a list of (symbol, shares, limit price, stop price); prices are
        parts of the last price.
    look
        Dates and hours at which to look.
    frequencies
        Of the windows to look at.
    """

    def initialize(context: Any) -> None:
        api.set_commission(api.commission.PerShare(cost=0.002, min_trade_cost=1.5))
        context.assets = []
        context.done = set()

    def handle_data(context: Any, data: Any) -> None:
        hour = api.get_datetime().strftime("%Y-%m-%d %H")
        if hour not in context.done:
            context.done.add(hour)
            for symbol, shares, limit, stop in plan.get(hour, ()):
                asset = api.symbol(symbol)
                price = data.current(asset, "price")
                api.order(asset, shares, limit and price * limit, stop and price * stop)
            for frequency in frequencies if hour in look else ():
                notes.append([hour, _prices(api, data, frequency), _orders(api)])
        held = context.portfolio.positions
        for number in range(3):
            position = held[api.symbol(f"A{number:03d}")]
            api.record(f"amount{number}", position.amount)
            api.record(f"basis{number}", position.cost_basis)
        api.record(cash=context.portfolio.cash, value=context.portfolio.portfolio_value)

    return {
        "initialize": initialize,
        "handle_data": handle_data,
        "before_trading_start": _before_a_split(api, notes, frequencies),
    }


def _before_a_split(
    api: Any, notes: list[Any], frequencies: list[str]
) -> Callable[[Any, Any], None]:
    def before_trading_start(context: Any, data: Any) -> None:
        # A split by 2 only: here Zipline rounds before the day's own ratio, in bars after it.
        if "1m" not in frequencies or data.current_session.day != 26:
            return
        asset = api.symbol("A000")
        notes.append(plain(data.current(api.symbols("A000", "A001", "A002"), "price")))
        for frequency in frequencies:
            for field in ("price", "low", "volume"):
                notes.append(plain(data.history(asset, field, 2, frequency)))

    return before_trading_start


def _prices(api: Any, data: Any, frequency: str) -> list[Any]:
    seen = []
    for number in range(3):
        asset = api.symbol(f"A{number:03d}")
        for field in ("price", "open", "volume"):
            seen.append(plain(data.history(asset, field, 3, frequency)))
        seen.append(plain([data.current(asset, field) for field in ("price", "close", "volume")]))
    return seen


def _orders(api: Any) -> Any:
    return {
        asset.symbol: [_seen(each) for each in orders]
        for asset, orders in api.get_open_orders().items()
    }


def gaps(api: Any, notes: list[Any], every: int) -> Functions:
    """Hold, short and order what starts late, ends early, has gaps or trades thinly."""

    def initialize(context: Any) -> None:
        context.assets = [api.symbol(f"A{number:03d}") for number in range(5)]
        context.bars = 0

    def handle_data(context: Any, data: Any) -> None:
        turn, rest = divmod(context.bars, every)
        context.bars += 1
        if rest:
            return
        _order_some(api, notes, turn, data, context.assets)
        alive = data.can_trade(context.assets)
        stale = data.is_stale(context.assets)
        api.record(
            alive=sum(1 << place for place, asset in enumerate(context.assets) if alive[asset]),
            stale=sum(1 << place for place, asset in enumerate(context.assets) if stale[asset]),
            held=len(context.portfolio.positions),
            waiting=sum(len(waiting) for waiting in api.get_open_orders().values()),
        )

    return {"initialize": initialize, "handle_data": handle_data}


def _order_some(api: Any, notes: list[Any], turn: int, data: Any, assets: list[Any]) -> None:
    steady, late, early, gappy, thin = assets
    if turn == 5:
        for asset in (steady, late, early, gappy):
            api.order(asset, 150)
        api.order(thin, -90)
    if turn % 8 == 3:
        for asset in (late, early, gappy):
            api.order_target(asset, 40 - 2 * turn)
            if data.can_trade(asset):
                api.order_value(asset, 4000)
    if turn % 8 == 6:
        notes.append([plain(api.get_datetime()), _tried(api, late), _tried(api, early)])
    if turn % 8 == 7:
        api.order(early, 500, limit_price=data.current(steady, "price") / 1000)


def _tried(api: Any, asset: Any) -> list[str]:
    """Order in every way; say what came of it."""
    outcomes = []
    for verb, amount in (
        (api.order, 10),
        (api.order_value, 900.0),
        (api.order_percent, 0.001),
        (api.order_target, 5),
        (api.order_target_value, 700.0),
        (api.order_target_percent, 0.001),
    ):
        try:
            outcomes.append("placed" if verb(asset, amount) else "not placed")
        except Exception:
            outcomes.append("refused")
    return outcomes


def look_around(api: Any, notes: list[Any], bars: list[int], frequencies: list[str]) -> Functions:
    """Note all that ``data`` answers: in bars of certain numbers, and before trading."""

    def initialize(context: Any) -> None:
        context.assets = [api.symbol(f"A{number:03d}") for number in (1, 2, 3, 0)]
        context.bars = 0

    def handle_data(context: Any, data: Any) -> None:
        if context.bars in bars:
            notes.append([plain(api.get_datetime()), *_current(data, context.assets)])
            notes.append(plain(data.can_trade(context.assets)))
            notes.append(data.can_trade(context.assets[0]))
            notes.append(plain(data.current(context.assets, "last_traded")))
            for frequency in frequencies:
                notes.append(_history(data, context.assets, frequency))
        context.bars += 1

    def before_trading_start(context: Any, data: Any) -> None:
        # Zipline's daily mode sees the day that is yet to come here, and can_trade() is always
        # False in minute mode: nothing to compare with.
        if "1m" in frequencies:
            notes.append([plain(data.current_session), *_current(data, context.assets)])
            notes.append(_history(data, context.assets, "1m"))

    return {
        "initialize": initialize,
        "handle_data": handle_data,
        "before_trading_start": before_trading_start,
    }


def _current(data: Any, assets: list[Any]) -> list[Any]:
    fields = ["price", "close", "open", "high", "low", "volume"]
    return [
        plain(data.current(assets, fields)),
        plain(data.current(assets, "price")),
        plain(data.current(assets[2], ["volume", "price"])),
        plain(data.is_stale(assets)),
        data.is_stale(assets[2]),
    ]


def _history(data: Any, assets: list[Any], frequency: str) -> list[Any]:
    counts = (1, 3)
    return [
        *(plain(data.history(assets, "price", count, frequency)) for count in counts),
        *(plain(data.history(assets, "close", count, frequency)) for count in counts),
        plain(data.history(assets, "volume", 3, frequency)),
        plain(data.history(assets[2], "price", 4, frequency)),
        plain(data.history(assets[2], ["price", "open"], 2, frequency)),
        plain(data.history(assets[:2], ["volume", "low", "high"], 2, frequency)),
    ]


def own_models(api: Any, notes: list[Any]) -> Functions:
    """Trade with a slippage and a commission model of one's own."""

    class Thirds(api.slippage.EquitySlippageModel):  # type: ignore[misc]
        """Fill a third of what is open, at least 10 shares and at most 500 in a bar."""

        def __init__(self) -> None:
            super().__init__()
            self.most = 500

        def process_order(self, data: Any, order: Any) -> Any:
            if self.volume_for_bar >= self.most:
                raise api.slippage.LiquidityExceeded()
            if order.amount == 13:
                return None, None
            shares = min(abs(order.open_amount), max(10, abs(order.open_amount) // 3))
            high, low = data.current(order.asset, "high"), data.current(order.asset, "low")
            return (high + low) / 2, order.direction * min(shares, self.most)

    def initialize(context: Any) -> None:
        api.set_slippage(Thirds())
        api.set_commission(_for_the_first_fill(api))
        context.assets = api.symbols("A000", "A003")
        context.bars = 0

    def handle_data(context: Any, data: Any) -> None:
        for asset in context.assets:
            if context.bars % 9 == 0:
                api.order_target_percent(asset, 0.1 if context.bars % 2 else -0.12)
            if context.bars % 9 == 2:
                api.order(asset, 13)
                api.order(asset, 1200)
        context.bars += 1

    return {"initialize": initialize, "handle_data": handle_data}


def _for_the_first_fill(api: Any) -> Any:
    class ForTheFirst(api.commission.EquityCommissionModel):  # type: ignore[misc]
        """Take more for an order's first fill."""

        def calculate(self, order: Any, transaction: Any) -> float:
            rate = 0.003 if order.filled else 0.01
            return abs(transaction.amount) * rate * (1 + (order.sid.symbol == "A003"))

    return ForTheFirst()
