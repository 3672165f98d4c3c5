"""Mutated inputs for every reader of the gate; see ``python -m fuzz --help``, or ``make fuzz``."""
