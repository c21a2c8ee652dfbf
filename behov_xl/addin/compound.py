"""Writes a compound file ([MS-CFB] version 3), the container of a VBA project: storages, streams, a sector table.

olefile reads such files but only replaces a stream by one of the same size; the source of a module has another size.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_RED, _BLACK = 0, 1
_ENTRY = struct.Struct("<64sHBBIII16sI8s8sIQ")
_IN_HEADER = 109
"""FAT sectors that the header has room for: files of up to 7 MB."""


@dataclass(slots=True)
class _Entry:
    """One entry of the directory."""

    name: str
    kind: int
    content: bytes = b""
    children: list[_Entry] = field(default_factory=list)
    number: int = 0
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE
    colour: int = _BLACK
    start: int = 0
    size: int = 0

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        return _ENTRY.pack(
            name, len(name) + 2, self.kind, self.colour, self.left, self.right, self.child,
            bytes(16), 0, bytes(8), bytes(8), self.start, self.size,
        )  # fmt: skip


def compound_file(streams: Mapping[tuple[str, ...], bytes]) -> bytes:
    """The compound file with these streams, by their paths. The same streams give the same bytes.

    Raises ``ValueError`` for more than a file without an extended sector table holds.
    """
    root = _tree(streams)
    entries = _numbered(root)
    sectors, mini = bytearray(), bytearray()
    fat: list[int] = []
    mini_fat: list[int] = []
    for entry in entries:
        if entry.kind != _STREAM:
            continue
        entry.size = len(entry.content)
        small = entry.size < _CUTOFF
        to, table, unit = (mini, mini_fat, _MINI) if small else (sectors, fat, _SECTOR)
        entry.start = _append(to, table, entry.content, unit)
    root.size = len(mini)
    root.start = _append(sectors, fat, bytes(mini), _SECTOR)
    mini_start = _append(sectors, fat, _table(mini_fat), _SECTOR)
    directory = b"".join(entry.packed() for entry in entries)
    unused = _ENTRY.pack(b"", 0, 0, 0, _NONE, _NONE, _NONE, bytes(16), 0, bytes(8), bytes(8), 0, 0)
    directory += unused * (-len(entries) % (_SECTOR // _ENTRY.size))
    directory_start = _append(sectors, fat, directory, _SECTOR)
    return _with_header(sectors, fat, directory_start, mini_start, -(-len(mini_fat) * 4 // _SECTOR))


def _with_header(sectors: bytearray, fat: list[int], directory: int, mini: int, minis: int) -> bytes:
    """The sector table is part of what it describes: it grows until it covers itself."""
    count = 0
    while count * _SECTOR // 4 < len(fat) + count:
        count += 1
    if count > _IN_HEADER:
        raise ValueError("too large for a compound file without an extended sector table")
    places = list(range(len(fat), len(fat) + count))
    sectors += _table(fat + [_FAT] * count)
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6),
        0, count, directory, 0, _CUTOFF, mini, minis, _END, 0, *places[:1],
    )  # fmt: skip
    return header + struct.pack("<108I", *places[1:], *[_FREE] * (_IN_HEADER - count)) + bytes(sectors)


def _append(to: bytearray, table: list[int], content: bytes, unit: int) -> int:
    """Appends a content in whole sectors, and their chain to the table. Returns the first, or the end for nothing."""
    count = -(-len(content) // unit)
    if not count:
        return _END
    first = len(table)
    table += [*range(first + 1, first + count), _END]
    to += content + bytes(count * unit - len(content))
    return first


def _table(numbers: list[int]) -> bytes:
    filled = numbers + [_FREE] * (-len(numbers) % (_SECTOR // 4))
    return struct.pack(f"<{len(filled)}I", *filled)


# ------------------------------------------------------------------------------------- the directory


def _tree(streams: Mapping[tuple[str, ...], bytes]) -> _Entry:
    root = _Entry("Root Entry", _ROOT)
    for path, content in streams.items():
        folder = root
        for name in path[:-1]:
            found = next((one for one in folder.children if one.name == name), None)
            if found is None:
                found = _Entry(name, _STORAGE)
                folder.children.append(found)
            folder = found
        folder.children.append(_Entry(path[-1], _STREAM, content))
    return root


def _numbered(root: _Entry) -> list[_Entry]:
    """All entries in the directory's order, numbered, with the tree of each storage laid."""
    entries = [root]
    for entry in entries:  # grows while it is walked
        entry.children.sort(key=lambda one: (len(one.name), one.name.upper()))
        for number, child in enumerate(entry.children, len(entries)):
            child.number = number
        entries += entry.children
        count = len(entry.children)
        full = count & (count + 1) == 0
        entry.child = _balanced(entry.children, 0 if full else count.bit_length())
    return entries


def _balanced(entries: list[_Entry], red: int, level: int = 1) -> int:
    """A search tree over sorted entries, as even as can be; returns its top.

    Only the lowest level, where it is not full, is red: then every path has as many black entries, as it must.
    """
    if not entries:
        return _NONE
    middle = len(entries) // 2
    top = entries[middle]
    top.colour = _RED if level == red else _BLACK
    top.left = _balanced(entries[:middle], red, level + 1)
    top.right = _balanced(entries[middle + 1 :], red, level + 1)
    return top.number
