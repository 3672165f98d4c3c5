"""The gate: turns what asv measured into pass, warn or fail, in any asv project."""
