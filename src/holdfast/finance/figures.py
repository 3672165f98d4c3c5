"""The numbers of a perf frame, from what was held and owned at each session's end."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from holdfast.data.bars import Floats
from holdfast.finance.book import split_values
from holdfast.finance.risk import compute_risk


class Money(NamedTuple):
    """What a run had at each session's end.

    Parameters
    ----------
    cash, dividends : (n_sessions,) float64
        The balance, and what was paid as the session opened, in currency.
    amounts, prices : (n_sessions, n_assets) float64
        Shares and their last price, of every asset that was ever held at a session's end, in the
        order in which they came.
    """

    cash: Floats
    dividends: Floats
    amounts: Floats
    prices: Floats


def compute_figures(money: Money, capital: float, benchmark: Floats | None) -> dict[str, Any]:
    """Return the columns that are numbers, by name.

    Parameters
    ----------
    money
        Of all sessions.
    capital
        Cash at the start, in currency.
    benchmark : (n_sessions,) float64, or None
        Each session's return of the benchmark; None for cash.
    """
    columns = _compute_money(money, capital)
    return columns | compute_risk(columns["returns"], columns["gross_leverage"], benchmark)


def _compute_money(money: Money, capital: float) -> dict[str, Any]:
    cash, dividends, amounts, prices = money
    long_value, short_value = split_values(amounts, prices)
    net, gross = long_value + short_value, long_value - short_value
    value = cash + net
    previous = np.concatenate([[capital], value[:-1]])
    previous_cash = np.concatenate([[capital], cash[:-1]])
    # Dividends are paid before the session starts: its pnl leaves them out, its return does not.
    starting_net = np.concatenate([[0.0], net[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.where(previous != 0, (value - previous) / previous, 0.0)
        leverage = {
            "gross_leverage": np.where(value != 0, gross / value, np.inf),
            "net_leverage": np.where(value != 0, net / value, np.inf),
        }
    return {
        "returns": returns,
        "pnl": value - previous - dividends,
        "capital_used": cash - previous_cash,
        "starting_exposure": starting_net,
        "ending_exposure": net,
        "starting_value": starting_net,
        "ending_value": net,
        "starting_cash": previous_cash + dividends,
        "ending_cash": cash,
        "portfolio_value": value,
        "longs_count": (amounts > 0).sum(axis=1),
        "shorts_count": (amounts < 0).sum(axis=1),
        "long_value": long_value,
        "short_value": short_value,
        "long_exposure": long_value,
        "short_exposure": short_value,
        **leverage,
        "algorithm_period_return": value / capital - 1,
    }
