"""What a rule returns: the cells it hits, over all workbooks at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from behov_xl.rules.shared import cells

if TYPE_CHECKING:
    import pandas as pd

    from behov_xl.workbook.frames import Submissions


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
        names = tuple(self.params)
        given = zip(*self.params.values(), strict=True) if names else repeat(())
        places = zip(self.workbooks, self.rows, self.columns, self.measures, given, strict=bool(names))
        for workbook, row, column, measure, values in places:
            yield workbook, row, column, measure, dict(zip(names, values, strict=True))


@dataclass(frozen=True, slots=True)
class Each:
    """A parameter that has one value per row, where no Series is at hand."""

    values: Sequence[Any]


def hits(table: str, frame: pd.DataFrame, column: str | Sequence[str], **params: Any) -> Hits:
    """The rows of ``frame`` as hits in ``column`` (one for all, or one per row).

    A parameter that is a Series or :class:`Each` is taken row by row, anything else is the same for all rows.
    """
    size = len(frame)
    if not size:
        return Hits(table, (), (), (), (), {})
    columns = [column] * size if isinstance(column, str) else list(column)
    measures = frame["measure"].tolist() if "measure" in frame else [""] * size
    each = {name: _values(value, size) for name, value in params.items()}
    return Hits(table, frame["workbook"].tolist(), frame["row"].tolist(), columns, measures, each)


def hits_at(s: Submissions, table: str, indexes: Sequence[int], column: str | Sequence[str], **params: Any) -> Hits:
    """As :func:`hits`, of the rows at these places of a table; a parameter is :class:`Each` or the same for all rows.

    Sooner made than a frame of these rows, which costs as much as to look at some thousands of them.
    """
    size = len(indexes)
    if not size:
        return Hits(table, (), (), (), (), {})
    books, rows = cells(s, table, "workbook"), cells(s, table, "row")
    measures = cells(s, table, "measure") if "measure" in s[table] else None
    return Hits(
        table,
        [books[index] for index in indexes],
        [rows[index] for index in indexes],
        [column] * size if isinstance(column, str) else column,
        [measures[index] for index in indexes] if measures else [""] * size,
        {name: _values(value, size) for name, value in params.items()},
    )


def at_fields(table: str, workbooks: Sequence[int], fields: Sequence[str], **params: Sequence[Any]) -> Hits:
    """Hits at fields, one per workbook: a field needs no row to be found and belongs to no measure."""
    size = len(workbooks)
    return Hits(table, workbooks, [0] * size, fields, [""] * size, params)


def _values(value: Any, size: int) -> Sequence[Any]:
    if isinstance(value, Each):
        return value.values
    return value.tolist() if hasattr(value, "tolist") else [value] * size


def keys(frame: pd.DataFrame, column: str = "measure") -> list[tuple[int, str]]:
    """Workbook and key of each row, as keys are compared: without regard to case."""
    return [(w, k.casefold()) for w, k in zip(frame["workbook"].tolist(), frame[column].tolist(), strict=True)]


def sums_by(frame: pd.DataFrame, values: Iterable[float]) -> dict[int, float]:
    """Workbook → the sum of its rows' values; NaN counts as nothing. Plain loops: most chunks have few rows."""
    sums: dict[int, float] = {}
    for workbook, value in zip(frame["workbook"].tolist(), values, strict=True):
        if value == value:
            sums[workbook] = sums.get(workbook, 0.0) + value
    return sums
