"""The optimisation layers: each one file, one switch. All are off for now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Layers:
    """Which layers are on; each new layer adds its switch here."""

    NONE: ClassVar[Layers]


Layers.NONE = Layers()
