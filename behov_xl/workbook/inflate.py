"""Deflate, as zip archives use it: by libdeflate, in two fifths of zlib's time, or by zlib where there is none.

libdeflate unpacks what is sound; of all else zlib says what is wrong.
"""

from __future__ import annotations

import zlib
from zlib import error as error

try:
    from deflate import DeflateError, crc32, deflate_decompress

    quick = True
except ImportError:  # in a browser (Pyodide)
    from zlib import crc32  # type: ignore[assignment]

    quick = False

__all__ = ["beginning", "crc32", "error", "inflated", "quick"]


def inflated(raw: bytes, size: int) -> bytes:
    """What was packed, which should be of this size: one byte more is enough to see that there is more.

    Raises ``error``.
    """
    if quick and size:
        try:
            return bytes(deflate_decompress(raw, size))
        except DeflateError:
            pass
    return beginning(raw, size + 1)


def beginning(raw: bytes, most: int) -> bytes:
    """So many bytes of what was packed, at most. Raises ``error``."""
    return zlib.decompressobj(-15).decompress(raw, most)
