"""What a report shows besides the perf frame: how the run was made, and prices of its trades."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.data.bundle import Bundle
from holdfast.data.remote import localize

_MOST_ASSETS = 3


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How a run was made.

    Parameters
    ----------
    title
        The strategy's name.
    parameters
        What it was run with, by name, in the order shown.
    prices
        Closes of the assets that were traded most, as they were traded, by symbol; indexed as
        the perf frame.
    """

    title: str
    parameters: dict[str, str]
    prices: dict[str, pd.Series]


def read_facts(strategy: Path, options: dict[str, Any], perf: pd.DataFrame) -> RunFacts:
    """Return the facts of a run of a strategy file.

    Parameters
    ----------
    strategy
        The file.
    options
        What ``run_algorithm`` was given: start, end, bundle, ...
    perf
        What it returned.
    """
    digest = hashlib.sha256(strategy.read_bytes()).hexdigest()
    with Bundle(*localize(options["bundle"])) as bundle:
        parameters = {
            "strategy": f"{strategy.name} ({digest[:12]})",
            "first session": str(perf.index[0].date()),
            "last session": str(perf.index[-1].date()),
            "capital": f"{options['capital_base']:,.2f}",
            "frequency": str(options["data_frequency"]),
            "ledger": str(options["ledger"]),
            "bundle": str(options["bundle"]),
            "bundle version": bundle.version[:12],
            "calendar": bundle.sessions.calendar,
            "holdfast": version("asv-holdfast"),
        }
        return RunFacts(strategy.stem, parameters, _read_prices(bundle, perf))


def _read_prices(bundle: Bundle, perf: pd.DataFrame) -> dict[str, pd.Series]:
    """Return daily closes of the assets with the most money traded."""
    traded: dict[Any, float] = {}
    for day in perf["transactions"]:
        for done in day:
            worth = abs(done["amount"]) * done["price"]
            traded[done["sid"]] = traded.get(done["sid"], 0.0) + worth
    most = sorted(traded, key=lambda asset: -traded[asset])[:_MOST_ASSETS]
    if not most:
        return {}
    bars = bundle.bars("1d")
    first = bundle.sessions.find_row(np.datetime64(perf.index[0].date()))
    assert first is not None  # the run began on a session of the bundle
    return {
        asset.symbol: pd.Series(bars.window(asset, "close", first, first + len(perf)), perf.index)
        for asset in most
    }
