"""Tables of what was held at each session's end: a row per session, a column per asset."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.data.bars import Floats
from holdfast.data.portal import Portal
from holdfast.finance.ledger import Holding


class Book:
    """Holdings and their prices, computed at the run's end.

    Parameters
    ----------
    holdings, counts
        What was held at the end of so many sessions in a row.
    sessions : (n_sessions,) int64
        The rows of these sessions.
    portal
        Reads the prices.

    Attributes
    ----------
    amounts, prices : (n_sessions, n_assets) float64
        Shares of every asset that was ever held, and its last price; 0 where it was not held.
    """

    def __init__(
        self,
        holdings: Sequence[tuple[Holding, ...]],
        counts: Sequence[int],
        sessions: NDArray[np.int64],
        portal: Portal,
    ) -> None:
        self._holdings, self._counts = holdings, counts
        assets = dict.fromkeys(held.asset for day in holdings for held in day)
        self._columns = {asset: column for column, asset in enumerate(assets)}
        amounts = np.zeros((len(holdings), len(assets)))
        for row, day in enumerate(holdings):
            if row and day is holdings[row - 1]:  # the same tuple until a position changes
                amounts[row] = amounts[row - 1]
                continue
            for held in day:
                amounts[row, self._columns[held.asset]] = held.amount
        self.amounts = np.repeat(amounts, counts, axis=0)
        self.prices = np.zeros_like(self.amounts)
        for asset, column in self._columns.items():
            held_in = np.flatnonzero(self.amounts[:, column])
            self.prices[held_in, column] = portal.closes(asset, sessions[held_in])

    def positions(self) -> list[list[dict[str, Any]]]:
        """Return the positions as Zipline shapes them, a list per session."""
        each = chain.from_iterable(map(repeat, self._holdings, self._counts))
        return [
            [self._describe_position(held, prices) for held in day]
            for day, prices in zip(each, self.prices.tolist(), strict=True)
        ]

    def _describe_position(self, held: Holding, prices: list[float]) -> dict[str, Any]:
        return {
            "sid": held.asset,
            "amount": held.amount,
            "cost_basis": held.cost_basis,
            "last_sale_price": prices[self._columns[held.asset]],
        }


def split_values(amounts: Floats, prices: Floats) -> tuple[Floats, Floats]:
    """Return the value of the long and of the short positions, shape (n_sessions,) each.

    Parameters
    ----------
    amounts, prices : (n_sessions, n_assets) float64
        As of `Book`.
    """
    values = amounts * prices
    longs, shorts = (np.where(side, values, 0.0).sum(axis=1) for side in (amounts > 0, amounts < 0))
    return longs, shorts
