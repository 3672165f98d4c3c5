"""Short ways to ask the gate for a verdict."""

from fractions import Fraction

from holdfast.gate.core.pairs import Pair
from holdfast.gate.core.policy import DEFAULT_RULE
from holdfast.gate.core.rules import judge_pair

KEY = ("b.time_x", ())


def judge_one(before, after, unit="seconds", rule=DEFAULT_RULE, *, shift=Fraction(1), **kind):
    return judge_pair(Pair(KEY, before, after, unit, rule, shift=shift, **kind))
