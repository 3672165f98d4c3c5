"""What reads files of others: each reader gets a mutated one, and is called as a user calls it."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import random
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz.mutate import mutate_document, mutate_text
from gate.profiles import BENCH, TINY, profile, run
from gate.trees import BASE, HEAD, Tree, row
from holdfast.cli import main
from holdfast.errors import HoldfastError
from holdfast.gate import read_report
from holdfast.gate.show.markdown import to_markdown
from tools.sticky_comment import unpack_report

ROOT = Path(__file__).parents[2]
POLICY = """
strict = true

[[rule]]
match = "^b\\\\.time_x"
warn = 5
fail = 20
owner = "someone"
waiver = "known"
until = 2030-01-01

[[target]]
name = "layer"
benchmark = "b.time_x"
params = [1]
below = 5.0

[[function]]
match = "b.*"
warn = 10

[measure]
launch = "spawn"
""".replace("strict = true\n", "[policy]\nstrict = true\n")
COMPARED = """
All benchmarks:

| Change | Before [aaaaaaaa] <main> | After [bbbbbbbb] | Ratio | Benchmark (Parameter) |
|--------|--------------------------|------------------|-------|-----------------------|
|        | 1.00±0.01ms              | 1.01±0.02ms      |  1.01 | b.time_x(1)           |
| +      | 20.0±1μs                 | 30.0±0.1μs       |  1.5  | b.time_y              |
|        | 70.1M                    | n/a              |  n/a  | b.peakmem_z           |
| x      | failed                   | 3                |  n/a  | b.track_w(2, 'two')   |
"""


@dataclass(frozen=True)
class Reader:
    """A kind of input, where it lies in the project, and what reads it there."""

    name: str
    make: Callable[[random.Random], str | bytes]
    path: str
    calls: Sequence[Callable[[], int]]


def build_project(folder: Path) -> None:
    """Write the sound project in which one file at a time is replaced."""
    tree = Tree(folder / "results")
    for commit, level, date in ((BASE, 1.0, 1), (HEAD, 1.3, 2)):
        tree.store(commit, stored_rows(level), date=date)
    (folder / "results" / "benchmarks.json").write_text(json.dumps(SUITE))
    (folder / "asv.conf.json").write_text(json.dumps(CONFIG))
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "policy.toml").write_text(POLICY)


def stored_rows(level: float) -> dict[str, Any]:
    """Return a commit's rows: a time with samples and parameters, memory, a tracked value."""
    samples = [[level + 0.001 * number for number in range(8)]] * 2
    return {
        "b.time_x": row(level, level, params=[["1", "2"]], samples=samples, interval=(0.9, 1.1)),
        "b.peakmem_z": row(7e7),
        "b.track_w": row(3.0, params=[["'two'"]]),
    }


CONFIG = {
    "version": 1, "project": "x", "repo": ".", "branches": ["main"], "pythons": ["3.11"],
    "environment_type": "virtualenv", "results_dir": "results", "benchmark_dir": "benchmarks",
    "matrix": {"req": {"six": ["1.0"]}, "env": {"A": "1"}}, "include": [{"python": "3.11"}],
}  # fmt: skip
SUITE = {
    "b.time_x": {"unit": "seconds", "params": [["1", "2"]], "param_names": ["n"]},
    "b.peakmem_z": {"unit": "bytes", "params": [], "param_names": []},
    "b.track_w": {"unit": "unit", "params": [["'two'"]], "param_names": ["s"]},
    "version": 2,
}  # fmt: skip
BASELINE = json.loads((ROOT / "results" / "performance_baselines.json").read_text())
SIDE_FILE = f"results/m1/{HEAD[:8]}-env-py3.json"
GATE = (
    "gate", BASE[:8], HEAD[:8], "--json", "--html", "out.html", "--markdown", "out.md",
    "--junit", "out.xml",
)  # fmt: skip
SHOW = (
    ("gate", BASE[:8], HEAD[:8]),
    ("history", "b.time_x"),
    ("history", "--steps"),
    ("targets", HEAD[:8]),
)


def all_readers(folder: Path) -> list[Reader]:
    """Return every reader of the sound project in ``folder``."""
    side = json.loads((folder / SIDE_FILE).read_text())
    report = make_report()
    stored = profile(run(folder / "b.py", BENCH, run(folder / "tiny.py", TINY))["time_x"])

    def profiled(generator: random.Random) -> str:
        raw = bytearray(zlib.decompress(base64.b64decode(stored)))
        for _ in range(generator.choice([1, 2, 5])):
            raw[generator.randrange(len(raw))] = generator.randrange(256)
        packed = base64.b64encode(zlib.compress(bytes(raw))).decode()
        rows = stored_rows(1.3)
        rows["b.track_w"] = row(9.0, params=[["'two'"]], profile=packed)
        return json.dumps({**side, "results": rows})

    def zipped(generator: random.Random) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
            files.writestr("pull-request/report.json", mutate_document(generator, report))
        raw = bytearray(packed.getvalue())
        for _ in range(generator.choice([0, 1, 3])):
            raw[generator.randrange(len(raw))] = generator.randrange(256)
        return bytes(raw)

    def of(document: Any) -> Callable[[random.Random], str]:
        return lambda generator: mutate_document(generator, document)

    def text(sound: str) -> Callable[[random.Random], str]:
        return lambda generator: mutate_text(generator, sound)

    shown = [command(*GATE), *(command(*words) for words in SHOW)]
    comment = [
        command("comment", "report.json"),
        command("comment", "--annotations", "report.json"),
    ]
    blame = [command("blame", BASE[:8], HEAD[:8], "b.track_w", "--json")]
    judged = [command(*GATE), command("targets", HEAD[:8]), command("targets", HEAD[:8], "--json")]
    configured = [
        command(*GATE),
        command("check", "HEAD"),
        command("bisect", "HEAD~1", "HEAD", "b.time_x"),
    ]
    baselines = [
        command("baseline", "check", HEAD[:8]),
        command("baseline", "migrate", "results/performance_baselines.json"),
    ]
    return [
        Reader("report", of(report), "report.json", comment),
        Reader("results", of(side), SIDE_FILE, shown),
        Reader("suite", of(SUITE), "results/benchmarks.json", shown),
        Reader("profile", profiled, SIDE_FILE, blame),
        Reader("policy", text(POLICY), "benchmarks/policy.toml", judged),
        Reader("configuration", of(CONFIG), "asv.conf.json", configured),
        Reader("baseline", of(BASELINE), "results/performance_baselines.json", baselines),
        Reader("asv compare", text(COMPARED), "compared.txt", [judge_printed]),
        Reader("artifact", zipped, "artifact.zip", [post_artifact]),
    ]


def command(*words: str | tuple[str, ...]) -> Callable[[], int]:
    """Return a call of one command."""
    flat = [each for word in words for each in ([word] if isinstance(word, str) else word)]
    return lambda: main(flat)


def judge_printed() -> int:
    """Judge the text of 'asv compare' from standard input."""
    with Path("compared.txt").open(encoding="utf-8") as text:
        sys.stdin, usual = text, sys.stdin
        try:
            return main(["gate", "-", "--json", "--markdown", "out.md"])
        finally:
            sys.stdin = usual


def post_artifact() -> int:
    """Turn a downloaded artifact into a comment, as the workflow does."""
    try:
        text = unpack_report(Path("artifact.zip").read_bytes())
        if text is not None:
            sys.stdout.write(to_markdown(read_report(text)))
    except HoldfastError as error:
        sys.stderr.write(f"holdfast: {error}\n")
        return error.exit_code
    return 0


def make_report() -> Any:
    """Return what 'gate --json' prints of the sound project."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(["gate", BASE[:8], HEAD[:8], "--json"])
    return json.loads(out.getvalue())
