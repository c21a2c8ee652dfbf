"""What a package holds besides its sheets and their texts: which sheets and tables there are, and nothing that acts.

Workbooks that were made from one template, and changed by a program that keeps what it does not change, have all this
in common to the byte. What one of them was found to be, every other one is that has the very same parts.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress, islice

from behov_xl.workbook.archive_checks import check_archive, check_like_known, too_large
from behov_xl.workbook.directory import Columns, Layout
from behov_xl.workbook.formula_checks import check_all_formulas, check_names
from behov_xl.workbook.grid import TableArea
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import Package
from behov_xl.workbook.part_checks import check_beginning, check_parts, check_well_formed
from behov_xl.workbook.refusals import DUPLICATE, Refused
from behov_xl.workbook.relation_checks import check_links, check_main_parts, check_relations

_VARYING = re.compile(r"xl/(?:worksheets|charts)/[^/]+\.xml|xl/sharedstrings\.xml|docprops/(?:core|app)\.xml")
"""The parts that are others in every workbook: sheets, their texts, what charts show of them, who wrote it and when."""
_TABLE = re.compile(r"xl/tables/[^/]+\.xml")
_FORMULAS = re.compile(r"xl/(?:workbook\.xml|(?:tables|charts|drawings|ctrlprops)/[^/]+\.(?:xml|vml))$")
"""The parts besides sheets that hold formulas."""
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
    since_1904: bool
    """Whether days are counted from 1904."""

    areas: Mapping[str, TableArea] = field(init=False)
    """By table name in lower case."""

    def __post_init__(self) -> None:
        """Looked up for every workbook, so found once; a frozen object can be filled in no other way."""
        object.__setattr__(self, "areas", {area.name.lower(): area for *_, area in self.tables if area})


@dataclass(frozen=True, slots=True)
class _Known:
    """A package that was found to be sound, without the parts that are others in every workbook."""

    limits: Limits
    layout: Layout
    names: list[str]
    """Of the parts that do not vary."""
    same: list[bool]
    """Which of all parts those are."""
    contents: list[tuple[int, ...]]
    """What the directory says of their content: checksum, sizes packed and unpacked."""
    parts: list[bytes]
    """Those, headers included."""
    sound: dict[bytes, int]
    """Their names as written, and how long they are."""
    beginnings: list[str]
    """Those that vary, without sheets and shared texts: each is looked at anew."""
    tables: frozenset[str]
    """Those that may be others all the same: tables that nothing else is read from, whatever a relationship says."""
    shell: Shell

    def found_in(self, package: Package, columns: Columns) -> tuple[dict[bytes, int], list[str]]:
        """Its parts in a package of the same layout, as written, and how long they are; and which are others there."""
        crcs, compressed, sizes, offsets = columns
        starts = list(compress(offsets, self.same))
        contents = list(compress(zip(crcs, compressed, sizes, strict=True), self.same))
        there = list(map(package.data.startswith, self.parts, starts))
        if contents == self.contents and all(there):
            return self.sound, []
        there = [one and ours == its for one, ours, its in zip(there, self.contents, contents, strict=True)]
        sound = dict(compress(self.sound.items(), there))
        return sound, [name for name, one in zip(self.names, there, strict=True) if not one]


_known: deque[_Known] = deque(maxlen=_KEPT)


def checked_shell(package: Package, limits: Limits) -> Shell:
    """A package's shell, when all that is known before a sheet is read speaks for reading one.

    Raises :class:`Refused` and ``DamagedPackage``.
    """
    directory = package.directory.known
    if directory is None:
        check_archive(package, limits)
        shell = _checked(package, limits)
        _check_varying(package)
        return shell
    layout, columns = directory
    for known in tuple(_known):
        if known.layout is layout and known.limits == limits:
            sound, others = known.found_in(package, columns)
            if known.tables.issuperset(others):
                check_like_known(package, columns, limits, sound)
                for name in known.beginnings if not others else package.entries:
                    if name in known.beginnings or name in others:
                        check_beginning(package, name)
                        _check_formulas(package, name)
                return _with_tables(known.shell, package, others) if others else known.shell
    check_archive(package, limits)
    shell = _checked(package, limits)
    _keep(package, layout, limits, shell)
    _check_varying(package)
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
    check_links(package)
    for name in package.entries:
        if name.endswith(".rels"):
            check_relations(package, name)
            check_well_formed(package, name)
    for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml"):
        check_well_formed(package, name)
    check_main_parts(package)
    if package.repeated:
        raise Refused(DUPLICATE, part=package.repeated)
    if len(package.sheets) > limits.sheets:
        raise too_large("sheets", len(package.sheets), limits.sheets)
    check_names("xl/workbook.xml", package.read("xl/workbook.xml"))
    for name in package.entries:
        if not _VARYING.fullmatch(name):
            _check_formulas(package, name)
    parts = list(islice(package.table_parts(), limits.tables + 1))
    if len(parts) > limits.tables:
        raise too_large("tables", len(parts), limits.tables)
    tables = [(sheet, part, package.table_area(sheet, part)) for sheet, part in parts]
    return Shell(package.sheets, frozenset(package.hidden), package.properties(), tables, package.counts_from_1904())


def _check_varying(package: Package) -> None:
    """What is looked at in every workbook anew: after the rest is kept, as it is no part of what is."""
    for name in filter(_VARYING.fullmatch, package.entries):
        _check_formulas(package, name)


def _check_formulas(package: Package, name: str) -> None:
    if _FORMULAS.match(name):
        check_all_formulas(name, package.read(name))


def _keep(package: Package, layout: Layout, limits: Limits, shell: Shell) -> None:
    same = [name in package.asked or not _VARYING.fullmatch(name) for name in package.entries]
    entries = list(compress(package.entries.values(), same))
    if sum(entry.compressed for entry in entries) > _LARGE:
        return
    parts = [package.data[one.offset : package.starts[one.offset] + one.compressed] for one in entries]
    read = {part.lower() for part in shell.sheets.values()} | {"xl/sharedstrings.xml"}
    fixed = list(compress(package.entries, same))
    beginnings = [name for name, one in zip(package.entries, same, strict=True) if not one and name not in read]
    tables = frozenset(name for _, part, _ in shell.tables if _TABLE.fullmatch(name := part.lower()))
    sound = {entry.name: len(part) for entry, part in zip(entries, parts, strict=True)}
    contents: list[tuple[int, ...]] = [(entry.crc, entry.compressed, entry.size) for entry in entries]
    _known.appendleft(_Known(limits, layout, fixed, same, contents, parts, sound, beginnings, tables, shell))
