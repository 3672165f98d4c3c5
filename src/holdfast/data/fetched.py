"""Values of a strategy's own, from ``fetch_csv``: the last known of each session."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from holdfast.data.sessions import Sessions

_AFTER_THE_CLOSE = pd.Timedelta(hours=16)


class Fetched:
    """Columns by name and by asset, or by a name that stands for one.

    Parameters
    ----------
    sessions
        Of the bundle.
    minute_mode
        Whether a bar is a minute; by the day, what comes after 16:00 in New York belongs to the
        next session, as in Zipline.
    """

    def __init__(self, sessions: Sessions, minute_mode: bool) -> None:
        self._sessions, self._minute_mode = sessions, minute_mode
        self._columns: dict[str, dict[Hashable, list[Any]]] = {}

    def add(self, table: pd.DataFrame) -> None:
        """Keep a table.

        Parameters
        ----------
        table
            Indexed by UTC times; its column ``sid`` says whose values they are.
        """
        table = table.assign(_row=self._rows(pd.DatetimeIndex(table.index)))
        for identifier, own in table.groupby("sid", sort=False):
            last = own.drop(columns="sid").groupby("_row").last()
            every = last.reindex(range(-1, len(self._sessions))).ffill().iloc[1:]
            for name in every.columns:
                self._columns.setdefault(str(name), {})[identifier] = every[name].tolist()

    def __contains__(self, field: str) -> bool:
        return field in self._columns

    def assets(self) -> list[Hashable]:
        """Return whose values there are."""
        return list(dict.fromkeys(who for column in self._columns.values() for who in column))

    def value(self, who: Hashable, field: str, session: int) -> Any:
        """Return the last value up to a session; NaN where there is none."""
        column = self._columns.get(field, {}).get(who)
        return float("nan") if column is None else column[session]

    def current(self, name: str, fields: str | Iterable[str], session: int) -> Any:
        """Return one field of a name, or several as a Series."""
        if isinstance(fields, str):
            return self.value(name, fields, session)
        names = list(fields)
        return pd.Series([self.value(name, each, session) for each in names], names, name=name)

    def _rows(self, moments: pd.DatetimeIndex) -> np.ndarray:
        """Return from which session on each value is known; -1 for before the first."""
        labels = self._sessions.labels.astype("datetime64[ns]")
        if self._minute_mode:
            days = moments.tz_convert("UTC").tz_localize(None).normalize()
            rows = np.searchsorted(labels, days.to_numpy(), side="left")
            before = days < labels[0]
        else:
            local = (moments.tz_convert("America/New_York") - _AFTER_THE_CLOSE).tz_localize(None)
            rows = np.searchsorted(labels, local.normalize().to_numpy(), side="right")
            before = local.normalize() < labels[0]
        return np.where(before & (rows == 0), -1, rows)
