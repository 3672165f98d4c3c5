"""The documentation's tutorial runs as it stands, on real prices."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).parents[2] / "docs" / "pipelines.md"


def block(language, text):
    found = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return next(each for each in found if text in each)


def run(words, cwd):
    done = subprocess.run(
        [sys.executable, *words], cwd=cwd, capture_output=True, text=True, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_ranked_strategy_trades_real_prices(tmp_path, monkeypatch):
    for name in ("ingest.py", "ranked.py"):
        (tmp_path / name).write_text(block("python", f"# {name}"))
    run(["ingest.py"], tmp_path)
    command = block("console", "ranked.py").removeprefix("$ ")
    assert "sharpe" in run(["-m", *shlex.split(command)], tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    names = {}
    exec(block("python", "run_pipeline("), names)
    frame = names["frame"]
    symbols = {asset.symbol for asset in frame.index.get_level_values(1)}
    assert symbols == {"AAPL", "GOOG", "IBM", "MSFT"}
    splits = frame.xs(pd.Timestamp("2005-02-28"), level=0)["score"]
    assert splits.abs().max() < 5, "a split is not a fall"


def test_zipline_names_of_pipelines_are_holdfasts():
    code = (
        "from holdfast.zipline_names import zipline_names\n"
        "with zipline_names(True):\n"
        "    from zipline.pipeline import CustomFactor, Pipeline\n"
        "    from zipline.pipeline.data import EquityPricing, USEquityPricing\n"
        "    from zipline.pipeline.factors import RSI, AverageDollarVolume\n"
        "    from zipline.pipeline.filters import StaticAssets\n"
        "    from zipline.pipeline.classifiers import Classifier\n"
        "import holdfast.pipeline.factors\n"
        "print(RSI is holdfast.pipeline.factors.RSI)\n"
    )
    assert run(["-c", code], None).strip() == "True"
