"""References between tables: measures and partners that rows name must exist, and measures must be described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys
from behov_xl.rules.lookups import having, measure_ids, partners, strays, unclear_partners, unplaced

if TYPE_CHECKING:
    from behov_xl.form import Label, Table
    from behov_xl.workbook.frames import Submissions

_TICKS = "Avkryssing"


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
        found = s[table.id].loc[strays(s, table.id)]
        expected = Each([ids[workbook] for workbook in found["workbook"].tolist()])
        yield hits(table.id, found, "measure", actual=found["measure"], expected=expected)


@rule("BX603", "uh-not-listed", Severity.WARNING, section="Liste over andre eiere og kompetansemiljø")
def uh_not_listed(s: Submissions) -> Iterator[Hits]:
    """A measure names a UH that is not on the list of partners, neither by name nor by short name.

    Wrong: the measure names Nord, and the list has LMS only.
    Right: Nord universitet (kortnavn Nord) on the list.
    """
    listed = partners(s, {"uh", ""})
    measures = s["measures"]
    named = keys(measures, "uh")
    wrong = [bool(key) and key not in listed.get(w, {}) for w, key in named]
    if any(wrong):
        unclear = unclear_partners(s)  # a partner whose name cannot be read may be the one
        wrong = [one and w not in unclear for one, (w, _) in zip(wrong, named, strict=True)]
    found = measures.loc[wrong]
    yield hits("measures", found, "uh", actual=found["uh"])


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
    measures = s["measures"]
    tables = [table for table in s.form.tables if table.per_measure == severity]
    missing: list[list[Label]] = [[] for _ in range(len(measures))]
    for table in tables:
        filled = set(keys(s[table.id]))
        absent = [bool(key[1]) and key not in filled for key in keys(measures)]
        known = _readable(s, table) - unplaced(s, table.id) if any(absent) else set()
        for sheets, one, workbook in zip(missing, absent, measures["workbook"].tolist(), strict=True):
            if one and workbook in known:
                sheets.append(s.form.sheet_by_id[table.sheet].label)
    found = measures.loc[[bool(sheets) for sheets in missing]]
    expected = Each([sheets for sheets in missing if sheets])
    yield hits("measures", found, "measure", name=found["name"], expected=expected)


def _readable(s: Submissions, table: Table) -> set[int]:
    """The workbooks in which it can be seen which measures have rows: their ids, and something that is typed beside."""
    typed = [having(s, table.id, column.id) for column in table.columns if column.typed_by_user]
    return having(s, table.id, "measure") & set().union(*typed)


@rule("BX606", "no-measures", Severity.ERROR, section="Total sum")
def no_measures(s: Submissions) -> Iterator[Hits]:
    """The submission has no measure, so it asks for nothing.

    Wrong: an empty table Tiltak.
    Right: one row per measure.
    """
    empty = sorted(having(s, "measures") - set(s["measures"]["workbook"].tolist()))
    rows = [s.layouts[workbook]["measures"].area.first for workbook in empty]
    yield Hits("measures", empty, rows, ["name"] * len(empty), [""] * len(empty), {})
