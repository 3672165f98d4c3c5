"""The times of a run's bars, by which the rows of a target table are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.context import SimulationParameters
from holdfast.data.sessions import NANOSECONDS_PER_MINUTE
from holdfast.errors import UsageError


@dataclass(frozen=True, slots=True)
class BarTimes:
    """The bars of a run, by number: 0 is the first.

    Parameters
    ----------
    first
        Row of the first bar: of a session in daily mode, of a minute in minute mode.
    ends : (n_bars,) int64
        The end of each bar, in nanoseconds since 1970 UTC.
    dates : (n_bars,) int64 or None
        The date of each session, in the same unit; None in minute mode.
    """

    first: int
    ends: NDArray[np.int64]
    dates: NDArray[np.int64] | None

    @classmethod
    def of_run(cls, parameters: SimulationParameters) -> BarTimes:
        """Return the times of the bars of a run."""
        sessions = parameters.table
        run = slice(parameters.first, parameters.last + 1)
        if parameters.data_frequency == "daily":
            dates = sessions.labels[run].astype("datetime64[ns]").astype(np.int64)
            return cls(run.start, sessions.closes[run] * NANOSECONDS_PER_MINUTE, dates)
        first, stop = (int(sessions.first_minutes[row]) for row in (run.start, run.stop))
        return cls(first, sessions.minutes[first:stop] * NANOSECONDS_PER_MINUTE, None)

    def __len__(self) -> int:
        return len(self.ends)

    def describe(self, bar: int) -> str:
        """Return the time of a bar as messages name it."""
        if self.dates is not None:
            return f"{pd.Timestamp(int(self.dates[bar])):%Y-%m-%d}"
        return f"{pd.Timestamp(int(self.ends[bar])):%Y-%m-%d %H:%M} UTC"

    def find(self, index: pd.Index) -> NDArray[np.int64]:
        """Return the bars of an index of times, shape (n_rows,).

        Without a time zone it holds dates in daily mode, and UTC in minute mode.

        Raises
        ------
        UsageError
            When a time is not that of a bar of the run, or is there twice.
        """
        times = _read_times(index)
        by_date = self.dates is not None and times.tz is None
        grid = self.dates if self.dates is not None and by_date else self.ends
        naive = times if times.tz is None else times.tz_convert("UTC").tz_localize(None)
        wanted = naive.as_unit("ns").asi8
        bars = np.minimum(np.searchsorted(grid, wanted), len(grid) - 1)
        self._check_all_found(times, grid[bars] == wanted)
        if not times.is_unique:
            twice = times[times.duplicated()][0]
            raise UsageError(f"targets have two rows for {twice}; a bar has one")
        return bars

    def _check_all_found(self, times: pd.DatetimeIndex, found: NDArray[np.bool_]) -> None:
        if found.all():
            return
        missing = times[~found]
        bars = "the dates of sessions without a time zone, or their closes"
        if self.dates is None:
            bars = "the ends of minutes, in UTC where there is no time zone"
        raise UsageError(
            f"targets have a row for {missing[0]}, which is not a bar of this run from "
            f"{self.describe(0)} to {self.describe(-1)} ({len(missing)} of {len(times)} rows; "
            f"the index holds {bars}: take the rows of the run, as in targets.loc[start:end])"
        )


def _read_times(index: pd.Index) -> pd.DatetimeIndex:
    if not isinstance(index, pd.DatetimeIndex) and index.inferred_type not in ("date", "string"):
        raise UsageError(
            f"the index of targets is of {index.inferred_type} values; it must hold the times of "
            f"bars (an array needs none: targets.to_numpy(), with assets=)"
        )
    try:
        times = pd.DatetimeIndex(index)
    except ValueError as error:
        raise UsageError(f"the index of targets does not hold times: {error}") from None
    if times.hasnans:
        raise UsageError("the index of targets has a row without a time (NaT)")
    return times
