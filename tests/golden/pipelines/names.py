"""The names a pipeline is written with, from the engine that is asked for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Names:
    """An engine's modules, and the assets of a market by number.

    Parameters
    ----------
    engine
        ``zipline`` or ``holdfast``.
    assets
        In order of ``sid``.
    """

    engine: str
    assets: list[Any]

    @property
    def prices(self) -> Any:
        return self._module("data").USEquityPricing

    @property
    def factors(self) -> Any:
        return self._module("factors")

    @property
    def filters(self) -> Any:
        return self._module("filters")

    @property
    def classifiers(self) -> Any:
        return self._module("classifiers")

    @property
    def pipeline(self) -> Any:
        return importlib.import_module(f"{self.engine}.pipeline").Pipeline

    def _module(self, name: str) -> Any:
        return importlib.import_module(f"{self.engine}.pipeline.{name}")
