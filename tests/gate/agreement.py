"""Do the three numbers of a printed row agree, to the digits shown?"""

import re

TIMES = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
UNITS = {**TIMES, "GB": 1e9, "MB": 1e6, "kB": 1e3, "B": 1.0, "": 1.0}
NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
UNIT = r"(?: (?P<{}>s|ms|µs|ns|GB|MB|kB|B))?"
ROW = re.compile(
    rf"(?P<change>[-+]\d+\.\d) %[\s|(]+(?P<before>{NUMBER}){UNIT.format('unit')}"
    rf"(?:[\s|]+|\sto\s)(?P<after>{NUMBER}){UNIT.format('unit2')}(?=[\s|)]|$)"
)
"""Cells of a table, or of a sentence: the change, the value before, the value after."""


def half_digit(text):
    """Return half of the last digit that is shown."""
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)


def find_disagreement(change, before, after, unit="", unit2=""):
    """Return what is wrong with a row as it was printed, or None.

    What ``before`` and ``change`` can have been before they were rounded gives a range for
    ``after``: it must touch the range that ``after`` can have been.
    """
    size, size2 = UNITS[unit or ""], UNITS[unit2 or ""]
    value, ratio = float(before), float(change) / 100
    ends = [
        (old + abs(old) * new) * size
        for old in (value - half_digit(before), value, value + half_digit(before))
        for new in (ratio - half_digit(change) / 100, ratio + half_digit(change) / 100)
    ]
    # What a value beyond six digits is printed as is rounded to six.
    slack = half_digit(after) * size2 + 1e-9 * max(map(abs, ends))
    shown = float(after) * size2
    if min(ends) - slack <= shown <= max(ends) + slack:
        return None
    return f"{before} {unit} {change} % is not {after} {unit2}, but {min(ends):g} to {max(ends):g}"


def list_disagreements(text):
    """Return every disagreement among the rows of ``text``, and how many rows it has."""
    rows = [match.groupdict() for match in ROW.finditer(text)]
    found = [find_disagreement(**row) for row in rows]
    return [one for one in found if one], len(rows)
