"""NautilusTrader, with its compiled indicators where it has them; fills at the same close."""

from __future__ import annotations

from collections import deque
from typing import Any

from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators.averages import SimpleMovingAverage
from nautilus_trader.indicators.volatility import BollingerBands
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

from comparison.market import CAPITAL, SHARES, Market


class Crossover:
    """Says at each bar whether SHARES are wanted, or None to keep what there is."""

    def __init__(self, fast: int, slow: int) -> None:
        self.fast, self.slow = SimpleMovingAverage(fast), SimpleMovingAverage(slow)

    def __call__(self, bar: Any) -> bool | None:
        self.fast.handle_bar(bar)
        self.slow.handle_bar(bar)
        return self.fast.value > self.slow.value if self.slow.initialized else None


class Momentum:
    def __init__(self, count: int) -> None:
        self.prices: deque[float] = deque(maxlen=count)

    def __call__(self, bar: Any) -> bool | None:
        self.prices.append(price := bar.close.as_double())
        if len(self.prices) < self.prices.maxlen:
            return None
        change = price / self.prices[0] - 1
        return change > 0 if abs(change) > 0.05 else None


class Reversion:
    def __init__(self, count: int) -> None:
        self.bands = BollingerBands(count, 2.0)

    def __call__(self, bar: Any) -> bool | None:
        price = bar.close.as_double()
        self.bands.update_raw(price, price, price)
        if not self.bands.initialized or self.bands.lower <= price <= self.bands.upper:
            return None
        return price < self.bands.lower


RULES = {"daily": Crossover, "hourly": Momentum, "minute": Reversion}


class Follow(Strategy):
    def __init__(self, rules: dict[BarType, Any]) -> None:
        super().__init__()
        self.rules = rules
        self.shares = Quantity.from_int(SHARES)
        self.held: set[BarType] = set()

    def on_start(self) -> None:
        for bar_type in self.rules:
            self.subscribe_bars(bar_type)

    def on_bar(self, bar: Any) -> None:
        bar_type = bar.bar_type
        wanted = self.rules[bar_type](bar)
        if wanted is None or wanted == (bar_type in self.held):
            return
        (self.held.add if wanted else self.held.discard)(bar_type)
        side = OrderSide.BUY if wanted else OrderSide.SELL
        self.submit_order(self.order_factory.market(bar_type.instrument_id, side, self.shares))


def load(market: Market, variant: str) -> BacktestEngine:
    """Feed the bars from where the longest window starts, so that the first decision is due."""
    quiet = LoggingConfig(bypass_logging=True)
    engine = BacktestEngine(BacktestEngineConfig(logging=quiet, run_analysis=False))
    cash = [Money(CAPITAL, USD)]
    engine.add_venue(Venue("SIM"), OmsType.NETTING, AccountType.CASH, cash, base_currency=USD)
    step = "1-DAY" if market.frequency == "daily" else "1-MINUTE"
    rules = {}
    for column, symbol in enumerate(market.symbols):
        equity = _equity(symbol)
        bar_type = BarType.from_str(f"{equity.id}-{step}-LAST-EXTERNAL")
        engine.add_instrument(equity)
        frame = market.frame(column, since=market.warmed_up)
        engine.add_data(BarDataWrangler(bar_type, equity).process(frame))
        rules[bar_type] = RULES[market.name](*market.windows)
    engine.add_strategy(Follow(rules))
    return engine


def run(engine: BacktestEngine) -> BacktestEngine:
    engine.run()
    return engine


def answers(engine: BacktestEngine) -> tuple[int, float]:
    """Return fills, and cash with every open position at its last close."""
    fills = [order for order in engine.cache.orders() if order.filled_qty > 0]
    value = engine.portfolio.account(Venue("SIM")).balance_total(USD).as_double()
    for bar_type in engine.cache.bar_types():
        last = engine.cache.bar(bar_type).close.as_double()
        value += float(engine.portfolio.net_position(bar_type.instrument_id)) * last
    return len(fills), value


def _equity(symbol: str) -> Equity:
    return Equity(
        instrument_id=InstrumentId(Symbol(symbol), Venue("SIM")),
        raw_symbol=Symbol(symbol),
        currency=USD,
        price_precision=2,
        price_increment=Price.from_str("0.01"),
        lot_size=Quantity.from_int(1),
        ts_event=0,
        ts_init=0,
    )
