"""A run that takes its time says which session it has come to."""

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
