"""What several rules ask first: which workbooks have a column, which rows belong to no measure, who is on the list.

A rule must not accuse where it cannot know. A column that is missing, an id that is empty and a kind that cannot be
read have findings of their own; what follows from them is not said again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from behov_xl.remembering import remembered
from behov_xl.rules.shared import cells, folded, keys_of, per_chunk

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions
    from behov_xl.workbook.structure import Layout

_Key = TypeVar("_Key", bound=Hashable)
_WORD = re.compile(r"\w+")
_MOST, _JOINED = 200, 12
"""Spellings on a list and names in a cell, at most: each is compared with each, for each measure, and there is room for
tens of thousands of them. What has more is no list of partners, and no name."""


def having(s: Submissions, table: str, *columns: str) -> frozenset[int]:
    """The workbooks that have this table with all these columns (or fields)."""
    ways = _laid_out(s, table)
    return frozenset().union(*(books for layout, books in ways if all(layout.locate(one, 0) for one in columns)))


@per_chunk
def _laid_out(s: Submissions, table: str) -> list[tuple[Layout, list[int]]]:
    """The ways in which a table is laid out, and the workbooks of each: those from one template have one."""
    found: dict[int, tuple[Layout, list[int]]] = {}
    for workbook, layouts in enumerate(s.layouts):
        if table in layouts:
            layout = layouts[table]
            found.setdefault(id(layout.columns), (layout, []))[1].append(workbook)
    return list(found.values())


@per_chunk
def measure_ids(s: Submissions) -> dict[int, list[str]]:
    """Workbook → the ids of its measures as written. Only where they are known: all there, each once."""
    ids: dict[int, list[str]] = {workbook: [] for workbook in having(s, "measures", "measure")}
    found = keys_of(s, "measures")
    for (workbook, _), id_ in zip(found, cells(s, "measures", "measure"), strict=True):
        if workbook in ids:
            ids[workbook].append(id_)
    unclear = {workbook for workbook, _ in repeated(found)}.union(workbook for workbook, id_ in found if not id_)
    return {workbook: all_ids for workbook, all_ids in ids.items() if workbook not in unclear}


@per_chunk
def _known(s: Submissions) -> frozenset[tuple[int, str]]:
    """The measures of :func:`measure_ids`, as keys are compared."""
    clear = measure_ids(s)
    return frozenset(key for key in keys_of(s, "measures") if key[0] in clear)


def repeated(found: list[_Key]) -> set[_Key]:
    """The keys that several rows have."""
    if len(set(found)) == len(found):
        return set()  # nearly always
    return {key for key, count in Counter(found).items() if count > 1}


@per_chunk
def strays(s: Submissions, table: str) -> list[bool]:
    """For each row of a table: whether the measure it names does not exist. False where that cannot be told."""
    known, ids = _known(s), measure_ids(s)
    return [key not in known and bool(key[1]) and key[0] in ids for key in keys_of(s, table)]


def existing(s: Submissions, found: Collection[tuple[int, str]], table: str) -> set[tuple[int, str]]:
    """Those of these (workbook, measure) that exist, or may exist, and have no more than one row in ``table``."""
    if not found:
        return set()
    known, ids, twice = _known(s), measure_ids(s), _repeated_in(s, table)
    return {key for key in found if key[1] and key not in twice and (key in known or key[0] not in ids)}


@per_chunk
def _repeated_in(s: Submissions, table: str) -> set[tuple[int, str]]:
    return repeated(keys_of(s, table))


@per_chunk
def unplaced(s: Submissions, table: str) -> set[int]:
    """The workbooks in which a row of the table belongs to no measure, so that any of them may be the one it is for."""
    rows = zip(keys_of(s, table), strays(s, table), strict=True)
    return {workbook for (workbook, key), stray in rows if stray or not key}


@per_chunk
def unclear_partners(s: Submissions) -> set[int]:
    """The workbooks in which a UH may go by a name that cannot be read: a name or short name is gone or unreadable."""
    known = having(s, "partners", "name", "short", "kind")
    unclear = {workbook for workbook in range(len(s.layouts)) if workbook not in known}
    columns = (cells(s, "partners", one) for one in ("workbook", "row", "name", "kind"))
    for workbook, row, name, kind in zip(*columns, strict=True):
        if kind != "owner" and (not name or (workbook, "partners", row, "short") in s.faulty):
            unclear.add(workbook)
    return unclear


@per_chunk
def partners(s: Submissions, *kinds: str) -> dict[int, dict[str, str]]:
    """Workbook → name and short name, in lower case → name, of the partners of these kinds (``""``: unreadable).

    A spelling of several partners is the one's whose name it is, whatever the order of the list.
    """
    found: dict[int, dict[str, str]] = {}
    columns = (cells(s, "partners", one) for one in ("workbook", "name", "short", "kind"))
    listed = [(book, name, short) for book, name, short, kind in zip(*columns, strict=True) if kind in kinds]
    named = [(workbook, name, name) for workbook, name, _ in listed]
    short_for = sorted((workbook, short, name or short) for workbook, name, short in listed)
    for workbook, spelling, name in [*named, *short_for]:
        spellings = found.setdefault(workbook, {})
        if spelling:
            spellings.setdefault(spelling.casefold(), name)
    return found


class Partner(NamedTuple):
    """A row of the list of partners."""

    row: int
    name: str
    short: str
    kind: str
    contact: str
    spellings: tuple[str, ...]
    """What it may be called elsewhere, in lower case."""


@per_chunk
def partner_list(s: Submissions) -> dict[int, list[Partner]]:
    """Workbook → the rows of its list of partners, from top to bottom."""
    found: dict[int, list[Partner]] = {}
    columns = [cells(s, "partners", one) for one in ("row", "name", "short", "kind", "contact")]
    spelled = zip(folded(s, "partners", "name"), folded(s, "partners", "short"), strict=True)
    spellings = [tuple(filter(None, one)) for one in spelled]
    for workbook, partner in zip(cells(s, "partners", "workbook"), map(Partner, *columns, spellings), strict=True):
        found.setdefault(workbook, []).append(partner)
    return found


@per_chunk
def uh_named(s: Submissions) -> dict[int, set[str]]:
    """Workbook → the UH that its measures name, in lower case; ``""`` where one names none."""
    found: dict[int, set[str]] = {}
    for workbook, uh in keys_of(s, "measures", "uh"):
        found.setdefault(workbook, set()).add(uh)
    return found


@remembered(8192)
def words(text: str) -> frozenset[str]:
    """The words of a name as names are compared."""
    return frozenset(_WORD.findall(text.casefold()))


def alike(one: str, other: str) -> bool:
    """Whether two names may mean the same: one has all the words of the other."""
    some, others = words(one), words(other)
    return some <= others or others <= some


@lru_cache(maxsize=64)
def _joints(joining: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[,/&+]|\b(?:{'|'.join(map(re.escape, joining))})\b")


class Listed:
    """The names on a list of partners, for asking which of them a name may mean that is not on it."""

    def __init__(self, listed: Mapping[str, str]) -> None:
        """``listed``: spelling in lower case → name."""
        self._known = len(listed) <= _MOST
        self._named = [(words(spelling), name) for spelling, name in listed.items()] if self._known else []

    def alike(self, name: str) -> set[str]:
        """The partners one of whose spellings may mean the same as a name: see :func:`alike`."""
        asked = words(name)
        return {partner for found, partner in self._named if asked <= found or found <= asked}

    def unlike(self, names: Iterable[str]) -> list[str]:
        """Those of these names that cannot mean one on the list."""
        return [name for name in names if not self.alike(name)] if self._known else []

    def meant(self, uh: str, joining: tuple[str, ...]) -> list[str]:
        """The partners that a UH which is not on the list can only mean: one, several that it joins, or none.

        ``joining``: the words that join names.
        """
        meant = self.alike(uh)
        if len(meant) == 1:
            return list(meant)
        parts = [part for part in _joints(joining).split(uh) if part.strip()]
        if not 1 < len(parts) <= _JOINED:
            return []
        each = [self.alike(part) for part in parts]
        return [next(iter(one)) for one in each] if all(len(one) == 1 for one in each) else []


@per_chunk
def uh_list(s: Submissions, workbook: int) -> Listed:
    """The UH on the list of a workbook, and the partners whose kind cannot be read."""
    return Listed(partners(s, "uh", "").get(workbook, {}))
