"""The event loop: it runs a strategy over its sessions, bar by bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from holdfast.assets import Asset, Finder
from holdfast.clock import Event
from holdfast.context import Algorithm, Context, SimulationParameters, Verbs
from holdfast.data.bar_data import BarData
from holdfast.data.portal import Portal
from holdfast.errors import UsageError
from holdfast.finance.blotter import Blotter
from holdfast.finance.controls import AccountControl, TradingControl
from holdfast.finance.ledger import Ledger
from holdfast.finance.metrics import Metrics
from holdfast.finance.orders import Transaction
from holdfast.finance.portfolio import Account, Portfolio
from holdfast.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.pipeline.attached import AttachedPipelines

Handler = Callable[[Context, BarData], object]

_running: ContextVar[Simulation] = ContextVar("holdfast_simulation")


def get_running(verb: str) -> Simulation:
    """Return the simulation that runs in this context, for the verbs of ``holdfast.api``.

    Raises
    ------
    UsageError
        When no backtest runs.
    """
    try:
        return _running.get()
    except LookupError:
        raise UsageError(
            f"{verb}() works only while a backtest runs: call it in initialize or handle_data"
        ) from None


class Placer(Protocol):
    """Places orders that were stated beforehand."""

    def place(self, context: Context, data: BarData) -> None:
        """Place the orders of the current bar."""
        ...

    def find_next(self, row: int) -> int | None:
        """Return the next row, from `row` on, that it has to place orders at, as things stand."""
        ...


@dataclass(frozen=True, slots=True)
class Strategy:
    """The functions of a strategy; each may be left out."""

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
        The user's functions.
    portal, finder
        Prices and assets.
    data
        What the strategy sees of the market; the simulation advances it.
    ledger, blotter
        Money and orders.
    schedule
        The functions that run at certain bars only.
    load_pipelines
        Called once, when the first pipeline is attached.
    parameters
        How the run was started.
    verbs
        What the context answers as the algorithm, by name.

    Attributes
    ----------
    phase : str
        What runs now: initialize, before_trading_start, handle_data or analyze.
    recorded : dict
        What the strategy recorded last, by name.
    pipelines : AttachedPipelines or None
        The strategy's pipelines; None when it has none.
    placers : list of Placer
        Place the orders of target tables, before handle_data.
    trading_controls, account_controls : list
        The limits that the strategy set for its orders and for the account.
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
    parameters: SimulationParameters
    verbs: Verbs = field(default_factory=dict)
    recorded: dict[str, Any] = field(default_factory=dict)
    placers: list[Placer] = field(default_factory=list)
    trading_controls: list[TradingControl] = field(default_factory=list)
    account_controls: list[AccountControl] = field(default_factory=list)
    phase: str = "initialize"
    pipelines: AttachedPipelines | None = None
    context: Context = field(init=False)
    metrics: Metrics = field(init=False)
    _assets: dict[int, Asset] = field(init=False)
    _first_expiry: int = field(init=False)

    def __post_init__(self) -> None:
        algorithm = Algorithm(self.parameters, self.data, self.finder, self.blotter, self.recorded)
        portfolio = Portfolio(self.ledger, self.parameters)
        self.context = Context(portfolio, Account(self.ledger), algorithm, self.verbs)
        self.metrics = Metrics(self.ledger, self.blotter, self.portal)
        self._assets = {asset.sid: asset for asset in self.finder.retrieve_all()}
        ends_first = min(self._assets.values(), key=lambda asset: asset.end_date)
        self._first_expiry = self.portal.life(ends_first)[1]

    def run(self) -> None:
        """Run all events in order; the metrics record each session's end."""
        context, data = self.context, self.data
        open_orders, due = self.blotter.open_orders, self.schedule.due
        with self.activate():
            if self.strategy.initialize is not None:
                self.strategy.initialize(context)
            handle_data = self._chain_handlers()
            for moment, event in self.clock:
                match event:
                    # Not the order of a day: a minute backtest has 390 bars in each session, so
                    # the bar is the first case to be compared.
                    case Event.BAR:
                        data.row = moment
                        if open_orders:
                            self._fill_open_orders()
                        handle_data(context, data)
                        for function in due.get(moment, ()):
                            function(context, data)
                    case Event.OPEN:
                        data.session = moment
                        self._apply_splits_and_dividends(moment)
                    case Event.BEFORE_TRADING:
                        self._before_trading_start(moment)
                    case Event.CLOSE:
                        self._end_session(moment)
                        self.metrics.record_close(moment, self.recorded)
                    case Event.IDLE:
                        self.metrics.record_idle(moment)

    def _chain_handlers(self) -> Handler:
        """Return one function that does all that is done at every bar."""
        own = self.strategy.handle_data
        handlers = [placer.place for placer in self.placers] + ([] if own is None else [own])
        if len(handlers) <= 1:
            return handlers[0] if handlers else _do_nothing

        def handle_all(context: Context, data: BarData) -> None:
            for handler in handlers:
                handler(context, data)

        return handle_all

    @contextmanager
    def activate(self, phase: str = "initialize") -> Iterator[None]:
        """Let the verbs act on this simulation, in this context, from `phase` on."""
        self.phase = phase
        token = _running.set(self)
        try:
            yield
        except Exception as error:
            error.add_note(self._describe_moment())
            raise
        finally:
            _running.reset(token)

    def _describe_moment(self) -> str:
        """Say what ran, and at which bar, when an error came out of it."""
        if self.phase in ("initialize", "analyze"):
            return f"in {self.phase}"
        return f"in {self.phase} at the bar of {self.data.current_dt:%Y-%m-%d %H:%M} UTC"

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
        """Call the strategy with the last bar of the previous session as the current one."""
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

    def _fill_open_orders(self) -> None:
        fills = list(self.blotter.fill(self.data))
        for _, transaction, _ in fills:
            self._book(transaction)
        for order, _, commission in fills:
            # After a reverse split the total may be less than what was paid: nothing to charge.
            if commission > 0:
                self.ledger.charge(order.asset, commission)

    def _book(self, transaction: Transaction) -> None:
        self.ledger.apply(transaction)
        self.metrics.record_transaction(transaction)

    def _end_session(self, session: int) -> None:
        """Close positions in expired assets, then cancel orders as the policy says."""
        if session > self._first_expiry:
            self._close_expired(session)
        if self.blotter.open_orders:
            self.blotter.cancel_at_close(self.data.current_dt, self.portal.minute_mode)
        for control in self.account_controls:
            control.validate(self.context.account, self.data.current_dt)

    def _close_expired(self, session: int) -> None:
        life = self.portal.life
        for position in list(self.ledger.positions.values()):
            if life(position.asset)[1] < session:
                price, dt = position.last_sale_price, self.data.current_dt
                self._book(Transaction(position.asset, -position.amount, dt, price, None))
        for asset in list(self.blotter.open_orders):
            if life(asset)[1] < session:
                self.blotter.cancel_orders_for(asset, self.data.current_dt)


def _do_nothing(context: Context, data: BarData) -> None:
    """Replace a handle_data that was left out."""
