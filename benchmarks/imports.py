"""What does it cost to start? Each import runs in a fresh interpreter."""

from __future__ import annotations


class Imports:
    def timeraw_run_algorithm(self) -> str:
        """How long does a backtest's import take?"""
        return "from holdfast import run_algorithm"

    def timeraw_beyond_pandas(self) -> tuple[str, str]:
        """How much of it is our own, after NumPy and pandas?"""
        return "from holdfast import run_algorithm", "import numpy, pandas"

    def timeraw_command_line(self) -> str:
        """How long until the command line, the gate included, is ready?"""
        return "import holdfast.cli"
