"""A file written for Zipline runs as it is, and what is missing is named by file and line."""

import sys
import threading

import pytest

from holdfast import api
from holdfast.finance import commission as own_commission
from holdfast.zipline_names import holdfast_name, zipline_names
from support.command_line import run_here, start

VERBATIM = """
import zipline.api
from zipline import run_algorithm
from zipline.api import order_target_percent, record, schedule_function, symbol
from zipline.errors import SymbolNotFound
from zipline.finance import commission, slippage
from zipline.finance.execution import LimitOrder
from zipline.protocol import Portfolio
from zipline.utils.calendar_utils import get_calendar
from zipline.utils.events import date_rules, time_rules


def initialize(context):
    context.asset = symbol("A000")
    try:
        symbol("NONE")
    except SymbolNotFound:
        pass
    context.set_commission(commission.PerShare(cost=0.0075, min_trade_cost=1.0))
    context.set_slippage(slippage.VolumeShareSlippage())
    schedule_function(rebalance, date_rules.week_start(), time_rules.market_open())


def rebalance(context, data):
    from zipline.finance.order import ORDER_STATUS

    assert isinstance(context.portfolio, Portfolio)
    order_target_percent(context.asset, 0.5)
    record(open=len(context.get_open_orders()), status=int(ORDER_STATUS.OPEN))


def analyze(context, perf):
    import zipline.api as verbs

    print("analyzed", verbs.symbol("A000").symbol)
"""
SPAN = ("--start", "2023-02-01", "--end", "2023-02-28")


def run_file(text, bundle, folder, *options, by=run_here):
    (folder / "strategy.py").write_text(text)
    return by("run", "strategy.py", "--bundle", bundle, *SPAN, *options, cwd=folder)


def test_a_verbatim_file_runs(daily_bundle, tmp_path):
    done = run_file(VERBATIM, daily_bundle, tmp_path, by=start)
    assert done.returncode == 0, done.stderr
    assert "analyzed A000" in done.stdout
    assert "transactions" in done.stdout


def test_the_names_can_be_turned_off(daily_bundle, tmp_path):
    done = run_file(VERBATIM, daily_bundle, tmp_path, "--no-zipline-names")
    assert done.returncode == 2
    assert "strategy.py, line 2: No module named 'zipline'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_verbatim_file_is_swept(daily_bundle, tmp_path):
    text = (
        "from zipline.api import order_target, symbol\n\n\n"
        "def strategy(shares):\n"
        "    def handle_data(context, data):\n"
        "        from zipline.utils.math_utils import nanmean\n"
        "        order_target(symbol('A000'), int(nanmean([shares])))\n\n"
        "    return (lambda context: None), handle_data\n"
    )
    (tmp_path / "strategy.py").write_text(text)
    options = ("--bundle", daily_bundle, *SPAN, "--grid", "shares=1:3:1", "--workers", "2")
    done = start("sweep", "strategy.py", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 backtests" in done.stdout


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("import zipline.data.bundles", "zipline.data"),
        ("from zipline.utils.factory import x", "zipline.utils.factory"),
        ("from zipline.api import ordr", "cannot import name 'ordr'"),
        ("from zipline.api.deeper import order", "zipline.api"),
        ("import no_such_package", "no_such_package"),
    ],
)
def test_a_missing_name_is_told_with_file_and_line(daily_bundle, tmp_path, line, named):
    done = run_file(f"import math\n\n{line}\n", daily_bundle, tmp_path)
    assert done.returncode == 2
    assert f"strategy.py, line 3: {named}" in done.stderr or named in done.stderr
    assert "strategy.py, line 3" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_names_last_only_as_long_as_they_are_needed():
    with zipline_names():
        from zipline.finance import commission

        assert commission is own_commission
        with zipline_names():
            import zipline

        assert sys.modules["zipline"] is zipline
    assert commission.__spec__.name == "holdfast.finance.commission"
    assert not [name for name in sys.modules if name.startswith("zipline")]
    with pytest.raises(ModuleNotFoundError):
        import zipline.api


def test_zipline_itself_wins_where_it_is_installed(tmp_path, monkeypatch):
    package = tmp_path / "zipline"
    package.mkdir()
    (package / "__init__.py").write_text("real = True")
    monkeypatch.syspath_prepend(tmp_path)
    with zipline_names():
        import zipline

        assert zipline.real
    assert sys.modules.pop("zipline").real


def test_two_threads_share_the_names():
    entered, leave = threading.Barrier(2), threading.Event()

    def hold():
        with zipline_names():
            entered.wait()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()
    with zipline_names():
        pass
    import zipline.api  # the other thread still needs it

    assert zipline.api is api
    leave.set()
    thread.join()
    assert "zipline" not in sys.modules


def test_every_name_leads_to_a_module():
    assert holdfast_name("zipline.finance.controls.deeper") is None
    assert holdfast_name("zipline.finance.slippage") == "holdfast.finance.slippage"
    assert holdfast_name("zipline.data") is None
