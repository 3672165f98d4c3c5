"""Zipline's answers, kept as files, and what it takes to ask Zipline and Holdfast the same."""
