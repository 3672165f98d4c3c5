"""What a strategy asks about its run, and values of its own from a file."""

import numpy as np
import pandas as pd
import pytest

from holdfast.api import fetch_csv, get_environment, record, symbol
from holdfast.errors import BadLimit, NotSupported, SymbolNotFound, UsageError
from test_as_zipline import DAYS, daily, run


def seen_by_day(tmp_path, look, initialize, **options):
    seen = []
    run(
        tmp_path,
        daily(np.full(5, 10.0)),
        lambda context, data: seen.append(look(data)),
        initialize=initialize,
        **options,
    )
    return seen


def test_the_environment_is_zipline_s(tmp_path):
    seen = []
    run(
        tmp_path,
        daily([10.0, 10.0]),
        None,
        initialize=lambda context: seen.append([get_environment(), get_environment("*")]),
    )
    assert seen[0][0] == "zipline"
    assert seen[0][1] == {
        "arena": "backtest",
        "data_frequency": "daily",
        "start": pd.Timestamp("2024-03-04 14:31", tz="UTC"),
        "end": pd.Timestamp("2024-03-05 21:00", tz="UTC"),
        "capital_base": 1e4,
        "platform": "zipline",
    }


def test_an_unknown_field_is_a_value_error(tmp_path):
    with pytest.raises(BadLimit, match="'brokr'; choose from arena"):
        run(tmp_path, daily([10.0]), None, initialize=lambda context: get_environment("brokr"))


def test_a_value_holds_from_its_date_until_the_next(tmp_path):
    path = tmp_path / "vix.csv"
    path.write_text("date,price,mood\n2024-03-01,1,calm\n2024-03-05,2,wild\n2024-03-07,3,calm\n")
    seen = seen_by_day(
        tmp_path,
        lambda data: (data.current("VIX", "price"), data.current("VIX", ["price", "mood"])["mood"]),
        lambda context: fetch_csv(str(path), symbol="VIX"),
    )
    assert seen == [(1, "calm"), (2, "wild"), (2, "wild"), (3, "calm"), (3, "calm")]


def test_values_of_assets_come_by_their_symbols(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("when;who;score\n2024-03-05;AAA;0.5\n2024-03-05;NONE;7\n2024-03-06;AAA;1.5\n")
    seen = seen_by_day(
        tmp_path,
        lambda data: data.current(symbol("AAA"), ["score", "close"]).tolist(),
        lambda context: fetch_csv(path, date_column="when", symbol_column="who", sep=";"),
    )
    assert [row[1] for row in seen] == [10.0] * 5
    np.testing.assert_equal([row[0] for row in seen], [np.nan, 0.5, 1.5, 1.5, 1.5])


def test_what_comes_after_the_close_is_known_the_next_session(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text("date,n\n2024-03-05 15:59,1\n2024-03-06 16:01,2\n")
    seen = seen_by_day(
        tmp_path,
        lambda data: data.current("NEWS", "n"),
        lambda context: fetch_csv(path, symbol="NEWS", timezone="America/New_York"),
    )
    np.testing.assert_equal(seen, [np.nan, 1, 1, 2, 2])


def test_functions_change_the_table_before_and_after(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("day,x\n2024-03-04,1\n")
    seen = seen_by_day(
        tmp_path,
        lambda data: data.current("X", "twice"),
        lambda context: fetch_csv(
            path,
            pre_func=lambda table: table.rename(columns={"day": "date"}),
            post_func=lambda table: table.assign(twice=table["x"] * 2),
            symbol="X",
        ),
    )
    assert seen == [2] * 5


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"url": "https://example.invalid/x.csv", "symbol": "X"}, NotSupported, "needs? a network"),
        ({"url": "no_such.csv", "symbol": "X"}, UsageError, r"no_such\.csv"),
        ({"symbol": "X", "date_column": "when"}, UsageError, "'when'; it has date, who, n"),
        ({}, UsageError, "symbol= or symbol_column="),
        ({"symbol_column": "who", "mask": False}, SymbolNotFound, "NONE"),
    ],
)
def test_what_cannot_be_fetched_is_named(tmp_path, arguments, error, named):
    path = tmp_path / "x.csv"
    path.write_text("date,who,n\n2024-03-04,NONE,1\n")
    with pytest.raises(error, match=named.replace("needs? a", "need a")):
        run(
            tmp_path,
            daily([10.0]),
            None,
            initialize=lambda context: fetch_csv(**{"url": path, **arguments}),
        )


def test_a_field_that_nobody_fetched_is_still_an_error(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("date,x\n2024-03-04,1\n")
    with pytest.raises(UsageError, match="'y'"):
        run(
            tmp_path,
            daily([10.0] * len(DAYS)),
            lambda context, data: record(y=data.current(symbol("AAA"), "y")),
            initialize=lambda context: fetch_csv(path, symbol="X"),
        )
