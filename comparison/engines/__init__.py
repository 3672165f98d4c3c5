"""A module for each engine: how it loads the bars, runs the rule, and what it answers."""
