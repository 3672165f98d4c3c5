"""The composition root: a bundle, layers and a strategy become a perf frame."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from holdfast.api import VERBS
from holdfast.assets import Asset, Finder
from holdfast.clock import generate_events
from holdfast.context import Context, SimulationParameters
from holdfast.data.bar_data import BarData
from holdfast.data.bars import Bars
from holdfast.data.bundle import Bundle, OpenedBundle
from holdfast.data.dates import read_date
from holdfast.data.plain_portal import PlainPortal
from holdfast.data.portal import Portal
from holdfast.data.remote import localize
from holdfast.finance.benchmark import returns_given
from holdfast.finance.blotter import Blotter
from holdfast.finance.cash import LedgerKind, make_cash
from holdfast.finance.ledger import Ledger
from holdfast.layers import Layers
from holdfast.layers.asset_lists import CachedAssets
from holdfast.layers.caches import get_caches
from holdfast.layers.grouping import GroupedBars
from holdfast.layers.shared import COPIES
from holdfast.layers.sparse_clock import SparseClock
from holdfast.layers.windows.cached import CachedWindows
from holdfast.progress import show_sessions
from holdfast.schedule import Schedule
from holdfast.settings import DataFrequency, DateLike, Settings
from holdfast.simulation import Handler, Simulation, Strategy
from holdfast.zipline_arguments import check_calendar, check_zipline_arguments
from holdfast.zipline_names import zipline_names as zipline_alias

if TYPE_CHECKING:
    from holdfast.pipeline.attached import AttachedPipelines
    from holdfast.pipeline.engine import Engine

log = logging.getLogger("holdfast")


def run_algorithm(
    start: DateLike,
    end: DateLike,
    initialize: Callable[[Context], object] | None = None,
    capital_base: float = 1e7,
    *,
    handle_data: Handler | None = None,
    before_trading_start: Handler | None = None,
    analyze: Callable[[Context, pd.DataFrame], object] | None = None,
    bundle: str | os.PathLike[str],
    data_frequency: DataFrequency = "daily",
    trading_calendar: Any = None,
    benchmark_returns: pd.Series | None = None,
    layers: Layers = Layers.ALL,
    ledger: LedgerKind = "decimal",
    zipline_names: bool = True,
    progress: bool = False,
    **zipline_arguments: Any,
) -> pd.DataFrame:
    """Run a backtest.

    Parameters
    ----------
    start, end
        First and last date, both included; days without a session are skipped.
    initialize, handle_data, before_trading_start
        The strategy: called once with ``context``; at every bar, and before every session,
        with ``context, data``.
    capital_base
        Cash to start with, in currency; more than 0.
    analyze
        Called at the end with ``context`` and the perf frame.
    bundle
        The folder that ``holdfast ingest`` or ``write_bundle`` made; or a URL of one in object
        storage, which is fetched once (extra ``remote``).
    data_frequency
        Whether a bar is a session or a minute.
    trading_calendar
        As in Zipline, a calendar or its name; it must be the one that the bundle was ingested on.
    benchmark_returns
        Daily returns by date, to compare the run with; ``set_benchmark`` comes first.
    layers
        Which optimisations are on; the results are the same. The environment variable
        ``HOLDFAST_LAYERS`` (``none``, ``all``, or names with commas between) overrides it, so
        that a layer can be switched off without a change of code.
    ledger
        ``decimal`` keeps cash exactly, ``float`` rounds it as doubles do.
    zipline_names
        Whether ``import zipline`` in the strategy means Holdfast, where Zipline is not installed.
    progress
        Whether stderr shows how far the run is, by its sessions, once it has taken two seconds.
    **zipline_arguments
        Zipline's other arguments: accepted where they change nothing (``metrics_set="default"``,
        ``blotter="default"``, ...), otherwise refused with the reason.

    Returns
    -------
    DataFrame
        One row per session with Zipline's columns and every recorded name.

    Raises
    ------
    BundleError
        When the bundle cannot be opened.
    NotInBundle
        When the dates lie outside the bundle.
    NotSupported
        When an argument of Zipline's cannot be followed.
    """
    check_zipline_arguments(zipline_arguments)
    settings = Settings(
        start=start,
        end=end,
        capital_base=capital_base,
        bundle=bundle,
        data_frequency=data_frequency,
        trading_calendar=trading_calendar,
        benchmark_returns=benchmark_returns,
        layers=layers,
        ledger=ledger,
        zipline_names=zipline_names,
        progress=progress,
    )
    strategy = Strategy(initialize, handle_data, before_trading_start)
    simulation = simulate(strategy, settings)
    perf = simulation.metrics.frame()
    warning = simulation.metrics.find_warning(perf)
    if warning is not None:
        log.warning("%s", warning)
    if analyze is not None:
        with zipline_alias(zipline_names), simulation.activate("analyze"):
            analyze(simulation.context, perf)
    return perf


def simulate(strategy: Strategy, settings: Settings) -> Simulation:
    """Run a backtest and return the simulation, whose metrics are complete.

    See Also
    --------
    run_algorithm
    """
    with open_simulation(strategy, settings) as simulation:
        simulation.run()
    return simulation


@contextlib.contextmanager
def open_simulation(strategy: Strategy, settings: Settings) -> Iterator[Simulation]:
    """Give a simulation that is ready to run, while its bundle is open."""
    layers = choose_layers(settings.layers)
    minute_mode = settings.minute_mode
    start, end = read_date("start", settings.start), read_date("end", settings.end)
    with open_bundle(settings.bundle, layers, settings.bundle_version) as opened:
        first, last = opened.sessions.between(start, end)
        check_calendar(settings.trading_calendar, opened.sessions)
        portal = build_portal(opened, minute_mode, layers)
        data = BarData(portal)
        cash = make_cash(settings.ledger, settings.capital_base)
        prices = _make_price_lookup(portal, data)
        simulation = Simulation(
            clock=generate_events(opened.sessions, first, last, minute_mode),
            strategy=strategy,
            portal=portal,
            finder=build_finder(opened, layers),
            data=data,
            ledger=Ledger(cash, prices, lambda: data.current_dt, lambda: (data.row, data.session)),
            blotter=Blotter(),
            schedule=Schedule(opened.sessions, minute_mode),
            load_pipelines=partial(_load_pipelines, opened, layers, last),
            parameters=SimulationParameters(
                opened.sessions, first, last, settings.capital_base, settings.data_frequency
            ),
            verbs=VERBS,
        )
        if layers.sparse_clock:
            simulation.clock = SparseClock(simulation.clock, simulation, first, last)
        if settings.progress:
            simulation.clock = show_sessions(simulation.clock, opened.sessions, first, last)
        if settings.benchmark_returns is not None:
            labels = opened.sessions.labels[first : last + 1]
            simulation.metrics.benchmark = returns_given(settings.benchmark_returns, labels)
        with zipline_alias(settings.zipline_names):
            yield simulation


def choose_layers(layers: Layers) -> Layers:
    """Return the layers of the environment variable HOLDFAST_LAYERS, if it is set, or these."""
    return Layers.parse(os.environ.get("HOLDFAST_LAYERS", ""), otherwise=layers)


def open_bundle(
    path: str | os.PathLike[str], layers: Layers, version: str | None = None
) -> contextlib.AbstractContextManager[OpenedBundle]:
    """Return a version of the bundle at `path`, to be used in a ``with`` statement.

    Parameters
    ----------
    path
        The bundle's folder, or a URL.
    layers
        Which optimisations are on.
    version
        None for the version that is current.
    """
    path, version = localize(path, version)
    if layers.shared and (copy := COPIES.find(path, version)) is not None:
        return contextlib.nullcontext(copy)
    if layers.connections:
        return get_caches(layers.limits).bundles.lease(path, version)
    return Bundle(path, version)


def build_finder(bundle: OpenedBundle, layers: Layers) -> Finder:
    """Return the finder of a bundle's assets."""
    finder: Finder = bundle.assets
    return CachedAssets(finder, bundle.version) if layers.asset_lists else finder


def build_portal(bundle: OpenedBundle, minute_mode: bool, layers: Layers) -> Portal:
    """Return the portal over a bundle's prices."""
    frequencies = ("1d", "1m") if minute_mode else ("1d",)
    bars = {frequency: build_bars(bundle, frequency, layers) for frequency in frequencies}
    portal = PlainPortal(bars, bundle.sessions, bundle.adjustments)
    if layers.windows:
        return CachedWindows(portal, bundle.version, get_caches(layers.limits).windows)
    return portal


def build_bars(bundle: OpenedBundle, frequency: str, layers: Layers) -> Bars:
    """Return the bars of one frequency."""
    bars = bundle.bars(frequency)
    if layers.grouping:
        return GroupedBars(bars, bundle.version, frequency, get_caches(layers.limits).groups)
    return bars


def build_engine(bundle: OpenedBundle, layers: Layers) -> Engine:
    """Return who computes the terms of pipelines; a run without them does not import it."""
    from holdfast.pipeline.engine import PlainEngine
    from holdfast.pipeline.market import Market

    market = Market(bundle, build_finder(bundle, layers))
    if layers.pipelines:
        from holdfast.layers.pipelines.columns import CachedColumns

        return CachedColumns(market, get_caches(layers.limits).columns)
    return PlainEngine(market)


def _load_pipelines(bundle: OpenedBundle, layers: Layers, last: int) -> AttachedPipelines:
    from holdfast.pipeline.attached import AttachedPipelines

    return AttachedPipelines(build_engine(bundle, layers), last + 1)


def _make_price_lookup(portal: Portal, data: BarData) -> Callable[[Asset], float]:
    return lambda asset: portal.last_price(asset, data.row, data.session)
