"""Which functions made a benchmark slower."""
