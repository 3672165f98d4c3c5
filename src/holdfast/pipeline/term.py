"""Terms, the nodes of a pipeline's graph: one object for each distinct computation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from holdfast.errors import UsageError


class NotSpecifiedType:
    """The value of an argument that was left out, where None means something."""

    def __repr__(self) -> str:
        return "NotSpecified"


NotSpecified: Any = NotSpecifiedType()

FLOAT, INT, BOOL, TEXT = (np.dtype(name) for name in ("float64", "int64", "bool", "object"))
DATE = np.dtype("datetime64[ns]")
_MISSING: dict[np.dtype[Any], Any] = {
    FLOAT: math.nan,
    BOOL: False,
    TEXT: None,
    DATE: np.datetime64("NaT", "ns"),
}


class Term:
    """One computation over (sessions x assets).

    Terms are values: the same class with the same arguments is the same object, so a
    subexpression that occurs twice in a pipeline is computed once.

    Parameters
    ----------
    inputs
        The terms it is computed from.
    outputs
        Names of several outputs; left out for a single one.
    window_length
        How many sessions of its inputs each value looks back on; 0 for none.
    mask
        A filter; where it is False the value is missing.
    dtype, missing_value, ndim, window_safe
        What comes out; each has a default on the class.
    domain
        Accepted for Zipline's sake: the bundle is the domain.
    **params
        Values for the names in the class's ``params``.

    Raises
    ------
    UsageError
        When an argument is missing or does not fit.
    """

    inputs: Any = NotSpecified
    outputs: Any = NotSpecified
    window_length: Any = NotSpecified
    mask: Any = NotSpecified
    dtype: Any = NotSpecified
    missing_value: Any = NotSpecified
    ndim: int = 2
    window_safe: bool = False
    #: Whether a window may be laid over inputs that are not window-safe.
    takes_any_input: bool = False
    params: Any = ()
    #: Whether the same bundle always gives the same values: no code of a user's runs.
    pure: bool

    _known: WeakValueDictionary[Any, Term] = WeakValueDictionary()

    def __new__(
        cls,
        inputs: Any = NotSpecified,
        outputs: Any = NotSpecified,
        window_length: Any = NotSpecified,
        mask: Any = NotSpecified,
        dtype: Any = NotSpecified,
        missing_value: Any = NotSpecified,
        ndim: Any = NotSpecified,
        window_safe: Any = NotSpecified,
        domain: Any = NotSpecified,
        **params: Any,
    ) -> Any:
        inputs = _inputs(cls, _given(inputs, cls.inputs))
        outputs = _given(outputs, cls.outputs)
        dtype, missing_value = _type(
            cls, _given(dtype, cls.dtype), _given(missing_value, cls.missing_value)
        )
        facts = {
            "inputs": inputs,
            "outputs": outputs if outputs is NotSpecified else tuple(outputs),
            "window_length": _window_length(cls, _given(window_length, cls.window_length)),
            "mask": _mask(cls, _given(_given(mask, cls.mask), None)),
            "dtype": dtype,
            "missing_value": missing_value,
            "ndim": _given(ndim, cls.ndim),
            "window_safe": _given(window_safe, cls.window_safe),
        }
        values = _params(cls, params)
        identity = (cls, *facts.values(), tuple(values.items()))
        known = Term._known.get(identity)
        if known is None:
            known = object.__new__(cls)
            for name, value in facts.items():
                setattr(known, name, value)
            if known.mask is None and cls is not AssetExists:
                known.mask = AssetExists()
            known.params = values
            known.pure = known._runs_own_code() and all(term.pure for term in known.needs)
            known._validate()
            Term._known[identity] = known
        return known

    def __init__(self, *_: Any, **__: Any) -> None:
        """Do nothing: ``__new__`` may return an object that exists already."""

    @property
    def windowed(self) -> bool:
        """Whether each value looks back on a window of sessions."""
        return bool(self.window_length > 0)

    @property
    def extra_input_rows(self) -> int:
        """How many sessions more than its own a term needs of its inputs."""
        return max(0, self.window_length - 1)

    @property
    def needs(self) -> tuple[Term, ...]:
        """The terms it is computed from, its mask included."""
        return self.inputs if self.mask is None else (*self.inputs, self.mask)

    def _runs_own_code(self) -> bool:
        return type(self).__module__.startswith("holdfast.")

    def _validate(self) -> None:
        """Check what only all arguments together tell; subclasses add to it."""
        if self.windowed and self.window_length > 1 and not self.takes_any_input:
            for term in self.inputs:
                if not term.window_safe:
                    raise UsageError(
                        f"{type(self).__name__} looks at a window of {term}, whose values are "
                        f"not comparable across splits and dividends (use a column, Returns, "
                        f"or a rank() or zscore() of it)"
                    )

    def __repr__(self) -> str:
        inputs = ", ".join(term.short_name for term in self.inputs)
        return f"{type(self).__name__}([{inputs}], {self.window_length})"

    @property
    def short_name(self) -> str:
        """The term without its inputs, for the text of other terms."""
        return f"{type(self).__name__}(...)"


class AssetExists(Term):
    """Whether an asset was listed before each session and still is: every term's default mask."""

    inputs = ()
    window_length = 0
    dtype = BOOL
    window_safe = True

    def __repr__(self) -> str:
        return "AssetExists()"


def _given(value: Any, otherwise: Any) -> Any:
    return otherwise if value is NotSpecified else value


def _inputs(cls: type[Term], inputs: Any) -> tuple[Term, ...]:
    if inputs is NotSpecified:
        raise UsageError(
            f"{cls.__name__} needs inputs: pass inputs=[...] or define them on the class"
        )
    if isinstance(inputs, Term):
        raise UsageError(f"{cls.__name__}: inputs must be a list, such as [{inputs}]")
    for term in inputs:
        if not isinstance(term, Term):
            raise UsageError(
                f"{cls.__name__} has the input {term!r}, which is not a column or a term "
                f"(such as USEquityPricing.close or Returns(window_length=2))"
            )
    return tuple(inputs)


def _mask(cls: type[Term], mask: Any) -> Any:
    if mask is not None and not (isinstance(mask, Term) and mask.dtype == BOOL):
        raise UsageError(
            f"{cls.__name__}: mask is {mask!r}; it must be a filter, such as close.latest > 5"
        )
    if mask is not None and mask.ndim == 1 and cls.ndim == 2:
        raise UsageError(
            f"{cls.__name__}: the mask {mask} has one column for all assets; it must have one "
            f"for each (a comparison with a factor has)"
        )
    return mask


def _window_length(cls: type[Term], length: Any) -> int:
    if length is NotSpecified:
        raise UsageError(f"{cls.__name__} needs window_length, a number of sessions")
    if isinstance(length, bool) or not isinstance(length, (int, np.integer)) or length < 0:
        raise UsageError(f"{cls.__name__}: window_length is {length!r}; it must be an integer >= 1")
    return int(length)


def _type(cls: type[Term], dtype: Any, missing: Any) -> tuple[np.dtype[Any], Any]:
    if dtype is NotSpecified:
        raise UsageError(f"{cls.__name__} needs a dtype, such as float")
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        raise UsageError(f"{cls.__name__}: {dtype!r} is not a dtype of NumPy's") from None
    if dtype.kind in "US":
        dtype = TEXT
    if dtype not in (FLOAT, INT, BOOL, TEXT, DATE):
        raise UsageError(
            f"{cls.__name__}: dtype is {dtype}; choose float64, int64, bool, object or "
            f"datetime64[ns]"
        )
    if missing is NotSpecified:
        if dtype not in _MISSING:
            raise UsageError(f"{cls.__name__} of dtype {dtype} needs missing_value, such as -1")
        missing = _MISSING[dtype]
    elif dtype == FLOAT:
        missing = float(missing)
        missing = math.nan if math.isnan(missing) else missing  # one object: it is part of a key
    return dtype, missing


def _params(cls: type[Term], given: dict[str, Any]) -> dict[str, Any]:
    defaults = (
        cls.params if isinstance(cls.params, Mapping) else dict.fromkeys(cls.params, NotSpecified)
    )
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        has = ", ".join(defaults) or "none beside inputs, window_length and mask"
        raise UsageError(f"{cls.__name__} has no parameter {unknown[0]!r}; it has {has}")
    values = {**defaults, **given}
    for name, value in values.items():
        if value is NotSpecified:
            raise UsageError(f"{cls.__name__} needs the parameter {name}")
        try:
            hash(value)
        except TypeError:
            raise UsageError(
                f"{cls.__name__}: {name} is {value!r}; it must be hashable (a tuple, not a list)"
            ) from None
    return values
