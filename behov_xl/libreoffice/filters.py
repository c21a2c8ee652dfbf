"""Filters of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

if TYPE_CHECKING:
    from behov_xl.libreoffice.tables import Table

_EQUAL = 2  # com.sun.star.sheet.FilterOperator2
_TEXT = 1  # com.sun.star.sheet.FilterFieldType


class AutoFilter(base_classes.AutoFilter):
    """What a table is filtered by. Values to show can be set; other kinds of filter are only seen to be there."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """For each column by what it is filtered, as xlwings keeps it."""
        found = [base_classes.empty_autofilter_criteria(column + 1) for column in range(self._table.range.shape[1])]
        for field in self._fields():
            criteria = found[field.Field]
            if field.Operator == _EQUAL and criteria["type"] == "none":
                criteria["type"] = "values"
                criteria["values"] = [one.StringValue for one in field.Values]
            else:
                found[field.Field] = base_classes.empty_autofilter_criteria(field.Field + 1, "unknown")
        return found

    def apply_values(self, field: int, values: Sequence[str]) -> None:
        """Shows only the rows that have one of the values in this column (from 1)."""
        office = self._table.parent.book.office
        self._table.show_autofilter = True
        wanted = tuple(office.struct("sheet.FilterFieldValue", FilterType=_TEXT, StringValue=value) for value in values)
        made = office.struct("sheet.TableFilterField3", Field=field - 1, Operator=_EQUAL, Values=wanted)
        self._set([*(one for one in self._fields() if one.Field != field - 1), made])

    def clear(self, field: int | None = None) -> None:
        """Shows the rows that this column hides, or all."""
        self._set([one for one in self._fields() if field is not None and one.Field != field - 1])

    def _fields(self) -> Sequence[Any]:
        fields: Sequence[Any] = self._table.api.getFilterDescriptor().getFilterFields3()
        return fields

    def _set(self, fields: list[Any]) -> None:
        self._table.api.getFilterDescriptor().setFilterFields3(tuple(fields))
        if fields:
            self._table.api.refresh()
        else:  # A refresh without conditions leaves the rows as they are.
            cells = self._table.range.api
            cells.filter(cells.createFilterDescriptor(True))
