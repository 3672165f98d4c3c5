"""Errors of a CSV file name the file, its line, its own columns, and how many rows are wrong."""

import gzip
import re

import pytest

from holdfast.data.ingest.sources import read_bars
from holdfast.data.ingest.write import write_bundle
from holdfast.errors import BadBars

HEADER = "Ticker,Date,Open,High,Low,Close,Volume"
ROWS = [
    "AAA,2024-03-04,10,11,9,10,100",
    "AAA,2024-03-05,10,11,9,10,100",
    "",
    "AAA,2024-03-06,10,11,9,10,100",
    "BBB,2024-03-04,10,11,9,10,100",
]


def ingest(folder, rows, header=HEADER, name="bars.csv"):
    path = folder / name
    text = "\n".join([header, *rows]) + "\n"
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    write_bundle(folder / "bundle", read_bars(path, "daily").bars)


def replaced(number, old, new):
    return [row.replace(old, new) if i == number else row for i, row in enumerate(ROWS)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (replaced(3, "9,10,100", "9,ten,100"), "bars.csv, line 5, AAA on 2024-03-06 00:00:00: "
         "Close is 'ten', not a number"),
        (replaced(1, "10,11,9", "10,8,9"), "line 3, AAA on 2024-03-05 00:00:00: High 8"),
        (replaced(4, "9,10,100", "9,10,-5"), "line 6, BBB on 2024-03-04 00:00:00: Volume is -5.0"),
        (replaced(1, "2024-03-05", "2024-03-5x"), "line 3, AAA on 2024-03-5x: Date is '2024-03-5x',"
         " which is not a date"),
        (replaced(3, "2024-03-06", "2024-03-09"), "line 5, AAA on 2024-03-09 00:00:00: the "),
        (replaced(3, "2024-03-06", "2024-03-05"), "line 5, AAA on 2024-03-05 00:00:00: a second"),
        ([row.replace(",10,100", ",,100") for row in ROWS], "line 2, AAA on 2024-03-04 00:00:00: "
         "Close is nan"),
    ],
)  # fmt: skip
def test_the_line_and_the_file_s_own_column(tmp_path, rows, expected):
    with pytest.raises(BadBars, match=re.escape(expected)):
        ingest(tmp_path, rows)


def test_how_many_rows_are_wrong_is_told(tmp_path):
    with pytest.raises(BadBars, match=r"\(3 more rows are like it\)"):
        ingest(tmp_path, [row.replace(",10,100", ",0,100") for row in ROWS])
    with pytest.raises(BadBars, match=r"\(1 more row is like it\)"):
        ingest(tmp_path, [row.replace("AAA,2024-03-0", "AAA,2024-03-x") for row in ROWS[1:4]])


def test_each_file_of_a_folder_counts_its_own_lines(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    plain = HEADER.replace("Ticker,", "")
    for name, volume in (("AAA", "100"), ("BBB", "many")):
        lines = [plain, "2024-03-04,10,11,9,10,100", f"2024-03-05,10,11,9,10,{volume}"]
        (folder / f"{name}.csv").write_text("\n".join(lines))
    with pytest.raises(BadBars, match=r"BBB\.csv, line 3, BBB on .* Volume is 'many'"):
        write_bundle(tmp_path / "bundle", read_bars(folder, "daily").bars)


def test_a_packed_file_has_lines_too(tmp_path):
    with pytest.raises(BadBars, match=r"bars\.csv\.gz, line 5, .*Close is 'ten'"):
        ingest(tmp_path, replaced(3, "9,10,100", "9,ten,100"), name="bars.csv.gz")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace("Volume", "Shares"), "lacks the column volume; it has Ticker, Date, Open"),
        (HEADER.replace("Date", "When"), "no column for the time .* it has Ticker, When, Open"),
        (HEADER.replace(",", ";"), "looks separated by ';'"),
        (HEADER.replace("Volume", "close"), "two columns of one name"),
    ],
)
def test_a_header_that_cannot_be_read_is_shown_as_it_is(tmp_path, header, expected):
    with pytest.raises(BadBars, match=expected):
        ingest(tmp_path, ROWS, header)


@pytest.mark.parametrize("date", ["02/01/2024", "2.1.2024", "31-12-24"])
def test_dates_that_may_be_read_two_ways_are_refused(tmp_path, date):
    with pytest.raises(BadBars, match=f"Date is '{re.escape(date)}': day or month first"):
        ingest(tmp_path, replaced(0, "2024-03-04", date))
