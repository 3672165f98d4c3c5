"""Read the bytes of a stored profile without trusting them.

asv stores what ``cProfile`` wrote: a dict in Python's marshal format, compressed. Python's own
reader may crash the interpreter on bytes that it did not write, so this one knows only what a
profile holds, numbers, text, tuples and dicts, and stops at limits of size, depth and count.
The format: https://docs.python.org/3/library/marshal.html and CPython's Python/marshal.c.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

_LARGEST = 64 * 2**20
"""Bytes, decompressed; the largest of this project's profiles have 300,000."""
_DEEPEST = 8
_MOST_OBJECTS = 4_000_000
_REFERENCE = 0x80
_DIGIT = 15  # bits of a digit of a marshalled long


class DamagedProfile(ValueError):
    """The bytes are not a profile, or exceed a limit."""


def decode_profile(stored: str) -> Any:
    """Return the statistics that a stored profile holds.

    Parameters
    ----------
    stored
        Base64 of zlib of marshal, as asv writes it.

    Raises
    ------
    DamagedProfile
        When it is anything else, or larger than 64 MiB.
    """
    try:
        packed = base64.b64decode(stored, validate=False)
        decompressor = zlib.decompressobj()
        data = decompressor.decompress(packed, _LARGEST)
    except (ValueError, zlib.error) as error:
        raise DamagedProfile(f"it cannot be decompressed ({error})") from error
    if decompressor.unconsumed_tail:
        raise DamagedProfile(f"it has more than {_LARGEST:,} bytes")
    return _Reader(data).read(depth=0)


class _Reader:
    """A cursor over marshalled bytes, and the objects that later ones may refer to."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._references: list[Any] = []
        self._count = 0

    def read(self, depth: int) -> Any:
        """Return the next object."""
        self._count += 1
        if depth > _DEEPEST or self._count > _MOST_OBJECTS:
            raise DamagedProfile("it is nested too deeply, or has too many entries")
        byte = self._take(1)[0]
        kind, is_referred = bytes([byte & ~_REFERENCE]), bool(byte & _REFERENCE)
        if kind == b"r":
            return self._refer()
        place = self._reserve() if is_referred else None
        value = self._read_value(kind, depth)
        if place is not None:
            self._references[place] = value
        return value

    def _read_value(self, kind: bytes, depth: int) -> Any:
        if kind == b"i":
            return self._int32()
        if kind == b"l":
            return self._long()
        if kind == b"g":
            return struct.unpack("<d", self._take(8))[0]
        if kind in (b"(", b")"):
            size = self._take(1)[0] if kind == b")" else self._size()
            return tuple(self.read(depth + 1) for _ in range(size))
        if kind == b"{":
            return self._dict(depth)
        return self._text(kind)

    def _text(self, kind: bytes) -> str:
        if kind in (b"z", b"Z"):
            return self._decode(self._take(self._take(1)[0]))
        if kind in (b"a", b"A", b"u", b"t"):
            return self._decode(self._take(self._size()))
        raise DamagedProfile(f"it holds an object of type {kind!r}")

    def _dict(self, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while self._data[self._position : self._position + 1] != b"0":
            key = self.read(depth + 1)
            try:
                found[key] = self.read(depth + 1)
            except TypeError as error:
                raise DamagedProfile("a key is not hashable") from error
        self._take(1)
        return found

    def _refer(self) -> Any:
        place = self._size()
        # An object that is not finished would hold itself.
        if place >= len(self._references) or self._references[place] is _UNFINISHED:
            raise DamagedProfile("it refers to an object that is not there")
        return self._references[place]

    def _reserve(self) -> int:
        self._references.append(_UNFINISHED)
        return len(self._references) - 1

    def _long(self) -> int:
        size = self._int32()
        if abs(size) > 8:
            raise DamagedProfile("it holds a number of more than 120 bits")
        digits = struct.unpack(f"<{abs(size)}H", self._take(2 * abs(size)))
        value = sum(int(digit) << (_DIGIT * place) for place, digit in enumerate(digits))
        return -value if size < 0 else value

    def _size(self) -> int:
        size = self._int32()
        if not 0 <= size <= len(self._data):
            raise DamagedProfile("it tells a length beyond its end")
        return size

    def _int32(self) -> int:
        return int(struct.unpack("<i", self._take(4))[0])

    def _take(self, count: int) -> bytes:
        part = self._data[self._position : self._position + count]
        if len(part) < count:
            raise DamagedProfile("it is cut off")
        self._position += count
        return part

    @staticmethod
    def _decode(part: bytes) -> str:
        try:
            return part.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise DamagedProfile("a name is not UTF-8") from error


_UNFINISHED = object()
