"""A run as Parquet: what is in it, who can read it, and that it is written whole or not at all."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest
from report.reports import HARM, hostile
from test_cli import run

from behov_xl.batch import FEW
from behov_xl.dataset import MARKER, DatasetError
from behov_xl.dataset.schema import PARTITION, TABLES, UNREADABLE, fields
from behov_xl.dataset.writer import Writer
from behov_xl.findings import Ask, Place, Severity, Submission, WorkbookReport
from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.validate import validate
from conftest import EXAMPLES

WORDS = catalogue("nb")
NETWORKS = ["Salten", "../x", "a/b", "=", "a=b", "", "x" * 4_000, "Ø" * 200, "emoji 😀", "%2E", "c:\\d", "x.", " a ",
            "nul\0l", "ny\nlinje", "NULL", "..", UNREADABLE, "__HIVE_DEFAULT_PARTITION__", "*?<>|\"", "\ud800"]  # fmt: skip


def write(folder: Path, *chunks: Iterable[WorkbookReport]) -> Path:
    with Writer(folder, "behovsmelding-2026", WORDS) as writer:
        for chunk in chunks:
            writer.add(list(chunk))
    return folder


def read(folder: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, in the order of the run."""
    partitioning = ds.partitioning(fields(PARTITION), flavor="hive")
    rows = ds.dataset(folder / table, format="parquet", partitioning=partitioning).to_table().to_pylist()
    return sorted(rows, key=lambda row: row["number"])


def submission(network: str, year: int | None = 2026, **others: Any) -> WorkbookReport:
    place = Place("Tiltak", "F5", "Tiltak", 4, 5)
    asks = (Ask("T1", "Lesing", "Nord universitet", 100.5, 200.0, place),)
    one = Submission(f"Eier i {network}", network, year, 1, 100.5, 200.0, {"2026/2027": 1.5, "2027/2028": 2.0}, asks)
    return WorkbookReport(f"{network}.xlsx", (), replace(one, **others))


@pytest.fixture(scope="module")
def reports() -> Sequence[WorkbookReport]:
    """Three examples, and one that is not there."""
    return validate([EXAMPLES, EXAMPLES / "nix.xlsx"]).workbooks


@pytest.fixture(scope="module")
def folder(reports: Sequence[WorkbookReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("dataset") / "ut", reports[:2], reports[2:])


def test_every_finding_is_a_row_in_the_order_of_the_run(folder: Path, reports: Sequence[WorkbookReport]) -> None:
    expected = [
        (w.path, f.rule.code, f.sheet, f.cell, f.measure, message(f, WORDS)) for w in reports for f in w.findings
    ]
    rows = read(folder, "findings")
    assert [
        tuple(row[one] for one in ("path", "code", "sheet", "cell", "measure", "message")) for row in rows
    ] == expected
    assert len({row["identity"] for row in rows}) == len(rows)


def test_submissions_measures_and_hours_are_rows(folder: Path, reports: Sequence[WorkbookReport]) -> None:
    for row, report in zip(read(folder, "submissions"), reports, strict=True):
        one = report.submission
        assert (row["path"], row["status"]) == (report.path, report.status)
        assert row["errors"] == sum(f.severity == Severity.ERROR and f.acknowledged is None for f in report.findings)
        asked = (one.owner, one.network, one.owner_total, one.uh_total) if one else (None,) * 4
        assert tuple(row[name] for name in ("owner", "network_name", "owner_sum", "uh_sum")) == asked
    said = [one.submission for one in reports if one.submission]
    measures = [
        (one.owner, ask.measure, ask.name, ask.uh, ask.owner_sum, ask.uh_sum) for one in said for ask in one.asks
    ]
    names = ("owner", "measure", "name", "uh", "owner_sum", "uh_sum")
    assert [tuple(row[name] for name in names) for row in read(folder, "measures")] == measures
    hours = [(one.owner, year, value) for one in said for year, value in one.hours.items()]
    assert [(row["owner"], row["school_year"], row["hours"]) for row in read(folder, "hours")] == hours


def test_what_cannot_be_read_has_a_partition_of_its_own(folder: Path) -> None:
    parts = [str(path.parent.relative_to(folder)) for path in folder.rglob("*.parquet")]
    assert f"findings/year=0/network={UNREADABLE}" in parts
    (row,) = [row for row in read(folder, "submissions") if row["network"] == UNREADABLE]
    assert (row["year"], row["status"], row["owner"], row["uh_sum"]) == (0, "unreadable", None, None)
    assert "findings/year=2026/network=Kompetansenettverk%20Salten" in parts


@pytest.mark.parametrize("table", TABLES)
def test_pandas_duckdb_and_polars_read_it_alike(folder: Path, table: str) -> None:
    rows = read(folder, table)
    columns = [column.name for column in (*TABLES[table], *PARTITION)]
    by_pandas = pd.read_parquet(folder / table)
    by_duckdb = duckdb.sql(
        f"SELECT * FROM read_parquet('{folder / table}/**/*.parquet', hive_partitioning = true)"
    ).pl()
    by_polars = pl.read_parquet(folder / table, hive_partitioning=True)
    for frame in (by_pandas, by_duckdb, by_polars):
        assert set(frame.columns) == set(columns)
        assert sorted(map(str, frame["network"].to_list() if frame is not by_pandas else frame["network"])) == sorted(
            row["network"] for row in rows
        )
    numeric = [column.name for column in TABLES[table] if column.type == "float64"]
    for name in numeric:
        total = sum(row[name] or 0 for row in rows)
        assert [by_pandas[name].sum(), by_duckdb[name].sum(), by_polars[name].sum()] == [pytest.approx(total)] * 3


def test_a_question_in_sql_is_answered(folder: Path, reports: Sequence[WorkbookReport]) -> None:
    asked = f"""
        SELECT s.network, sum(m.uh_sum) FROM read_parquet('{folder}/measures/**/*.parquet', hive_partitioning = true) m
        JOIN read_parquet('{folder}/submissions/**/*.parquet', hive_partitioning = true) s USING (number)
        WHERE s.year = 2026 GROUP BY 1"""
    expected: dict[str, float] = {}
    for one in [report.submission for report in reports if report.submission and report.submission.year == 2026]:
        expected[one.network] = expected.get(one.network, 0.0) + one.uh_total
    assert dict(duckdb.sql(asked).fetchall()) == expected


def test_networks_of_any_name_are_folders_within(tmp_path: Path) -> None:
    folder = write(tmp_path / "ut", [submission(name) for name in NETWORKS])
    assert [path.name for path in tmp_path.iterdir()] == ["ut"]
    for path in folder.rglob("network=*"):
        assert re.fullmatch(r"network=[\w.~%-]*", path.name, re.ASCII)
        assert len(path.name) <= 150
        assert not path.name.endswith(".")
        assert path.parent.parent.parent == folder
    rows = read(folder, "submissions")
    names = [name.replace("\ud800", "?") for name in NETWORKS]
    assert [row["network_name"] for row in rows] == names
    kept = [name for name, row in zip(names, rows, strict=True) if row["network"] == name]
    assert kept == ["Salten", "../x", "a/b", "=", "a=b", "", "emoji 😀", "%2E", "c:\\d", "NULL", '*?<>|"']
    assert len({row["network"] for row in rows}) == len(NETWORKS)
    # Others read the folders' names alike.
    expected = sorted(row["network"] for row in rows)
    assert sorted(pd.read_parquet(folder / "submissions")["network"]) == expected
    assert sorted(pl.read_parquet(folder / "submissions", hive_partitioning=True)["network"]) == expected
    asked = f"SELECT network FROM read_parquet('{folder}/submissions/**/*.parquet', hive_partitioning = true)"
    assert sorted(network for (network,) in duckdb.sql(asked).fetchall()) == expected


def test_spellings_of_a_network_share_a_folder(tmp_path: Path) -> None:
    long = "Nettverk " * 40
    names = ["Salten", "SALTEN", "salten", long, long.upper()]
    folder = write(tmp_path / "ut", [submission(name) for name in names[:2]], [submission(name) for name in names[2:]])
    rows = read(folder, "submissions")
    assert [row["network_name"] for row in rows] == names
    assert [row["network"] for row in rows[:3]] == ["Salten"] * 3
    assert rows[3]["network"] == rows[4]["network"]
    assert len(list(folder.glob("submissions/*/*"))) == 2


@pytest.mark.parametrize("year", [None, 0, -1, 10**12])
def test_a_year_that_is_none_is_not_known(tmp_path: Path, year: int | None) -> None:
    (row,) = read(write(tmp_path / "ut", [submission("Salten", year)]), "submissions")
    assert (row["year"], row["network"]) == (0, "Salten")


def test_hostile_texts_are_texts(tmp_path: Path) -> None:
    folder = write(tmp_path / "ut", hostile().workbooks)
    findings = read(folder, "findings")
    assert [row["acknowledged"] for row in findings] == [None, None, HARM.replace("\ud800", "?"), None]
    assert findings[0]["sheet"] == findings[0]["actual"] == HARM.replace("\ud800", "?")


def test_the_columns_have_their_types_and_are_described(folder: Path) -> None:
    known = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    assert (known["schema"], known["form"], known["workbooks"]) == ("behov-xl/dataset/1", "behovsmelding-2026", 4)
    for table, columns in TABLES.items():
        assert known["rows"][table] == len(read(folder, table))
        for path in (folder / table).rglob("*.parquet"):
            written = ds.dataset(path, format="parquet").schema
            assert {field.name: str(field.type) for field in written} == {
                column.name: {"float64": "double"}.get(column.type, column.type) for column in columns
            }
        assert all(known["tables"][table][column.name]["about"] for column in (*columns, *PARTITION))


@pytest.mark.parametrize("chunks", [(), ([WorkbookReport("nix.xlsx", ())],)], ids=["no workbook", "nothing readable"])
def test_a_run_without_rows_is_a_dataset_all_the_same(tmp_path: Path, chunks: tuple[Any, ...]) -> None:
    folder = write(tmp_path / "ut", *chunks)
    for table, columns in TABLES.items():
        expected = len(chunks) if table == "submissions" else 0
        assert len(pd.read_parquet(folder / table)) == expected
        frame = pl.read_parquet(folder / table, hive_partitioning=True)
        assert set(frame.columns) == {column.name for column in (*columns, *PARTITION)}


def test_how_the_reports_come_makes_no_difference(tmp_path: Path, reports: Sequence[WorkbookReport]) -> None:
    whole, single = write(tmp_path / "a", reports), write(tmp_path / "b", *([one] for one in reports))
    for table in TABLES:
        assert read(whole, table) == read(single, table)


def test_many_workbooks_are_few_files(tmp_path: Path) -> None:
    chunks = [[submission(f"Nettverk {number % 3}") for number in range(50)] for _ in range(20)]
    folder = write(tmp_path / "ut", *chunks)
    assert len(list(folder.rglob("*.parquet"))) == 3 * 3 + 1
    assert [row["number"] for row in read(folder, "measures")] == list(range(1_000))


# ------------------------------------------------------------------------------- whole or not at all


def test_a_dataset_is_replaced_whole(tmp_path: Path) -> None:
    folder = write(tmp_path / "ut", [submission("Salten"), submission("Lofoten")])
    (folder / "measures" / ".DS_Store").write_bytes(b"x")
    write(folder, [submission("Salten")])
    assert [row["network"] for row in read(folder, "submissions")] == ["Salten"]
    assert not list(folder.rglob("*Lofoten*"))
    assert [path.name for path in tmp_path.iterdir()] == ["ut"]


def test_a_run_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    folder = write(tmp_path / "ut", [submission("Salten")])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def interrupted() -> Iterator[WorkbookReport]:
        yield submission("Lofoten")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(folder, [submission("Lofoten")], interrupted())
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["ut"]


def test_nothing_half_written_is_ever_at_the_target(tmp_path: Path) -> None:
    with Writer(tmp_path / "ut", "behovsmelding-2026", WORDS) as writer:
        writer.add([submission("Salten")])
        assert not (tmp_path / "ut").exists()
    assert (tmp_path / "ut" / MARKER).exists()


@pytest.mark.parametrize("name", ["notat.txt", "findings/notat.txt", ".git/config", "measures/year=2026/budsjett.xlsx"])
def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "ut", [submission("Salten")])
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text("viktig")
    with pytest.raises(DatasetError) as refused, Writer(folder, "behovsmelding-2026", WORDS):
        pytest.fail("was begun")
    assert name.partition("/")[0] in WORDS.words(refused.value.said)
    assert (folder / name).read_text() == "viktig"


def test_what_came_into_the_folder_meanwhile_is_kept(tmp_path: Path) -> None:
    def meanwhile() -> Iterator[WorkbookReport]:
        (tmp_path / "ut").mkdir()
        (tmp_path / "ut" / "notat.txt").write_text("viktig")
        yield submission("Salten")

    with pytest.raises(DatasetError):
        write(tmp_path / "ut", meanwhile())
    assert (tmp_path / "ut" / "notat.txt").read_text() == "viktig"
    assert [path.name for path in tmp_path.iterdir()] == ["ut"]


def test_memory_does_not_grow_with_the_run(tmp_path: Path) -> None:
    """Two processes, one of which writes ten times as many workbooks: their peaks are alike."""
    script = (
        "import resource, sys; from pathlib import Path; from test_dataset import write, submission\n"
        "chunk = lambda n: [submission(f'Nettverk {i % 40}', owner=f'Eier {n} {i}') for i in range(200)]\n"
        "write(Path(sys.argv[1]), *map(chunk, range(5)))\n"
        "write(Path(sys.argv[1]), *(chunk(n) for n in range(int(sys.argv[2]))))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = [
        int(
            subprocess.run(
                [sys.executable, "-c", script, str(tmp_path / "ut"), chunks],
                capture_output=True, check=True, cwd=Path(__file__).parent, timeout=120,
            ).stdout
        )
        for chunks in ("10", "100")
    ]  # fmt: skip
    assert peaks[1] <= 1.3 * peaks[0]


# ---------------------------------------------------------------------------------- the command line


def test_the_command_writes_the_dataset_beside_the_report(tmp_path: Path) -> None:
    done = run("validate", str(EXAMPLES), "--dataset", "ut", "--select", "BX3", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("Workbooks: 3")
    assert done.stderr.strip() == "Wrote ut"
    known = json.loads((tmp_path / "ut" / MARKER).read_text(encoding="utf-8"))
    assert (known["lang"], known["options"]["select"]) == ("en", ["BX3"])
    assert {row["code"][:3] for row in read(tmp_path / "ut", "findings")} <= {"BX3", "BX1", "BX2", "BX0"}


@pytest.mark.parametrize("target", ["notat.txt", ".", "nei/ut"])
def test_a_dataset_that_cannot_be_written_is_wrong_usage(tmp_path: Path, target: str) -> None:
    (tmp_path / "notat.txt").write_text("viktig")
    done = run("validate", str(EXAMPLES / "komplett_2026.xlsx"), "--dataset", target, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notat.txt"]


@pytest.mark.parametrize(
    "command", [["validate", "x.xlsx", "--dataset", "ut"], ["summarize", "ut"]], ids=lambda c: c[0]
)
def test_without_pyarrow_the_extra_is_named(tmp_path: Path, command: list[str]) -> None:
    hide = "import sys; sys.modules['pyarrow'] = None; from behov_xl.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hide, *command], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert done.returncode == 2
    assert "behov-xl[dataset]" in done.stderr
    assert "Traceback" not in done.stderr


def test_any_amount_that_a_cell_can_hold_is_kept(tmp_path: Path) -> None:
    (row,) = read(write(tmp_path / "ut", [submission("Salten", owner_total=1e300)]), "submissions")
    assert row["owner_sum"] == 1e300


def test_a_reader_that_has_seen_enough_is_no_fault_of_the_dataset(tmp_path: Path) -> None:
    inbox = tmp_path / "inn"
    inbox.mkdir()
    for number in range(FEW + 1):
        (inbox / f"{number:04}.xlsx").symlink_to(EXAMPLES / "bodo_2026.xlsx")
    command = [str(Path(sys.executable).with_name("behov-xl")), "validate", str(inbox), "--format", "jsonl"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, "--dataset", str(tmp_path / "ut")], stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert [path.name for path in tmp_path.iterdir()] == ["inn"]
