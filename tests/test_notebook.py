"""%%holdfast: a notebook's cell is a strategy."""

import pandas as pd
import pytest

pytest.importorskip("IPython")
from IPython.core.interactiveshell import InteractiveShell

from holdfast.errors import UsageError

CELL = """
from zipline.api import order_target, record, symbol


def handle_data(context, data):
    order_target(symbol("A000"), SHARES)
    record(x=1)
"""


@pytest.fixture(scope="module")
def shell():
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "holdfast")
    yield shell
    InteractiveShell.clear_instance()


def test_a_cell_runs_with_the_notebook_s_own_names(shell, daily_bundle):
    shell.user_ns["SHARES"] = 7
    line = f"--bundle {daily_bundle} --start 2023-02-01 --end 2023-02-03 --capital-base 1e5"
    perf = shell.run_cell_magic("holdfast", line, CELL)
    assert isinstance(perf, pd.DataFrame)
    assert perf["positions"].iloc[-1][0]["amount"] == 7
    assert shell.user_ns["perf"] is perf
    assert callable(shell.user_ns["handle_data"])


@pytest.mark.parametrize(
    ("line", "cell", "named"),
    [
        ("--start 2023-02-01 --end 2023-02-03", CELL, "--bundle"),
        ("--bundle x --start 2023-02-01 --end 2023-02-03", "y = 1", "defines none of initialize"),
    ],
)
def test_a_wrong_cell_is_told_of_and_the_notebook_lives_on(shell, line, cell, named):
    shell.user_ns["handle_data"] = before = object()
    with pytest.raises(UsageError, match=named):
        shell.run_cell_magic("holdfast", line, cell)
    assert shell.user_ns["handle_data"] is before
