"""What a validation costs, beside what it cannot cost less than. Ratios within a group are what matters:

.venv/bin/python -m pytest tests/benchmarks --benchmark-enable --benchmark-columns=min,median --benchmark-sort=name
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings

from behov_xl.addin import actions
from behov_xl.form import current
from behov_xl.validate import validate
from behov_xl.workbook.content import read_content
from behov_xl.workbook.template import write_template
from benchmarks import read_only
from benchmarks.corpus import corpus
from client import payload
from conftest import EXAMPLES

BODO = EXAMPLES / "bodo_2026.xlsx"
COMMAND = str(Path(sys.executable).with_name("behov-xl"))
Benchmark = Callable[..., object]


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return corpus(tmp_path_factory.mktemp("others"), 200)


@pytest.mark.benchmark(group="one workbook, warm")
def test_one_workbook_warm(benchmark: Benchmark) -> None:
    report = benchmark(validate, [BODO])
    assert report.workbooks[0].status == "findings"


@pytest.mark.benchmark(group="200 workbooks in one call")
def test_200_reading_only(benchmark: Benchmark, others: list[Path]) -> None:
    assert benchmark(read_only.check, others)


@pytest.mark.benchmark(group="200 workbooks in one call")
def test_200_validated(benchmark: Benchmark, others: list[Path]) -> None:
    report = benchmark(validate, others)
    assert len(report.workbooks) == 200


@pytest.fixture(scope="module")
def long_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5 000 rows in Aktiviteter."""
    form = current()
    content = read_content(form, EXAMPLES / "komplett_2026.toml")
    rows = content.rows["activities"]
    content.rows["activities"] = [{**rows[n % len(rows)], "what": f"Samling {n}"} for n in range(5_000)]
    path = tmp_path_factory.mktemp("long") / "lang.xlsx"
    write_template(form, path, content=content)
    return path


@pytest.mark.benchmark(group="Valider beside the engine")
def test_valider_five_measures(benchmark: Benchmark) -> None:
    sent = payload(BODO)
    assert benchmark(lambda: actions.validate(xlwings.Book(json=sent)).marked)


@pytest.mark.benchmark(group="Valider beside the engine")
def test_valider_5000_activities(benchmark: Benchmark, long_book: Path) -> None:
    sent = payload(long_book)
    assert benchmark(lambda: actions.validate(xlwings.Book(json=sent)).marked)


def run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, timeout=60).returncode


@pytest.mark.benchmark(group="cold start, validate")
def test_cold_imports_only(benchmark: Benchmark) -> None:
    assert benchmark(run, sys.executable, "-c", "import pandas, pandera.pandas") == 0


@pytest.mark.benchmark(group="cold start, validate")
def test_cold_validate(benchmark: Benchmark) -> None:
    assert benchmark(run, COMMAND, "validate", str(BODO)) == 1


@pytest.mark.benchmark(group="cold start, commands that need no data")
@pytest.mark.parametrize("arguments", [["--version"], ["rules"], ["explain", "BX301"]], ids=" ".join)
def test_cold_quick(benchmark: Benchmark, arguments: list[str]) -> None:
    assert benchmark(run, COMMAND, *arguments) == 0
