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

    def find(self, index: pd.Index) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the bar of each row of an index of times.

        Without a time zone it holds dates in daily mode, and UTC in minute mode.

        Returns
        -------
        bars : (n_kept,) int64
        kept : (n_rows,) bool
            Which rows lie within the run; a table may be longer.

        Raises
        ------
        UsageError
            When a time within the run is not that of a bar, or is there twice, or none is.
        """
        times = _read_times(index)
        grid = self.ends if self.dates is None or times.tz is not None else self.dates
        naive = times if times.tz is None else times.tz_convert("UTC").tz_localize(None)
        wanted = naive.as_unit("ns").asi8
        kept = (wanted >= grid[0]) & (wanted <= grid[-1])
        if not kept.any():
            raise UsageError(
                f"none of the {len(times)} rows of targets lies within the run, which has bars "
                f"from {self.describe(0)} to {self.describe(-1)} (choose other dates for either)"
            )
        bars: NDArray[np.int64] = np.searchsorted(grid, wanted[kept])
        self._check_rows(times[kept], grid[bars] == wanted[kept])
        return bars, kept

    def _check_rows(self, times: pd.DatetimeIndex, found: NDArray[np.bool_]) -> None:
        if not found.all():
            expected = "dates of sessions without a time zone, or their closes with one"
            if self.dates is None:
                expected = "ends of minutes, in UTC where there is no time zone"
            raise UsageError(
                f"targets have a row for {times[~found][0]}, which is not a bar of the run from "
                f"{self.describe(0)} to {self.describe(-1)} ({np.sum(~found)} of {len(times)} "
                f"rows are not; the index must hold the {expected})"
            )
        if not times.is_unique:
            twice = times[times.duplicated()][0]
            raise UsageError(f"targets have two rows for {twice}; a bar has one")


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
