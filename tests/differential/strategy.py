"""A random strategy from a grammar, the same for both engines: only `api` differs.

What it does at a bar follows from its seed and the bar's number, and from nothing that an engine
computes; so one difference does not hide the next.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from golden.answers import plain

FIELDS = ("price", "open", "high", "low", "close", "volume")
PARTS = (0.9171, 0.98123, 0.99877, 1.00119, 1.01873, 1.0831)  # never on a tie of half a cent
AMOUNTS = (1, 7, 100, 333, 2500, 40.7, 3.99995, -5, -60, -1200, 0, 5e11)
WRONG = (float("nan"), float("inf"), "10", None)  # neither engine takes them


def random_strategy(api: Any, seed: int, daily: bool, notes: list[Any]) -> dict[str, Callable]:
    """Return the functions of the strategy of a seed; what it sees goes to `notes`."""
    return _Strategy(api, seed, daily, notes).functions()


class _Strategy:
    def __init__(self, api: Any, seed: int, daily: bool, notes: list[Any]) -> None:
        self.api, self.seed, self.daily, self.notes = api, seed, daily, notes
        self.rng = random.Random(f"{seed}/plan")
        self.bar = 0
        self.every = self.rng.choice([1, 2, 3, 5]) * (1 if daily else 23)

    def functions(self) -> dict[str, Callable]:
        functions = {"initialize": self.initialize, "handle_data": self.handle_data}
        # In daily mode Zipline shows the day to come there (docs/zipline.md).
        if not self.daily and self.rng.random() < 0.5:
            functions["before_trading_start"] = self.before
        return functions

    def initialize(self, context: Any) -> None:
        api, rng = self.api, self.rng
        context.set_slippage(self.slippage())
        api.set_commission(self.commission())
        if rng.random() < 0.3:
            api.set_cancel_policy(api.EODCancel(warn_on_cancel=False))
        symbols = [f"A{i:03d}" for i in range(3)]
        context.assets = api.symbols(*symbols)
        self.schedule(context)
        self.controls(context)

    def slippage(self) -> Any:
        models, rng = self.api.slippage, self.rng
        return rng.choice(
            [
                models.FixedBasisPointsSlippage(),
                models.FixedBasisPointsSlippage(basis_points=3.7, volume_limit=0.31),
                models.VolumeShareSlippage(),
                models.VolumeShareSlippage(volume_limit=0.4, price_impact=0.3),
                models.FixedSlippage(spread=0.03),
                models.NoSlippage(),
                _own_slippage(self.api),
            ]
        )

    def commission(self) -> Any:
        models, rng = self.api.commission, self.rng
        return rng.choice(
            [
                models.PerShare(),
                models.PerShare(cost=0.013, min_trade_cost=1.7),
                models.PerTrade(cost=2.3),
                models.PerDollar(cost=0.0021),
                models.NoCommission(),
                _own_commission(self.api),
            ]
        )

    def schedule(self, context: Any) -> None:
        api, rng = self.api, self.rng
        dates = [
            api.date_rules.week_start(days_offset=rng.randrange(3)),
            api.date_rules.week_end(days_offset=rng.randrange(3)),
            api.date_rules.month_start(days_offset=rng.randrange(9)),
            api.date_rules.month_end(days_offset=rng.randrange(9)),
        ]
        if not self.daily:  # there Zipline skips half days (docs/zipline.md)
            dates.append(api.date_rules.every_day())
        times = [
            api.time_rules.market_open(minutes=rng.randrange(1, 300)),
            api.time_rules.market_close(minutes=rng.randrange(1, 300)),
            api.time_rules.market_open(hours=1, minutes=30),
        ]
        for number in range(rng.randrange(3)):
            context.schedule_function(
                self.scheduled(number), rng.choice(dates), rng.choice(times), rng.random() < 0.7
            )

    def controls(self, context: Any) -> None:
        """Limit the orders, and compare the run with an asset."""
        api, rng, assets = self.api, self.rng, context.assets
        if rng.random() < 0.4:
            api.set_benchmark(assets[rng.choice([0, 0, 0, 0, 1])])
        error = {"on_error": rng.choice(["fail", "log"])}
        limits = [
            lambda: api.set_long_only(**error),
            lambda: api.set_max_order_count(rng.randrange(1, 4), **error),
            lambda: context.set_max_order_size(max_shares=400, **error),
            lambda: api.set_max_order_size(asset=assets[0], max_notional=9e3, **error),
            lambda: api.set_max_position_size(max_shares=900, max_notional=40_000.0, **error),
            lambda: api.set_asset_restrictions(api.StaticRestrictions(assets[1:2]), **error),
            lambda: api.set_do_not_order_list(assets[2:], **error),
            lambda: api.set_max_leverage(rng.choice([0.4, 3.0])),
            lambda: api.set_min_leverage(0.001, timedelta(days=rng.choice([30, 300]))),
        ]
        if rng.random() < 0.5:
            for limit in rng.sample(limits, rng.randrange(1, 3)):
                limit()

    def scheduled(self, number: int) -> Callable[[Any, Any], None]:
        def function(context: Any, data: Any) -> None:
            rng = random.Random(f"{self.seed}/scheduled {number}/{self.bar}")
            self.note([number, plain(self.api.get_datetime())])
            self.act(context, data, rng)

        return function

    def handle_data(self, context: Any, data: Any) -> None:
        self.bar += 1
        if self.bar % self.every:
            return
        rng = random.Random(f"{self.seed}/{self.bar}")
        for _ in range(rng.randrange(1, 4)):
            self.act(context, data, rng)
        self.look(context, data, rng)
        self.api.record(bar=self.bar, value=context.portfolio.portfolio_value)

    def before(self, context: Any, data: Any) -> None:
        rng = random.Random(f"{self.seed}/before/{self.bar}")
        asset = rng.choice(context.assets)
        fields = rng.sample(FIELDS, 2)
        self.note([plain(data.current(asset, name)) for name in fields])
        self.note(plain(data.current(context.assets, fields[0])))

    def act(self, context: Any, data: Any, rng: random.Random) -> None:
        """Place or cancel an order; what cannot be done must not be possible in either."""
        try:
            self.trade(context, data, rng)
        except (AttributeError, NameError):
            raise
        except Exception:
            self.note("refused")

    def trade(self, context: Any, data: Any, rng: random.Random) -> None:
        api, asset, verb = self.api, rng.choice(context.assets), rng.randrange(10)
        prices = self.prices(data, asset, rng)
        match verb:
            case 0 | 1:
                api.order(asset, rng.choice(AMOUNTS), **prices)
            case 9:
                api.order(asset, rng.choice(WRONG), **prices)
            case 2:
                api.order_target(asset, rng.choice(AMOUNTS), **prices)
            case 3:
                context.order_value(asset, rng.uniform(-20000, 60000), **prices)
            case 4:
                api.order_percent(asset, rng.uniform(-0.1, 0.2), **prices)
            case 5 | 6:
                api.order_target_percent(asset, rng.uniform(-0.2, 0.4), **prices)
            case 7:
                context.order_target_value(asset, rng.uniform(-20000, 90000), **prices)
            case _:
                self.cancel(asset, rng)

    def prices(self, data: Any, asset: Any, rng: random.Random) -> dict[str, Any]:
        """Limits and stops near the price: as arguments, or as a style."""
        kind = rng.randrange(8)
        price = data.current(asset, "price")
        limit, stop = price * rng.choice(PARTS), price * rng.choice(PARTS)
        styles = self.api.execution
        match kind:
            case 0:
                return {"limit_price": limit}
            case 1:
                return {"stop_price": stop}
            case 2:
                return {"limit_price": limit, "stop_price": stop}
            case 3:
                return {"style": styles.LimitOrder(limit)}
            case 4:
                return {"style": styles.StopLimitOrder(limit, stop)}
            case _:
                return {}

    def cancel(self, asset: Any, rng: random.Random) -> None:
        waiting = self.api.get_open_orders(asset)
        self.note([[order.amount, order.filled, plain(order.limit)] for order in waiting])
        if waiting:
            self.api.cancel_order(rng.choice(waiting))

    def look(self, context: Any, data: Any, rng: random.Random) -> None:
        """Note what the strategy sees of market and portfolio."""
        some = rng.sample(context.assets, rng.randrange(0, 4))
        fields, field = rng.sample(FIELDS, 2), rng.choice(FIELDS)
        asset = rng.choice(context.assets)
        bars, count = ("1d" if self.daily or rng.random() < 0.5 else "1m"), rng.randrange(1, 9)
        held = context.portfolio.positions[asset]
        views = [
            lambda: plain(data.current(some, field)) if some else len(data.current(some, field)),
            lambda: plain(data.current(asset, fields)),
            lambda: plain(data.history(asset, field, count, bars)),
            lambda: _frame(data.history(some or [asset], fields, count, bars)),
            lambda: plain(data.history(some, field, count, bars if some else "1d")),
            lambda: [bool(data.can_trade(asset)), bool(data.is_stale(asset))],
            lambda: plain(data.can_trade(some)) if some else len(data.can_trade(some)),
            lambda: plain(data.current(asset, "last_traded")),
            lambda: [held.amount, held.cost_basis, held.last_sale_price if held.amount else 0],
            lambda: self.worth(context),
            lambda: plain(self.api.get_environment("*")),
            lambda: plain(context.recorded_vars),
        ]
        for view in rng.sample(views, 3):
            self.note(self.attempt(view))

    def worth(self, context: Any) -> list[Any]:
        portfolio, account = context.portfolio, context.account
        weights = portfolio.current_portfolio_weights
        figures = [portfolio.cash, portfolio.positions_value, portfolio.returns, account.leverage]
        return [*map(plain, figures), sorted(map(plain, weights.tolist()))]

    def attempt(self, view: Callable[[], Any]) -> Any:
        try:
            return view()
        except Exception as error:
            return f"raised {'window' if 'HistoryWindow' in type(error).__name__ else 'an error'}"

    def note(self, what: Any) -> None:
        self.notes.append([self.bar, what])


def _frame(frame: Any) -> Any:
    return [plain(frame), str(frame.columns.name)]


def _own_slippage(api: Any) -> Any:
    class Halves(api.slippage.SlippageModel):
        """Fill half of what is open, in at most 300 shares a bar; less than one is an error."""

        def process_order(self, data: Any, order: Any) -> Any:
            if self.volume_for_bar > 300:
                raise api.slippage.LiquidityExceeded()
            half = order.open_amount / 2 if abs(order.open_amount) > 1 else order.open_amount
            return data.current(order.asset, "close") * 1.0003, half

    return Halves()


def _own_commission(api: Any) -> Any:
    class Rising(api.commission.CommissionModel):
        """Take a little more for each fill of the run."""

        def __init__(self) -> None:
            self.fills = 0

        def calculate(self, order: Any, transaction: Any) -> float:
            self.fills += 1
            return 0.01 * self.fills + 0.001 * abs(transaction.amount)

    return Rising()
