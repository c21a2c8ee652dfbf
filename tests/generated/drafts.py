"""A submission that a fault may change: its content, and what no content can say, the parts of its package."""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from behov_xl.form import Column, Form, Table
from behov_xl.workbook.content import Content, Row, padded
from behov_xl.workbook.files import grid_from_bytes
from behov_xl.workbook.grid import Grid, address
from behov_xl.workbook.template import HEADER_ROW, template_bytes
from conftest import sheet_part, table_part, type_into
from generated.submissions import Draw, Sample
from generated.words import JUSTIFICATION

Parts = dict[str, bytes]
Change = Callable[[Parts], None]


@dataclass(slots=True)
class Draft:
    """One submission on its way to a workbook. ``draw`` decides for the fault that changes it."""

    form: Form
    content: Content
    lang: str
    native: bool
    draw: Draw
    changes: list[Change] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings of the form under which it is judged, and the untouched submission with it."""

    def __repr__(self) -> str:
        return f"<draft, {self.lang}>"

    @classmethod
    def of(cls, form: Form, sample: Sample, draw: Draw) -> Draft:
        return cls(form, copy.deepcopy(sample.content), sample.lang, sample.native, draw)

    def difference(self, sample: Sample) -> list[str]:
        """What the fault changed in the content, row by row."""
        lines = []
        for kind, mine, theirs in (
            ("rows", self.content.rows, sample.content.rows),
            ("fields", self.content.fields, sample.content.fields),
            ("totals", self.content.totals, sample.content.totals),
        ):
            for table in mine.keys() | theirs.keys():
                before, after = theirs.get(table, {}), mine.get(table, {})
                if kind == "rows":
                    lines += [f"{table} - {row}" for row in before if row not in after]
                    lines += [f"{table} + {row}" for row in after if row not in before]
                elif before != after:
                    lines.append(f"{table}: {before} -> {after}")
        return lines

    # ---------------------------------------------------------------------------------- content

    def rows(self, table: str) -> list[Row]:
        return self.content.rows.setdefault(table, [])

    def fields(self, table: str) -> Row:
        return self.content.fields.setdefault(table, {})

    def pick(self, table: str, where: Callable[[Row], Any] = lambda row: True) -> int:
        """The index of a row; a submission without such a row is passed over."""
        fitting = [index for index, row in enumerate(self.rows(table)) if where(row)]
        assume(fitting)
        return self.one(fitting)

    def row(self, table: str, where: Callable[[Row], Any] = lambda row: True) -> tuple[int, Row]:
        index = self.pick(table, where)
        return index, self.rows(table)[index]

    def one(self, options: Any) -> Any:
        """One of them, the first being the plainest."""
        return self.draw(st.sampled_from(list(options)))

    def of_measure(self, table: str, measure: str) -> list[Row]:
        return [row for row in self.rows(table) if row["measure"] == measure]

    def remove(self, table: str, where: Callable[[Row], Any]) -> None:
        self.content.rows[table] = [row for row in self.rows(table) if not where(row)]

    def tick(self, table: str, index: int, group: str, *ticked: str) -> None:
        """Ticks these boxes of a group and no others."""
        row = self.rows(table)[index]
        row |= {key: key.partition(".")[2] in ticked for key in row if key.startswith(f"{group}.")}

    def attach_budget(self, index: int) -> None:
        """The budget of a measure goes to an attachment, so that its sums can be changed alone."""
        measure = self.rows("measures")[index]["measure"]
        self.remove("budget", lambda row: row["measure"] == measure)
        ticks = next(i for i, row in enumerate(self.rows("ticks")) if row["measure"] == measure)
        self.tick("ticks", ticks, "budget_attached", "yes")

    def justify_coordinator(self, index: int) -> None:
        """One text of a measure names its coordinator."""
        measure = self.rows("measures")[index]["measure"]
        text = next(row for row in self.of_measure("texts", measure) if row["section"] == "own_contribution")
        if JUSTIFICATION not in text["text"]:
            text["text"] += f" {JUSTIFICATION}"

    def answer(self, question: str, *, yes: bool) -> None:
        self.fields("questions").update({f"{question}.yes": yes, f"{question}.no": not yes})

    # ----------------------------------------------------------------------------------- places

    def sheet(self, table: str) -> str:
        return self.form.sheet_by_id[self.form.by_id[table].sheet].label.words(self.lang)

    def at(self, table: str, index: int, column: str) -> str:
        """Where a cell of a row stands: ``Tiltak!E5``."""
        return f"{self.sheet(table)}!{address(HEADER_ROW + 1 + index, self._position(table, column))}"

    def heading(self, table: str, column: str) -> str:
        return f"{self.sheet(table)}!{address(self._top(table), self._position(table, column))}"

    def top_left(self, table: str) -> str:
        return f"{self.sheet(table)}!A{self._top(table) + 1}"

    def total(self, table: str, column: str) -> str:
        """Where the total row of a table shows a column."""
        return self.at(table, self.length(table), column)

    def length(self, table: str) -> int:
        """The data rows of a table as it is written, empty ones included."""
        return len(padded(self.form, self.form.by_id[table], self.content))

    def field(self, table: str, column: str) -> str:
        """Where the answer to a field or question stands."""
        questions = self._questions(table)
        question, _, option = column.partition(".")
        columns = [one for one in self.form.by_id[table].columns if one.id.partition(".")[0] == question]
        across = [one.id for one in columns].index(column) + 1 if option else 1
        return f"{self.sheet(table)}!{address(self._top(table) + 1 + questions.index(question), across)}"

    def label(self, table: str, column: str) -> str:
        """Where the label of a field stands."""
        sheet, _, cell = self.field(table, column).partition("!")
        return f"{sheet}!A{cell.lstrip('ABCDEFGHIJ')}"

    def _questions(self, table: str) -> list[str]:
        return list(dict.fromkeys(column.id.partition(".")[0] for column in self.form.by_id[table].columns))

    def _top(self, table: str) -> int:
        """The header row; a table of fields stands below the one before it on its sheet."""
        top = HEADER_ROW
        for other in self.form.on_sheet(self.form.by_id[table].sheet):
            if other.id == table:
                break
            top += len(self._questions(other.id)) + 3
        return top

    def _position(self, table: str, column: str) -> int:
        return [one.id for one in self.form.by_id[table].columns].index(column)

    # ---------------------------------------------------------------------------------- package

    def type_into(self, place: str, value: str | float) -> None:
        """Types over a cell of the finished workbook."""
        self.changes.append(lambda parts: type_into(parts, place, value))

    def replace(self, part: Callable[[Parts], str], pattern: str, new: str) -> None:
        """Replaces what matches in a part; it must be there."""

        def change(parts: Parts) -> None:
            name = part(parts)
            parts[name], count = re.subn(pattern.encode(), new.encode(), parts[name], flags=re.DOTALL)
            assert count, (name, pattern)

        self.changes.append(change)

    def replace_in_workbook(self, pattern: str, new: str) -> None:
        self.replace(lambda _: "xl/workbook.xml", pattern, new)

    def replace_in_sheet(self, table: str, pattern: str, new: str) -> None:
        sheet = self.sheet(table)
        self.replace(lambda parts: sheet_part(parts, sheet), pattern, new)

    def replace_in_table(self, table: str, pattern: str, new: str) -> None:
        name = self.form.by_id[table].name
        self.replace(lambda parts: table_part(parts, name), pattern, new)

    def bytes(self) -> bytes:
        data = template_bytes(self.form, content=self.content, lang=self.lang, native_checkboxes=self.native)
        return changed(data, *self.changes)


def changed(data: bytes, *changes: Change) -> bytes:
    """A package with its parts changed, in memory."""
    if not changes:
        return data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    for change in changes:
        change(parts)
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def grid_of(form: Form, data: bytes, path: str = "bok.xlsx") -> Grid:
    return grid_from_bytes(data, path, [table.name for table in form.tables])


def user_tables(form: Form) -> list[Table]:
    """The tables that the adviser fills in row by row."""
    return [table for table in form.tables if table.notes and table.layout == "rows"]


def typed_columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.formula is None]
