"""Pipelines as whole columns, which are kept for every later run on the same bundle."""
