"""Which packages an environment holds, and in what two of them differ."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_LIST = (
    "import importlib.metadata as m, json;"
    "print(json.dumps([(d.metadata['Name'], d.version, d.read_text('direct_url.json') or '{}')"
    " for d in m.distributions()]))"
)
_BUILT_HERE = "file:"
"""What was installed from a file is the project, whatever its distribution is called: packages that
it needs come from an index."""
_TOOLS = {"pip", "setuptools", "wheel", "build", "asv_runner", "asv-runner", "pympler"}
_NAMED = 5


def list_packages(environment: Any, project: str) -> dict[str, str]:
    """Return name and version of what is installed in one of asv's environments.

    The ``project`` itself differs by its nature, and what asv needs for itself does not matter.
    """
    listed = json.loads(environment.run(["-c", _LIST]).strip().splitlines()[-1])
    own = _TOOLS | {_canonical(project)}
    return {
        name: version
        for name, version, source in sorted(listed, key=lambda one: str(one[0]))
        if name and _canonical(name) not in own
        if not str(json.loads(source).get("url", "")).startswith(_BUILT_HERE)
    }


def diff_packages(base: Mapping[str, str], head: Mapping[str, str]) -> str:
    """Return one sentence about what differs, or nothing."""
    changes = list_changes(base, head)
    if not changes:
        return ""
    more = f" and {len(changes) - _NAMED} more" if changes[_NAMED:] else ""
    return (
        f"base and head do not run with the same packages: {', '.join(changes[:_NAMED])}{more}; "
        "pin them in asv.conf.json to compare the code alone"
    )


def list_changes(
    base: Mapping[str, str], head: Mapping[str, str], missing: str = "(none)"
) -> list[str]:
    """Return the name and both versions of each package that differs."""
    return [
        f"{name} {base.get(name) or missing} -> {head.get(name) or missing}"
        for name in sorted({*base, *head})
        if base.get(name) != head.get(name)
    ]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
