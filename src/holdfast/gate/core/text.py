"""How values, names and files are written, wherever the gate writes one."""

from __future__ import annotations

import json
import math
from typing import Any

from holdfast.escapes import escape
from holdfast.gate.core.readings import is_number

_STEPS = {
    "seconds": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "bytes": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
}


def list_ticks(low: float, high: float, count: int) -> list[float]:
    """Return round values from ``low`` to ``high``, about ``count`` of them and no more."""
    rough = (high - low) / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 5, 10) if size * each >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [step * number for number in range(first, last + 1)]


def format_change(ratio: float) -> str:
    """Return a ratio as a change, ``+7.1 %``."""
    return f"{(ratio - 1) * 100:+.1f} %"


def format_value(value: Any, unit: str) -> str:
    """Return a value with its unit, in three digits."""
    if value is None:
        return "failed"
    if isinstance(value, float) and not math.isfinite(value):
        return "n/a" if math.isnan(value) else str(value)
    if not is_number(value):
        return escape(json.dumps(value))[:20]
    if unit == "fingerprint" and float(value).is_integer():
        return str(int(value))
    if unit not in _STEPS:
        return f"{value:.6g}"
    size, name = scale(value, unit)
    shown = value / size
    return f"{shown:.{2 if abs(shown) < 9.995 else 1 if abs(shown) < 99.95 else 0}f} {name}"


def scale(value: float, unit: str) -> tuple[float, str]:
    """Return in what a value is best told, such as 0.001 and ``ms`` of one below a second."""
    steps = _STEPS.get(unit, ((1.0, unit),))
    return next((step for step in steps if abs(value) >= step[0] * 0.9995), steps[-1])
