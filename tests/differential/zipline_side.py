"""Runs in Zipline's environment: ``python -m differential.zipline_side FOLDER``.

It reads FOLDER/pairs.json and the markets beside it, and writes a JSON file for each pair.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from pathlib import Path

import pandas as pd

from differential.pairs import Pair, run_pair
from golden.zipline_side import ingest


def main(folder: Path) -> None:
    """Run every pair."""
    os.environ["ZIPLINE_ROOT"] = str(folder / "zipline")
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)
    import zipline
    from zipline import api

    pairs = [Pair(**fields) for fields in json.loads((folder / "pairs.json").read_text())]
    for bundle in sorted({pair.bundle for pair in pairs}):
        ingest(folder / bundle)
    for pair in pairs:
        answers = run_pair(pair, api, zipline.run_algorithm, pair.bundle, pd.Timestamp)
        (folder / f"{pair.name}.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
