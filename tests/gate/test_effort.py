"""The sequential rule on recorded pairs of equal code, some of it made slower on paper."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from holdfast.gate.asv.effort import Answer, assess
from holdfast.gate.core.policy import Rule
from holdfast.gate.core.readings import Reading

RECORDED = json.loads((Path(__file__).parent / "recorded_pairs.json").read_text())
"""The least of each process, of pairs taken while other programs left little of the machine."""
ROWS = 1000


def simulate(recorded, factor):
    chance, answers = random.Random(0), Counter()
    for _ in range(ROWS):
        pairs = recorded[chance.choice(sorted(recorded))]
        start, turned = chance.randrange(len(pairs)), chance.random() < 0.5
        taken = []
        while (answer := assess(taken, Rule()).answer) is Answer.OPEN:
            before, after = pairs[(start + len(taken)) % len(pairs)][:: -1 if turned else 1]
            values = (before, after * factor)
            taken.append([Reading(value, ((value,),)) for value in values])
        answers[answer] += 1
    return answers


@pytest.mark.parametrize("load", sorted(RECORDED))
def test_equal_code_is_hardly_ever_called_slower(load):
    # A busy check names only what the rule is sure of: in a suite of 60 that is under 6 in 100.
    assert simulate(RECORDED[load], 1.0)[Answer.SLOWER] <= ROWS / 1000


@pytest.mark.parametrize("load", sorted(RECORDED))
def test_slower_code_is_hardly_ever_called_clear(load):
    answers = simulate(RECORDED[load], 1.3)
    assert answers[Answer.CLEAR] <= ROWS * 0.02
    assert answers[Answer.SLOWER] >= ROWS * 0.1
