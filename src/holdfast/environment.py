"""The verbs that ask about the run, and bring values of the strategy's own: no market needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from holdfast.data.fetched import Fetched
from holdfast.errors import BadLimit, NotSupported, SymbolNotFound, UsageError
from holdfast.run_setup import in_initialize
from holdfast.simulation import Simulation, get_running

Change = Callable[[pd.DataFrame], pd.DataFrame]


def get_environment(field: str = "platform") -> Any:
    """Return how the run was started.

    Parameters
    ----------
    field
        One of arena, data_frequency, start, end, capital_base, platform; ``*`` for all in a dict.
        The platform is ``zipline``, as strategies written for it ask.

    Raises
    ------
    BadLimit
        When there is no such field.
    """
    parameters = get_running("get_environment").parameters
    known = {
        "arena": parameters.arena,
        "data_frequency": parameters.data_frequency,
        "start": parameters.first_open,
        "end": parameters.last_close,
        "capital_base": parameters.capital_base,
        "platform": "zipline",
    }
    if field == "*":
        return known
    if field not in known:
        raise BadLimit(f"get_environment() has no {field!r}; choose from {', '.join(known)} or '*'")
    return known[field]


def fetch_csv(
    url: str | Path,
    pre_func: Change | None = None,
    post_func: Change | None = None,
    date_column: str = "date",
    date_format: str | None = None,
    timezone: Any = "UTC",
    symbol: str | None = None,
    mask: bool = True,
    symbol_column: str | None = None,
    special_params_checker: Any = None,
    country_code: str | None = None,
    **kwargs: Any,
) -> pd.DataFrame:
    """Read a local CSV file in initialize; ``data.current(asset, column)`` gives its values.

    A value holds from its date until the next one.

    Parameters
    ----------
    url
        A path, or a ``file:`` address.
    pre_func, post_func
        Change the table as it was read, and once its dates and assets are known.
    date_column, date_format, timezone
        Where the dates are, how they are written, and in which time zone.
    symbol
        A name for values that belong to no asset: ``data.current("VIX", "price")``.
    mask
        Whether rows of unknown symbols are dropped; otherwise they are an error.
    symbol_column
        Where the symbols are, when the values belong to assets.
    special_params_checker, country_code
        Accepted as in Zipline, without effect.
    **kwargs
        For ``pandas.read_csv``.

    Returns
    -------
    DataFrame
        What was read, indexed by time, with a column ``sid``.

    Raises
    ------
    NotSupported
        When it is the address of another machine.
    UsageError
        When the file cannot be read, or lacks a column.
    """
    simulation = in_initialize("fetch_csv")
    if (symbol is None) == (symbol_column is None):
        raise UsageError("fetch_csv() needs either symbol= or symbol_column=")
    table = _read(url, kwargs)
    table = table if pre_func is None else pre_func(table)
    missing = [name for name in (date_column, symbol_column) if name and name not in table]
    if missing:
        raise UsageError(f"{url} has no column {missing[0]!r}; it has {', '.join(table.columns)}")
    table = table.assign(dt=_moments(table[date_column], date_format, timezone))
    table = table[table["dt"].notna()]
    table = table.assign(sid=symbol if symbol else _assets(simulation, table, symbol_column, mask))
    table = table[table["sid"].notna()].set_index("dt").sort_index(kind="stable")
    table = table if post_func is None else post_func(table)
    if simulation.data.fetched is None:
        minute_mode = simulation.portal.minute_mode
        simulation.data.fetched = Fetched(simulation.portal.sessions, minute_mode)
    simulation.data.fetched.add(table)
    return table


def _read(url: str | Path, options: dict[str, Any]) -> pd.DataFrame:
    address = urlsplit(str(url))
    if address.scheme in ("http", "https", "ftp"):
        raise NotSupported(
            f"fetch_csv({str(url)!r}) would need a network: a run reads local files only "
            f"(download it once, and name the file)"
        )
    path = Path(address.path if address.scheme == "file" else url)
    try:
        table: pd.DataFrame = pd.read_csv(path, **options)
    except (OSError, ValueError) as error:
        raise UsageError(f"fetch_csv() cannot read {path}: {error}") from None
    return table


def _moments(dates: pd.Series, date_format: str | None, timezone: Any) -> pd.Series:
    parsed = pd.to_datetime(dates, format=date_format, errors="coerce")
    parsed = parsed.dt.tz_localize(str(timezone)) if parsed.dt.tz is None else parsed
    return parsed.dt.tz_convert("UTC")


def _assets(
    simulation: Simulation, table: pd.DataFrame, column: str | None, mask: bool
) -> pd.Series:
    known: dict[Any, Any] = {}
    for symbol in table[column].unique():
        try:
            known[symbol] = simulation.finder.lookup_symbol(str(symbol))
        except SymbolNotFound:
            if not mask:
                raise
            known[symbol] = None
    return table[column].map(known).astype(object)
