"""Marks of tests that need an extra: they are skipped where it is not installed."""

import pytest

from holdfast.extras import is_installed


def needs(module):
    reason = f"{module}, an extra, is not installed"
    return pytest.mark.skipif(not is_installed(module), reason=reason)


needs_asv = needs("asv")
needs_matplotlib = needs("matplotlib")
needs_engine = needs("pandas")
