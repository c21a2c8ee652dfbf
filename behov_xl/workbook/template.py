"""Form → .xlsx: the template workbook, empty or filled in, written with XlsxWriter.

Written from nothing, always: a workbook that an adviser has worked in never passes through here.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from behov_xl.findings import Finding
from behov_xl.form import Column, Form, Sheet, Table
from behov_xl.messages import Catalogue, catalogue
from behov_xl.workbook.content import Content, Row, padded
from behov_xl.workbook.formulas import Calculator, cached, formula, total_formula
from behov_xl.workbook.grid import FORM_PROPERTY, TEMPLATE_PROPERTY, column_letters
from behov_xl.workbook.input_rules import BOXES, input_rule, list_name
from behov_xl.workbook.marks import FINDINGS_LIMIT, finding_rows, row_notes
from behov_xl.workbook.overview import write_guide, write_overview
from behov_xl.workbook.styles import WRAPPED, Styles, row_height
from behov_xl.writing import write_atomically

HEADER_ROW = 3
"""The sheet row (from 0) of a sheet's first table header: title, explanation and group headings come before."""
GROWTH = 300
"""Rows below a table that its conditional formats and input rules reach, for rows the adviser adds."""
CREATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).replace(tzinfo=None)


def write_template(
    form: Form,
    path: Path,
    *,
    content: Content | None = None,
    lang: str = "nb",
    native_checkboxes: bool = False,
    findings: Sequence[Finding] = (),
) -> None:
    """Writes the template to ``path``, whole or not at all. Raises ``OSError`` when it cannot be written."""
    data = template_bytes(form, content=content, lang=lang, native_checkboxes=native_checkboxes, findings=findings)
    write_atomically(path, data)


def template_bytes(
    form: Form,
    *,
    content: Content | None = None,
    lang: str = "nb",
    native_checkboxes: bool = False,
    findings: Sequence[Finding] = (),
) -> bytes:
    """The template as bytes: the same bytes for the same arguments.

    ``content`` is typed into its cells; ``findings`` stand in the table of findings, as after Valider.
    """
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": form.title.words(lang), "subject": form.id, "created": CREATED})
        workbook.set_custom_property(TEMPLATE_PROPERTY, form.template)
        workbook.set_custom_property(FORM_PROPERTY, form.id)
        TemplateWriter(workbook, form, content or Content(), lang, native_checkboxes, findings).write()
    return target.getvalue()


class TemplateWriter:
    """One workbook while it is written."""

    def __init__(
        self,
        workbook: Any,
        form: Form,
        content: Content,
        lang: str,
        native_checkboxes: bool,
        findings: Sequence[Finding],
    ) -> None:
        self.workbook = workbook
        self.form = form
        self.content = content
        self.lang = lang
        self.native = native_checkboxes
        self.words: Catalogue = catalogue(lang)
        self.styles = Styles(workbook)
        if findings or "findings" not in content.rows:
            content.rows["findings"] = finding_rows(findings, self.words)
        self.rows = {table.id: padded(form, table, content) for table in form.tables if table.layout == "rows"}
        self.notes = row_notes(findings, self.words)
        self.calculator = Calculator(form, self.rows, self.notes, lang)

    def write(self) -> None:
        sheets = {sheet.id: self.workbook.add_worksheet(sheet.label.words(self.lang)) for sheet in self.form.sheets}
        self._define_names()
        for sheet in self.form.sheets:
            worksheet = sheets[sheet.id]
            self._sheet_frame(worksheet, sheet)
            row = HEADER_ROW
            for table in self.form.on_sheet(sheet.id):
                row = self._fields(worksheet, table, row) if table.layout == "fields" else self._rows(worksheet, table)
            if sheet.kind == "guide":
                write_guide(self, worksheet)
            if sheet.kind == "overview":
                write_overview(self, worksheet)
            for cell, value in self.content.cells.get(sheet.id, {}).items():
                worksheet.write(cell, value)
            for number in self.content.hidden.get(sheet.id, ()):
                worksheet.set_row(number - 1, None, None, {"hidden": True})
        for id_, name in self.content.copies.items():
            self._copy(self.form.by_id[id_], name)
        sheets[self.form.sheets[0].id].activate()

    def _copy(self, table: Table, name: str) -> None:
        """A sheet with a table's headings and texts once more, as when an adviser copies a sheet."""
        rows = [[str(row.get(c.id, "")) for c in table.columns] for row in self.content.rows.get(table.id, [])]
        headings = [{"header": column.label.words(self.lang)} for column in table.columns]
        options = {"name": f"{table.name}_2", "columns": headings, "data": rows, "style": None}
        area = (HEADER_ROW, 0, HEADER_ROW + max(len(rows), 1), len(headings) - 1)
        self.workbook.add_worksheet(name).add_table(*area, options)

    def _sheet_frame(self, worksheet: Any, sheet: Sheet) -> None:
        """Title, explanation, and how the sheet prints: A4 across, as wide as the page, header repeated."""
        worksheet.write_string(0, 0, sheet.title.words(self.lang), self.styles.named("title"))
        worksheet.write_string(1, 0, sheet.intro.words(self.lang), self.styles.named("intro"))
        worksheet.hide_gridlines(2)
        worksheet.set_paper(9)
        worksheet.set_landscape()
        worksheet.set_margins(0.4, 0.4, 0.5, 0.6)
        worksheet.fit_to_pages(1, 0)
        worksheet.set_footer("&L&8&F – &A&R&8&P / &N")
        worksheet.set_row(0, 24)
        tables = self.form.on_sheet(sheet.id)
        if tables and tables[0].layout == "rows" and sheet.kind != "overview":
            worksheet.freeze_panes(HEADER_ROW + 1, 1)
            worksheet.repeat_rows(HEADER_ROW)

    # ---------------------------------------------------------------------------- tables with rows

    def _rows(self, worksheet: Any, table: Table) -> int:
        rows = self.rows[table.id]
        first, last = HEADER_ROW + 1, HEADER_ROW + len(rows)
        bottom = last + (table.total_label is not None)
        worksheet.add_table(HEADER_ROW, 0, bottom, len(table.columns) - 1, self._table_options(table))
        self._headings(worksheet, table)
        for index, row in enumerate(rows):
            note = self.notes.get(f"{table.sheet}!{first + index + 1}", "")
            texts = [(str(row.get(c.id, "")), c.width) for c in table.columns if c.type in WRAPPED and not c.hidden]
            worksheet.set_row(first + index, row_height([*texts, (note, self.form.note_column.width)]))
            for position, column in enumerate(table.columns):
                self._cell(worksheet, table, column, (first + index, position), index, row)
        if table.total_label:
            self._total_row(worksheet, table, bottom)
        for position, column in enumerate(table.columns):
            options = {"hidden": True} if column.hidden else {}
            # The table of findings grows with what is found: what comes below it looks like what is in it.
            below = self._style(table, column) if table.id == "findings" else None
            worksheet.set_column(position, position, column.width, below, options)
        if table.notes:
            self._input_rules(worksheet, table, first, last + GROWTH)
        if table.id == "findings":
            self._listed(worksheet, table)
        else:
            # Only the adviser's own tables grow; below the others stand charts.
            self._marks(worksheet, table, (first, 0, bottom + table.notes * GROWTH, len(table.columns) - 1))
        return bottom + 2

    def _input_rules(self, worksheet: Any, table: Table, first: int, last: int) -> None:
        """One input rule per column; checkboxes beside each other share theirs, which keeps the file small."""
        places = enumerate(table.columns)
        for _, columns in groupby(places, key=lambda one: one[1].type if one[1].type == "tick" else one[1].id):
            listed = list(columns)
            rule = input_rule(self.form, listed[0][1], self.words, native=self.native)
            if rule:
                worksheet.data_validation(first, listed[0][0], last, listed[-1][0], rule)

    def _table_options(self, table: Table) -> dict[str, Any]:
        columns = []
        for column in table.columns:
            style = self.styles.named("required" if self._must(table, column) else "optional")
            options: dict[str, Any] = {"header": self._label(table, column), "header_format": style}
            if column.formula:
                options["formula"] = formula(self.form, table, column, 0, self.lang)
            if table.total_label and column.total:
                options["total_function"] = total_formula(self.form, table, column, self.lang)
            elif table.total_label and column is table.columns[0]:
                options["total_string"] = table.total_label.words(self.lang)
            columns.append(options)
        total = table.total_label is not None
        name = self.content.names.get(table.id, table.name)
        return {"name": name, "columns": columns, "style": None, "total_row": total}

    def _label(self, table: Table, column: Column) -> str:
        return self.content.labels.get((table.id, column.id)) or column.label.words(self.lang)

    def _must(self, table: Table, column: Column) -> bool:
        if column.group:
            groups = {group.id: group.pick for group in self.form.tick_groups(table)}
            return groups[column.group] != "any"
        return column.required or bool(column.every)

    def _headings(self, worksheet: Any, table: Table) -> None:
        """The row above the header: a heading over each checkbox group. And a header row high enough to wrap."""
        worksheet.set_row(HEADER_ROW, 48 if table.groups else 33)
        columns = [column.id for column in table.columns]
        for group in self.form.tick_groups(table):
            text = f"{group.label.words(self.lang)}\n({self.words.text(f'template.pick.{group.pick}')})"
            where = (HEADER_ROW - 1, columns.index(group.columns[0]), HEADER_ROW - 1, columns.index(group.columns[-1]))
            worksheet.merge_range(*where, text, self.styles.named("group"))
            worksheet.set_row(HEADER_ROW - 1, 33)

    def _cell(self, worksheet: Any, table: Table, column: Column, where: tuple[int, int], index: int, row: Row) -> None:
        style = self._style(table, column)
        typed = row.get(column.id)
        if column.formula and typed is None:
            text = formula(self.form, table, column, index, self.lang)
            value = self.calculator.value(table, column, index, where[0] + 1)
            worksheet.write_formula(*where, text, style, cached(value))
        elif table.id == "findings" and column.id == "cell" and typed:
            target = f"internal:'{row['sheet']}'!{typed}"
            worksheet.write_url(*where, target, style, typed)
        else:
            self._value(worksheet, column, where, typed, style)

    def _style(self, table: Table, column: Column) -> Any:
        if table.id == "findings":
            # A key that wraps would make its row higher, though nobody sees it.
            return self.styles.named("link" if column.id == "cell" else "key" if column.hidden else "finding")
        return self.styles.cell(column.type, computed=bool(column.formula))

    def _value(self, worksheet: Any, column: Column, where: tuple[int, int], value: Any, style: Any) -> None:
        if column.type == "tick" and (value is None or isinstance(value, bool)):
            if self.native:
                worksheet.insert_checkbox(*where, bool(value), style)
            else:
                worksheet.write_string(*where, BOXES[bool(value)], style)
        elif column.type == "choice" and value in self.form.options(column):
            worksheet.write_string(*where, self.form.options(column)[value].words(self.lang), style)
        elif value is None or value == "":
            worksheet.write_blank(*where, None, style)
        elif isinstance(value, bool):
            worksheet.write_boolean(*where, value, style)
        elif isinstance(value, int | float):
            worksheet.write_number(*where, value, style)
        elif isinstance(value, datetime.date):
            worksheet.write_datetime(*where, value, self.styles.cell("date"))
        elif str(value).startswith("="):
            # A content file may type a formula of its own; an error value is what such a formula usually shows.
            text, _, cached = str(value).partition(" -> ")
            worksheet.write_formula(*where, text, style, int(cached) if cached.isdecimal() else cached or 0)
        else:
            worksheet.write_string(*where, str(value), style)

    def _total_row(self, worksheet: Any, table: Table, row: int) -> None:
        typed = self.content.totals.get(table.id, {})
        for position, column in enumerate(table.columns):
            if not column.total:
                style = self.styles.cell("text", computed=True, total=True)
                label = table.total_label.words(self.lang) if position == 0 and table.total_label else None
                worksheet.write(row, position, label, style)
                continue
            style = self.styles.cell(column.type, computed=True, total=True)
            if column.id in typed:
                self._value(worksheet, column, (row, position), typed[column.id], style)
            else:
                value = self.calculator.total(table, column)
                worksheet.write_formula(
                    row, position, total_formula(self.form, table, column, self.lang), style, cached(value)
                )

    # ------------------------------------------------------------------------------ tables of fields

    def _fields(self, worksheet: Any, table: Table, top: int) -> int:
        """One row per field: its label, its value or checkboxes, its note. Returns the row for the next table."""
        questions = list(dict.fromkeys(column.id.partition(".")[0] for column in table.columns))
        header = list((table.header or {})[self.lang])
        if table.group:
            header += [option.label.words(self.lang) for option in self.form.group_by_id[table.group].options]
        header.append(self.form.note_column.label.words(self.lang))
        bottom = top + len(questions)
        style = self.styles.named("required")
        columns = [{"header": text, "header_format": style} for text in header]
        options = {"name": table.name, "columns": columns, "style": None, "autofilter": False}
        worksheet.add_table(top, 0, bottom, len(header) - 1, options)
        for index, question in enumerate(questions):
            self._field(worksheet, table, question, top + 1 + index)
        worksheet.set_column(0, 0, table.label_width)
        worksheet.set_column(1, 2, table.value_width)
        worksheet.set_column(3, 3, self.form.note_column.width)
        self._marks(worksheet, table, (top + 1, 0, bottom, len(header) - 1))
        return bottom + 3

    def _field(self, worksheet: Any, table: Table, question: str, row: int) -> None:
        columns = [column for column in table.columns if column.id.partition(".")[0] == question]
        must = any(column.required or column.group for column in columns)
        label = self._label(table, columns[0])
        worksheet.write_string(row, 0, label, self.styles.named("required" if must else "optional"))
        given = self.content.fields.get(table.id, {})
        for position, column in enumerate(columns, start=1):
            value = given.get(column.id, prefill_of(column))
            self._value(worksheet, column, (row, position), value, self.styles.cell(column.type))
            rule = input_rule(self.form, column, self.words, native=self.native)
            if rule:
                worksheet.data_validation(row, position, row, position, rule)
        note = self.form.note_column
        text = formula(self.form, table, note, 0, self.lang)
        value = self.notes.get(f"{table.sheet}!{row + 1}", "")
        worksheet.write_formula(row, len(columns) + 1, text, self.styles.cell("longtext", computed=True), value)
        texts = [(str(given.get(column.id, "")), table.value_width) for column in columns]
        least = 60 if columns[0].type == "longtext" else 0
        worksheet.set_row(row, max(least, row_height([*texts, (value, self.form.note_column.width)]) or 0) or None)

    # --------------------------------------------------------------------------------------- marks

    def _marks(self, worksheet: Any, table: Table, area: tuple[int, int, int, int]) -> None:
        """Conditional formats that colour a cell which is listed in the table of findings: marks are data."""
        for severity in ("error", "warning", "info"):
            word = self.words.text(f"severity.{severity}")
            key = f'"{table.sheet}!"&ADDRESS(ROW(),COLUMN(),4)'
            criteria = f'=COUNTIFS(Funn_celle,{key},Funn_alvor,"{word}")>0'
            options = {"type": "formula", "criteria": criteria, "format": self.styles.named(severity)}
            worksheet.conditional_format(*area, {**options, "stop_if_true": True})

    def _listed(self, worksheet: Any, table: Table) -> None:
        """The table of findings: its severities in the colours that cells get, and a line below each row in use.

        Rows are not framed beforehand: the table grows, and is emptied again.
        """
        first, last = HEADER_ROW + 1, HEADER_ROW + FINDINGS_LIMIT
        shown = [at for at, column in enumerate(table.columns) if not column.hidden]
        top = f"{first + 1}"
        severity = [column.id for column in table.columns].index("severity")
        for one in ("error", "warning", "info"):
            criteria = f'=${column_letters(severity)}{top}="{self.words.text(f"severity.{one}")}"'
            options = {"type": "formula", "criteria": criteria, "format": self.styles.named(f"listed_{one}")}
            worksheet.conditional_format(first, severity, last, severity, options)
        row = f"${column_letters(shown[0])}{top}:${column_letters(shown[-1])}{top}"
        options = {"type": "formula", "criteria": f"=COUNTA({row})>0", "format": self.styles.named("listed")}
        worksheet.conditional_format(first, shown[0], last, shown[-1], options)

    def _define_names(self) -> None:
        findings = self.form.by_id["findings"]
        for name, id_ in (("Funn_celle", "cell_key"), ("Funn_alvor", "severity")):
            self.workbook.define_name(name, self.range_of(findings, id_, FINDINGS_LIMIT))
        referred = {column.refers for table in self.form.tables for column in table.columns if column.refers}
        for refers in sorted(referred):
            other, _, id_ = refers.partition(".")
            self.workbook.define_name(list_name(refers), self.range_of(self.form.by_id[other], id_))

    def range_of(self, table: Table, column: str, rows: int | None = None) -> str:
        """The absolute range of a column's data rows: ``=Tiltak!$A$5:$A$10``."""
        letters = column_letters([one.id for one in table.columns].index(column))
        last = HEADER_ROW + 1 + (rows or len(self.rows[table.id]))
        sheet = self.form.sheet_by_id[table.sheet].label.words(self.lang)
        return f"='{sheet}'!${letters}${HEADER_ROW + 2}:${letters}${last}"


def prefill_of(column: Column) -> int | str | None:
    """What the template writes into a field beforehand."""
    return int(column.prefill) if column.prefill and column.prefill.isdigit() else column.prefill
