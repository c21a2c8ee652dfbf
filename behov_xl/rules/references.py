"""References between tables: what rows name exists, once, and is named; measures are described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.headings import normal
from behov_xl.rules.hits import Each, Hits, each, hits
from behov_xl.rules.lookups import (
    Partner,
    having,
    measure_ids,
    partner_list,
    partners,
    repeated,
    strays,
    uh_list,
    uh_named,
    unclear_partners,
    unplaced,
    words,
)
from behov_xl.rules.shared import cells, keys_of, per_chunk

if TYPE_CHECKING:
    from behov_xl.form import Label, Table
    from behov_xl.workbook.columns import Submissions

_TICKS = "Avkryssing"
_LIST = "Liste over andre eiere og kompetansemiljø"


@rule("BX601", "unknown-measure", Severity.ERROR, section="workbook")
def unknown_measure(s: Submissions) -> Iterator[Hits]:
    """A row belongs to a measure that is not in the table Tiltak, so that it counts nowhere.

    Said only where the measures' own ids are all there, each once: otherwise the fault is in Tiltak (BX208, BX602).

    Wrong: an activity of T9, where the measures are T1–T5.
    Right: an activity of T5.
    """
    ids = measure_ids(s)
    for table in s.form.tables:
        column = table.by_id.get("measure")
        if column is None or column.refers != "measures.measure":
            continue
        found = [index for index, stray in enumerate(strays(s, table.id)) if stray]
        books = cells(s, table.id, "workbook")
        expected = Each([ids[books[index]] for index in found])
        yield hits(s, table.id, found, "measure", actual=each(s, table.id, "measure", found), expected=expected)


@rule("BX603", "uh-not-listed", Severity.WARNING, section=_LIST)
def uh_not_listed(s: Submissions) -> Iterator[Hits]:
    """A measure names a UH that is not on the list of partners, neither by name nor by short name.

    A name that can only mean one that is on the list is BX614's, several of them in one cell BX615's.

    Wrong: the measure names Nord, and the list has LMS only.
    Right: Nord universitet (kortnavn Nord) on the list.
    """
    found = [index for index, (meant, _) in _unlisted(s).items() if not meant]
    yield hits(s, "measures", found, "uh", actual=each(s, "measures", "uh", found))


@rule("BX614", "uh-spelled-otherwise", Severity.INFO, section=_LIST)
def uh_spelled_otherwise(s: Submissions) -> Iterator[Hits]:
    """A measure names a UH by another name than the list has. It is clear which one is meant, but not to a formula.

    Wrong: Læringsmiljøsenteret, where the list has "Læringsmiljøsenteret, Universitetet i Stavanger" (LMS).
    Right: LMS.
    """
    found = {index: meant[0] for index, (meant, _) in _unlisted(s).items() if len(meant) == 1}
    actual, expected = each(s, "measures", "uh", found), Each(list(found.values()))
    yield hits(s, "measures", list(found), "uh", actual=actual, expected=expected)


@rule("BX615", "several-uh-in-one-cell", Severity.WARNING, section="Total sum")
def several_uh_in_one_cell(s: Submissions) -> Iterator[Hits]:
    """A measure names several UH that are on the list, so that nobody can tell how much each of them asks for.

    Wrong: LMS og Nord in one row.
    Right: a row with LMS and its sum, and a row with Nord and its sum.
    """
    found = {index: meant for index, (meant, _) in _unlisted(s).items() if len(meant) > 1}
    actual, expected = each(s, "measures", "uh", found), Each(list(found.values()))
    yield hits(s, "measures", list(found), "uh", actual=actual, expected=expected)


@per_chunk
def _unlisted(s: Submissions) -> dict[int, tuple[list[str], str]]:
    """Row of Tiltak → the partners that its UH can only mean, and the UH as written, where it is not on the list."""
    listed = partners(s, "uh", "")
    named = cells(s, "measures", "uh")
    books = cells(s, "measures", "workbook")
    found = {
        index: uh
        for index, (workbook, uh) in enumerate(zip(books, named, strict=True))
        if uh and uh.casefold() not in listed.get(workbook, {})
    }
    unclear = unclear_partners(s) if found else set()  # a partner whose name cannot be read may be the one
    joining = s.form.vocabulary.joining
    return {
        index: (uh_list(s, books[index]).meant(uh, joining), uh)
        for index, uh in found.items()
        if books[index] not in unclear
    }


@rule("BX604", "measure-not-described", Severity.ERROR, section=_TICKS)
def measure_not_described(s: Submissions) -> Iterator[Hits]:
    """A measure asks for money in the totals table, and required parts of the form are not filled in for it at all.

    One finding per measure, naming the sheets: what is missing on a sheet that is filled in has findings of its own.

    Wrong: T2 in Tiltak, and no row for T2 in Avkryssing, Enheter and Beskrivelse.
    Right: T2 in all of them.
    """
    yield from _absent(s, "error")


@rule("BX605", "measure-without-plan", Severity.WARNING, section="2 Plan for partnerskap")
def measure_without_plan(s: Submissions) -> Iterator[Hits]:
    """A measure has no activities, or no roles. It may be right early on; usually a part was forgotten.

    Wrong: T2 in Tiltak, and no activity of T2.
    Right: at least one activity of T2.
    """
    yield from _absent(s, "warning")


def _absent(s: Submissions, severity: str) -> Iterator[Hits]:
    tables = [table for table in s.form.tables if table.per_measure == severity]
    measures, books = keys_of(s, "measures"), cells(s, "measures", "workbook")
    missing: dict[int, list[Label]] = {}
    for table in tables:
        filled = set(keys_of(s, table.id))
        absent = [index for index, key in enumerate(measures) if key[1] and key not in filled]
        known = _readable(s, table) - unplaced(s, table.id) if absent else set()
        for index in absent:
            if books[index] in known:
                missing.setdefault(index, []).append(s.form.sheet_by_id[table.sheet].label)
    found = sorted(missing)
    expected = Each.at(missing, found)
    yield hits(s, "measures", found, "measure", name=each(s, "measures", "name", found), expected=expected)


def _readable(s: Submissions, table: Table) -> set[int]:
    """The workbooks in which it can be seen which measures have rows: their ids, and something that is typed beside."""
    there = having(s, table.id, "measure")
    layouts = ((workbook, s.layouts[workbook][table.id]) for workbook in there)
    return {workbook for workbook, layout in layouts if any(layout.locate(one, 0) for one in table.typed)}


@rule("BX606", "no-measures", Severity.ERROR, section="Total sum")
def no_measures(s: Submissions) -> Iterator[Hits]:
    """The submission has no measure, so it asks for nothing.

    Wrong: an empty table Tiltak.
    Right: one row per measure.
    """
    empty = sorted(having(s, "measures") - set(cells(s, "measures", "workbook")))
    rows = [s.layouts[workbook]["measures"].area.first for workbook in empty]
    yield Hits("measures", empty, rows, ["name"] * len(empty), [""] * len(empty), {})


@rule("BX607", "uh-never-used", Severity.WARNING, section=_LIST)
def uh_never_used(s: Submissions) -> Iterator[Hits]:
    """A UH is on the list of partners and no measure names it, neither by name nor by short name.

    Not where a measure's UH is missing, or is not on the list (BX603) and may mean this one.

    Wrong: Nord universitet on the list, and LMS in every measure.
    Right: Nord in the measures that it takes part in, or not on the list.
    """
    named = uh_named(s)
    found: list[tuple[int, Partner]] = []
    for workbook, listed in partner_list(s).items():
        used = set(named.get(workbook, ()))
        if not used or "" in used:
            continue
        unlisted = _Unlisted(used.difference(*(one.spellings for one in listed if one.kind != "owner")))
        # A row that shares a spelling with one that is used, or reported, is the same partner (BX602, BX613).
        for one in listed:
            used.update(() if used.isdisjoint(one.spellings) else one.spellings)
        for one in listed:
            if one.kind == "uh" and one.spellings and used.isdisjoint(one.spellings):
                used.update(one.spellings)
                if not any(map(unlisted.may_mean, one.spellings)):
                    found.append((workbook, one))
    yield _at_partners(found, ["name" if one.name else "short" for _, one in found])


class _Unlisted:
    """The UH of a workbook's measures that are not on its list, by what they may have in common with one that is."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._words = frozenset[str]().union(*map(words, names))
        self._initials = set(map(_initials, names))
        self._letter = any(len(name) == 1 for name in names)

    def may_mean(self, listed: str) -> bool:
        """Whether one may be meant for a name on the list: they share a word, or one is the other's initials ("UiT").

        A letter is the initials of itself, and so of any.
        """
        if not self._names:
            return False
        by_initials = listed in self._initials or _initials(listed) in self._names or len(listed) == 1
        return by_initials or self._letter or not self._words.isdisjoint(words(listed))


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split())


def _at_partners(found: list[tuple[int, Partner]], columns: list[str], **params: list[int]) -> Hits:
    """Hits in the list of partners: what stands in the cell is the parameter ``actual``."""
    actual = [one.name if column == "name" else one.short for (_, one), column in zip(found, columns, strict=True)]
    books, rows = [workbook for workbook, _ in found], [one.row for _, one in found]
    return Hits("partners", books, rows, columns, [""] * len(found), {"actual": actual, **params})


@rule("BX612", "measure-twice", Severity.WARNING, section="Total sum")
def measure_twice(s: Submissions) -> Iterator[Hits]:
    """Two measures have the same name, or the same number, and the same UH: one of them was probably entered twice.

    Wrong: 2 Ledersamlinger (LMS) on two rows, as T2 and T4.
    Right: once. (The number may repeat with another UH: "Tiltak 1" with LMS and "Tiltak 1" with Nord.)
    """
    ids, uhs = keys_of(s, "measures"), keys_of(s, "measures", "uh")
    again: dict[int, tuple[str, int]] = {}
    for column in ("name", "number"):
        named = [(workbook, normal(text).strip(". ")) for workbook, text in keys_of(s, "measures", column)]
        same = repeated([one for one in named if one[1]])
        if not same:
            continue
        one_name = _one_name(s)
        first: dict[tuple[int, str, str], int] = {}
        for index, (key, (workbook, uh)) in enumerate(zip(named, uhs, strict=True)):
            if key in same and uh:
                other = first.setdefault((*key, one_name.get((workbook, uh), uh)), index)
                # The same id on both is BX602's.
                if other != index and (ids[other] != ids[index] or not ids[index][1]):
                    again.setdefault(index, (column, other))
    if again:
        found = sorted(again)
        rows, columns = cells(s, "measures", "row"), [again[index][0] for index in found]
        yield hits(
            s,
            "measures",
            found,
            columns,
            label=Each([s.form.by_id["measures"].by_id[column].label for column in columns]),
            actual=Each([cells(s, "measures", column)[index] for column, index in zip(columns, found, strict=True)]),
            uh=each(s, "measures", "uh", found),
            expected_row=Each([rows[again[index][1]] + 1 for index in found]),
        )


@per_chunk
def _one_name(s: Submissions) -> dict[tuple[int, str], str]:
    """(workbook, name or short name) of each UH on the list, in lower case → one name for both."""
    return {
        (workbook, spelling): one.spellings[0]
        for workbook, listed in partner_list(s).items()
        for one in listed
        if one.kind != "owner"
        for spelling in one.spellings
    }


@rule("BX613", "partner-listed-twice", Severity.WARNING, section=_LIST)
def partner_listed_twice(s: Submissions) -> Iterator[Hits]:
    """Two rows of the list share a name or short name, so that nobody can tell which of them a measure names.

    Two rows with the same name and kind are BX602's.

    Wrong: "Læringsmiljøsenteret" (kortnavn LMS) and "LMS".
    Right: one row: "Læringsmiljøsenteret", kortnavn LMS.
    """
    found: list[tuple[int, Partner]] = []
    columns: list[str] = []
    before: list[int] = []
    for workbook, listed in partner_list(s).items():
        seen: dict[tuple[str, str], Partner] = {}
        for one in listed:
            for column, spelling in zip(("name", "short"), (one.name, one.short), strict=True):
                other = seen.setdefault((one.kind, spelling.casefold()), one) if spelling and one.kind else one
                if other is not one and other.name.casefold() != one.name.casefold() and one.name and other.name:
                    found.append((workbook, one))
                    columns.append(column)
                    before.append(other.row + 1)
                    break
    yield _at_partners(found, columns, expected_row=before)
