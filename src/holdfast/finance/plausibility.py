"""What no investor could have lived through, named with the day on which it began."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_LEVERAGE = 10.0


def describe_implausible(
    value: NDArray[np.float64], leverage: NDArray[np.float64], days: NDArray[np.datetime64]
) -> str | None:
    """Return what is implausible of a backtest, None when nothing is.

    Parameters
    ----------
    value : (n_sessions,) float64
        Of the portfolio, in currency.
    leverage : (n_sessions,) float64
        Gross exposure over value.
    days : (n_sessions,) datetime64[D]
        The date of each session.
    """
    found = []
    high = (leverage > MOST_LEVERAGE) & (value > 0)
    if high.any():
        first = int(high.argmax())
        most = leverage[high].max()
        found.append(
            f"gross leverage passed {MOST_LEVERAGE:g} on {days[first]} "
            f"(at most {most:,.1f}: does it order again while an order is open?)"
        )
    ruined = value <= 0
    if ruined.any():
        first = int(ruined.argmax())
        found.append(f"the portfolio fell to {value[first]:,.0f} on {days[first]}")
    return "; ".join(found) or None
