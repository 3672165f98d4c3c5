"""Holdfast beside other engines, on the same bars: ``python -m comparison daily sweep``."""
