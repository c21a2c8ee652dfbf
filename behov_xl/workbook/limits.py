"""How much a file may cost before it is refused, and how many are held at once.

The defaults are far above any behovsmelding, and safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeGuard

CHUNK = 300
"""Workbooks that are validated at once: the fixed cost of rules is hardly felt any more, and memory is bounded.

A task of a run weighs as much at most, and a large workbook weighs more than one: see ``batch.tasks``."""


_MOST = {"seconds": 1_000_000}
"""What a limit may be at most, by its name: the clock of a child goes no further on every system."""
_MOST_OF_OTHERS = 10**18
"""The same for all others: with more bytes of memory, systems do not count."""


class BadLimits(ValueError):
    """Settings that are no limits: an unknown name, or a value that is no whole number above 0, or too large a one.

    ``name`` is the setting at fault, ``value`` what it was set to, ``known`` every name there is, ``most`` the largest
    value that the setting may have.
    """

    def __init__(self, name: str, value: object, known: tuple[str, ...]) -> None:
        self.most = _most(name)
        what = f"no whole number from 1 to {self.most}" if name in known else f"unknown; known are {', '.join(known)}"
        super().__init__(f"{name}: {what}")
        self.name = name
        self.value = value
        self.known = known


def _most(name: str) -> int:
    return _MOST.get(name, _MOST_OF_OTHERS)


def _is_limit(value: object, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of a file before and while it is read; what goes beyond is refused with a coded finding.

    There is none for the depth of the XML: nothing that reads it here goes deeper into itself where the XML does.
    """

    file_bytes: int = 50_000_000
    """Size of the file."""
    entries: int = 5_000
    """Parts in the package."""
    expanded_bytes: int = 500_000_000
    """What all parts unpack to, together."""
    entry_bytes: int = 250_000_000
    """What one part unpacks to."""
    ratio: int = 200
    """How many times as large a part of over 1 MB may become when it is unpacked."""
    sheets: int = 250
    tables: int = 1_000
    rows: int = 250_000
    """The last row of a sheet that holds something."""
    cells: int = 10_000_000
    """Rows × columns of the sheets that are read, together; what lies between two cells is laid out as well."""
    shared_strings: int = 1_000_000
    """Texts that cells share."""
    shared_string_bytes: int = 100_000_000
    """What those texts unpack to."""
    string_length: int = 131_072
    """Bytes of one text or attribute. Excel's cells hold 32 767 characters of at most four bytes."""
    text_bytes: int = 500_000_000
    """What the cells' texts take up when each cell has its own: a long shared text may be named by any number."""
    seconds: int = 30
    """Wall-clock and processor time for one file, where it is read in a process of its own."""
    memory_bytes: int = 2_000_000_000
    """Memory that reading may take beyond what the process has already, where it is one of its own."""

    @classmethod
    def from_mapping(cls, settings: Mapping[str, object]) -> Limits:
        """Limits from a configuration; what is not named has its default. ``file-bytes`` is ``file_bytes``.

        Raises :class:`BadLimits`.
        """
        known = tuple(field.name for field in fields(cls))
        chosen: dict[str, int] = {}
        for key, value in settings.items():
            name = key.replace("-", "_")
            if name not in known or not _is_limit(value, _most(name)):
                raise BadLimits(name if name in known else key, value, known)
            chosen[name] = value
        return cls(**chosen)


DEFAULT = Limits()
