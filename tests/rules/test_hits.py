"""What rules take for granted: hits are what stands in a frame, and texts are clean before they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.form import Form
from behov_xl.rules.hits import Each, each, hits
from behov_xl.values import clean
from behov_xl.workbook.cells import read_column
from behov_xl.workbook.columns import Submissions, submissions
from behov_xl.workbook.files import grid_from_bytes
from conftest import EXAMPLES


@pytest.fixture(scope="module")
def chunk(form: Form) -> Submissions:
    data, tables = (EXAMPLES / "komplett_2026.xlsx").read_bytes(), [table.name for table in form.tables]
    return submissions(form, [grid_from_bytes(data, f"{number}.xlsx", tables) for number in range(2)])


@pytest.mark.parametrize("indexes", [[], [0], [3, 1]])
@pytest.mark.parametrize(("table", "column"), [("budget", "amount"), ("partners", "name")])
def test_hits_are_the_rows_of_the_frame(chunk: Submissions, table: str, column: str, indexes: list[int]) -> None:
    rows = chunk.frame(table).iloc[indexes].to_dict("records")
    expected = [
        (row["workbook"], row["row"], column, row.get("measure", ""), {"actual": row[column], "label": "Label"})
        for row in rows
    ]
    actual = each(chunk, table, column, indexes)
    assert list(hits(chunk, table, indexes, column, actual=actual, label="Label")) == expected
    each_its_own = [[column] * len(indexes), Each(["Label"] * len(indexes))]
    assert list(hits(chunk, table, indexes, each_its_own[0], actual=actual, label=each_its_own[1])) == expected


def test_a_frame_has_numbers_as_numbers_and_texts_as_texts(chunk: Submissions) -> None:
    kinds = chunk.frame("budget").dtypes.astype(str)
    assert (kinds["workbook"], kinds["amount"], kinds["description"]) == ("int64", "float64", "object")


def test_no_two_cells_without_a_number_are_equal(chunk: Submissions) -> None:
    values = (one for columns in chunk.columns.values() for column in columns.values() for one in column)
    missing = [one for one in values if one != one]
    assert len({(one,) for one in missing}) == len(missing) > 1


@given(st.text(st.sampled_from("aB \n\t\xa0\xad\u200b\ufeff\ufe0fß"), max_size=12))
def test_texts_are_clean_once_they_are_read(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_a_column_of_texts_is_read_clean(form: Form) -> None:
    read, _ = read_column(form, form.by_id["activities"].by_id["what"], [" To  ganger\xa0", "\u200bx\n y", 2.0, None])
    assert read == ["To ganger", "x y", "2", ""]
