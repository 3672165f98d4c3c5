"""Pipelines that Zipline and Holdfast both compute, and Zipline's answers."""
