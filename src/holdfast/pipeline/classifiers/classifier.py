"""Classifiers: a label for every session and asset, to group or to choose by."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np

from holdfast.errors import UsageError
from holdfast.pipeline import rowwise
from holdfast.pipeline.computable import ComputableTerm, Rows, Values
from holdfast.pipeline.filters.filter import Filter
from holdfast.pipeline.filters.predicates import Matches
from holdfast.pipeline.term import INT, TEXT, NotSpecified, Term
from holdfast.pipeline.windowed import CustomTerm, Rolled


class Classifier(ComputableTerm):
    """A term of integers or texts that name a group."""

    @classmethod
    def kind(cls) -> type[ComputableTerm]:
        """Return Classifier."""
        return Classifier

    def _validate(self) -> None:
        super()._validate()
        if self.dtype not in (INT, TEXT):
            raise UsageError(
                f"{type(self).__name__} is a classifier of dtype {self.dtype}; choose int64 or "
                f"object (or derive it from CustomFactor or CustomFilter)"
            )

    def eq(self, other: Hashable) -> Filter:
        """Return a filter that is True where the label is `other`."""
        self._check_label(other)
        if other == self.missing_value:
            raise UsageError(f"eq({other!r}): that stands for a missing value (use isnull())")
        equal: Filter = Matches(self, _equal, other)
        return equal

    def __ne__(self, other: object) -> Any:
        self._check_label(other)
        return Matches(self, _different, other)

    __hash__ = ComputableTerm.__hash__

    def _refuse_order(self, other: object) -> Any:
        raise UsageError(f"classifiers have no order: {self} is equal to a label or not")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse_order

    def element_of(self, choices: Iterable[Hashable]) -> Filter:
        """Return a filter that is True where the label is one of some."""
        chosen = frozenset(choices)
        for label in chosen:
            self._check_label(label)
        if self.missing_value in chosen:
            raise UsageError(
                f"element_of(): {self.missing_value!r} stands for a missing value (use isnull())"
            )
        found: Filter = Matches(self, _contained, chosen)
        return found

    def startswith(self, prefix: str) -> Filter:
        """Return a filter that is True where the text starts so."""
        return self._text_filter("startswith", str.startswith, prefix)

    def endswith(self, suffix: str) -> Filter:
        """Return a filter that is True where the text ends so."""
        return self._text_filter("endswith", str.endswith, suffix)

    def has_substring(self, substring: str) -> Filter:
        """Return a filter that is True where the text holds another."""
        return self._text_filter("has_substring", _holds, substring)

    def matches(self, pattern: str | re.Pattern[str]) -> Filter:
        """Return a filter that is True where a regular expression matches from the start."""
        return self._text_filter("matches", _fits, re.compile(pattern))

    def relabel(self, relabeler: Callable[[str], str | None]) -> Classifier:
        """Return a classifier of the texts that a function makes of this one's."""
        self._check_text("relabel")
        changed: Classifier = Relabel(self, relabeler)
        return changed

    def peer_count(self, mask: Any = NotSpecified) -> Any:
        """Return a factor: how many assets have the same label in that session."""
        from holdfast.pipeline.factors.crosswise import PeerCount

        return PeerCount(inputs=[self], mask=mask)

    def _text_filter(self, method: str, test: Callable[[Any, Any], bool], argument: Any) -> Filter:
        self._check_text(method)
        found: Filter = Matches(self, test, argument)
        return found

    def _check_text(self, method: str) -> None:
        if self.dtype != TEXT:
            raise UsageError(f"{method}() works on classifiers of texts; {self} has {self.dtype}")

    def _check_label(self, label: object) -> None:
        number = isinstance(label, (int, np.integer)) and not isinstance(label, bool)
        if number != (self.dtype == INT):
            raise UsageError(f"{self} has labels of {self.dtype}, so none is {label!r}")


def _equal(label: Any, other: Any) -> bool:
    return bool(label == other)


def _different(label: Any, other: Any) -> bool:
    return bool(label != other)


def _contained(label: Any, choices: Any) -> bool:
    return label in choices


def _holds(label: str, substring: str) -> bool:
    return substring in label


def _fits(label: str, pattern: re.Pattern[str]) -> bool:
    return pattern.match(label) is not None


class CustomClassifier(CustomTerm, Classifier):
    """A classifier whose `compute` is yours: called every session with windows of its inputs."""


class Latest(Rolled, Classifier):
    """The last value of a column of labels."""

    window_length = 1

    def roll(self, *series: Values) -> Values:
        return series[0]


class Everything(Classifier):
    """One group of all assets."""

    inputs = ()
    window_length = 0
    dtype, missing_value = INT, -1

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        return np.where(mask, 0, -1)


class Quantiles(Classifier):
    """Into which of some equally large groups each value of a factor falls, the lowest being 0."""

    window_length = 0
    dtype, missing_value = INT, -1
    params: Any = ("bins",)

    def __new__(cls, inputs: Iterable[Term], bins: int, mask: Any = NotSpecified) -> Any:
        if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
            raise UsageError(f"quantiles({bins!r}): the number of bins must be 1 or more")
        return super().__new__(cls, inputs=inputs, bins=bins, mask=mask)

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        values = np.where(mask, arrays[0].astype(float), np.nan)
        return rowwise.bins_of_rows(values, self.params["bins"])


class Relabel(Classifier):
    """A classifier's texts, each replaced by what a function makes of it."""

    window_length = 0
    dtype = TEXT
    params: Any = ("relabeler",)

    def __new__(cls, term: Classifier, relabeler: Callable[[str], str | None]) -> Any:
        more = {"missing_value": term.missing_value, "mask": term.mask}
        return super().__new__(cls, inputs=[term], relabeler=relabeler, **more)

    def _runs_own_code(self) -> bool:
        return False  # the function is the user's

    def compute_rows(self, arrays: list[Values], mask: Values, rows: Rows) -> Values:
        relabeler, missing = self.params["relabeler"], self.missing_value
        texts = set(arrays[0].ravel().tolist()) - {missing}
        changed = {missing: missing, **{text: relabeler(text) for text in texts}}
        relabeled = np.empty(arrays[0].size, dtype=object)
        relabeled[:] = [changed[text] for text in arrays[0].ravel().tolist()]
        out = relabeled.reshape(arrays[0].shape)
        out[~mask] = missing
        return out
