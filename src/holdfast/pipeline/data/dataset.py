"""Columns of data, and the datasets that hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from holdfast.errors import UsageError
from holdfast.pipeline.term import BOOL, FLOAT, INT, NotSpecified, Term


@dataclass(frozen=True, slots=True)
class Column:
    """The declaration of a column within a dataset.

    Parameters
    ----------
    dtype
        What its values are.
    missing_value
        What stands for no value.
    doc
        What it means.
    """

    dtype: Any = float
    missing_value: Any = NotSpecified
    doc: str | None = None


class BoundColumn(Term):
    """A column of a dataset: the input of factors.

    Its value in a session is that of the session before, which is known when the session begins.
    """

    inputs = ()
    window_length = 0
    window_safe = True
    params: Any = ("dataset", "name")

    @property
    def name(self) -> str:
        """The column's name."""
        return str(self.params["name"])

    @property
    def dataset(self) -> str:
        """The name of the dataset it belongs to."""
        return str(self.params["dataset"])

    @property
    def latest(self) -> Any:
        """The column's last known value, as a factor, filter or classifier."""
        from holdfast.pipeline import classifiers, factors, filters

        kinds: dict[Any, Any] = {FLOAT: factors, BOOL: filters, INT: classifiers}
        kind = kinds.get(self.dtype, factors if self.dtype.kind == "M" else classifiers)
        return kind.Latest(inputs=[self], dtype=self.dtype, missing_value=self.missing_value)

    def __repr__(self) -> str:
        return f"{self.dataset}.{self.name}"

    @property
    def short_name(self) -> str:
        """The column itself."""
        return repr(self)


class _DataSetType(type):
    """Binds the columns of a dataset, and names those there are when one is unknown."""

    columns: frozenset[BoundColumn]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        for column, declared in list(namespace.items()):
            if isinstance(declared, Column):
                namespace[column] = BoundColumn(
                    dtype=declared.dtype,
                    missing_value=declared.missing_value,
                    dataset=name,
                    name=column,
                )
        made = super().__new__(mcs, name, bases, namespace)
        bound = (getattr(made, each) for each in dir(made))
        made.columns = frozenset(each for each in bound if isinstance(each, BoundColumn))
        return made

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_") or name == "columns":
            raise AttributeError(name)
        raise UnknownColumn(
            f"{cls.__name__} has no column {name!r}; it has "
            f"{', '.join(sorted(column.name for column in cls.columns))}"
        )

    @property
    def column_names(cls) -> frozenset[str]:
        """The names of the columns."""
        return frozenset(column.name for column in cls.columns)


class UnknownColumn(UsageError, AttributeError):
    """A dataset does not have the column asked for."""


class DataSet(metaclass=_DataSetType):
    """Columns that belong together; derive from it and declare each as a Column."""

    @classmethod
    def get_column(cls, name: str) -> BoundColumn:
        """Return a column by name."""
        column: BoundColumn = getattr(cls, name)
        return column


class EquityPricing(DataSet):
    """Daily bars of a bundle, adjusted as seen from each session."""

    open = Column(float)
    high = Column(float)
    low = Column(float)
    close = Column(float)
    volume = Column(float)


class USEquityPricing(EquityPricing):
    """The same columns under the name that most strategies use."""


PRICE_FIELDS = {column: column.name for column in EquityPricing.columns}
