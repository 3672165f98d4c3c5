"""A pipeline: named terms, and a screen."""

from __future__ import annotations

from typing import Any

from holdfast.errors import UsageError
from holdfast.pipeline.computable import ComputableTerm
from holdfast.pipeline.domain import GENERIC, Domain
from holdfast.pipeline.filters.filter import Filter
from holdfast.pipeline.term import Term


class Pipeline:
    """Terms to compute for every session.

    Parameters
    ----------
    columns
        Factors, filters and classifiers by the name of their column.
    screen
        A filter: only assets for which it is True are given out.
    domain
        Accepted for Zipline's sake: the bundle is the domain.

    Raises
    ------
    UsageError
        When a column is not a term that can be given out.
    """

    def __init__(
        self,
        columns: dict[str, Any] | None = None,
        screen: Filter | None = None,
        domain: Domain = GENERIC,
    ) -> None:
        self._columns: dict[str, ComputableTerm] = {}
        for name, term in (columns or {}).items():
            self.add(term, name)
        self._domain = domain
        self._screen: Filter | None = None
        if screen is not None:
            self.set_screen(screen)

    @property
    def columns(self) -> dict[str, ComputableTerm]:
        """The terms by name."""
        return self._columns

    @property
    def screen(self) -> Filter | None:
        """The filter that chooses what is given out, None for all assets that exist."""
        return self._screen

    def domain(self, default: Domain) -> Domain:
        """Return the domain, or `default` when it was left open."""
        return default if self._domain == GENERIC else self._domain

    def add(self, term: Any, name: str, overwrite: bool = False) -> None:
        """Add a column."""
        if not isinstance(name, str):
            raise UsageError(f"the name of a column is {name!r}; it must be a text")
        if not isinstance(term, Term):
            raise UsageError(f"column {name!r} is {term!r}, not a factor, filter or classifier")
        if not isinstance(term, ComputableTerm):
            raise UsageError(f"column {name!r} is {term}, raw data (append .latest)")
        if term.ndim == 1:
            raise UsageError(
                f"column {name!r} is {term}, one number for all assets (calculate with it, or "
                f"compare a factor with it)"
            )
        if name in self._columns and not overwrite:
            raise UsageError(f"the pipeline has a column {name!r} already (overwrite=True)")
        self._columns.pop(name, None)
        self._columns[name] = term

    def remove(self, name: str) -> ComputableTerm:
        """Remove a column and return its term."""
        try:
            return self._columns.pop(name)
        except KeyError:
            raise UsageError(
                f"the pipeline has no column {name!r}; it has {', '.join(self._columns) or 'none'}"
            ) from None

    def set_screen(self, screen: Filter, overwrite: bool = False) -> None:
        """Set the filter that chooses what is given out."""
        if not isinstance(screen, Filter):
            raise UsageError(f"the screen is {screen!r}; it must be a filter (compare it: > 0)")
        if self._screen is not None and not overwrite:
            raise UsageError(
                "the pipeline has a screen already (join them: one & another, or overwrite=True)"
            )
        self._screen = screen
