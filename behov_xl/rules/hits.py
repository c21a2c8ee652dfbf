"""What a rule returns: the cells it hits, over all workbooks at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from behov_xl.rules.shared import cells

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions


@dataclass(frozen=True, slots=True)
class Hits:
    """Cells of one table: parallel lists of workbook, row, column id and measure, and the message's parameters."""

    table: str
    workbooks: Sequence[int]
    rows: Sequence[int]
    columns: Sequence[str]
    measures: Sequence[str]
    params: Mapping[str, Sequence[Any]]

    def __iter__(self) -> Iterator[tuple[int, int, str, str, dict[str, Any]]]:
        given: Iterable[tuple[Any, ...]] = zip(*self.params.values(), strict=True) if self.params else repeat(())
        params = map(dict, map(zip, repeat(tuple(self.params)), given))
        return zip(self.workbooks, self.rows, self.columns, self.measures, params, strict=bool(self.params))


@dataclass(frozen=True, slots=True)
class Each:
    """A parameter that has one value per row."""

    values: Sequence[Any]

    @classmethod
    def at(cls, values: Sequence[Any] | Mapping[int, Any], indexes: Iterable[int]) -> Each:
        """Of the values of all rows, or of many, those of some."""
        return cls([values[index] for index in indexes])


def hits(s: Submissions, table: str, indexes: Sequence[int], column: str | Sequence[str], **params: Any) -> Hits:
    """The rows of a table at these places, as hits in ``column`` (one for all, or one per row).

    A parameter that is :class:`Each` is taken row by row, anything else is the same for all rows.
    """
    size = len(indexes)
    if not size:
        return Hits(table, (), (), (), (), {})
    columns = s.columns[table]
    books, rows, measures = columns["workbook"], columns["row"], columns.get("measure")
    return Hits(
        table,
        [books[index] for index in indexes],
        [rows[index] for index in indexes],
        [column] * size if isinstance(column, str) else column,
        [measures[index] for index in indexes] if measures else [""] * size,
        {name: value.values if isinstance(value, Each) else [value] * size for name, value in params.items()},
    )


def each(s: Submissions, table: str, column: str, indexes: Iterable[int]) -> Each:
    """What stands in a column at these rows, as a parameter."""
    return Each.at(cells(s, table, column), indexes)


def at_fields(table: str, workbooks: Sequence[int], fields: Sequence[str], **params: Sequence[Any]) -> Hits:
    """Hits at fields, one per workbook: a field needs no row to be found and belongs to no measure."""
    size = len(workbooks)
    return Hits(table, workbooks, [0] * size, fields, [""] * size, params)


def sums_by(workbooks: Iterable[int], values: Iterable[float]) -> dict[int, float]:
    """Workbook → the sum of its rows' values; NaN counts as nothing."""
    sums: dict[int, float] = {}
    for workbook, value in zip(workbooks, values, strict=True):
        if value == value:
            sums[workbook] = sums.get(workbook, 0.0) + value
    return sums
