"""Run asv's command line in one folder with a configuration from another.

asv changes to the folder of its configuration, and finds pyproject.toml, environment.yml, local
plugins and ``{conf_dir}`` there. A configuration derived from the project's must not change them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(folder: str, config: str, *arguments: str) -> int:
    """Run ``asv arguments`` with ``config`` in ``folder``; return its exit code."""
    # asv is no dependency of the gate, and takes a while to import.
    from asv import commands, util
    from asv.console import log

    parser, _ = commands.make_argparser()
    args = parser.parse_args(arguments)
    args.config = str(Path(config).resolve())
    os.chdir(folder)
    log.enable(args.verbose)
    try:
        return args.func(args) or 0
    except util.UserError as error:
        log.error(str(error))
        return 1
    finally:
        log.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
