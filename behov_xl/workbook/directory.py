"""The directory of a zip archive: what it says of each part, and where that stands.

zipfile's costs four times as much: it makes an object of each entry.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

_END = struct.Struct("<4s4H2LH")
_ENTRY = "4s4x2H4x3L3H4x2L"
_ONE_ENTRY = struct.Struct(f"<{_ENTRY}")
_FIELDS = 12
"""Of an entry, its name included."""
_MARK = b"PK\x01\x02"
_IN_EXTRA = 0xFFFFFFFF
"""Stands for a size that is told elsewhere, since it is over 4 GB."""
_LAYOUTS, _SHORT = 64, 20_000
"""Layouts of directories that are kept, and their bytes at most: it must not grow with what somebody uploads."""


class DamagedPackage(Exception):
    """The package cannot be read: says which part and why, in English, for the technical line of the finding."""


class Entry(NamedTuple):
    """What the directory says of one part. Sizes in bytes."""

    flags: int
    method: int
    compressed: int
    size: int
    crc: int
    name: bytes
    """As it is written."""
    mode: int
    """What a Unix system says the file is, and who may do what with it; 0 where nothing is said."""
    offset: int
    """Where its header begins; what stands before this depends on the part alone."""


@lru_cache(maxsize=2048)
def _key(name: bytes) -> str:
    """What a part is looked up by: names are the same in upper and lower case."""
    return name.decode("utf-8", "replace").lower()


def read_directory(data: bytes) -> tuple[dict[str, Entry], str]:
    """The zip directory, part name in lower case → entry; and a name that it has twice, if there is one.

    Raises :class:`DamagedPackage` for what is not a whole one.
    """
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_600))
    if at < 0 or at + _END.size > len(data):
        raise DamagedPackage("no zip directory at its end")
    *_, number, _, place, _ = _END.unpack_from(data, at)
    known = _layouts.get((number, at - place))
    entries = known.entries(data, place) if known is not None else None
    return (entries, "") if entries is not None else _listed(data, number, place, at)


def _listed(data: bytes, number: int, place: int, at: int) -> tuple[dict[str, Entry], str]:
    """The entries of a directory, one after the other."""
    entries: dict[str, Entry] = {}
    repeated = ""
    begin, lengths = place, list[tuple[int, int, int]]()
    for _ in range(number):
        if place + _ONE_ENTRY.size > at:
            raise DamagedPackage("the zip directory is cut off")
        mark, flags, method, crc, compressed, size, *own, mode, offset = _ONE_ENTRY.unpack_from(data, place)
        if mark != _MARK or compressed == _IN_EXTRA or size == _IN_EXTRA:
            raise DamagedPackage("the zip directory is broken, or for files of over 4 GB")
        length, extra, comment = own
        start = place + _ONE_ENTRY.size
        name = data[start : start + length]
        place = start + length + extra + comment
        key = _key(name)
        if key in entries:
            repeated = key or "?"
        entries[key] = Entry(flags, method, compressed, size, crc, name, mode >> 16, offset)
        lengths.append((length, extra, comment))
    if not repeated and 0 < place - begin <= _SHORT and place == at:
        if len(_layouts) >= _LAYOUTS:
            _layouts.clear()
        _layouts[number, place - begin] = _Layout.of(entries, lengths)
    return entries, repeated


@dataclass(frozen=True, slots=True)
class _Layout:
    """The names in a directory, and how long all that varies in length is: another one like it is read in one go."""

    whole: struct.Struct
    keys: list[str]
    names: tuple[bytes, ...]
    lengths: tuple[tuple[int, ...], ...]
    """Of names, extra fields and comments."""

    @classmethod
    def of(cls, entries: dict[str, Entry], lengths: Sequence[tuple[int, int, int]]) -> _Layout:
        """That of a directory that has been read."""
        form = "".join(f"{_ENTRY}{name}s{extra + comment}x" for name, extra, comment in lengths)
        names = tuple(entry.name for entry in entries.values())
        return cls(struct.Struct(f"<{form}"), list(entries), names, tuple(zip(*lengths, strict=True)))

    def entries(self, data: bytes, place: int) -> dict[str, Entry] | None:
        """The entries of a directory as long as this one; ``None`` if it has another layout."""
        told = self.whole.unpack_from(data, place)
        marks, flags, methods, crcs, compressed, sizes, *lengths, modes, offsets, names = (
            told[at::_FIELDS] for at in range(_FIELDS)
        )
        if names != self.names or tuple(lengths) != self.lengths or marks.count(_MARK) != len(marks):
            return None
        if _IN_EXTRA in compressed or _IN_EXTRA in sizes:
            return None
        modes = tuple(mode >> 16 for mode in modes)
        entries = zip(flags, methods, compressed, sizes, crcs, names, modes, offsets, strict=True)
        return dict(zip(self.keys, map(_as_entry, entries), strict=True))


_as_entry = partial(tuple.__new__, Entry)
_layouts: dict[tuple[int, int], _Layout] = {}
"""By number of entries and length of the directory."""
