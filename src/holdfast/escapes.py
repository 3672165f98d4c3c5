"""Text of others, as a terminal may show it."""

from __future__ import annotations


def escape(text: str) -> str:
    """Return ``text`` without what a terminal would obey: line breaks, escapes, lone surrogates."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
