"""Markets that many tests share, made once per process.

The gate's tests also run where the engine cannot: nothing of it is imported before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

if TYPE_CHECKING:
    import pandas as pd


def make_bars(*args) -> pd.DataFrame:
    from holdfast.data.ingest import synthetic_bars

    return synthetic_bars(*args, seed=1)


def write(path: Path, *args, **options) -> Path:
    from holdfast.data.ingest import write_bundle

    write_bundle(path, *args, **options)
    return path


@pytest.fixture(scope="session")
def daily_bars() -> pd.DataFrame:
    return make_bars(3, "2023-01-03", "2023-12-29")


@pytest.fixture(scope="session")
def minute_bars() -> pd.DataFrame:
    """Five sessions; 2023-11-24 is a half day."""
    return make_bars(2, "2023-11-20", "2023-11-27", "minute")


@pytest.fixture(scope="session")
def daily_bundle(daily_bars, tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("daily") / "bundle", daily_bars)


@pytest.fixture(scope="session")
def minute_bundle(minute_bars, tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("minute") / "bundle", minute_bars, "minute")


@pytest.fixture(scope="session")
def golden_bundle(tmp_path_factory) -> Callable[[str], Path]:
    """Give the bundle of a market in ``golden.markets``, by name."""

    @cache
    def made(name: str) -> Path:
        from golden.markets import MARKETS

        market, path = MARKETS[name](), tmp_path_factory.mktemp("golden") / name
        return write(path, market.bars, market.frequency, adjustments=market.adjustments)

    return made
