from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import hostile, real

from behov_xl.messages import LANGUAGES, catalogue
from behov_xl.report import csv_


def rows_of(text: str) -> list[dict[str, str]]:
    assert text[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_there_is_a_row_per_finding_under_headings_in_the_readers_language(lang: str) -> None:
    rows = rows_of(csv_.render(real(), catalogue(lang)))
    assert len(rows) == sum(len(one.findings) for one in real().workbooks)
    assert list(rows[0]) == [catalogue(lang).text(f"csv.{column}") for column in csv_.COLUMNS]


def test_numbers_are_numbers_that_excel_in_norway_reads() -> None:
    rows = rows_of(csv_.render(real(), catalogue("en")))
    (row,) = (one for one in rows if one["Code"] == "BX301")
    assert (row["Sheet"], row["Cell"], row["Expected"], row["Found"]) == ("Tiltak", "G5", "300000", "310000")
    assert (csv_.cell(1.5), csv_.cell(-500), csv_.cell(None)) == ("1,5", "-500", "")


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\x00=", "\ufeff=", "＝", "＋", "－", "＠"]
)
def test_nothing_in_a_workbook_is_ever_a_formula(start: str) -> None:
    assert csv_.cell(f"{start}1+1").startswith("'")
    assert csv_.cell([f"{start}1+1"]).startswith("'")


@given(st.text())
def test_a_text_is_one_line_that_begins_harmlessly(text: str) -> None:
    made = csv_.cell(text)
    assert "\n" not in made
    assert "\r" not in made
    assert not made.lstrip().startswith(("=", "+", "-", "@"))


def test_no_cell_of_a_hostile_report_is_a_formula_or_breaks_out_of_its_cell() -> None:
    text = csv_.render(hostile(), catalogue("nb"))
    rows = rows_of(text)
    assert len(rows) == 4
    assert len(text.splitlines()) == 5
    assert all(len(row) == len(csv_.COLUMNS) for row in rows)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    text.encode()
