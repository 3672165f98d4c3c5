"""Zipline's arguments of run_algorithm are used, without effect, or refused with the reason."""

import pytest

from holdfast import run_algorithm
from holdfast.api import calendars
from holdfast.errors import NotSupported, ScheduleFunctionInvalidCalendar, UsageError
from holdfast.utils.calendar_utils import get_calendar


def run(bundle, *positional, **options):
    if not positional:
        options = {"start": "2023-02-01", "end": "2023-02-03", **options}
    return run_algorithm(*positional, bundle=bundle, **options)


def test_zipline_s_defaults_are_accepted(daily_bundle):
    perf = run(
        daily_bundle,
        trading_calendar=get_calendar("NYSE"),
        metrics_set="default",
        blotter="default",
        bundle_timestamp=None,
        custom_loader=None,
        default_extension=True,
        extensions=(),
        strict_extensions=True,
    )
    assert len(perf) == 3


def test_the_first_four_arguments_may_go_by_position(daily_bundle):
    perf = run(daily_bundle, "2023-02-01", "2023-02-03", None, 5e4)
    assert perf["portfolio_value"].tolist() == [5e4] * 3


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("metrics_set", "none", "columns of Zipline's default set"),
        ("blotter", object(), "set_slippage"),
        ("custom_loader", object(), "pipelines"),
        ("bundle_timestamp", "2024-01-01", "current version"),
        ("extensions", ("mine.py",), "no extension files"),
        ("environ", {"ZIPLINE_ROOT": "/"}, "bundle= and layers="),
    ],
)
def test_what_would_change_the_run_is_refused_by_name(daily_bundle, name, value, reason):
    with pytest.raises(NotSupported, match=reason) as error:
        run(daily_bundle, **{name: value})
    assert name in str(error.value)


def test_a_misspelt_argument_is_a_type_error(daily_bundle):
    with pytest.raises(TypeError, match="'capital'"):
        run(daily_bundle, capital=1)


@pytest.mark.parametrize("calendar", ["XLON", get_calendar("XLON"), "24/7"])
def test_another_calendar_than_the_bundle_s_is_refused(daily_bundle, calendar):
    with pytest.raises(UsageError, match="ingested on XNYS"):
        run(daily_bundle, trading_calendar=calendar)


def test_an_unknown_calendar_is_named():
    with pytest.raises(UsageError, match="XFOO"):
        get_calendar("XFOO")


def test_a_function_may_be_scheduled_on_the_us_calendar(daily_bundle):
    called = []

    def initialize(context):
        context.schedule_function(
            lambda context, data: called.append(1), calendar=calendars.US_EQUITIES
        )
        with pytest.raises(ScheduleFunctionInvalidCalendar, match="US_FUTURES"):
            context.schedule_function(print, calendar=calendars.US_FUTURES)

    run(daily_bundle, initialize=initialize)
    assert len(called) == 3
