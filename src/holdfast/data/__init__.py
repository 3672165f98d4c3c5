"""Bundles of bars: how they are written, opened and read."""
