"""An error of a strategy is told by its own file, line, bar and asset."""

import pytest

from support.command_line import run_here, start

SPAN = ("--start", "2023-02-01", "--end", "2023-02-28")


def run_file(text, bundle, folder, *options, verb="run", by=run_here):
    (folder / "mine.py").write_text(text)
    return by(verb, "mine.py", "--bundle", bundle, *SPAN, *options, cwd=folder)


RAISES_LATER = """
from holdfast.api import symbol


def initialize(context):
    context.days = 0


def handle_data(context, data):
    context.days += 1
    if context.days == 3:
        look(context, symbol("A001"))


def look(context, asset):
    return context.days / {}[asset]
"""


def test_file_line_bar_and_asset_without_holdfast_s_frames(daily_bundle, tmp_path):
    done = run_file(RAISES_LATER, daily_bundle, tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "holdfast: mine.py, line 16, in look: KeyError: Equity(1 [A001])",
        "    return context.days / {}[asset]",
        "    called in mine.py, line 12",
        "    in handle_data at the bar of 2023-02-03 21:00 UTC, with asset = A001",
        "    (--traceback shows Holdfast's own frames, too)",
    ]


def test_traceback_shows_all_frames(daily_bundle, tmp_path):
    done = run_file(RAISES_LATER, daily_bundle, tmp_path, "--traceback")
    assert done.returncode == 2
    assert "Traceback (most recent call last)" in done.stderr
    assert "simulation.py" in done.stderr
    assert "at the bar of 2023-02-03 21:00 UTC" in done.stderr
    assert done.stderr.endswith("holdfast: the strategy failed: KeyError\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("1 / 0", ["mine.py, line 5, in initialize: ZeroDivisionError: division by zero"]),
        ("symbol('A00')", ["no asset 'A00'", "did you mean A00"]),
        ("symbol('ZZZZZ')", ["it has A000, A001, A002 (check the spelling"]),
        ("context.recordd_vars", ["context has no 'recordd_vars'; did you mean recorded_vars"]),
        ("set_slippage(1)", ["which is not a SlippageModel", "line 5, in initialize"]),
    ],
)
def test_each_mistake_names_its_line(daily_bundle, tmp_path, body, expected):
    text = (
        f"from holdfast.api import set_slippage, symbol\n\n\ndef initialize(context):\n    {body}\n"
    )
    done = run_file(text, daily_bundle, tmp_path)
    assert done.returncode == 2
    for part in expected:
        assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_while_the_file_is_loaded(daily_bundle, tmp_path):
    for verb, options in (("run", ()), ("sweep", ("--grid", "x=1"))):
        done = run_file("LIMIT = 1\nint('x')\n", daily_bundle, tmp_path, *options, verb=verb)
        assert done.returncode == 2
        assert "mine.py, line 2, in <module>: ValueError" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_module_beside_the_strategy_is_the_user_s_too(daily_bundle, tmp_path):
    (tmp_path / "beside.py").write_text("def fail():\n    raise RuntimeError\n")
    text = "import beside\n\n\ndef initialize(context):\n    beside.fail()\n"
    done = run_file(text, daily_bundle, tmp_path, by=start)
    assert "holdfast: beside.py, line 2, in fail: RuntimeError" in done.stderr
    assert "called in mine.py, line 5" in done.stderr


def test_what_holdfast_finds_wrong_at_a_bar_tells_the_bar(daily_bundle, tmp_path):
    text = (
        "from holdfast.api import order, set_slippage, symbol\n"
        "from holdfast.finance.slippage import SlippageModel\n\n\n"
        "class None_(SlippageModel):\n"
        "    def process_order(self, data, order):\n"
        "        return 1.0, 0.2\n\n\n"
        "def initialize(context):\n    set_slippage(None_())\n\n\n"
        "def handle_data(context, data):\n    order(symbol('A000'), 1)\n"
    )
    done = run_file(text, daily_bundle, tmp_path)
    assert done.returncode == 2
    assert "filled 0.2 shares of A000" in done.stderr
    assert "in handle_data at the bar of 2023-02-02 21:00 UTC" in done.stderr


def test_errors_that_are_not_the_strategy_s_stay_one_line(daily_bundle, tmp_path):
    done = run_file("def initialize(context): pass\n", tmp_path / "none", tmp_path)
    assert done.stderr.count("\n") == 1
    assert "no bundle at" in done.stderr


def test_an_unknown_option_offers_the_nearest(daily_bundle, tmp_path):
    done = run_file("", daily_bundle, tmp_path, "--frequancy", "minute")
    assert done.returncode == 2
    assert "did you mean --frequency?" in done.stderr


def test_python_s_own_traceback_has_the_bar_in_a_note(daily_bundle):
    from holdfast import run_algorithm

    def handle_data(context, data):
        raise LookupError

    with pytest.raises(LookupError) as error:
        run_algorithm(
            start="2023-02-01", end="2023-02-28", handle_data=handle_data, bundle=daily_bundle
        )
    assert error.value.__notes__ == ["in handle_data at the bar of 2023-02-01 21:00 UTC"]
