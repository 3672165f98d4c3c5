"""The examples that zipline-reloaded ships, as they are, with the fills that Zipline gives.

Their source is not kept here: it comes from a Zipline that is installed (``make golden`` makes
an environment with one), or from the folder that ZIPLINE_EXAMPLES names.
"""

import importlib.util
import os
import shutil
import subprocess
import sys

import pytest

from golden.cases import SHIPPED
from golden.compare import differences_from_zipline
from golden.shipped import shipped_examples
from holdfast import write_bundle
from holdfast.data.ingest.synthetic import synthetic_bars

EXAMPLES = shipped_examples()
needs_zipline = pytest.mark.skipif(
    EXAMPLES is None,
    reason="zipline-reloaded is not installed; 'make golden' does it, or set ZIPLINE_EXAMPLES",
)
#: Stands in for the network: prices of the index that one example downloads.
STORED_PRICES = """
import numpy as np
import pandas as pd


def DataReader(name, source, start, end):
    days = pd.bdate_range(start, end)
    return pd.DataFrame({name: 1000 * 1.0003 ** np.arange(len(days))}, index=days)
"""


@needs_zipline
@pytest.mark.parametrize("case", SHIPPED, ids=lambda case: case.name)
def test_shipped_example_gives_zipline_s_fills(case, golden_bundle):
    if "talib" in case.name and importlib.util.find_spec("talib") is None:
        pytest.skip("TA-Lib is not installed")
    assert differences_from_zipline(case, golden_bundle(case.market), "decimal") == []


@needs_zipline
@pytest.mark.parametrize("name", ["buyapple", "dual_moving_average", "olmar"])
def test_shipped_example_runs_from_the_command_line(name, golden_bundle, tmp_path):
    shutil.copy(EXAMPLES / f"{name}.py", tmp_path)
    span = ("--start", "2014-03-03", "--end", "2015-09-30")
    command = [sys.executable, "-m", "holdfast", "run", f"{name}.py", *span]
    done = subprocess.run(
        [*command, "--bundle", str(golden_bundle("daily_stocks"))],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "portfolio value" in done.stdout


@needs_zipline
def test_the_example_that_downloads_runs_on_stored_prices(tmp_path):
    shutil.copy(EXAMPLES / "buyapple_ide.py", tmp_path)
    (tmp_path / "pandas_datareader").mkdir()
    (tmp_path / "pandas_datareader" / "__init__.py").touch()
    (tmp_path / "pandas_datareader" / "data.py").write_text(STORED_PRICES)
    bars = synthetic_bars(1, "2013-12-02", "2018-01-31", seed=4).assign(symbol="AAPL")
    write_bundle(tmp_path / "quandl", bars)  # the bundle that the file names
    span = ("--start", "2014-03-03", "--end", "2014-06-30")
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", "run", "buyapple_ide.py", "--bundle", "quandl", *span],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "2014-01-0" in done.stdout  # what the file prints of the index
    assert "transactions" in done.stdout
