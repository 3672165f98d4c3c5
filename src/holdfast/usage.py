"""The parser of every command: its help, its errors, and what may have been meant."""

from __future__ import annotations

import argparse
import inspect
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

from holdfast.escapes import escape
from holdfast.nearest import ask_nearest

Commands: TypeAlias = "argparse._SubParsersAction[Any]"
Handler = Callable[[argparse.Namespace], int]

WIDTH = 100
"""Columns that an error takes at most, unless a single word is longer."""

RUN_EXITS = "0 done    2 wrong usage, or the strategy or its data are wrong"
ANSWER_EXITS = "0 answered    2 wrong usage    3 nothing was measured, or nothing was found"


class Parser(argparse.ArgumentParser):
    """A parser whose errors are short, and name the nearest word for one it does not know."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)
        self._given: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; a command refuses by itself what it does not know, and so knows what is near."""
        self._given = sys.argv[1:] if args is None else args
        found, unknown = super().parse_known_args(args, namespace)
        if unknown and not self._has_commands():
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """End with the message, what may have been meant, and where the help is."""
        hints = [f"    {self._describe_unknown(word)}" for word in self._list_unknown()]
        text = wrap_error("\n".join([f"{self.prog}: {message}", *hints]))
        self.exit(2, f"{text}\nTry '{self.prog} --help'.\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        choices = [] if action.choices is None else list(map(str, action.choices))
        if action.choices is None or value in action.choices:
            return
        close = f"{ask_nearest(str(value), choices)} ".lstrip()
        if isinstance(action, argparse._SubParsersAction):
            text = f"there is no command {value!r}; {close}'{self.prog} --help' lists them"
            raise argparse.ArgumentError(None, text)
        text = f"invalid choice: {value!r}; {close}choose from {', '.join(choices)}"
        raise argparse.ArgumentError(action, text)

    def _has_commands(self) -> bool:
        return any(isinstance(action, argparse._SubParsersAction) for action in self._actions)

    def _list_unknown(self) -> list[str]:
        """Return the options given that are neither known nor short for one that is."""
        if self._has_commands():
            return []  # those of a command are not its parent's business
        words = [word.partition("=")[0] for word in self._given if word.startswith("--")]
        known = tuple(self._option_string_actions)
        return [w for w in words if w != "--" and not any(one.startswith(w) for one in known)]

    def _describe_unknown(self, word: str) -> str:
        close = ask_nearest(word, self._option_string_actions.keys())
        return f"{word} is not an option; {close}".rstrip("; ")


def wrap_error(text: str, width: int = WIDTH) -> str:
    """Return an error in lines of at most 100 columns; long paths stay in one piece.

    So does what is there to be copied: a line of JSON.
    """
    lines = []
    for line in text.splitlines():
        if line.startswith('    "'):
            lines.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())] + "  "
        # The first line says who complains, and of what: a long path stays beside the name.
        line = line.replace(": ", ":\0", 1)
        wrapped = textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        lines += wrapped or [""]
    return "\n".join(lines).replace("\0", " ")


def print_error(text: str) -> None:
    """Print an error in lines of at most 100 columns, in a pipe as on a terminal.

    Errors quote names of files that others wrote: nothing in them may move the cursor.
    """
    text = "\n".join(escape(line) for line in text.split("\n"))
    terminal = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stderr.isatty() else WIDTH
    print(wrap_error(text, min(WIDTH, terminal)), file=sys.stderr)


def add_command(
    commands: Commands,
    name: str,
    run: Handler,
    *,
    examples: str,
    exits: str,
    notes: str = "",
    parents: Sequence[argparse.ArgumentParser] = (),
) -> argparse.ArgumentParser:
    """Add a command; what it does is said once, in the docstring of its handler.

    Parameters
    ----------
    commands
        The subcommands of a parser.
    run
        The handler. The first sentence of its docstring stands in the list of commands.
    examples
        A command on each line; what follows two spaces is a remark.
    exits
        What the exit codes mean.
    notes
        What else the help says, between the options and the examples.
    parents
        Parsers of options that several commands share.
    """
    text = inspect.getdoc(run) or ""
    summary = text.partition(".")[0]
    parts = [notes, f"examples:\n{_indent(examples)}", f"exit code:\n{_indent(exits)}"]
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=(summary[:1].lower() + summary[1:]).replace("%", "%%"),
        description=text,
        epilog="\n\n".join(part.strip("\n") for part in parts if part),
        parents=parents,
    )
    parser.set_defaults(run=run)
    return parser


def _indent(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), "  ")
