"""Strategies of every kind: `strategy_of(kind, name)` differs in nothing but `name`."""

import collections
import enum
import functools
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from holdfast.api import order_target, symbol

HELPER = "A000"
CHOICES = {"A000": "A000", "A001": "A001"}


def trade(fast, name="A000"):
    def initialize(context):
        context.asset = symbol(name)

    def handle_data(context, data):
        order_target(context.asset, fast)

    return initialize, handle_data


def reads_global(fast):
    return trade(fast, HELPER)


def reads_global_deep_within(fast):
    def initialize(context):
        context.asset = symbol(_helper())

    return initialize, trade(fast)[1]


def _helper():
    return "".join(HELPER for _ in range(1))


class Callable:
    kept = CHOICES

    def __init__(self, name):
        self.name = name

    def __call__(self, fast):
        return trade(fast, self.kept[self.name])

    def method(self, fast):
        return self(fast)


@dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    more: list = field(default_factory=list)

    def __call__(self, fast):
        return trade(fast, self.name)


class Symbols(enum.Enum):
    FIRST = "A000"
    SECOND = "A001"


Pair = collections.namedtuple("Pair", "name day")


def around(value, take=lambda value: value):
    """A closure over `value`, of which `take` gives the symbol."""

    def strategy(fast):
        return trade(fast, take(value))

    return strategy


def class_made_for(name):
    class Made:
        chosen = name

        def __call__(self, fast):
            return trade(fast, self.chosen)

    return Made()


def decorated(name):
    @functools.lru_cache
    def strategy(fast):
        return trade(fast, name)

    return strategy


def with_default(name):
    def strategy(fast, name=name):
        return trade(fast, name)

    return strategy


def with_keyword_default(name):
    def strategy(fast, *, name=name):
        return trade(fast, name)

    return strategy


def on_one_line(name):
    return {"A000": lambda fast: trade(fast, "A000"), "A001": lambda fast: trade(fast, "A001")}[
        name
    ]


def row(number):
    return lambda value: f"A{int(value.iloc[number]):03}"


KINDS = {
    "partial": lambda name: functools.partial(trade, name=name),
    "partial of a partial": lambda name: functools.partial(functools.partial(trade), name=name),
    "closure": around,
    "closure of a closure": lambda name: around(around(name), lambda inner: inner(1) and name),
    "lambda on one line": on_one_line,
    "default": with_default,
    "keyword default": with_keyword_default,
    "callable object": Callable,
    "bound method": lambda name: Callable(name).method,
    "frozen dataclass": Frozen,
    "class made by a function": class_made_for,
    "decorated": decorated,
    "enumeration": lambda name: around(Symbols(name), lambda value: value.value),
    "tuple with names": lambda name: around(Pair(name, date(2024, 1, 2)), lambda pair: pair.name),
    "dict": lambda name: around({"a": [{1: name}]}, lambda value: value["a"][0][1]),
    "set": lambda name: around({"x", "y", "z", name}, lambda value: max(value & {"A000", "A001"})),
    "array": lambda name: around(np.array([[0, int(name[1:])]]), lambda a: f"A{a[0, 1]:03}"),
    "object array": lambda name: around(np.array([name, None], object), lambda a: a[0]),
    "series": lambda name: around(pd.Series([1.0, int(name[1:])]), row(1)),
    "frame": lambda name: around(pd.DataFrame({"s": [name]}), lambda frame: frame["s"][0]),
    "decimal": lambda name: around(Decimal(name[1:]), lambda value: f"A{int(value):03}"),
    "timestamp": lambda name: around(
        pd.Timestamp(2024, 1, 1 + int(name[1:])), lambda day: f"A{day.day - 1:03}"
    ),
    "generator's state": lambda name: around(
        np.random.default_rng(int(name[1:])), lambda value: f"A{int(value.integers(2)):03}"
    ),
    "pattern": lambda name: around(re.compile(name), lambda value: value.pattern),
    "deque": lambda name: around(collections.deque([name]), lambda value: value[0]),
}


def strategy_of(kind, name):
    return KINDS[kind](name)
