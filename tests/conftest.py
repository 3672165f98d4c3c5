"""Markets that many tests share, made once per process."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from golden.markets import MARKETS
from holdfast.data.ingest import synthetic_bars, write_bundle


@pytest.fixture(scope="session")
def daily_bars() -> pd.DataFrame:
    return synthetic_bars(3, "2023-01-03", "2023-12-29", seed=1)


@pytest.fixture(scope="session")
def minute_bars() -> pd.DataFrame:
    """Five sessions; 2023-11-24 is a half day."""
    return synthetic_bars(2, "2023-11-20", "2023-11-27", "minute", seed=1)


@pytest.fixture(scope="session")
def daily_bundle(daily_bars, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("daily") / "bundle"
    write_bundle(path, daily_bars)
    return path


@pytest.fixture(scope="session")
def minute_bundle(minute_bars, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("minute") / "bundle"
    write_bundle(path, minute_bars, "minute")
    return path


@pytest.fixture(scope="session")
def golden_bundle(tmp_path_factory) -> Callable[[str], Path]:
    """Give the bundle of a market in ``golden.markets``, by name."""

    @cache
    def made(name: str) -> Path:
        market, path = MARKETS[name](), tmp_path_factory.mktemp("golden") / name
        write_bundle(path, market.bars, market.frequency, adjustments=market.adjustments)
        return path

    return made
