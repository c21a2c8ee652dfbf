"""The directory of a zip archive: what it says of each part, and where that stands.

zipfile's costs four times as much: it makes an object of each entry.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from behov_xl.remembering import remembered

_END = struct.Struct("<4s4H2LH")
_ONE_ENTRY = struct.Struct("<4s4x2H4x3L3H4x2L")
_HEAD = 12
"""Bytes of an entry before its time."""
_ENTRY = f"{_HEAD}s4x3L14sL"
"""The same, where what is mostly the same in the next workbook is not taken apart. Seven fields, with the name."""
_HEADS, _CRCS, _COMPRESSED, _SIZES, _MIDDLES, _OFFSETS, _NAMES = (slice(at, None, 7) for at in range(7))
"""Where each of them stands in a whole directory read so, entry by entry."""
_MARK = b"PK\x01\x02"
_IN_EXTRA = 0xFFFFFFFF
"""Stands for a size that is told elsewhere, since it is over 4 GB."""
_LAYOUTS, _SHORT, _ALIKE = 64, 20_000, 4
"""Layouts of directories that are kept, and their bytes at most: it must not grow with what somebody uploads.

Of those that are looked up alike, the last few.
"""


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


@remembered(2048)
def _key(name: bytes) -> str:
    """What a part is looked up by: names are the same in upper and lower case."""
    return name.decode("utf-8", "replace").lower()


class Columns(NamedTuple):
    """What may be others in directories of one layout, entry by entry, in their order."""

    crcs: tuple[int, ...]
    compressed: tuple[int, ...]
    sizes: tuple[int, ...]
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory of an archive."""

    entries: dict[str, Entry]
    """By part name in lower case."""
    end: int
    """Where its last entry ends."""
    repeated: str = ""
    """A name that it has twice, if there is one."""
    known: tuple[Layout, Columns] | None = None
    """What it has in common with others, where that is known, and the rest.

    A layout is kept only once, so that it can be told by identity.
    """


def read_directory(data: bytes) -> Directory:
    """The zip directory. Raises :class:`DamagedPackage` for what is not a whole one."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_600))
    if at < 0 or at + _END.size > len(data):
        raise DamagedPackage("no zip directory at its end")
    *_, number, _, place, _ = _END.unpack_from(data, at)
    for known in _layouts.get(_about(data, number, place, at), ()):
        found = known.directory(data, place)
        if found is not None:
            return found
    return _listed(data, number, place, at)


def _listed(data: bytes, number: int, place: int, at: int) -> Directory:
    """The entries of a directory, one after the other."""
    entries: dict[str, Entry] = {}
    repeated = ""
    begin, lengths = place, list[tuple[int, int]]()
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
        lengths.append((length, extra + comment))
    if repeated or not 0 < place - begin <= _SHORT or place != at:
        return Directory(entries, place, repeated)
    if len(_layouts) >= _LAYOUTS:
        _layouts.clear()
    layout = Layout.of(entries, lengths, data, begin)
    _layouts.setdefault(_about(data, number, begin, at), deque(maxlen=_ALIKE)).appendleft(layout)
    return Directory(entries, place, known=(layout, layout.columns(data, begin)))


@dataclass(frozen=True, slots=True)
class Layout:
    """What directories of workbooks from one template have in common: another one like it is read in one go."""

    whole: struct.Struct
    heads: tuple[bytes, ...]
    """Of each entry what stands before its time: versions, flags, method."""
    middles: tuple[bytes, ...]
    """And between the sizes of its content and where that is: lengths, attributes."""
    names: tuple[bytes, ...]
    keys: list[str]
    flags: tuple[int, ...]
    methods: tuple[int, ...]
    modes: tuple[int, ...]

    @classmethod
    def of(cls, entries: dict[str, Entry], lengths: Sequence[tuple[int, int]], data: bytes, place: int) -> Layout:
        """That of a directory that has been read, and begins at ``place``."""
        form = "".join(f"{_ENTRY}{name}s{rest}x" for name, rest in lengths)
        whole = struct.Struct(f"<{form}")
        told = whole.unpack_from(data, place)
        flags, methods, *_, modes, _ = zip(*entries.values(), strict=True)
        return cls(whole, told[_HEADS], told[_MIDDLES], told[_NAMES], list(entries), flags, methods, modes)

    def directory(self, data: bytes, place: int) -> Directory | None:
        """A directory as long as this one; ``None`` if it has another layout."""
        told: tuple[Any, ...] = self.whole.unpack_from(data, place)
        if (told[_HEADS], told[_MIDDLES], told[_NAMES]) != (self.heads, self.middles, self.names):
            return None
        columns = crcs, compressed, sizes, offsets = _columns(told)
        if _IN_EXTRA in compressed or _IN_EXTRA in sizes:
            return None
        entries = zip(self.flags, self.methods, compressed, sizes, crcs, self.names, self.modes, offsets, strict=True)
        listed = dict(zip(self.keys, map(_as_entry, entries), strict=True))
        return Directory(listed, place + self.whole.size, known=(self, columns))

    def columns(self, data: bytes, place: int) -> Columns:
        """What a directory of this layout has of its own."""
        return _columns(self.whole.unpack_from(data, place))


def _columns(told: tuple[Any, ...]) -> Columns:
    return Columns(told[_CRCS], told[_COMPRESSED], told[_SIZES], told[_OFFSETS])


_as_entry = partial(tuple.__new__, Entry)
_About = tuple[int, int, bytes]
_layouts: dict[_About, deque[Layout]] = {}


def _about(data: bytes, number: int, place: int, at: int) -> _About:
    """What a layout is looked up by: how many entries, how long a directory, and how its first entry begins.

    The last is mostly another for another program. Several layouts may have all that in common.
    """
    return number, at - place, data[place : place + _HEAD]
