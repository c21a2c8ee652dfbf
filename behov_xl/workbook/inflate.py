"""Deflate, as zip archives use it: by zlib-ng, which takes half the time, or by zlib where there is no zlib-ng."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import crc32, decompressobj, error  # zlib-ng's types say that its error is no class
else:
    try:
        from zlib_ng.zlib_ng import crc32, decompressobj, error
    except ImportError:  # in a browser (Pyodide)
        from zlib import crc32, decompressobj, error

__all__ = ["crc32", "decompressobj", "error"]
