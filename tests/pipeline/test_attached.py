"""Pipelines in a backtest: what a strategy gets, when, and what it is told when it errs."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from holdfast import Layers, run_algorithm, run_pipeline
from holdfast.api import attach_pipeline, get_datetime, pipeline_output, record, symbol
from holdfast.errors import HistoryWindowStartsBeforeData, UsageError
from holdfast.pipeline import CustomFactor, CustomFilter, Pipeline
from holdfast.pipeline.data import Column, DataSet, USEquityPricing
from holdfast.pipeline.factors import Returns, SimpleMovingAverage
from holdfast.pipeline.filters import StaticAssets

DATES = {"start": "2023-02-01", "end": "2023-02-10"}
EITHER = pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL], ids=["plain", "columns"])


def close():
    return Pipeline({"close": USEquityPricing.close.latest})


def run(bundle, initialize, handle_data=None, before=None, layers=Layers.ALL, **dates):
    return run_algorithm(
        bundle=bundle,
        initialize=initialize,
        handle_data=handle_data,
        before_trading_start=before,
        layers=layers,
        **(dates or DATES),
    )


@EITHER
def test_a_session_sees_the_closes_of_the_session_before(daily_bundle, daily_bars, layers):
    seen = {}

    def look(context, data):
        seen[get_datetime().tz_localize(None).normalize()] = pipeline_output("closes")["close"]

    run(
        daily_bundle, lambda context: attach_pipeline(close(), "closes"), before=look, layers=layers
    )
    by_day = daily_bars.pivot(index="dt", columns="symbol", values="close").shift(1)
    assert len(seen) == 8
    for day, found in seen.items():
        assert [asset.symbol for asset in found.index] == ["A000", "A001", "A002"]
        assert found.tolist() == by_day.loc[day].tolist()


@EITHER
def test_handle_data_gets_the_frame_of_before_trading_start(daily_bundle, layers):
    def remember(context, data):
        context.table = pipeline_output("closes")

    def compare(context, data):
        pd.testing.assert_frame_equal(pipeline_output("closes"), context.table)
        context.table["close"] = -1.0
        record(lowest=pipeline_output("closes")["close"].min())

    def initialize(context):
        assert isinstance(attach_pipeline(close(), "closes", chunks=3), Pipeline)

    perf = run(daily_bundle, initialize, compare, remember, layers)
    assert (perf["lowest"] > 0).all()


@EITHER
def test_minutes_of_a_session_see_one_table(minute_bundle, layers):
    tables = []

    def look(context, data):
        tables.append(pipeline_output("closes")["close"].tolist())

    dates = {"start": "2023-11-22", "end": "2023-11-24", "data_frequency": "minute"}
    run(
        minute_bundle,
        lambda context: attach_pipeline(close(), "closes"),
        look,
        None,
        layers,
        **dates,
    )
    assert len({tuple(table) for table in tables}) == 2
    frame = run_pipeline(close(), "2023-11-22", "2023-11-24", minute_bundle, layers)
    assert tables[-1] == frame.loc["2023-11-24", "close"].tolist()


@EITHER
def test_a_screen_and_several_pipelines(daily_bundle, layers):
    def initialize(context):
        one = StaticAssets([symbol("A001")])
        attach_pipeline(Pipeline({"close": USEquityPricing.close.latest}, screen=one), "one")
        attach_pipeline(Pipeline(screen=~one), "others", chunks=[2, 3])

    def look(context, data):
        assert [asset.symbol for asset in pipeline_output("one").index] == ["A001"]
        others = pipeline_output("others")
        assert [asset.symbol for asset in others.index] == ["A000", "A002"]
        assert list(others.columns) == []

    assert len(run(daily_bundle, initialize, look, layers=layers)) == 8


def test_a_screen_that_lets_nothing_through_leaves_the_columns(daily_bundle):
    nothing = Pipeline({"close": USEquityPricing.close.latest}, USEquityPricing.close.latest < 0)
    frame = run_pipeline(nothing, "2023-02-01", "2023-02-03", daily_bundle)
    assert (len(frame), list(frame.columns), frame["close"].dtype) == (0, ["close"], np.float64)


def test_eager_pipelines_are_computed_without_being_asked_for(daily_bundle):
    days = []

    class Noted(CustomFactor):
        inputs = (USEquityPricing.close,)
        window_length = 1

        def compute(self, today, assets, out, closes):
            days.append(today)

    for eager, expected in ((True, 8), (False, 0)):
        days.clear()
        pipeline = Pipeline({"noted": Noted()})
        run(daily_bundle, lambda context, p=pipeline, e=eager: attach_pipeline(p, "n", eager=e))
        assert len(days) == expected


MISTAKES = {
    "attached twice": (
        lambda context: [attach_pipeline(close(), "closes") for _ in range(2)],
        None,
        "a pipeline 'closes' is attached already",
    ),
    "not a pipeline": (
        lambda context: attach_pipeline(Returns(window_length=2), "returns"),
        None,
        "needs a Pipeline, not Returns",
    ),
    "asked in initialize": (
        lambda context: (attach_pipeline(close(), "closes"), pipeline_output("closes")),
        None,
        "nothing yet in initialize",
    ),
    "unknown name": (
        lambda context: attach_pipeline(close(), "closes"),
        lambda context, data: pipeline_output("opens"),
        "no pipeline 'opens' is attached; attached are 'closes'",
    ),
    "none attached": (
        None,
        lambda context, data: pipeline_output("a"),
        "no pipeline 'a' is attach",
    ),
    "attached late": (
        None,
        lambda context, data: attach_pipeline(close(), "closes"),
        r"attach_pipeline\(\) works only in initialize",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_strategy_is_named(daily_bundle, mistake):
    initialize, handle_data, message = MISTAKES[mistake]
    with pytest.raises(UsageError, match=message):
        run(daily_bundle, initialize, handle_data)


@EITHER
def test_a_window_longer_than_the_data_names_the_term_and_the_day_to_start(daily_bundle, layers):
    mean = SimpleMovingAverage(inputs=[USEquityPricing.close], window_length=30)
    message = (
        r"SimpleMovingAverage\(\[EquityPricing.close\], 30\) needs a window of 30 sessions for "
        r"2023-02-01 that starts 10 sessions before the bundle, .*start on (\S+) or later"
    )
    with pytest.raises(HistoryWindowStartsBeforeData, match=message) as raised:
        run_pipeline(Pipeline({"mean": mean}), *DATES.values(), daily_bundle, layers)
    start = str(raised.value).partition("start on ")[2].split()[0]
    frame = run_pipeline(Pipeline({"mean": mean}), start, start, daily_bundle, layers)
    assert frame["mean"].notna().all()
    day_before = str(np.busday_offset(start, -1))
    with pytest.raises(HistoryWindowStartsBeforeData):
        run_pipeline(Pipeline({"mean": mean}), day_before, start, daily_bundle, layers)


@EITHER
@pytest.mark.parametrize("kind", [CustomFactor, CustomFilter])
def test_a_compute_of_the_wrong_shape_is_named(daily_bundle, layers, kind):
    class Wrong(kind):
        inputs = (USEquityPricing.close,)
        window_length = 3

        def compute(self, today, assets, out, closes):
            out[:] = closes

    message = r"Wrong\(.*\) on 2023-02-01: .*compute must fill out, of shape \(3,\)"
    with pytest.raises(UsageError, match=message):
        run_pipeline(Pipeline({"wrong": Wrong()}), *DATES.values(), daily_bundle, layers)


def test_a_column_without_data_names_those_a_bundle_has(daily_bundle):
    class Fundamentals(DataSet):
        earnings = Column(float)

    with pytest.raises(UsageError, match=r"no data for the column Fundamentals.earnings; .*close"):
        pipeline = Pipeline({"earnings": Fundamentals.earnings.latest})
        run_pipeline(pipeline, *DATES.values(), daily_bundle)


def test_a_run_imports_what_it_needs_when_it_needs_it(daily_bundle):
    code = (
        "import sys\nfrom holdfast import run_algorithm\nimport holdfast.api\n"
        "late = 'tqdm', 'psutil', 'ssl', 'pyarrow.parquet'\n"
        "print([name for name in late if name in sys.modules])\n"
        f"run_algorithm(start='2023-02-01', end='2023-02-03', bundle={str(daily_bundle)!r})\n"
        "rooms = 'holdfast.pipeline.', 'holdfast.layers.pipelines.', 'holdfast.pipelines.'\n"
        "print([name for name in sys.modules if (name + '.').startswith(rooms)])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["[]", "[]"]


@EITHER
def test_what_a_strategy_does_to_its_frame_is_gone_the_day_after(daily_bundle, layers):
    def spoil(context, data):
        frame = pipeline_output("closes")
        assert frame.index.name is None and (frame["close"] > 0).all()
        frame["close"] = -1.0
        frame.index.name = "mine"
        record(days=1)

    perf = run(
        daily_bundle, lambda context: attach_pipeline(close(), "closes"), spoil, layers=layers
    )
    assert perf["days"].sum() == 8
