"""Every built-in term has Zipline's values: gaps, late starts, early ends, splits, dividends."""

import json

import pytest

from golden.compare import differences
from golden.pipelines.cases import FRAMES, frame_as_answers
from golden.pipelines.names import Names
from holdfast import Layers, run_pipeline
from holdfast.run import open_bundle


@pytest.mark.parametrize("layers", [Layers.NONE, Layers.ALL], ids=["day-by-day", "columns"])
@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
def test_every_term_has_zipline_values(frame, layers, golden_bundle):
    bundle = golden_bundle(frame.market)
    with open_bundle(bundle, Layers.NONE) as opened:
        names = Names("holdfast", list(opened.assets.retrieve_all()))
    pipeline = names.pipeline(frame.columns(names))
    found = run_pipeline(pipeline, frame.start, frame.end, bundle, layers)
    expected = json.loads(frame.path.read_text())
    assert differences(frame_as_answers(found), expected) == []
