"""A few of the random pairs of 'make differential', with the answers that Zipline gave."""

import json
from pathlib import Path

import pytest

from differential.compare import KEPT, holdfast_answers, ingest, shorten
from differential.market import random_market
from differential.pairs import pairs_of
from golden.compare import differences

PAIRS = [pair for pair in pairs_of(30, 1) if (KEPT / f"{pair.name}.json").is_file()]


def test_answers_are_kept_of_both_frequencies():
    assert {pair.frequency for pair in PAIRS} == {"daily", "minute"}
    assert len(PAIRS) == len(list(KEPT.iterdir())) >= 6


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_random_strategy_does_what_it_does_in_zipline(pair, tmp_path):
    ingest(random_market(pair.frequency, pair.market), tmp_path / "bundle")
    kept = json.loads(Path(KEPT / f"{pair.name}.json").read_text())
    assert differences(shorten(holdfast_answers(pair, tmp_path / "bundle")), kept) == []
