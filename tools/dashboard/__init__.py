"""The history and the verdicts as pages."""
