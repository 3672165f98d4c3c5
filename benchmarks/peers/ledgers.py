"""What the Decimal ledger costs over the float one: both in turn, in one process, many times.

Fresh processes differ by more than the 1 % in question.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

from market import read_market

SECONDS = 10.0
AT_LEAST, AT_MOST = 7, 101


def main(folder: str) -> None:
    """Print the median of Decimal over float minus 1, for the array strategy, all layers on."""
    from engines import on_holdfast

    options = on_holdfast.load(read_market(Path(folder)), "array")
    warm = max(cpu_seconds(options, kind) for kind in ("decimal", "float"))
    pairs = min(max(int(SECONDS / (2 * warm)), AT_LEAST), AT_MOST)
    ratios = []
    for number in range(pairs):
        order = ("decimal", "float") if number % 2 else ("float", "decimal")
        took = {kind: cpu_seconds(options, kind) for kind in order}
        ratios.append(took["decimal"] / took["float"])
    sys.stdout.write(f"{statistics.median(ratios) - 1}\n")


def cpu_seconds(options: dict[str, Any], kind: str) -> float:
    from holdfast import run_algorithm

    before = time.process_time()
    run_algorithm(**options, ledger=kind)
    return time.process_time() - before


if __name__ == "__main__":
    main(*sys.argv[1:])
