"""The options that --asv passes on, checked by asv's own parser before anything is built."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from holdfast.errors import UsageError


@dataclass(frozen=True, slots=True)
class Options:
    """What the options of 'asv run' ask for."""

    attributes: Mapping[str, Any]
    """Attributes of benchmarks to override, as asv's runner takes them: ``cpu_affinity``, say."""
    launch_method: str | None = None
    show_stderr: bool = False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"--asv: {message}")


def read_options(words: Sequence[str]) -> Options:
    """Return what these options of 'asv run' mean.

    Raises
    ------
    UsageError
        When asv does not take one, or it would change what is measured or where.
    """
    # asv comes with an extra, and takes a while to import.
    from asv.commands import common_args

    parser = _Parser(add_help=False, allow_abbrev=False)
    common_args.add_bench(parser)
    common_args.add_launch_method(parser)
    common_args.add_show_stderr(parser)
    args, unknown = parser.parse_known_args(words)
    if unknown or args.bench:
        word = unknown[0] if unknown else "--bench"
        raise UsageError(
            f"--asv: {word} cannot be passed on; known: --attribute, --cpu-affinity, "
            "--launch-method, --show-stderr"
        )
    return Options(args.attribute or {}, args.launch_method, args.show_stderr)
