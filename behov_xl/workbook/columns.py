"""Form + Grids → columns: those of each table of the form, over all workbooks of a chunk, and frames of them.

A table with rows has ``workbook`` (index into the chunk), ``row`` (sheet row, from 0) and one column per column of the
form; formula columns have a companion ``<column>.computed`` that says whether the cell holds a formula. A table of
fields has one row per workbook and one column per field. ``<table>.total`` holds total rows.

Columns are lists. A frame is made where somebody asks for it: pandas takes longer to start than a workbook takes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Finding, Rule
from behov_xl.form import Form, Table
from behov_xl.workbook.cells import FRACTIONAL_AMOUNT, OUT_OF_RANGE, CellFault, read_column, text_of
from behov_xl.workbook.grid import CellValue, Grid, SheetGrid, address, addresses
from behov_xl.workbook.sheet_faults import sheet_faults
from behov_xl.workbook.structure import LONG, LONG_TABLE, Layout, Matches, find_tables, is_blank, row_in_use

if TYPE_CHECKING:
    import pandas as pd

MAX_FINDINGS_PER_RULE = 100

FindingsOf = list[list[Finding]]
"""Findings per workbook of the chunk."""

Key = tuple[int, str, int, str]
"""Workbook, table, row, column: one cell of the chunk."""

Columns = dict[str, list[Any]]
"""The columns of a table, by id."""


@dataclass(slots=True)
class Submissions:
    """All that the rules may look at: the tables of a chunk of workbooks, and where their cells stand."""

    form: Form
    grids: Sequence[Grid]
    layouts: list[dict[str, Layout]]
    columns: dict[str, Columns]
    """Table → its columns, from the first row to the last."""
    findings: FindingsOf
    faulty: set[Key] = field(default_factory=set)
    """Cells that a finding about their value exists for already."""
    counts: dict[tuple[int, Rule], int] = field(default_factory=dict)
    """How often each rule hit in each workbook."""
    error_cells: dict[Key, str] = field(default_factory=dict)
    """Cells of the form that show an error value, and which."""
    limit: int = MAX_FINDINGS_PER_RULE
    """Findings of a rule in a workbook that are listed; the rest are counted."""
    shared: dict[Any, Any] = field(default_factory=dict)
    """What the rules have found out for each other: see :mod:`behov_xl.rules.shared`."""

    def frame(self, table: str) -> pd.DataFrame:
        """The columns of a table as a frame: numbers float64, texts object; of a table without rows, all object."""
        import pandas as pd

        columns = self.columns[table].items()
        texts = {id_ for id_, values in columns if not values or isinstance(values[0], str)}
        return pd.DataFrame({id_: pd.Series(values, dtype=object if id_ in texts else None) for id_, values in columns})

    def add(
        self, rule: Rule, workbook: int, table: str, row: int, column: str, measure: str | None = None, **params: Any
    ) -> None:
        """Adds a finding at a cell: at most :attr:`limit` of a rule in a workbook, the rest counted."""
        self.hit(rule, table, [(workbook, row, column, measure, params)])

    def hit(self, rule: Rule, table: str, cells: Iterable[tuple[int, int, str, str | None, dict[str, Any]]]) -> None:
        """As :meth:`add`, at any number of cells: workbook, row, column, measure and parameters of each.

        If a workbook has no such cell, nothing is added: another finding says so then.
        """
        of_table = table.removesuffix(".total")
        for workbook, row, column, measure, params in cells:
            layout = self.layouts[workbook].get(of_table)
            where = layout.locate(column, row) if layout else None
            if layout is not None and where is not None:
                down, right = where
                cell, measure, anchor = address(down, right), measure or None, layout.anchor
                # By position, in half the time: see Finding for their order.
                finding = Finding(rule, layout.sheet, cell, measure, params, anchor, down, right, None, table, column)
                self.keep(workbook, finding)

    def keep(self, workbook: int, finding: Finding) -> None:
        """Adds a finding that is made already; the same limit applies."""
        place = workbook, finding.rule
        count = self.counts[place] = self.counts.get(place, 0) + 1
        if count <= self.limit:
            self.findings[workbook].append(finding)


def submissions(form: Form, grids: Sequence[Grid], limit: int = MAX_FINDINGS_PER_RULE) -> Submissions:
    """Builds the columns of a chunk. Findings about structure and unreadable cells are in ``findings`` already."""
    layouts, findings = [], []
    matches: Matches = {}
    for grid in grids:
        layout, found = find_tables(form, grid, matches)
        layouts.append(layout)
        findings.append(found)
    chunk = Submissions(form, grids, layouts, {}, findings, limit=limit)
    for workbook, (grid, layout) in enumerate(zip(grids, layouts, strict=True)):
        for finding in sheet_faults(form, grid, layout):
            chunk.keep(workbook, finding)
    chunk.error_cells.update(_error_cells(chunk))
    chunk.faulty.update(chunk.error_cells)
    for table in form.tables:
        if table.layout == "fields":
            chunk.columns[table.id] = _fields(chunk, table)
        else:
            chunk.columns[table.id] = _rows(chunk, table)
            if table.total_label:
                chunk.columns[f"{table.id}.total"] = _totals(chunk, table)
    return chunk


def _error_cells(chunk: Submissions) -> Iterator[tuple[Key, str]]:
    for workbook, (grid, layouts) in enumerate(zip(chunk.grids, chunk.layouts, strict=True)):
        if not any(sheet.errors for sheet in grid.sheets.values()):
            continue
        for table, layout in layouts.items():
            for (row, column), value in grid.sheets[layout.sheet].errors.items():
                id_ = layout.column_at(row, column)
                if id_ is not None:
                    yield (workbook, table, 0 if layout.field_rows else row, id_), value


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the columns of a table stand, in all workbooks in which they stand alike. Those that are not there lack."""

    typed: tuple[int, ...]
    computed: tuple[int, ...]
    looked_at: slice
    """From the first to the last of those."""
    empty: list[CellValue]
    """What stands there in a row that nobody filled in."""
    columns: tuple[int | None, ...]
    """Of each column of the table."""

    @classmethod
    def of(cls, table: Table, columns: Mapping[str, int], width: int) -> _Places:
        """In a sheet of so many columns."""
        typed, computed = (
            tuple(where for id_ in ids if (where := columns.get(id_, width)) < width)
            for ids in (table.typed, table.computed)
        )
        first, end = min((*typed, *computed), default=0), max((*typed, *computed), default=-1) + 1
        every = (columns.get(column.id, width) for column in table.columns)
        placed = tuple(where if where < width else None for where in every)
        return cls(typed, computed, slice(first, end), [""] * (end - first), placed)


def _rows(chunk: Submissions, table: Table) -> Columns:
    workbooks: list[int] = []
    rows: list[int] = []
    raw: dict[str, list[CellValue]] = {column.id: [] for column in table.columns}
    computed: dict[str, list[bool]] = {column.id: [] for column in table.columns if column.formula}
    known: dict[tuple[int, int], _Places] = {}
    held: dict[tuple[object, ...], list[list[bool]]] = {}
    alike: list[list[CellValue]] = []  # rows that are not in ``raw`` yet, in which the columns stand as ``there`` says
    there: _Places | None = None
    for workbook, layouts in enumerate(chunk.layouts):
        layout = layouts.get(table.id)
        if layout is None:
            continue
        sheet = chunk.grids[workbook].sheets[layout.sheet]
        width = len(sheet.rows[0]) if sheet.rows else 0
        key = id(layout.columns), width
        places = known.get(key) or known.setdefault(key, _Places.of(table, layout.columns, width))
        used = _used_rows(places, layout, sheet)
        if not used:
            continue
        if len(used) > LONG_TABLE:
            _say_it_is_long(chunk, workbook, table, layout, len(used))
        workbooks += [workbook] * len(used)
        rows += used
        if places is not there:
            _by_column(alike, there, raw)
            alike, there = [], places
        alike += map(sheet.rows.__getitem__, used)
        # Workbooks from one template have formulas and rows in common, as a rule: the very same formulas, too.
        shared = id(sheet.formulas), id(layout.columns), layout.area.is_table, *used
        if shared not in held:
            held[shared] = [_computed(layout, sheet, id_, used) for id_ in computed]
        for values, found in zip(computed.values(), held[shared], strict=True):
            values += found
    _by_column(alike, there, raw)
    return _typed(chunk, table, workbooks, rows, raw, computed)


def _by_column(rows: list[list[CellValue]], places: _Places | None, raw: dict[str, list[CellValue]]) -> None:
    """Adds rows to the columns of a table."""
    if places is not None:
        columns = list(zip(*rows, strict=True))
        for values, where in zip(raw.values(), places.columns, strict=True):
            values += [""] * len(rows) if where is None else columns[where]


def _say_it_is_long(chunk: Submissions, workbook: int, table: Table, layout: Layout, rows: int) -> None:
    cell = address(layout.area.header, layout.area.left)
    params = {"table": table.name, "actual": rows, "limit": LONG_TABLE}
    found = Finding(LONG, layout.sheet, cell, params=params, anchor=layout.anchor, row=layout.area.header)
    chunk.findings[workbook].append(found)


def _used_rows(places: _Places, layout: Layout, sheet: SheetGrid) -> list[int]:
    """The data rows that are filled in: by the adviser's typing, or by something typed over a formula."""
    own = places.typed or places.computed
    if not own:
        return []
    first, looked_at, empty, key = layout.area.first, places.looked_at, places.empty, own[0]
    rows = sheet.rows[first : layout.area.end]
    # Most rows have a key that is typed, or are empty: both are quickly told.
    used = [
        row
        for row, cells in enumerate(rows, first)
        if (type(value := cells[key]) is str and value.isalnum())
        or (
            cells[looked_at] != empty
            and (not is_blank(value) or row_in_use(cells, own) or _typed_over(places, cells, row, sheet))
        )
    ]
    if not sheet.errors:
        return used
    # An error value reads as an empty cell.
    broken = {row for row, column in sheet.errors if column in places.typed and first <= row < first + len(rows)}
    return sorted(broken.union(used))


def _typed_over(places: _Places, cells: list[CellValue], row: int, sheet: SheetGrid) -> bool:
    """Whether a value stands in a cell of a row in which a formula should."""
    formulas = sheet.formulas
    return formulas is not None and any(
        not is_blank(cells[column]) and address(row, column) not in formulas for column in places.computed
    )


def _typed(
    chunk: Submissions,
    table: Table,
    workbooks: list[int],
    rows: list[int],
    raw: dict[str, list[CellValue]],
    computed: dict[str, list[bool]],
) -> Columns:
    data: Columns = {"workbook": workbooks, "row": rows}
    for column in table.columns:
        values, faults = read_column(chunk.form, column, raw[column.id])
        if column.type == "tick" and chunk.error_cells:
            # An error value reads as an empty cell, and would be a box that is not ticked.
            places = zip(workbooks, rows, strict=True)
            broken = [(workbook, table.id, row, column.id) in chunk.error_cells for workbook, row in places]
            values = [math.nan if one else value for value, one in zip(values, broken, strict=True)]
        data[column.id] = _floats(values) if column.numeric or column.type == "tick" else values
        if column.id in computed:
            data[f"{column.id}.computed"] = computed[column.id]
        _keep_faults(chunk, table, column.id, faults, workbooks, rows, raw)
    return data


def _floats(values: list[float]) -> list[float]:
    """The same numbers, no two of which are one object: one and the same NaN is equal to itself in a tuple."""
    return array("d", values).tolist()


def _computed(layout: Layout, sheet: SheetGrid, column: str, rows: Sequence[int]) -> list[bool]:
    """Whether each cell holds a formula. True where it cannot be told: rules must not accuse without knowing."""
    formulas, where = sheet.formulas, layout.columns.get(column)
    if formulas is None or where is None or not layout.area.is_table:
        return [True] * len(rows)
    return list(map(formulas.__contains__, addresses(rows, where)))


def _keep_faults(
    chunk: Submissions,
    table: Table,
    column: str,
    faults: list[CellFault],
    workbooks: list[int],
    rows: list[int],
    raw: dict[str, list[CellValue]],
) -> None:
    for fault in faults:
        workbook, row = workbooks[fault.index], rows[fault.index]
        measure = text_of(raw["measure"][fault.index]) if "measure" in raw else None
        chunk.add(fault.rule, workbook, table.id, row, column, **fault.params, measure=measure)
        chunk.faulty.add((workbook, table.id, row, column))


def _fields(chunk: Submissions, table: Table) -> Columns:
    workbooks = [index for index, layouts in enumerate(chunk.layouts) if table.id in layouts]
    answers: list[list[CellValue]] = []
    known: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for workbook in workbooks:
        layout = chunk.layouts[workbook][table.id]
        alike = id(layout.columns), id(layout.field_rows)
        if alike not in known:
            known[alike] = [layout.locate(column.id, 0) or (-1, -1) for column in table.columns]
        sheet = chunk.grids[workbook].sheets[layout.sheet]
        answers.append([sheet.value(*place) for place in known[alike]])
    by_field = zip(*answers, strict=True) if answers else ((),) * len(table.columns)
    raw = {column.id: list(values) for column, values in zip(table.columns, by_field, strict=True)}
    return _typed(chunk, table, workbooks, [0] * len(workbooks), raw, {})


def _totals(chunk: Submissions, table: Table) -> Columns:
    """The total rows: one row per workbook that has one, with the columns that are added up."""
    found = [
        (workbook, layouts[table.id])
        for workbook, layouts in enumerate(chunk.layouts)
        if table.id in layouts and layouts[table.id].area.total_row is not None
    ]
    workbooks = [workbook for workbook, _ in found]
    rows = [layout.area.total_row or 0 for _, layout in found]
    data: Columns = {"workbook": workbooks, "row": rows}
    for column in table.totals:
        raw: dict[str, list[CellValue]] = {column.id: []}
        computed: list[bool] = []
        for workbook, layout in found:
            where, row = layout.columns.get(column.id), layout.area.total_row or 0
            sheet = chunk.grids[workbook].sheets[layout.sheet]
            raw[column.id].append(sheet.value(row, where) if where is not None else "")
            computed += _computed(layout, sheet, column.id, [row])
        values, faults = read_column(chunk.form, column, raw[column.id])
        # What the cells above make so is said of them.
        faults = [fault for fault in faults if fault.rule not in (OUT_OF_RANGE, FRACTIONAL_AMOUNT)]
        data[column.id] = _floats(values)
        data[f"{column.id}.computed"] = computed
        _keep_faults(chunk, table, column.id, faults, workbooks, rows, raw)
    return data
