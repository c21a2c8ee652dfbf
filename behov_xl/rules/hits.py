"""What a rule returns: the cells it hits, over all workbooks at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


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
        for index, workbook in enumerate(self.workbooks):
            params = {name: values[index] for name, values in self.params.items()}
            yield workbook, self.rows[index], self.columns[index], self.measures[index], params


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
