"""Turn a sound document into an odd one: its structure changed, or its bytes."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

RAW = [
    "1e400000", "-1e400000", "1e308", "1" + "0" * 308, "9" * 5000, "NaN", "Infinity", "-0.0",
    "5e-324", "[" * 300 + "]" * 300, "[" * 5000 + "]" * 5000, "null", "true", "{}", "[]", "0", "-1",
    "100000000000000000000",
]  # fmt: skip
"""Numbers and nestings that Python's own writer would not write."""
TEXT = [
    "", "<script>x</script>", "</td>", "|`*", "\n::error::x", "%0A", "@torvalds", "\x1b[2J",
    "\u202e", "]]>", "\ud800", "a" * 3000, "a" * 100_000, "//" * 50, " at 0x1f", "b.time_x(1, 2)",
    "\x00", "\ufffe", "fail", "seconds", "bytes", "fingerprint", "1e5", "-5%", "2030-01-01",
    "../../x", "--all", "(a+)+$", "'", '"', "((((", "[", "\\",
]  # fmt: skip
_SCALARS = [None, True, 1, -3, 0.5, 7.25, [], {}, [None], [1, 2], ["a", "b"], {"a": 1}, [[1.0]]]


def mutate_document(generator: random.Random, document: Any) -> str:
    """Return the JSON text of a document in which some values are others, or gone, or renamed."""
    document = copy.deepcopy(document)
    for _ in range(generator.choice([1, 1, 1, 2, 3, 6])):
        places = list(_places(document))
        if places:
            _change(generator, *generator.choice(places))
    text = json.dumps(document)
    for number, raw in enumerate(RAW):
        text = text.replace(json.dumps(f"\x01{number}\x01"), raw)
    return text if generator.random() < 0.8 else mutate_text(generator, text)


def mutate_text(generator: random.Random, text: str) -> str:
    """Return a text in which some bytes are others, gone, added or twice there."""
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(generator.choice([1, 2, 5, 20])):
        at = generator.randrange(len(raw) + 1)
        match generator.randrange(4):
            case 0:
                raw[at : at + 1] = bytes([generator.randrange(256)])
            case 1:
                del raw[at : at + generator.randrange(1, 30)]
            case 2:
                odd = generator.choice(TEXT + RAW)
                raw[at:at] = odd.encode("utf-8", "surrogatepass")
            case _:
                raw[at:at] = raw[at : at + 40]
    return raw.decode("utf-8", "replace")


def _places(document: Any) -> Any:
    """Yield every container of a document with each of its keys or indices."""
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from ((one, key) for key in list(one))
            waiting += one.values()
        elif isinstance(one, list):
            yield from ((one, index) for index in range(len(one)))
            waiting += one


def _change(generator: random.Random, container: Any, key: Any) -> None:
    how = generator.random()
    if how < 0.65:
        container[key] = _odd(generator)
    elif how < 0.8:
        del container[key]
    elif isinstance(container, dict):
        container[generator.choice(TEXT)] = container.pop(key)
    else:
        container.append(_odd(generator))


def _odd(generator: random.Random) -> Any:
    match generator.randrange(3):
        case 0:
            return f"\x01{generator.randrange(len(RAW))}\x01"
        case 1:
            return generator.choice(TEXT)
        case _:
            return copy.deepcopy(generator.choice(_SCALARS))
