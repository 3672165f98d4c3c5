"""What 'holdfast' alone prints: its commands by what they are for, a few examples, exit codes."""

from __future__ import annotations

import argparse

from holdfast.usage import Parser

GROUPS = {
    "backtest": ("ingest", "synthesize", "run", "sweep"),
    "judge": ("check", "gate", "targets", "comment", "calibrate"),
    "explain": ("blame", "bisect"),
    "history": ("history", "baseline"),
    "shell": ("completion",),
}
_TEXT = "Run backtests, and judge whether a commit made something slower."
_EPILOG = """\
examples:
  holdfast run strategy.py --bundle stocks --start 2020-01-02 --end 2024-12-31
  holdfast check                       is HEAD slower than where it left the main branch?
  holdfast blame main HEAD b.time_x    which functions made it slower?

exit code:
  0 fine, or a warning    1 a regression    2 wrong usage    3 undecided, or nothing was measured

'holdfast COMMAND --help' has the options, examples and exit codes of one command.
"""


class Overview(Parser):
    """The parser of all commands, whose help lists them in groups."""

    def __init__(self) -> None:
        super().__init__(prog="holdfast", description=_TEXT, epilog=_EPILOG)

    def format_help(self) -> str:
        """Return the help: argparse itself knows one list of commands alone."""
        formatter = self._get_formatter()
        formatter.add_usage("holdfast [-h] [--version] COMMAND ...", [], [])
        formatter.add_text(self.description)
        listed = {action.dest: action for action in self._list_commands()}
        for title, names in GROUPS.items():
            formatter.start_section(title)
            formatter.add_arguments([listed[name] for name in names if name in listed])
            formatter.end_section()
        formatter.start_section("options")
        formatter.add_arguments([one for one in self._actions if one.option_strings])
        formatter.end_section()
        formatter.add_text(self.epilog)
        return formatter.format_help()

    def _list_commands(self) -> list[argparse.Action]:
        (commands,) = (a for a in self._actions if isinstance(a, argparse._SubParsersAction))
        return list(commands._choices_actions)
