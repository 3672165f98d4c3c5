"""The one door to asv and git."""
