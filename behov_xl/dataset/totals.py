"""Totals of a dataset, per network, UH and measure: the sums that the report of the same run ends with.

Only the columns that are added up are read, batch by batch, and with a year only the files of that year.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from behov_xl.dataset import MARKER, SCHEMA, DatasetError
from behov_xl.dataset.schema import PARTITION, TABLES, fields
from behov_xl.submission import Total

GROUPS = {"network": ("submissions", "network_name"), "uh": ("measures", "uh"), "measure": ("measures", "name")}
"""What totals can be made per: the table that has it, and its column there."""


@dataclass(frozen=True, slots=True)
class Totals:
    """All totals, in order of name. ``unreadable`` workbooks count in none of them, whatever the year."""

    form: str
    year: int | None
    groups: dict[str, list[Total]]
    whole: Total
    unreadable: int


def totals(folder: Path, by: Collection[str] = tuple(GROUPS), year: int | None = None) -> Totals:
    """Reads a dataset. ``by``: of ``GROUPS``. Raises :class:`DatasetError` for what is none, or is damaged."""
    known = _marker(folder)
    try:
        opened = {table: _opened(folder, table, known) for table in {"submissions", *(GROUPS[one][0] for one in by)}}
        whole, unreadable = _whole(opened["submissions"], year)
        groups = {one: _grouped(opened[GROUPS[one][0]], one, year) for one in GROUPS if one in by}
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise DatasetError("damaged", path=folder, reason=str(error).partition("\n")[0]) from error
    return Totals(str(known.get("form", "")), year, groups, whole, unreadable)


def _marker(folder: Path) -> dict[str, Any]:
    """What the dataset says of itself."""
    try:
        known = json.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError) as error:
        raise DatasetError("none", path=folder) from error
    schema = known.get("schema") if isinstance(known, dict) else None
    if not isinstance(known, dict) or not str(schema).startswith(SCHEMA.rpartition("/")[0]):
        raise DatasetError("none", path=folder)
    if schema != SCHEMA:
        raise DatasetError("other_version", path=folder, found=str(schema), expected=SCHEMA)
    return known


def _opened(folder: Path, table: str, known: dict[str, Any]) -> Any:
    """A table, with the number of rows that it was written with."""
    partitioning = ds.partitioning(fields(PARTITION), flavor="hive")
    schema = fields((*TABLES[table], *PARTITION))
    opened = ds.dataset(folder / table, schema=schema, format="parquet", partitioning=partitioning)
    written = known["rows"][table] if isinstance(known.get("rows"), dict) and table in known["rows"] else None
    found = opened.count_rows()
    if found != written:
        raise ValueError(f"{table}: {found} ≠ {written}")
    return opened


def _read(table: Any, columns: list[str], year: int | None) -> Iterator[tuple[Any, ...]]:
    """Rows of a table, those of a workbook one after another. Raises ``ValueError`` where a value is missing."""
    chosen = ds.field("year") == year if year is not None else None
    for batch in table.to_batches(columns=columns, filter=chosen, batch_readahead=1, fragment_readahead=1):
        lacking = [name for name in columns if batch.column(name).null_count]
        if lacking:
            raise ValueError(f"∅ {', '.join(lacking)}")
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _whole(submissions: Any, year: int | None) -> tuple[Total, int]:
    whole = Total("")
    for measures, owner_sum, uh_sum in _read(_readable(submissions), ["measures", "owner_sum", "uh_sum"], year):
        whole.add(owner_sum, uh_sum, measures)
        whole.submissions += 1
    return whole, submissions.count_rows(filter=ds.field("status") == "unreadable")


def _readable(submissions: Any) -> Any:
    return submissions.filter(ds.field("status") != "unreadable")


@dataclass(slots=True)
class _Group:
    """A total in the making: ``first`` and ``last`` are numbers of workbooks in it."""

    total: Total
    first: int
    last: int | None = None

    def see(self, name: str, number: int) -> None:
        """Counts a workbook once, and takes its spelling of the name if it is the run's first, as the report does."""
        if number < self.first:
            self.total.name, self.first = name, number
        if number != self.last:
            self.total.submissions += 1
            self.last = number


def _grouped(table: Any, by: str, year: int | None) -> list[Total]:
    kind, column = GROUPS[by]
    columns = [column, "number", "owner_sum", "uh_sum"]
    if kind == "submissions":
        table, columns = _readable(table), [*columns, "measures"]
    found: dict[str, _Group] = {}
    for name, number, owner_sum, uh_sum, *measures in _read(table, columns, year):
        group = found.setdefault(name.casefold(), _Group(Total(name), number))
        group.see(name, number)
        group.total.add(owner_sum, uh_sum, *(measures or [1]))
    return [found[key].total for key in sorted(found)]
