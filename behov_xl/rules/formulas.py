"""Formulas that are not the template's any more, and values that are not what their formulas give."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from behov_xl.findings import RULES, Severity, rule
from behov_xl.rules.formula_values import Computed, doubtful
from behov_xl.rules.hits import Hits
from behov_xl.rules.shared import cells, per_form, rows_of
from behov_xl.rules.workbook import computed_columns
from behov_xl.workbook.formulas import formula, total_formula, total_pattern, with_references
from behov_xl.workbook.grid import Grid, SheetGrid, address, addresses
from behov_xl.workbook.references import Cells, Formula, beyond, resolve
from behov_xl.workbook.structure import is_blank

if TYPE_CHECKING:
    from behov_xl.form import Form
    from behov_xl.workbook.columns import Submissions

_SECTION = "workbook"
_HARMLESS = frozenset({0.0, 1.0, 2.0, 9.0, 109.0})
"""Numbers that a formula may have without computing something else: of decimals, and SUBTOTAL's for a sum."""
_JUDGED, _REFERENCES = 2_000, 60
"""Characters and references of a formula that is judged: a few times what the template's longest has."""
_ENOUGH = 1_000
"""Changed formulas that are counted in a workbook. It takes long to understand one, and nobody reads more."""
_SHOWN = 60
"""Characters of a formula that a message has room for."""


@rule("BX118", "formula-changed", Severity.WARNING, section=_SECTION, fix="safe")
def formula_changed(s: Submissions) -> Iterator[Hits]:
    """A cell that computes itself has a formula that is not the template's: it computes something else.

    It looks at other cells, leaves some out, or adds numbers of its own. The same formula with cell addresses instead
    of headings is the same, and so is one of the adviser's own that computes the same from the same cells. What cannot
    be understood is not judged.

    Wrong: `=E6+F6` in row 5 of Tiltak; `=SUM(E5:E7)` under four measures.
    Right: the template's formula.
    """
    doubted: set[Any] | None = None
    filled = _Filled()
    enough = max(_ENOUGH, s.limit)
    for cell in _unfamiliar(s):
        if s.counts.get((cell.workbook, RULES["BX118"]), 0) > enough:
            continue
        verdict = _verdict(s, cell, filled)
        if verdict == "own":
            # It looks at the same cells; where no other rule says so, what it shows tells whether it does the same.
            doubted = {one.place for one, _, _ in doubtful(s)} if doubted is None else doubted
            verdict = {"outside": "", "missing": ""} if cell.place in doubted else "own"
        if isinstance(verdict, dict):
            actual = "=" + cell.text.lstrip("=")
            yield cell.hit(actual=actual if len(actual) <= _SHOWN else "", **verdict)


@rule("BX119", "stale-value", Severity.WARNING, section=_SECTION, fix="safe")
def stale_value(s: Submissions) -> Iterator[Hits]:
    """A cell has the template's formula and shows something that the formula does not give.

    A program changed the file and did not calculate it anew; whoever reads it without calculating believes it. Sums
    and hours per year have rules of their own (BX301, BX302, BX403).

    Wrong: "✓ stemmer" in Kontroll, where the budget lines are 10 000 kr short.
    Right: "Budsjett − sum: eier -10000 · UH 0".
    """
    filled = _Filled()
    for cell, actual, given in doubtful(s):
        expected = given.get(str(_verdict(s, cell, filled)))
        if expected is not None:
            yield cell.hit(actual=actual, expected=expected, given=_given(expected), nothing=expected == "")


def _given(expected: float | str) -> float | str:
    """As the message says it, in which a bare 0 would be taken for nothing."""
    return "0" if expected == 0 else expected


# ----------------------------------------------------------------------------------------- the formula


@per_form
def _template_texts(form: Form) -> dict[tuple[str, str], set[str]]:
    """Table (``<table>.total`` for its total row) and column → the template's formulas there, in either language."""
    texts: dict[tuple[str, str], set[str]] = {}
    for name, column in computed_columns(form):
        table = form.by_id[name.removesuffix(".total")]
        if name != table.id:
            found = {total_formula(form, table, column, lang) for lang in ("nb", "nn")}
        else:
            numbered = range(table.rows * 2 if "{n}" in (column.formula or "") else 1)
            found = {formula(form, table, column, index, lang) for index in numbered for lang in ("nb", "nn")}
        texts[name, column.id] = {text.removeprefix("=") for text in found}
    return texts


def _unfamiliar(s: Submissions) -> Iterator[Computed]:
    """The computed cells whose formula is not the template's to the letter. Nearly always none."""
    for name, columns in groupby(_template_texts(s.form).items(), lambda one: one[0][0]):
        table = s.form.by_id[name.removesuffix(".total")]
        looked_at = [(table.by_id[id_], known | {None}) for (_, id_), known in columns if id_ != "note"]
        familiar: set[tuple[object, ...]] = set()  # formulas, columns and rows that several workbooks have in common
        places, measures = cells(s, name, "row"), s.columns[name].get("measure")
        for workbook, found in rows_of(s, name).items() if looked_at else ():
            rows = places[found.start : found.stop]
            layout = s.layouts[workbook][table.id]
            formulas = s.grids[workbook].sheets[layout.sheet].formulas
            if not formulas or not layout.area.is_table:
                continue
            shared = id(formulas), id(layout.columns), *rows
            if shared in familiar:
                continue
            familiar.add(shared)
            for column, known in looked_at:
                where = layout.columns.get(column.id)
                if where is None or known.issuperset(map(formulas.get, addresses(rows, where))):
                    continue
                familiar.discard(shared)
                for index, row in zip(found, rows, strict=True):
                    text = formulas.get(address(row, where))
                    if text is not None and text not in known:
                        measure = measures[index] if measures else ""
                        yield Computed(workbook, name, table, column, row, measure, text)


def _verdict(s: Submissions, cell: Computed, filled: _Filled) -> str | dict[str, str]:
    """``nb`` or ``nn``: the template's formula; ``own``: as good; ``""``: cannot be judged. Or what is wrong."""
    grid, layout = s.grids[cell.workbook], s.layouts[cell.workbook][cell.table.id]
    if cell.text in _template_texts(s.form)[cell.rows, cell.column.id]:
        # No cell that is asked for by its language is numbered, or in a total row.
        return "nn" if cell.text == formula(s.form, cell.table, cell.column, 0, "nn").removeprefix("=") else "nb"
    if (cell.workbook, cell.table.id, cell.row, cell.column.id) in s.error_cells or len(cell.text) > _JUDGED:
        return ""
    actual = resolve(cell.text, grid, layout.sheet, cell.row, layout.area)
    right = {lang: _expected(s, cell, lang) for lang in ("nb", "nn")}
    templates = {lang: one for lang, one in right.items() if one is not None}
    if actual is None or not templates or len(actual.cells) > _REFERENCES:
        return ""
    for lang, template in templates.items():
        if actual.parts == template.parts:
            return lang
    return _differences(s, cell, actual, templates, filled) or "own"


def _expected(s: Submissions, cell: Computed, lang: str) -> Formula | None:
    """The template's formula with the cells it looks at in this workbook; ``None`` where one of them is missing."""
    form, table = s.form, cell.table
    grid, layouts = s.grids[cell.workbook], s.layouts[cell.workbook]
    unknown: set[str] = set()

    def reference(name: str) -> str:
        if name == "n":
            return "1"  # which row's number it is does not matter
        if name not in table.by_id:
            other, _, id_ = name.partition(".")
            layout = layouts.get(other)
            where = layout.columns.get(id_) if layout else None
            if layout is None or where is None or not layout.area.is_table or layout.area.end <= layout.area.first:
                unknown.add(name)
                return ""
            sheet = layout.sheet.replace("'", "''")
            return f"'{sheet}'!{address(layout.area.first, where)}:{address(layout.area.end - 1, where)}"
        where = layouts[table.id].columns.get(name)
        if where is None:
            unknown.add(name)
        return "" if where is None else address(cell.row, where)

    total = cell.rows != table.id
    pattern = total_pattern(table, cell.column) if total else cell.column.formula or ""
    text = with_references(form, cell.column, pattern, lang, reference)
    layout = layouts[table.id]
    return None if unknown else resolve(text, grid, layout.sheet, cell.row, layout.area)


def _differences(
    s: Submissions, cell: Computed, actual: Formula, templates: dict[str, Formula], filled: _Filled
) -> dict[str, str] | None:
    """What a formula looks at, and what it leaves out, unlike the template's; ``None`` for nothing that matters."""
    grid, sheet = s.grids[cell.workbook], s.layouts[cell.workbook][cell.table.id].sheet
    template = templates["nb"]
    wanted = [*template.cells, *(_with_header(grid, one) for one in template.cells)]
    outside = [one for one in beyond(actual.cells, wanted) if filled.any_in(grid, one)]
    missing = [
        one
        for one in beyond(template.cells, actual.cells)
        if one.top == one.bottom == cell.row or filled.any_in(grid, one)
    ]
    numbers, texts = (
        frozenset[Any]().union(*(getattr(one, kind) for one in templates.values())) for kind in ("numbers", "texts")
    )
    computes_else = bool(actual.numbers - numbers - _HARMLESS) and "{n}" not in (cell.column.formula or "")
    counts_else = cell.column.numeric and bool(actual.texts - texts - {""})
    if not (outside or missing or actual.broken or computes_else or counts_else):
        return None
    return {"outside": _named(outside, sheet), "missing": _named(missing, sheet)}


def _named(cells: list[Cells], sheet: str) -> str:
    return ", ".join(one.address if one.sheet == sheet else f"{one.sheet}!{one.address}" for one in cells[:5])


def _with_header(grid: Grid, cells: Cells) -> Cells:
    """Whole columns of a table with their heading, which adds nothing to a sum."""
    for area in grid.tables.values():
        if area.sheet == cells.sheet and area.first == cells.top and area.end - 1 == cells.bottom:
            return cells._replace(top=area.header)
    return cells


class _Filled:
    """Whether something stands in cells. Each column of a sheet is looked through once, however many formulas ask."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], list[int]] = {}

    def any_in(self, grid: Grid, cells: Cells) -> bool:
        """A sheet that was not read may hold anything."""
        sheet = grid.sheets.get(cells.sheet)
        if sheet is None:
            return True
        width = len(sheet.rows[0]) if sheet.rows else 0
        for column in range(cells.left, min(cells.right + 1, width)):
            rows = self._filled_rows(sheet, column)
            at = bisect_left(rows, cells.top)
            if at < len(rows) and rows[at] <= cells.bottom:
                return True
        return False

    def _filled_rows(self, sheet: SheetGrid, column: int) -> list[int]:
        key = id(sheet), column  # grids outlive the rule that asks
        if key not in self._rows:
            self._rows[key] = [
                at for at, row in enumerate(sheet.rows) if row[column] != "" and not is_blank(row[column])
            ]
        return self._rows[key]
