"""Filters: True or False for every session and asset."""

from __future__ import annotations

from typing import Any

from holdfast.assets import Asset
from holdfast.errors import UsageError
from holdfast.pipeline.computable import ComputableTerm, Rows, Values
from holdfast.pipeline.term import BOOL, Term
from holdfast.pipeline.windowed import CustomTerm, Rolled


class Filter(ComputableTerm):
    """A term of True and False: a screen, a mask, or a column."""

    dtype = BOOL
    window_safe = True

    @classmethod
    def kind(cls) -> type[ComputableTerm]:
        """Return Filter."""
        return Filter

    def __and__(self, other: Any) -> Filter:
        return _logic("&", self, other)

    def __or__(self, other: Any) -> Filter:
        return _logic("|", self, other)

    def __rand__(self, other: Any) -> Filter:
        return _logic("&", other, self)

    def __ror__(self, other: Any) -> Filter:
        return _logic("|", other, self)

    def __invert__(self) -> Filter:
        return Not(self)

    def if_else(self, if_true: ComputableTerm, if_false: ComputableTerm) -> Any:
        """Return a term with values of `if_true` where the filter is True, else of `if_false`."""
        from holdfast.pipeline.generic import IfElse, of_kind

        for term in (if_true, if_false):
            if not isinstance(term, ComputableTerm):
                raise UsageError(f"if_else() takes terms, not {term!r} (for a number: fillna)")
        if if_true.kind() is not if_false.kind() or if_true.dtype != if_false.dtype:
            raise UsageError(
                f"if_else() needs two terms of one kind and dtype, not {if_true} of "
                f"{if_true.dtype} and {if_false} of {if_false.dtype}"
            )
        return of_kind(IfElse, if_true)(self, if_true, if_false)

    def _validate(self) -> None:
        super()._validate()
        if self.dtype != BOOL:
            raise UsageError(
                f"{type(self).__name__} is a filter of dtype {self.dtype}; only bool will do "
                f"(derive it from CustomFactor or CustomClassifier instead)"
            )


def _logic(op: str, left: Any, right: Any) -> Filter:
    if isinstance(right, bool):
        return left if (op == "&") == right else _always(left, right)
    both: Filter = Both(left, right) if op == "&" else Either(left, right)
    return both


def _always(term: Filter, value: bool) -> Filter:
    return term | ~term if value else term & ~term


class _OfTwo(Filter):
    window_length = 0
    symbol = ""

    def __new__(cls, left: Term, right: Term) -> Any:
        for side in (left, right):
            if not isinstance(side, Term) or side.dtype != BOOL:
                raise UsageError(f"{left!r} {cls.symbol} {right!r} needs a filter on both sides")
        return super().__new__(cls, inputs=[left, right])

    def __repr__(self) -> str:
        return f"({self.inputs[0]} {self.symbol} {self.inputs[1]})"


class Both(_OfTwo):
    """Where two filters are both True."""

    symbol = "&"

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return arrays[0] & arrays[1] & mask


class Either(_OfTwo):
    """Where at least one of two filters is True."""

    symbol = "|"

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return (arrays[0] | arrays[1]) & mask


class Not(Filter):
    """Where a filter is False, as long as the asset exists."""

    window_length = 0

    def __new__(cls, term: Filter) -> Any:
        return super().__new__(cls, inputs=[term])

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return ~arrays[0] & mask

    def __repr__(self) -> str:
        return f"~{self.inputs[0]}"


class CustomFilter(CustomTerm, Filter):
    """A filter whose `compute` is yours: called every session with windows of its inputs."""


class RolledFilter(Rolled, Filter):
    """A built-in filter over a window."""


class Latest(RolledFilter):
    """The last value of a column of True and False."""

    window_length = 1

    def roll(self, *series: Values) -> Values:
        return series[0]


class StaticSids(Filter):
    """True for the assets of certain numbers."""

    inputs = ()
    window_length = 0
    params: Any = ("sids",)

    def __new__(cls, sids: Any) -> Any:
        return super().__new__(cls, sids=frozenset(map(int, sids)))

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        chosen = [sid in self.params["sids"] for sid in rows.sids.tolist()]
        return mask & chosen


class StaticAssets(StaticSids):
    """True for certain assets."""

    def __new__(cls, assets: Any) -> Any:
        wrong = [asset for asset in assets if not isinstance(asset, Asset)]
        if wrong:
            raise UsageError(
                f"StaticAssets needs assets, not {wrong[0]!r} (such as symbol('AAPL'))"
            )
        return super().__new__(cls, [asset.sid for asset in assets])


class SingleAsset(StaticSids):
    """True for one asset."""

    def __new__(cls, asset: Asset) -> Any:
        if not isinstance(asset, Asset):
            raise UsageError(f"SingleAsset needs an asset, not {asset!r} (such as symbol('AAPL'))")
        return super().__new__(cls, [asset.sid])
