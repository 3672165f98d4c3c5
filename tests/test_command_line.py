"""The command line as a whole: help, one style, what may have been meant, completion."""

import argparse
import os
import pty
import re
import shlex
import subprocess
import sys
import termios

import pytest

from holdfast.cli import build_parser, main
from holdfast.cli.objective import COLUMNS
from holdfast.cli.overview import GROUPS
from holdfast.usage import WIDTH, wrap_error


def commands(parser):
    """Yield every command below a parser that has none of its own."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from commands(command) if has_commands(command) else [command]


def has_commands(parser):
    return any(isinstance(action, argparse._SubParsersAction) for action in parser._actions)


COMMANDS = {parser.prog: parser for parser in commands(build_parser())}


@pytest.fixture(params=COMMANDS.values(), ids=COMMANDS)
def command(request):
    return request.param


def examples(help_text):
    """Return the words of each example, without its remark and what is piped into it."""
    text = re.sub(r"\\\n *", "", help_text.partition("examples:\n")[2].partition("\n\n")[0])
    lines = [line.strip().partition("  ")[0] for line in text.splitlines()]
    lines = [re.sub(r'^eval "\$\((.*)\)"$', r"\1", line) for line in lines]
    return [shlex.split(line.rpartition("| ")[2].partition(" > ")[0]) for line in lines]


def test_holdfast_alone_prints_every_command_in_its_group(capsys):
    assert main([]) == 0
    printed = capsys.readouterr().out
    listed = [name for names in GROUPS.values() for name in names]
    assert sorted(listed) == sorted({prog.split()[1] for prog in COMMANDS})
    for group, names in GROUPS.items():
        section = printed.partition(f"\n{group}:\n")[2].partition("\n\n")[0]
        assert re.findall(r"^  (\w+)", section, re.MULTILINE) == list(names)


def test_a_command_has_examples_that_parse_and_exit_codes(command):
    text = command.format_help()
    found = examples(text)
    assert found and re.search(r"exit code:\n  0 \w+.*2 wrong usage", text), text
    for words in found:
        assert words[0] == "holdfast"
        assert build_parser().parse_args(words[1:]).run


def test_a_value_has_a_metavar_in_capitals_and_a_default_that_is_said(command):
    for action in command._actions:
        if not action.option_strings or action.nargs == 0:
            continue
        assert action.choices or re.fullmatch(r"[A-Z][A-Z=.,]*", action.metavar or ""), action
        if action.default not in (None, [], argparse.SUPPRESS) and not action.required:
            assert "(default: " in action.help, action
    assert all(action.help for action in command._actions)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("rn", "there is no command 'rn'; did you mean run?"),
        ("run s.py --bundel b", "--bundel is not an option; did you mean --bundle?"),
        ("run s.py --bundle b --start x --end y --legder float", "did you mean --ledger?"),
        ("run s.py --bundle b --start x --end y --ledger flot", "did you mean float?"),
        ("check --budgt 5m", "did you mean --budget?"),
        ("check --budget=5x", "'5x' is not a time such as 90s"),
        ("baseline chekc", "did you mean check?"),
        ("--verson", "unrecognized arguments: --verson"),
    ],
)
def test_a_typing_mistake_is_named_in_few_short_lines(capsys, line, hint):
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert hint in " ".join(told.split())
    assert len(told.splitlines()) <= 4 and max(map(len, told.splitlines())) <= WIDTH


def test_an_option_that_is_right_is_not_called_wrong(capsys):
    with pytest.raises(SystemExit):
        main(["run", "s.py", "--bund", "b", "--start=2024-01-02"])
    assert "is not an option" not in capsys.readouterr().err


def test_errors_keep_to_100_columns_and_lose_no_word():
    text = f"holdfast: {'a word or two ' * 20}/{'path' * 40}\n    note {'again ' * 30}"
    wrapped = wrap_error(text)
    assert wrapped.split() == text.split()
    assert all(len(line) <= WIDTH or "/path" in line for line in wrapped.splitlines())
    assert wrapped.splitlines()[-1].startswith("      again")
    long = f"holdfast: /{'path' * 40} is not there"
    assert wrap_error(long).splitlines() == [f"holdfast: /{'path' * 40}", "  is not there"]


def test_an_error_is_wrapped_on_a_terminal_and_in_a_pipe(tmp_path):
    folder = f"{'so long a folder ' * 5}"
    command = [sys.executable, "-m", "holdfast", "run", "s.py", "--start", "2024", "--end", "2024"]
    command += ["--bundle", folder]
    (tmp_path / "s.py").write_text("def initialize(context): pass\n")
    logged = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert logged.returncode == 2 and max(map(len, logged.stderr.splitlines())) <= WIDTH
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    subprocess.run(command, cwd=tmp_path, stderr=theirs)
    os.close(theirs)
    told = os.read(ours, 10_000).decode()
    os.close(ours)
    assert told.split() == logged.stderr.split()
    assert all(len(line) <= 80 or "/pytest-" in line for line in told.splitlines())
    assert len(told.splitlines()) > len(logged.stderr.splitlines()) > 1


IDLE = [
    "history b.time_x --steps", "history --steps --param x", "calibrate --plant 5 --bench x",
]  # fmt: skip


@pytest.mark.parametrize("line", IDLE)
def test_an_option_that_would_do_nothing_is_refused(capsys, line):
    assert main(line.split()) == 2
    told = capsys.readouterr().err
    assert "leave" in told or "does nothing" in told


def test_bash_completes_commands_and_options(tmp_path, capsys):
    pytest.importorskip("shtab")
    assert main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)

    def complete(*words):
        code = (
            f"source ./script; COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; "
            '_shtab_holdfast; echo "${COMPREPLY[@]}"'
        )
        ran = subprocess.run(["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True)
        return ran.stdout.split()

    assert {"check", "run", "bisect"} <= set(complete("holdfast", ""))
    assert complete("holdfast", "che") == ["check"]
    assert complete("holdfast", "check", "--bud") == ["--budget"]
    assert complete("holdfast", "run", "scr") == ["script"]


def test_the_figures_that_an_objective_may_name_are_those_of_a_backtest(daily_bundle):
    from holdfast.run import simulate
    from holdfast.settings import Settings
    from holdfast.simulation import Strategy

    settings = Settings(start="2023-02-01", end="2023-02-03", bundle=daily_bundle)
    strategy = Strategy(lambda context: None, lambda context, data: None)
    summary = simulate(strategy, settings).metrics.summary()
    assert {*summary} - {"warning"} == COLUMNS
