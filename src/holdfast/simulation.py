"""The event loop: a strategy lives through its sessions, bar by bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from holdfast.assets import Asset, Finder
from holdfast.clock import Event
from holdfast.data.bar_data import BarData
from holdfast.data.portal import Portal
from holdfast.errors import UsageError
from holdfast.finance.blotter import Blotter
from holdfast.finance.ledger import Ledger
from holdfast.finance.metrics import Metrics
from holdfast.finance.orders import Transaction
from holdfast.finance.portfolio import Account, Portfolio
from holdfast.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.pipeline.attached import AttachedPipelines

Handler = Callable[["Context", BarData], object]

_running: ContextVar[Simulation] = ContextVar("holdfast_simulation")


def get_running(verb: str) -> Simulation:
    """Return the simulation that runs in this context, for the verbs of ``holdfast.api``.

    Raises
    ------
    UsageError
        When none does.
    """
    try:
        return _running.get()
    except LookupError:
        raise UsageError(
            f"{verb}() works only while a backtest runs: call it in initialize or handle_data"
        ) from None


class Context:
    """The strategy's own attributes, and its view of portfolio and account."""

    def __init__(self, portfolio: Portfolio, account: Account) -> None:
        self.portfolio = portfolio
        self.account = account


@dataclass(frozen=True, slots=True)
class Strategy:
    """The functions that make a strategy; each may be left out."""

    initialize: Callable[[Context], object] | None = None
    handle_data: Handler | None = None
    before_trading_start: Handler | None = None


@dataclass(slots=True)
class Simulation:
    """One run of one strategy.

    Parameters
    ----------
    clock
        Yields (moment, event).
    strategy
        What the user wrote.
    portal, finder
        Prices and assets.
    data
        What the strategy sees of the market; the simulation moves it on.
    ledger, blotter
        Money and orders.
    schedule
        The functions that run at certain bars only.
    load_pipelines
        Called once, when the first pipeline is attached.

    Attributes
    ----------
    phase : str
        What runs now: initialize, before_trading_start or handle_data.
    recorded : dict
        What the strategy recorded last, by name.
    pipelines : AttachedPipelines or None
        The strategy's pipelines; None when it has none.
    """

    clock: Iterable[tuple[int, Event]]
    strategy: Strategy
    portal: Portal
    finder: Finder
    data: BarData
    ledger: Ledger
    blotter: Blotter
    schedule: Schedule
    load_pipelines: Callable[[], AttachedPipelines]
    recorded: dict[str, Any] = field(default_factory=dict)
    phase: str = "initialize"
    pipelines: AttachedPipelines | None = None
    context: Context = field(init=False)
    metrics: Metrics = field(init=False)
    _assets: dict[int, Asset] = field(init=False)
    _first_end: int = field(init=False)

    def __post_init__(self) -> None:
        self.context = Context(Portfolio(self.ledger), Account(self.ledger))
        self.metrics = Metrics(self.ledger, self.blotter, self.portal)
        self._assets = {asset.sid: asset for asset in self.finder.retrieve_all()}
        ends_first = min(self._assets.values(), key=lambda asset: asset.end_date)
        self._first_end = self.portal.life(ends_first)[1]

    def run(self) -> None:
        """Live through all events; the metrics write down what comes of them."""
        handle_data = self.strategy.handle_data or _nothing
        context, data = self.context, self.data
        waiting, due = self.blotter.open_orders, self.schedule.due
        with self._activate():
            if self.strategy.initialize is not None:
                self.strategy.initialize(context)
            for moment, event in self.clock:
                match event:
                    case Event.BAR:
                        data.row = moment
                        if waiting:
                            self._fill_waiting_orders()
                        handle_data(context, data)
                        for function in due.get(moment, ()):
                            function(context, data)
                    case Event.OPEN:
                        data.session = moment
                        self._apply_splits_and_dividends(moment)
                    case Event.BEFORE:
                        self._before_trading_start(moment)
                    case Event.CLOSE:
                        self._end_session(moment)
                        self.metrics.record_close(moment, self.recorded)

    @contextmanager
    def _activate(self) -> Iterator[None]:
        token = _running.set(self)
        try:
            yield
        finally:
            _running.reset(token)

    def _apply_splits_and_dividends(self, session: int) -> None:
        adjustments = self.portal.adjustments
        for dividend in adjustments.dividends_on(session):
            asset = self._assets[dividend.sid]
            self.ledger.earn_dividend(asset, dividend.cash, dividend.pay_session)
        self.ledger.pay_dividends(session)
        for sid, ratio in adjustments.splits_on(session):
            self.blotter.apply_split(self._assets[sid], ratio)
            self.ledger.apply_split(self._assets[sid], ratio)

    def _before_trading_start(self, session: int) -> None:
        """Let the strategy look at the market as the session before left it."""
        if self.pipelines is not None:
            self.pipelines.compute_eager(session)
        if self.strategy.before_trading_start is None:
            self.phase = "handle_data"
            return
        self.phase = "before_trading_start"
        minute_mode = self.portal.minute_mode
        first = int(self.portal.sessions.first_minutes[session]) if minute_mode else session
        self.data.row, self.data.before_trading = first - 1, True
        self.strategy.before_trading_start(self.context, self.data)
        self.data.before_trading = False
        self.phase = "handle_data"

    def _fill_waiting_orders(self) -> None:
        fills = list(self.blotter.fill(self.data))
        for _, transaction, _ in fills:
            self._book(transaction)
        for order, _, commission in fills:
            if commission > 0:  # a reverse split can make less than was paid already due
                self.ledger.charge(order.asset, commission)

    def _book(self, transaction: Transaction) -> None:
        self.ledger.apply(transaction)
        self.metrics.record_transaction(transaction)

    def _end_session(self, session: int) -> None:
        """Close what has expired, then let the cancel policy speak."""
        if session > self._first_end:
            self._close_what_expired(session)
        policy = self.blotter.cancel_policy
        if self.blotter.open_orders and policy.cancels_at_close(self.portal.minute_mode):
            self.blotter.cancel_all(self.data.current_dt, warn=policy.warn_on_cancel)

    def _close_what_expired(self, session: int) -> None:
        life = self.portal.life
        for position in list(self.ledger.positions.values()):
            if life(position.asset)[1] < session:
                price, dt = position.last_sale_price, self.data.current_dt
                self._book(Transaction(position.asset, -position.amount, dt, price, None))
        for asset in list(self.blotter.open_orders):
            if life(asset)[1] < session:
                self.blotter.cancel_orders_for(asset, self.data.current_dt)


def _nothing(context: Context, data: BarData) -> None:
    """Stand in for a handle_data that was left out."""
