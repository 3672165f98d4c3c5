"""A run that takes its time says which session it has come to."""

import os
import pty
import subprocess
import sys

from holdfast import run_algorithm


def test_the_bar_has_the_session_s_date(daily_bundle, capsys, monkeypatch):
    for name in ("_PATIENCE", "_INTERVAL"):
        monkeypatch.setattr(f"holdfast.progress.{name}", 0.0)
    run_algorithm(start="2023-02-01", end="2023-02-28", bundle=daily_bundle, progress=True)
    shown = capsys.readouterr().err
    assert "2023-02-" in shown
    assert "/19" in shown


def test_a_quick_run_shows_nothing(daily_bundle, capsys):
    run_algorithm(start="2023-02-01", end="2023-02-28", bundle=daily_bundle, progress=True)
    assert capsys.readouterr().err.strip() == ""


def test_a_command_tells_its_step_on_a_terminal_alone(tmp_path):
    # A pseudo-terminal, and no patience.
    code = (
        "import holdfast.cli.steps as steps, sys\n"
        "steps._PATIENCE = 0.0\n"
        "from holdfast.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", code, "synthesize", "--bundle", str(tmp_path / "bundle")]
    words += ["--assets", "3", "--start", "2023-01-03", "--end", "2023-12-29"]
    ours, theirs = pty.openpty()
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=theirs, text=True)
    printed, _ = running.communicate()
    os.close(theirs)
    shown = os.read(ours, 1 << 20).decode()
    os.close(ours)
    assert running.returncode == 0
    assert shown.startswith("\rmaking bars of 3 assets ... ")
    assert "\rwriting 750 bars ... " in shown and shown.endswith(" \r")
    assert "\n" not in shown
    assert printed.startswith(f"{tmp_path / 'bundle'}: 750 bars of 3 assets")
    piped = subprocess.run(words, capture_output=True, text=True)
    assert (piped.returncode, piped.stderr) == (0, "")
