"""Splits and dividends of a bundle, by session and by asset."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Dividend:
    """Cash per share that is earned as the ex-session opens, and paid later."""

    sid: int
    pay_session: int
    cash: float


@dataclass(frozen=True, slots=True)
class Factors:
    """Adjustment factors of one asset: bars before a session are multiplied once it has begun.

    Parameters
    ----------
    sessions : (n,) int64
        Ascending; the session at whose start each factor takes effect.
    prices, volumes : (n,) float64
        The factors of the four prices, and of the volume.
    """

    sessions: NDArray[np.int64]
    prices: NDArray[np.float64]
    volumes: NDArray[np.float64]


class Adjustments:
    """Splits and dividends, read once from SQLite.

    Parameters
    ----------
    connection
        An open connection to a bundle's ``assets.sqlite``.

    Attributes
    ----------
    sessions : list of int
        Those in which a split takes effect, or a dividend is earned or paid, ascending.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        splits = connection.execute("SELECT sid, session, ratio FROM splits").fetchall()
        dividends = connection.execute(
            "SELECT sid, ex_session, pay_session, cash, price_ratio FROM dividends"
        ).fetchall()
        self._splits: dict[int, list[tuple[int, float]]] = {}
        for sid, session, ratio in splits:
            self._splits.setdefault(session, []).append((sid, ratio))
        self._dividends: dict[int, list[Dividend]] = {}
        for sid, session, pay_session, cash, _ in dividends:
            self._dividends.setdefault(session, []).append(Dividend(sid, pay_session, cash))
        changes = [(sid, session, ratio, 1 / ratio) for sid, session, ratio in splits]
        changes += [(sid, session, ratio, 1.0) for sid, session, _, _, ratio in dividends]
        paid = (row.pay_session for rows in self._dividends.values() for row in rows)
        self.sessions = sorted({*self._splits, *self._dividends, *paid})
        self._factors = {
            sid: _make_factors(list(rows)) for sid, rows in groupby(sorted(changes), itemgetter(0))
        }

    def splits_on(self, session: int) -> list[tuple[int, float]]:
        """Return (sid, ratio) of the splits that take effect when `session` opens."""
        return self._splits.get(session, [])

    def dividends_on(self, session: int) -> list[Dividend]:
        """Return the dividends whose ex-session is `session`."""
        return self._dividends.get(session, [])

    def factors(self, sid: int) -> Factors | None:
        """Return the factors for an asset's earlier bars; None when it was never adjusted."""
        return self._factors.get(sid)


def _make_factors(rows: list[tuple[int, int, float, float]]) -> Factors:
    _, sessions, prices, volumes = zip(*rows, strict=True)
    return Factors(np.array(sessions), np.array(prices), np.array(volumes))


def as_stored(prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return prices as Zipline stores them, whose noise decides where a product is a tie.

    That is a whole number times 0.001; a finer price stays as it is.
    """
    thousandths: NDArray[np.float64] = np.round(prices * 1000) * 0.001
    return np.where(np.abs(thousandths - prices) < 1e-9, thousandths, prices)
