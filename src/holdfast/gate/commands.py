"""The gate's commands: their options and what they print."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the gate's commands to the command line's parser."""
