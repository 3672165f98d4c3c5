"""What may have been meant by a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def ask_nearest(word: str, known: Iterable[str], count: int = 1, cutoff: float = 0.6) -> str:
    """Return the nearest words as a question, or nothing where none is near.

    Parameters
    ----------
    word
        What was given.
    known
        What could have been; of a mapping, the keys are compared and the values are named.
    count
        So many words are named at most.
    cutoff
        How near a word must be, from 0 to 1.

    Examples
    --------
    >>> ask_nearest("colour", ["color", "size"])
    'did you mean color?'
    >>> ask_nearest("colour", ["size"])
    ''
    """
    import difflib  # only what is wrong pays for it

    names = known if isinstance(known, Mapping) else {one: one for one in known}
    close = [names[one] for one in difflib.get_close_matches(word, names, count, cutoff)]
    return f"did you mean {' or '.join(dict.fromkeys(close))}?" if close else ""
