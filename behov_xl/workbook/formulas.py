"""The template's formulas: the form's patterns → Excel formulas, and the value that each has when the file is written.

A program that reads the file without calculating shows the cached value, so it must be the right one. The functions
here say in Python what the form's formulas say in Excel; a test lets LibreOffice recalculate and compares.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from behov_xl.values import EXCELS_FIRST_DAY

if TYPE_CHECKING:
    from behov_xl.form import Column, Form, Table
    from behov_xl.workbook.content import Row

_FIELD = re.compile(r"\{([^{}]+)\}")
_WORD = re.compile(r"\[((?:[a-z_]+\.)?[a-z_]+)\](?!\])")


def formula(form: Form, table: Table, column: Column, index: int, lang: str) -> str:
    """The formula of a column in its ``index``-th row, as Excel stores it (English functions, comma, table names).

    Structured references carry the table's name: LibreOffice does not read those without.
    """
    return with_references(form, column, column.formula or "", lang, _by_heading(form, table, index, lang))


def _by_heading(form: Form, table: Table, index: int, lang: str) -> Callable[[str], str]:
    """References as the template writes them: by the tables' names and headings."""

    def reference(name: str) -> str:
        if name == "n":
            return str(index + 1)
        if name == "sheet":
            return table.sheet
        other, dot, id_ = name.partition(".")
        if dot and other in form.by_id and name not in table.by_id:
            target = form.by_id[other]
            return f"{target.name}[{target.by_id[id_].label.words(lang)}]"
        return f"{table.name}[[#This Row],[{table.by_id[name].label.words(lang)}]]"

    return reference


def with_references(form: Form, column: Column, pattern: str, lang: str, reference: Callable[[str], str]) -> str:
    """A pattern of the form as a formula with ``lang``'s words; ``reference`` says how what is in braces is written."""

    def word(match: re.Match[str]) -> str:
        group, dot, id_ = match[1].partition(".")
        return (form.choices[group][id_] if dot else column.words[group]).words(lang)

    with_words = _WORD.sub(word, pattern) if column.words or "[" in pattern else pattern
    return "=" + _FIELD.sub(lambda match: reference(match[1]), with_words)


def total_formula(form: Form, table: Table, column: Column, lang: str) -> str:
    """The total row's formula. SUM, not SUBTOTAL: a filter must not change what the owner asks for."""
    return with_references(form, column, total_pattern(table, column), lang, _by_heading(form, table, 0, lang))


def total_pattern(table: Table, column: Column) -> str:
    """As the form would write it where it leaves it out."""
    return column.total_formula or f"SUM({{{table.id}.{column.id}}})"


def excel_sum(*values: Any) -> float:
    """What Excel's SUM over cells gives: numbers only, text and blanks are passed over.

    So are numbers that Excel cannot hold, such as 1E+400: what they would give cannot be stored.
    """
    return float(sum(v for v in values if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)))


def cached(value: float | str) -> float | int | str:
    """A value as Excel stores it: whole numbers without a decimal point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Calculator:
    """The cached values of one workbook's formulas. ``rows`` are those that stand in its tables."""

    def __init__(self, form: Form, rows: dict[str, list[Row]], notes: dict[str, str], lang: str) -> None:
        self._form = form
        self._rows = rows
        self._notes = notes
        self._lang = lang

    @cached_property
    def _budget(self) -> dict[str, list[Row]]:
        return _by_measure(self._rows["budget"])

    @cached_property
    def _activities(self) -> dict[str, list[Row]]:
        return _by_measure(self._rows["activities"])

    def value(self, table: Table, column: Column, index: int, sheet_row: int) -> float | str:
        """The value of a formula column in a row of its table; ``sheet_row`` counts from 1."""
        row = self._rows[table.id][index]
        if column.id == "note":
            return self._notes.get(f"{table.sheet}!{sheet_row}", "")
        if table.id == "hours":
            return self._hours(column, index)
        functions = {"total": self._total, "check": self._check, "computed_hours": self._computed_hours}
        return functions[column.id](row)

    def total(self, table: Table, column: Column) -> float:
        """The value of the total row's formula."""
        if column.school_year:
            activities = self._rows["activities"]
            return excel_sum(*(a.get("stated_hours") for a in activities if a.get("school_year") == column.school_year))
        rows = range(len(self._rows[table.id]))
        if column.formula is None:
            return excel_sum(*(self._rows[table.id][index].get(column.id) for index in rows))
        return excel_sum(*(self._cell(table, column, index) for index in rows))

    def _cell(self, table: Table, column: Column, index: int) -> Any:
        typed = self._rows[table.id][index].get(column.id)
        return self.value(table, column, index, 0) if typed is None else typed

    def _total(self, row: Row) -> float | str:
        sums = [row.get("owner_sum"), row.get("uh_sum")]
        return excel_sum(*sums) if any(isinstance(value, int | float) for value in sums) else ""

    def _check(self, row: Row) -> str:
        lines = self._budget.get(_criterion(row.get("measure")), ())
        if not lines:
            return ""
        off = {}
        for party in ("owner", "uh"):
            label = self._form.choices["party"][party].words(self._lang)
            own = (line for line in lines if line.get("party") == party or _same(line.get("party"), label))
            budget = excel_sum(*(line.get("amount") for line in own))
            off[party] = budget - excel_sum(row.get(f"{party}_sum"))
        words = {
            key: label.words(self._lang) for key, label in self._form.by_id["measures"].by_id["check"].words.items()
        }
        if abs(off["owner"]) + abs(off["uh"]) < 0.5:
            return words["ok"]
        return f"{words['owner_off']} {_rounded(off['owner'])} · {words['uh_off']} {_rounded(off['uh'])}"

    def _computed_hours(self, row: Row) -> float | str:
        factors: Sequence[Any] = [_serial(row.get(one)) for one in ("semesters", "times", "hours_each")]
        if not all(isinstance(factor, int | float) for factor in factors):
            return ""
        return float(factors[0] * factors[1] * factors[2])

    def _hours(self, column: Column, index: int) -> float | str:
        measures = self._rows["measures"]
        measure = measures[index] if index < len(measures) else {}
        if not measure.get("name"):
            return ""
        if column.school_year is None or not measure.get("measure"):
            return str(measure.get("measure", ""))
        return excel_sum(
            *(
                activity.get("stated_hours")
                for activity in self._activities.get(_criterion(measure.get("measure")), ())
                if activity.get("school_year") == column.school_year
            )
        )


def _rounded(value: float) -> str:
    """What Excel makes of ROUND(value, 2) in a text: 1250000, not 1.25e+06."""
    return f"{round(value, 2) + 0.0:.15g}"


def _serial(value: Any) -> Any:
    """A date as the number that it is to Excel's formulas; anything else as it is."""
    return (value - EXCELS_FIRST_DAY).days if isinstance(value, datetime.date) else value


def _by_measure(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows that COUNTIF and SUMIFS find for a measure."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if (measure := _criterion(row.get("measure"))) != "":
            found.setdefault(measure, []).append(row)
    return found


def _criterion(value: Any) -> str:
    """As COUNTIF and SUMIFS compare: text without regard to case; an empty criterion matches nothing."""
    return "" if value is None else str(value).casefold()


def _same(one: Any, other: Any) -> bool:
    return _criterion(one) != "" and _criterion(one) == _criterion(other)
