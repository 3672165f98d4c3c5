"""Runs in Zipline's environment: ingest the exported bars, run the cases, write the answers.

``make_golden`` calls it; nothing here may import Holdfast.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from golden.answers import answers_of
from golden.cases import ALL, Case, functions_of
from golden.pipelines.cases import FRAMES, frame_as_answers
from golden.pipelines.zipline_engine import ZiplineEngine

PRICES = ["open", "high", "low", "close"]


def main(exported: Path, wanted: list[str]) -> None:
    """Write the golden file of every case whose name contains one of `wanted`."""
    os.environ["ZIPLINE_ROOT"] = str(exported / "zipline")
    warnings.simplefilter("ignore")
    cases = [case for case in ALL if any(part in case.name for part in wanted)]
    frames = [frame for frame in FRAMES if any(part in frame.name for part in wanted)]
    for market in sorted({each.market for each in (*cases, *frames)}):
        ingest(exported / market)
    for case in cases:
        answers = run(case)
        case.path.parent.mkdir(exist_ok=True)
        case.path.write_text(as_json(answers))
        sys.stderr.write(f"{case.name}: {len(answers['transactions'])} transactions\n")
    for frame in frames:
        engine = ZiplineEngine(frame.market)
        found = engine.run(frame.columns(engine.names), frame.start, frame.end)
        frame.path.write_text(as_json(frame_as_answers(found)))
        sys.stderr.write(f"{frame.name}: {len(found)} rows of {len(found.columns)} terms\n")


def run(case: Case) -> dict[str, Any]:
    """Return Zipline's answers."""
    import zipline

    notes: list[Any] = []
    perf = zipline.run_algorithm(
        start=pd.Timestamp(case.start),
        end=pd.Timestamp(case.end),
        capital_base=case.capital,
        data_frequency=case.frequency,
        bundle=case.market,
        **functions_of(case, "zipline", notes),
    )
    return answers_of(perf, notes, case.brief)


def ingest(folder: Path) -> None:
    """Make a Zipline bundle of exported bars."""
    from zipline.data import bundles

    bars = pd.read_csv(folder / "bars.csv", parse_dates=["dt"])
    payouts = pd.read_csv(folder / "adjustments.csv", parse_dates=["date", "pay_date"])
    frequency = folder.name.partition("_")[0]
    local = bars["dt"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    bars["session"] = bars["dt"] if frequency == "daily" else local.dt.tz_localize(None)
    bars["session"] = bars["session"].dt.normalize()
    by_symbol = dict(list(bars.groupby("symbol")))

    def write(environ, assets, minute, daily, adjustments, calendar, first, last, *_):
        daily.write(
            (sid, daily_bars(table, calendar)) for sid, table in enumerate(by_symbol.values())
        )
        if frequency == "minute":
            minute.write(
                (sid, table.set_index("dt")[[*PRICES, "volume"]].tz_localize("UTC"))
                for sid, table in enumerate(by_symbol.values())
            )
        exchanges = {"exchange": ["XNYS"], "canonical_name": ["XNYS"], "country_code": ["US"]}
        assets.write(equities=equities(by_symbol), exchanges=pd.DataFrame(exchanges))
        adjustments.write(**adjustment_tables(payouts, list(by_symbol)))

    first, last = bars["session"].min(), bars["session"].max()
    bundles.register(folder.name, write, "XNYS", first, last)
    bundles.ingest(folder.name)


def daily_bars(table: pd.DataFrame, calendar: Any) -> pd.DataFrame:
    """Return one row per session of an asset's life; zeros where it did not trade."""
    grouped = table.groupby("session")
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    frame = grouped.agg(how)
    return frame.reindex(calendar.sessions_in_range(frame.index[0], frame.index[-1]), fill_value=0)


def equities(by_symbol: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the assets' table: each is closed out on the day after its last bar."""
    ends = [table["session"].iloc[-1] for table in by_symbol.values()]
    return pd.DataFrame(
        {
            "symbol": list(by_symbol),
            "start_date": [table["session"].iloc[0] for table in by_symbol.values()],
            "end_date": ends,
            "auto_close_date": [end + pd.Timedelta(days=1) for end in ends],
            "exchange": "XNYS",
        }
    )


def adjustment_tables(payouts: pd.DataFrame, symbols: list[str]) -> dict[str, pd.DataFrame | None]:
    """Return splits and dividends as Zipline's writer takes them."""
    payouts = payouts.assign(sid=payouts["symbol"].map(symbols.index).astype("int64"))
    splits = payouts[payouts["kind"] == "split"]
    dividends = payouts[payouts["kind"] == "dividend"]
    never = pd.Series(pd.NaT, index=dividends.index, dtype="datetime64[ns]")
    return {
        "splits": pd.DataFrame(
            {
                "sid": splits["sid"],
                "ratio": splits["value"].astype("float64"),
                "effective_date": splits["date"].astype("datetime64[ns]"),
            }
        ),
        "dividends": pd.DataFrame(
            {
                "sid": dividends["sid"],
                "amount": dividends["value"].astype("float64"),
                "ex_date": dividends["date"].astype("datetime64[ns]"),
                "pay_date": dividends["pay_date"].astype("datetime64[ns]"),
                "record_date": never,
                "declared_date": never,
            }
        ),
    }


def as_json(answers: dict[str, Any]) -> str:
    """Return compact JSON, a line per item of each list, so that a change shows in a diff."""
    parts = []
    for name, value in answers.items():
        if isinstance(value, dict):
            lines = [f"{json.dumps(key)}: {_compact(each)}" for key, each in value.items()]
            parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
        else:
            lines = [_compact(each) for each in value]
            parts.append(f"{json.dumps(name)}: [\n" + ",\n".join(lines) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(_rounded(value), separators=(",", ":"))


def _rounded(value: Any) -> Any:
    """Keep 12 significant digits: the tests compare at 1e-9."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return value


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
