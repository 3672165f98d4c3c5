"""What every factor, filter and classifier has in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.assets import Asset
from holdfast.errors import UsageError
from holdfast.pipeline.term import BOOL, FLOAT, Term

if TYPE_CHECKING:
    from holdfast.pipeline.filters.filter import Filter

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """The sessions for which a term is computed, and the assets.

    Parameters
    ----------
    first, stop
        Rows of the bundle's sessions.
    labels : DatetimeIndex
        Dates of all sessions of the bundle.
    sids : (n_assets,) int64
    """

    first: int
    stop: int
    labels: pd.DatetimeIndex
    sids: NDArray[np.int64]

    def __len__(self) -> int:
        return self.stop - self.first

    @property
    def shape(self) -> tuple[int, int]:
        """(n_sessions, n_assets)."""
        return len(self), len(self.sids)


class ComputableTerm(Term):
    """A term that is computed from others."""

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        """Compute all of some rows; for terms without a window.

        Parameters
        ----------
        arrays : list of (n_sessions, n_assets or 1)
            The inputs.
        mask : (n_sessions, n_assets) bool
        rows
            Which sessions and assets.

        Returns
        -------
        (n_sessions, n_assets or 1)
        """
        raise NotImplementedError

    @classmethod
    @abstractmethod
    def kind(cls) -> type[ComputableTerm]:
        """Return Factor, Filter or Classifier."""

    def __getitem__(self, asset: Asset) -> Any:
        """Return the values of one asset, to be used beside those of all others."""
        from holdfast.pipeline.generic import Slice, of_kind

        if not isinstance(asset, Asset):
            raise UsageError(f"{self}[...] needs an asset, not {asset!r} (such as symbol('AAPL'))")
        return of_kind(Slice, self)(self, asset)

    def alias(self, name: str) -> Any:
        """Return the same term under a name."""
        from holdfast.pipeline.generic import Alias, of_kind

        return of_kind(Alias, self)(self, name)

    def downsample(self, frequency: str) -> Any:
        """Return a term that is computed only at the start of each period, and kept until the next.

        Parameters
        ----------
        frequency
            ``week_start``, ``month_start``, ``quarter_start`` or ``year_start``.
        """
        from holdfast.pipeline.generic import Downsampled, of_kind

        return of_kind(Downsampled, self)(self, frequency)

    def shift(self, sessions: int = 1) -> Any:
        """Return the values of some sessions earlier, as they were computed then.

        Zipline has no such method. The values are not adjusted for what happened since.
        """
        from holdfast.pipeline.generic import Shifted, of_kind

        return of_kind(Shifted, self)(self, sessions)

    def isnull(self) -> Filter:
        """Return a filter that is True where the value is missing."""
        from holdfast.pipeline.filters.predicates import IsNull

        self._refuse_filter("isnull")
        if self.dtype == FLOAT:
            different: Filter = self != self  # type: ignore[assignment]
            return different
        return IsNull(self)

    def notnull(self) -> Filter:
        """Return a filter that is True where the value is not missing."""
        from holdfast.pipeline.filters.predicates import NotNull

        self._refuse_filter("notnull")
        return NotNull(self)

    def fillna(self, fill_value: Any) -> Any:
        """Return the term with missing values replaced by a constant or another term's values."""
        from holdfast.pipeline.generic import Constant, of_kind

        self._refuse_filter("fillna")
        if isinstance(fill_value, ComputableTerm):
            return self.notnull().if_else(self, fill_value)
        if isinstance(fill_value, Term):
            raise UsageError(f"{fill_value} is a column and cannot fill (append .latest)")
        try:
            constant = np.array([fill_value]).astype(self.dtype, casting="same_kind")[0].item()
        except (TypeError, ValueError):
            raise UsageError(
                f"fillna({fill_value!r}) does not fit {self} of {self.dtype}"
            ) from None
        filler = of_kind(Constant, self)(constant, self.dtype, self.missing_value)
        return self.notnull().if_else(self, filler)

    def _refuse_filter(self, method: str) -> None:
        if self.dtype == BOOL:
            raise UsageError(
                f"{method}() works on factors and classifiers, not on the filter {self}"
            )


def is_missing(values: Values, missing: Any) -> NDArray[np.bool_]:
    """Return where values are missing."""
    if values.dtype.kind in "fM":
        absent: NDArray[np.bool_] = (
            np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)
        )
        if missing == missing:  # a number that stands for missing, beside NaN
            absent = values == missing
        return absent
    if values.dtype == object and missing is None:
        flat = [value is None for value in values.ravel()]
        return np.array(flat, dtype=bool).reshape(values.shape)
    return np.asarray(values == missing, dtype=bool)
