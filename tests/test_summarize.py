"""The totals of a dataset are those of the report of the same run."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_cli import run
from test_dataset import NETWORKS, submission, write

from behov_xl.dataset import MARKER
from behov_xl.dataset.totals import totals
from behov_xl.submission import totals_per_network, totals_per_uh
from behov_xl.validate import validate
from conftest import EXAMPLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("sum") / "ut", validate([EXAMPLES, EXAMPLES / "nix.xlsx"]).workbooks)


def test_the_text_ends_the_report_of_the_same_run(folder: Path) -> None:
    report = run("validate", str(EXAMPLES)).stdout
    summary = run("summarize", str(folder), "--by", "network,uh").stdout
    lines = summary.splitlines()
    assert "\n".join(lines[:-1]) in report
    assert lines[0] == "Per kompetansenettverk"
    assert lines[-1].startswith("Alle: 3 behovsmeldinger, 13 tiltak")


def test_json_has_the_totals_of_the_json_report(folder: Path) -> None:
    report = json.loads(run("validate", str(EXAMPLES), "--format", "json").stdout)["summary"]["totals"]
    summary = json.loads(run("summarize", str(folder), "--format", "json").stdout)
    assert {group: summary["totals"][group] for group in ("network", "uh")} == report
    assert (summary["schema"], summary["unreadable"], summary["whole"]["submissions"]) == ("behov-xl/summary/1", 1, 3)
    assert sum(one["total"] for one in summary["totals"]["measure"]) == summary["whole"]["total"]


def test_totals_are_those_of_the_submissions_whatever_the_names(tmp_path: Path) -> None:
    reports = [submission(name, owner_total=float(at)) for at, name in enumerate([*NETWORKS, "salten", "SALTEN"])]
    reports = [one for one in reports if one.submission and "\ud800" not in one.submission.network]
    found = totals(write(tmp_path / "ut", reports[:7], reports[7:]))
    assert found.groups["network"] == totals_per_network(reports)
    assert found.groups["uh"] == totals_per_uh(reports)


def test_the_name_is_spelled_as_the_first_workbook_does(tmp_path: Path) -> None:
    names = ["B nett", "A nett"]
    asks = [submission(name).submission for name in names]
    assert all(asks)
    spelled = [
        submission(name, asks=tuple(type(ask)(ask.measure, said, said, 1.0, 2.0, ask.place) for ask in one.asks))
        for name, said, one in zip(names, ["NORD", "nord"], asks, strict=True)
        if one
    ]
    found = totals(write(tmp_path / "ut", spelled))
    for group in ("uh", "measure"):
        (one,) = found.groups[group]
        assert (one.name, one.submissions, one.measures, one.uh_total) == ("NORD", 2, 2, 4.0)


def test_a_year_counts_alone(folder: Path, tmp_path: Path) -> None:
    target = write(
        tmp_path / "ut", [submission("Salten", 2025), submission("Salten", 2026), submission("Salten", None)]
    )
    assert totals(target).whole.submissions == 3
    assert totals(target, year=2026).whole.submissions == 1
    assert totals(target, year=2031).groups == {"network": [], "uh": [], "measure": []}


def test_a_year_reads_only_its_own_files(tmp_path: Path) -> None:
    """The values of another year's file are damaged behind an intact directory of it, and nobody notices."""
    target = write(tmp_path / "ut", [submission("Salten", 2025), submission("Salten", 2026)])
    (other,) = (target / "submissions").glob("year=2025/*/*.parquet")
    data = bytearray(other.read_bytes())
    data[4:200] = b"\xff" * 196
    other.write_bytes(data)
    (known,) = totals(target, ["network"], 2026).groups["network"]
    assert known.owner_total == 100.5
    done = run("summarize", str(target), "--by", "network")
    assert done.returncode == 2


@pytest.mark.parametrize("by", ["measure", "uh,network", " network , uh "])
def test_only_what_is_asked_for_is_printed(folder: Path, by: str) -> None:
    found = json.loads(run("summarize", str(folder), "--format", "json", "--by", by).stdout)["totals"]
    assert list(found) == [one for one in ("network", "uh", "measure") if one in by]


def test_csv_and_markdown_are_harmless_tables(tmp_path: Path) -> None:
    target = write(tmp_path / "ut", [submission("=1+1|[x](http://y)"), submission("Salten")])
    made = run("summarize", str(target), "--format", "csv", "-o", "ut.csv", cwd=tmp_path)
    assert made.stdout == ""
    rows = list(csv.reader((tmp_path / "ut.csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0] == ["Per", "Navn", "Behovsmeldinger", "Antall tiltak", "Eier (kr)", "UH (kr)", "Sum (kr)"]
    assert rows[1] == ["Nettverk", "'=1+1|[x](http://y)", "1", "1", "100,5", "200", "300,5"]
    markdown = run("summarize", str(target), "--format", "markdown", "--lang", "en").stdout
    assert "| =1\\+1&#124;\\[x\\]\\(http&#58;//y\\) | 1 | 1 | 100,5 | 200 | 300,5 |" in markdown
    assert "| All | 2 | 2 | 201 | 400 | 601 |" in markdown


def test_what_could_not_be_read_is_told(folder: Path) -> None:
    done = run("summarize", str(folder), "--lang", "en")
    assert done.returncode == 0
    assert done.stderr.strip() == "Files that could not be read are not in the totals: 1"


def _cut(folder: Path) -> None:
    (one,) = (folder / "measures").glob("year=2026/*/*.parquet")
    one.write_bytes(one.read_bytes()[:-20])


def _noise(folder: Path) -> None:
    (one,) = (folder / "submissions").glob("year=2026/*/*.parquet")
    one.write_bytes(b"PAR1" + b"\0" * 400 + b"PAR1")


def _lost(folder: Path) -> None:
    shutil.rmtree(folder / "measures" / "year=2026")


def _gone(folder: Path) -> None:
    shutil.rmtree(folder / "submissions")


def _emptied(folder: Path) -> None:
    (one,) = (folder / "measures").glob("year=2026/*/*.parquet")
    table = pq.read_table(one, partitioning=None)
    nothing = pa.nulls(len(table), pa.string())
    pq.write_table(table.set_column(table.column_names.index("uh"), "uh", nothing), one)


def _other_type(folder: Path) -> None:
    (one,) = (folder / "measures").glob("year=2026/*/*.parquet")
    table = pq.read_table(one, partitioning=None)
    pq.write_table(table.set_column(table.column_names.index("uh_sum"), "uh_sum", table["name"]), one)


def _unmarked(folder: Path) -> None:
    (folder / MARKER).unlink()


def _other_json(folder: Path) -> None:
    (folder / MARKER).write_text('["behov-xl/dataset/1"]')


def _newer(folder: Path) -> None:
    (folder / MARKER).write_text('{"schema": "behov-xl/dataset/9"}')


def _rows_unsaid(folder: Path) -> None:
    (folder / MARKER).write_text('{"schema": "behov-xl/dataset/1"}')


@pytest.mark.parametrize(
    "harm",
    [_cut, _noise, _lost, _gone, _emptied, _other_type, _unmarked, _other_json, _newer, _rows_unsaid, shutil.rmtree],
    ids=lambda harm: harm.__name__.strip("_"),
)
def test_what_is_no_whole_dataset_is_wrong_usage(tmp_path: Path, harm: Callable[[Path], Any]) -> None:
    target = write(tmp_path / "ut", [submission("Salten"), submission("Lofoten", 2025)])
    assert run("summarize", str(target)).returncode == 0
    harm(target)
    done = run("summarize", str(target))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(target) in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_an_unknown_group_is_wrong_usage(folder: Path) -> None:
    done = run("summarize", str(folder), "--by", "network,fylke")
    assert (done.returncode, done.stdout) == (2, "")
    assert "fylke" in done.stderr
