"""What an import costs is part of the product."""

import subprocess
import sys


def test_the_gate_does_not_load_the_engine():
    heavy = "{'pandas', 'pyarrow', 'exchange_calendars'}"
    code = f"import sys, holdfast.cli; print({heavy} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
