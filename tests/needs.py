"""Marks of tests that need more than the gate: they are skipped, with the reason, without it."""

from pathlib import Path

import pytest

import holdfast
from holdfast.extras import is_installed


def needs(module):
    reason = f"{module}, an extra, is not installed"
    return pytest.mark.skipif(not is_installed(module), reason=reason)


needs_asv = needs("asv")
needs_matplotlib = needs("matplotlib")
needs_engine = needs("pandas")
needs_checkout = pytest.mark.skipif(
    not Path(holdfast.__file__).parents[2].joinpath("tools").is_dir(),
    reason="an installed holdfast has no command 'baseline'",
)
