"""One workbook as the fixes see it: its grid, where the form's tables stand, its formulas, its findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from behov_xl.findings import WorkbookReport
from behov_xl.form import Form, Table
from behov_xl.validate import validate_grids
from behov_xl.workbook.columns import MAX_FINDINGS_PER_RULE
from behov_xl.workbook.files import grid_from_bytes
from behov_xl.workbook.formulas import total_pattern, with_references
from behov_xl.workbook.grid import CellValue, Grid, Position, SheetGrid
from behov_xl.workbook.language import languages
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.patch import Patch
from behov_xl.workbook.sheet_xml import CannotEdit
from behov_xl.workbook.structure import Layout, find_tables
from behov_xl.workbook.table_xml import specifier

_LIMIT = 10_000
"""Findings of a rule that are fixed at a time."""
Place = tuple[str, int, int]
"""Sheet, row and column from 0."""


class NoSuchName(Exception):
    """A formula of the template names a table or column that this workbook does not have."""


@dataclass
class Book:
    """A workbook at one moment. It is read anew after every change: what counts is what is in the file."""

    form: Form
    path: str
    data: bytes
    grid: Grid
    layouts: dict[str, Layout]
    limits: Limits = DEFAULT

    @classmethod
    def read(cls, form: Form, data: bytes, path: str, limits: Limits = DEFAULT) -> Book:
        """Raises :class:`behov_xl.workbook.files.Refused` for a file that cannot be read."""
        grid = grid_from_bytes(data, path, [table.name for table in form.tables], limits)
        layouts, _ = find_tables(form, grid)
        return cls(form, path, data, grid, layouts, limits)

    @cached_property
    def report(self) -> WorkbookReport:
        """What the validator finds in it, more of each rule than it would list."""
        return validate_grids([self.grid], self.form, limit=_LIMIT)[0]

    @property
    def said(self) -> WorkbookReport:
        """What the validator says of it."""
        few = len(self.report.findings) <= MAX_FINDINGS_PER_RULE
        return self.report if few else validate_grids([self.grid], self.form)[0]

    @cached_property
    def formulas(self) -> dict[Place, str]:
        """Every formula of every sheet as written; ``""`` for one that shares another cell's."""
        patch, found = Patch(self.data), {}
        for sheet in self.grid.sheet_names:
            try:
                of_sheet = patch.formulas(sheet)
            except CannotEdit:
                continue  # a sheet that cannot be edited: its formulas stay as they are
            found.update({(sheet, *where): one.text for where, one in of_sheet.items()})
        return found

    @cached_property
    def slips(self) -> dict[Place, bool]:
        """The sums that a slip in another cell explains; and whether that cell can be put right.

        A sum that is only made to agree would hide the slip.
        """
        found = {}
        for one in self.report.findings:
            if one.rule.code in {"BX301", "BX302"} and (hint := one.params["hint"]):
                own = hint.params["place"] == f"{one.sheet}!{one.cell}"
                if one.params["suggestion"] or not own:
                    found[one.sheet or "", one.row, one.column] = bool(one.params["suggestion"])
        return found

    @cached_property
    def acknowledged(self) -> set[Place]:
        """The cells that have a finding which could be fixed, and which the adviser has given a reason for."""
        return {
            (one.sheet or "", one.row, one.column)
            for one in self.report.findings
            if one.acknowledged is not None and one.rule.fix != "none"
        }

    @cached_property
    def changed_formulas(self) -> set[Place]:
        """The cells whose formula is known to compute something else than the template's (BX118)."""
        return {(one.sheet or "", one.row, one.column) for one in self.report.findings if one.rule.code == "BX118"}

    def lang(self, table: Table) -> str:
        """The language of a table's headings or labels; where they are the same in both, the workbook's."""
        return self._langs[table.id]

    @cached_property
    def _langs(self) -> dict[str, str]:
        return languages(self.form, self.grid, self.layouts)

    def sheet(self, table: Table) -> SheetGrid:
        """The sheet that a table stands on."""
        return self.grid.sheets[self.layouts[table.id].sheet]

    def value(self, place: Place) -> CellValue:
        """What a cell shows; ``""`` for an empty one, and for one on a sheet without tables of the form."""
        sheet = self.grid.sheets.get(place[0])
        return sheet.value(place[1], place[2]) if sheet else ""

    def template_formula(self, table_id: str, column_id: str, row: int) -> str | None:
        """The template's formula for a cell, in this workbook's names; ``None`` where there is none, or it cannot be.

        ``table_id`` as findings give it: ``measures.total`` for a total row.
        """
        table = self.form.by_id[table_id.removesuffix(".total")]
        column = table.by_id.get(column_id)
        if column is None or table.id not in self.layouts:
            return None
        if table_id != table.id:
            pattern = total_pattern(table, column) if column.total else ""
        else:
            pattern = column.formula or ""
        try:
            return (
                with_references(self.form, column, pattern, self.lang(table), self._names(table, row))
                if pattern
                else None
            )
        except NoSuchName:
            return None

    def _names(self, table: Table, row: int) -> Callable[[str], str]:
        """References as the template writes them, by what tables and columns are called in this workbook."""

        def reference(name: str) -> str:
            if name == "n":
                return str(row - self.layouts[table.id].area.first + 1)
            if name == "sheet":
                return table.sheet
            other, dot, id_ = name.partition(".")
            if dot and other in self.form.by_id and name not in table.by_id:
                return "{}[{}]".format(*self._named(self.form.by_id[other], id_))
            return "{}[[#This Row],[{}]]".format(*self._named(table, name))

        return reference

    def _named(self, table: Table, column: str) -> tuple[str, str]:
        layout = self.layouts.get(table.id)
        if layout is None or not layout.area.is_table or column not in layout.columns:
            raise NoSuchName(f"{table.name}.{column}")
        return layout.area.name, specifier(layout.area.headings[layout.columns[column] - layout.area.left])

    def cells_below(self, table: Table, column: int) -> list[Position]:
        """The cells of a sheet column in a table's data rows."""
        area = self.layouts[table.id].area
        return [(row, column) for row in range(area.first, min(area.end, len(self.sheet(table).rows)))]
