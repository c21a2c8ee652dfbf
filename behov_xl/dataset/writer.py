"""Writes the results of a run as a dataset, as they come: whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

import behov_xl
from behov_xl.dataset import MARKER, SCHEMA, DatasetError
from behov_xl.dataset.rows import Row, rows
from behov_xl.dataset.schema import PARTITION, TABLES, UNREADABLE, described, fields, network_of, year_of
from behov_xl.findings import WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.writing import resolved

_OPEN_FILES = 100
"""Partitions written to at once. Of one that was closed in between, the next rows go to another file."""
_ROW_GROUP = 1_000
"""Rows of a partition that are gathered before they are written: with some hundred networks, what memory holds."""
_PARTITIONS = 1_000_000
"""As many as there may be: pyarrow wants a number."""
_STAGED = pa.ipc.IpcWriteOptions(compression="lz4")
_BY_THE_WAY = frozenset({".DS_Store"})
"""What programs put into every folder that somebody looks at."""


class Writer:
    """``with Writer(…) as writer: writer.add(reports)``, as often as there are reports.

    What comes is staged, so that memory does not grow with the run and every partition is few files, not one for each
    call. Everything is written into a folder beside the target, which takes its place at the end of the ``with``; when
    that ends with an exception, nothing has changed. A dataset that is there is replaced, since a run is a whole.
    """

    def __init__(self, folder: Path, form: str, words: Catalogue, options: Mapping[str, Any] | None = None) -> None:
        """``options``: what of the run's options is worth knowing of its results. Plain data."""
        self._target = resolved(folder)
        self._form, self._words, self._options = form, words, dict(options or {})
        self._count = 0
        self._written = dict.fromkeys(TABLES, 0)
        self._networks: dict[str, str] = {}
        self._staged: dict[str, Any] = {}
        self._schemas = {table: fields((*columns, *PARTITION)) for table, columns in TABLES.items()}

    def __enter__(self) -> Writer:
        """Raises :class:`DatasetError` for a target that is something else, or ``OSError``."""
        check_target(self._target)
        with ExitStack() as stack:
            self._work = Path(tempfile.mkdtemp(dir=self._target.parent, prefix=".behov-xl-"))
            stack.callback(shutil.rmtree, self._work, ignore_errors=True)
            self._made = self._work / "dataset"
            self._made.mkdir()
            self._opened = stack.enter_context(ExitStack())
            for table, schema in self._schemas.items():
                staged = pa.ipc.new_stream(str(self._stage(table)), schema, options=_STAGED)
                self._staged[table] = self._opened.enter_context(staged)
            self._cleanup = stack.pop_all()
        return self

    def add(self, reports: Sequence[WorkbookReport]) -> None:
        """Takes the reports of some workbooks, in the order of the run. Raises ``OSError``."""
        found: dict[str, list[Row]] = {table: [] for table in TABLES}
        for report in reports:
            same = self._same(report)
            for table, row in rows(report, self._words):
                found[table].append(row | same)
            self._count += 1
        for table, listed in found.items():
            if listed:
                self._staged[table].write_batch(_batch(listed, self._schemas[table]))
                self._written[table] += len(listed)

    def _same(self, report: WorkbookReport) -> Row:
        one = report.submission
        if one is None:
            place: Row = {"owner": None, "year": year_of(None), "network": UNREADABLE}
        else:
            # One folder for all spellings: where a file system takes them for one, files would replace each other.
            network = network_of(one.network)
            network = self._networks.setdefault(network.casefold(), network)
            place = {"owner": one.owner, "year": year_of(one.year), "network": network}
        return {"number": self._count, "path": report.path, **place}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Puts the dataset in its place, or takes everything away again. Raises as :meth:`__enter__`."""
        with self._cleanup:
            self._opened.close()
            if kind is None:
                for table in TABLES:
                    self._partition(table)
                self._mark()
                check_target(self._target)
                self._replace()

    def _stage(self, table: str) -> Path:
        return self._work / f"{table}.arrow"

    def _partition(self, table: str) -> None:
        if not self._written[table]:
            self._write_nothing(table)
            return
        with pa.OSFile(str(self._stage(table))) as file, pa.ipc.open_stream(file) as reader:
            file_format = ds.ParquetFileFormat()
            ds.write_dataset(
                reader,
                self._made / table,
                format=file_format,
                file_options=file_format.make_write_options(compression="zstd"),
                basename_template="part-{i}.parquet",
                partitioning=ds.partitioning(fields(PARTITION), flavor="hive"),
                max_partitions=_PARTITIONS,
                max_open_files=_OPEN_FILES,
                min_rows_per_group=_ROW_GROUP,
                max_rows_per_group=100 * _ROW_GROUP,
                use_threads=False,  # the rows stay in the order of the run
            )
        self._stage(table).unlink()

    def _write_nothing(self, table: str) -> None:
        """One file without rows: readers know the columns of a table that nothing is in."""
        import pyarrow.parquet as pq

        folder = self._made / table / f"year={year_of(None)}" / "network="
        folder.mkdir(parents=True)
        pq.write_table(fields(TABLES[table]).empty_table(), folder / "part-0.parquet")

    def _mark(self) -> None:
        known = {
            "schema": SCHEMA,
            "tool": {"name": "behov-xl", "version": behov_xl.__version__},
            "form": self._form,
            "lang": self._words.lang,
            "options": self._options,
            "workbooks": self._count,
            "rows": self._written,
            "tables": described(),
        }
        text = json.dumps(known, ensure_ascii=False, indent=1)
        (self._made / MARKER).write_text(f"{text}\n", encoding="utf-8", errors="replace")

    def _replace(self) -> None:
        before = self._work / "before"
        there = self._target.exists()
        if there:
            self._target.rename(before)
        try:
            self._made.rename(self._target)
        except OSError:
            if there:
                before.rename(self._target)
            raise


def _batch(listed: list[Row], schema: pa.Schema) -> pa.RecordBatch:
    columns = []
    for field in schema:
        values = [row.get(field.name) for row in listed]
        if field.type == pa.string():
            values = [None if value is None else _encodable(value) for value in values]
        columns.append(pa.array(values, field.type))
    return pa.record_batch(columns, schema=schema)


def _encodable(text: str) -> str:
    """A cell may hold half a character, which no file can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def check_target(target: Path) -> None:
    """Raises :class:`DatasetError` unless nothing is here, a dataset of ours, or an empty folder."""
    if not target.exists():
        return
    if not target.is_dir():
        raise DatasetError("is_file", path=target)
    foreign = next(_foreign(target), None)
    if foreign is None and ((target / MARKER).is_file() or not any(target.iterdir())):
        return
    raise DatasetError("foreign", path=target, file=foreign or next(target.iterdir()))


def _foreign(target: Path) -> Iterator[Path]:
    """What is in a folder and in no dataset."""
    for path in target.rglob("*"):
        inside = path.relative_to(target).parts
        ours = inside == (MARKER,) or path.name in _BY_THE_WAY
        ours = ours or (inside[0] in TABLES and (path.is_dir() or path.suffix == ".parquet"))
        if not ours:
            yield path
