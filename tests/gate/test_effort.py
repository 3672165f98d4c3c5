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


def quiet(noise):
    """Return pairs of processes that are slowed down by a half-normal noise."""
    chance = random.Random(5)
    return {
        f"b.time_{number}": [
            [1 + abs(chance.gauss(0, noise)), 1 + abs(chance.gauss(0, noise))] for _ in range(24)
        ]
        for number in range(30)
    }


def simulate(recorded, factor, rows=ROWS):
    chance, answers = random.Random(0), Counter()
    for _ in range(rows):
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
def test_equal_code_is_hardly_ever_called_slower_or_faster(load):
    # None of 2,000 rows leaves 0.15 % of rows possible (95 %): of suites of 60 rows, 9 in 100, in
    # which one row is named falsely, while others take three quarters of the machine or more.
    answers = simulate(RECORDED[load], 1.0)
    assert (answers[Answer.SLOWER], answers[Answer.FASTER]) == (0, 0)


@pytest.mark.parametrize("load", sorted(RECORDED))
def test_slower_code_is_hardly_ever_called_clear(load):
    answers = simulate(RECORDED[load], 1.3, ROWS // 2)
    assert answers[Answer.CLEAR] <= ROWS // 2 * 0.02
    assert answers[Answer.SLOWER] >= ROWS // 2 * 0.2


@pytest.mark.parametrize(
    ("noise", "factor", "answer", "share"),
    [
        (0.03, 1.00, Answer.CLEAR, 1.0),
        (0.03, 1.10, Answer.SLOWER, 0.999),
        (0.02, 1.07, Answer.SLOWER, 0.85),
        (0.01, 1.07, Answer.SLOWER, 0.999),
        (0.03, 0.80, Answer.FASTER, 0.999),
    ],
)
def test_what_the_rule_sees_on_a_calm_machine(noise, factor, answer, share):
    assert simulate(quiet(noise), factor, 500)[answer] >= 500 * share
