"""References between tables: measures and partners that rows name must exist, and measures must be described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.checkboxes import short_names
from behov_xl.rules.hits import Each, Hits, hits, keys

if TYPE_CHECKING:
    from behov_xl.workbook.frames import Submissions
    from behov_xl.workbook.structure import Layout

_TICKS = "Avkryssing"


def measure_keys(s: Submissions) -> dict[tuple[int, str], str]:
    """(workbook, measure in lower case) → its id as written, of the measures that exist."""
    measures = s["measures"]
    return {key: id_ for key, id_ in zip(keys(measures), measures["measure"].tolist(), strict=True) if id_}


@rule("BX601", "unknown-measure", Severity.ERROR, section="workbook")
def unknown_measure(s: Submissions) -> Iterator[Hits]:
    """A row belongs to a measure that is not in the table Tiltak, so that it counts nowhere.

    Wrong: an activity of T9, where the measures are T1–T5.
    Right: an activity of T5.
    """
    known = measure_keys(s)
    # Without the table of measures every reference is unknown; that the table is missing says it better.
    there = {workbook for workbook, layouts in enumerate(s.layouts) if "measure" in _columns(layouts, "measures")}
    ids: dict[int, list[str]] = {}
    for (workbook, _), id_ in known.items():
        ids.setdefault(workbook, []).append(id_)
    for table in s.form.tables:
        column = table.by_id.get("measure")
        if column is None or column.refers != "measures.measure":
            continue
        frame = s[table.id]
        wrong = [w in there and bool(key) and (w, key) not in known for w, key in keys(frame)]
        found = frame.loc[wrong]
        expected = Each([ids.get(workbook, []) for workbook in found["workbook"].tolist()])
        yield hits(table.id, found, "measure", actual=found["measure"], expected=expected)


def _columns(layouts: dict[str, Layout], table: str) -> dict[str, int]:
    return layouts[table].columns if table in layouts else {}


@rule("BX603", "uh-not-listed", Severity.WARNING, section="Liste over andre eiere og kompetansemiljø")
def uh_not_listed(s: Submissions) -> Iterator[Hits]:
    """A measure names a UH that is not on the list of partners, neither by name nor by short name.

    Wrong: the measure names Nord, and the list has LMS only.
    Right: Nord universitet (kortnavn Nord) on the list.
    """
    listed = short_names(s)
    measures = s["measures"]
    there = {workbook for workbook, layouts in enumerate(s.layouts) if "name" in _columns(layouts, "partners")}
    wrong = [w in there and bool(key) and (w, key) not in listed for w, key in keys(measures, "uh")]
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
    filled = {table.id: set(keys(s[table.id])) for table in tables}
    missing = [
        [
            s.form.sheet_by_id[table.sheet].label
            for table in tables
            if key and table.id in s.layouts[workbook] and (workbook, key) not in filled[table.id]
        ]
        for workbook, key in keys(measures)
    ]
    found = measures.loc[[bool(sheets) for sheets in missing]]
    sheets = Each([one for one in missing if one])
    yield hits("measures", found, "measure", name=found["name"], expected=sheets)


@rule("BX606", "no-measures", Severity.ERROR, section="Total sum")
def no_measures(s: Submissions) -> Iterator[Hits]:
    """The submission has no measure, so it asks for nothing.

    Wrong: an empty table Tiltak.
    Right: one row per measure.
    """
    having = set(s["measures"]["workbook"].tolist())
    empty = [w for w, layouts in enumerate(s.layouts) if "measures" in layouts and w not in having]
    rows = [s.layouts[workbook]["measures"].area.first for workbook in empty]
    yield Hits("measures", empty, rows, ["name"] * len(empty), [""] * len(empty), {})
