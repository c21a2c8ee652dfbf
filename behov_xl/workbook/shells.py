"""What a package holds besides its sheets and their texts: which sheets and tables there are, and nothing that acts.

Workbooks that were made from one template, and changed by a program that keeps what it does not change, have all this
in common to the byte. What one of them was found to be, every other one is that has the very same parts.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, islice

from behov_xl.workbook.archive_checks import check_archive, too_large
from behov_xl.workbook.grid import TableArea
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import Package
from behov_xl.workbook.part_checks import check_all_formulas, check_beginning, check_parts, check_well_formed
from behov_xl.workbook.refusals import DUPLICATE, Refused

_VARYING = re.compile(r"xl/(?:worksheets|charts)/[^/]+\.xml|xl/sharedstrings\.xml|docprops/(?:core|app)\.xml")
"""The parts that are others in every workbook: sheets, their texts, what charts show of them, who wrote it and when."""
_KEPT, _LARGE = 8, 500_000
"""Shells that are kept, and their bytes at most: what is kept must not grow with what somebody uploads."""


@dataclass(frozen=True, slots=True)
class Shell:
    """What is known of a package before a sheet is read. Shared between workbooks, so it must not be changed."""

    sheets: Mapping[str, str]
    """Sheet name → part name, in the order of the tabs."""
    hidden: frozenset[str]
    """The sheets that are hidden."""
    properties: Mapping[str, str]
    """The custom properties that are texts."""
    tables: Sequence[tuple[str, str, TableArea | None]]
    """The sheet, the part, and the place of each table."""

    def areas(self) -> dict[str, TableArea]:
        """By table name in lower case."""
        return {area.name.lower(): area for *_, area in self.tables if area}


@dataclass(frozen=True, slots=True)
class _Known:
    """A package that was found to be sound, without the parts that are others in every workbook."""

    limits: Limits
    names: list[str]
    """Of all parts."""
    same: list[bool]
    """Which of them do not vary."""
    entries: list[tuple[object, ...]]
    """What the directory says of those, wherever they stand."""
    parts: list[bytes]
    """Those, headers included."""
    beginnings: list[str]
    """Those that vary, without sheets and shared texts: each is looked at anew."""
    shell: Shell

    def found_in(self, package: Package) -> tuple[dict[int, int], list[str]]:
        """Where its parts stand in a package of the same names, and how long they are; and which are others there."""
        entries = list(compress(package.entries.values(), self.same))
        starts = [entry.offset for entry in entries]
        told = [entry[:-1] for entry in entries]
        there = list(map(package.data.startswith, self.parts, starts))
        if told == self.entries and all(there):
            return dict(zip(starts, map(len, self.parts), strict=True)), []
        there = [one and ours == its for one, ours, its in zip(there, self.entries, told, strict=True)]
        sound = {start: len(part) for start, part, one in zip(starts, self.parts, there, strict=True) if one}
        fixed = compress(self.names, self.same)
        return sound, [name for name, one in zip(fixed, there, strict=True) if not one]


_known: deque[_Known] = deque(maxlen=_KEPT)


def checked_shell(package: Package, limits: Limits) -> Shell:
    """A package's shell, when all that is known before a sheet is read speaks for reading one.

    Raises :class:`Refused` and ``DamagedPackage``.
    """
    names = list(package.entries)
    for known in tuple(_known):
        if known.names == names and known.limits == limits:
            sound, others = known.found_in(package)
            if {part.lower() for _, part, _ in known.shell.tables}.issuperset(others):
                check_archive(package, limits, sound)
                for name in (*others, *known.beginnings):
                    check_beginning(package, name)
                return _with_tables(known.shell, package, others) if others else known.shell
    check_archive(package, limits)
    shell = _checked(package, limits)
    _keep(package, names, limits, shell)
    return shell


def _with_tables(shell: Shell, package: Package, others: Collection[str]) -> Shell:
    """The shell of a package in which these tables stand elsewhere, or are called otherwise."""
    tables = [
        (sheet, part, package.table_area(sheet, part) if part.lower() in others else area)
        for sheet, part, area in shell.tables
    ]
    return replace(shell, tables=tables)


def _checked(package: Package, limits: Limits) -> Shell:
    package.find_sheets()
    check_parts(package)
    for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml"):
        check_well_formed(package, name)
    if package.repeated:
        raise Refused(DUPLICATE, part=package.repeated)
    if len(package.sheets) > limits.sheets:
        raise too_large("sheets", len(package.sheets), limits.sheets)
    check_all_formulas("xl/workbook.xml", package.read("xl/workbook.xml"))
    parts = list(islice(package.table_parts(), limits.tables + 1))
    if len(parts) > limits.tables:
        raise too_large("tables", len(parts), limits.tables)
    tables = [(sheet, part, package.table_area(sheet, part)) for sheet, part in parts]
    return Shell(package.sheets, frozenset(package.hidden), package.properties(), tables)


def _keep(package: Package, names: list[str], limits: Limits, shell: Shell) -> None:
    same = [name in package.asked or not _VARYING.fullmatch(name) for name in names]
    entries = list(compress(package.entries.values(), same))
    if sum(entry.compressed for entry in entries) > _LARGE:
        return
    parts = [package.data[one.offset : package.starts[one.offset] + one.compressed] for one in entries]
    read = {part.lower() for part in shell.sheets.values()} | {"xl/sharedstrings.xml"}
    beginnings = [name for name, one in zip(names, same, strict=True) if not one and name not in read]
    told: list[tuple[object, ...]] = [entry[:-1] for entry in entries]
    _known.appendleft(_Known(limits, names, same, told, parts, beginnings, shell))
