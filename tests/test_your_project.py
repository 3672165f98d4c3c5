"""The page for other projects starts from nothing: its files are written, its commands are run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from needs import needs_asv

PAGE = Path(__file__).parent.parent / "docs" / "your-project.md"
BLOCK = re.compile(r"(?:^`([\w./]+)`[^\n]*(?:\n[^\n`]+)?\n\n)?^```(\w+)\n(.*?)^```$", re.M | re.S)
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Someone"), ("EMAIL", "someone@example.invalid"))
}


def read_steps():
    """Yield each file with its text, and each command, in the order of the page's first part."""
    text = PAGE.read_text("utf-8").partition("## A suite that is there already")[0]
    for name, kind, block in BLOCK.findall(text):
        if kind != "console":
            yield "file", name, block
            continue
        for line in block.splitlines():
            if line.startswith("$ ") and "<" not in line and "pip install" not in line:
                yield "command", line.removeprefix("$ "), ""


def test_every_file_is_named_and_every_command_is_there():
    steps = list(read_steps())
    assert [name for kind, name, _ in steps if kind == "file"] == [
        "pyproject.toml", "wordy.py", "asv.conf.json", "benchmarks/__init__.py",
        "benchmarks/counting.py", ".gitignore", "wordy.py",
    ]  # fmt: skip
    commands = [words.split()[:2] for kind, words, _ in steps if kind == "command"]
    assert [second for first, second in commands if first == "holdfast"] == [
        "check", "blame", "bisect",
    ]  # fmt: skip


@needs_asv
@pytest.mark.slow
def test_the_page_starts_from_nothing(tmp_path):
    folder, home = tmp_path / "empty", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    environment = {**os.environ, **IDENTITY, "HOME": str(home)}
    environment.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    said = {}
    for kind, name, text in read_steps():
        if kind == "file":
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, "utf-8")
            continue
        words = re.findall(r'"[^"]*"|\S+', name)
        words = [word.strip('"') for word in words]
        start = [sys.executable, "-m", "holdfast"] if words[0] == "holdfast" else words[:1]
        done = subprocess.run(
            [*start, *words[1:]], cwd=folder, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == int(words[1] == "check"), done.stdout + done.stderr
        said[words[1]] = done.stdout
    assert "counting.Count.time_count" in said["check"]
    assert "FAIL" in said["check"]
    assert "wordy.count" in said["blame"]
    assert "Count words whatever their case" in said["bisect"]
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=folder, capture_output=True, check=True).stdout == b""
