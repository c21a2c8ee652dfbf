"""What rules take for granted: hits are the same however they are made, and texts are clean before they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.form import Form
from behov_xl.rules.hits import Each, hits, hits_at
from behov_xl.values import clean
from behov_xl.workbook.cells import read_column
from behov_xl.workbook.files import grid_from_bytes
from behov_xl.workbook.frames import Submissions, submissions
from conftest import EXAMPLES


@pytest.fixture(scope="module")
def chunk(form: Form) -> Submissions:
    data, tables = (EXAMPLES / "komplett_2026.xlsx").read_bytes(), [table.name for table in form.tables]
    return submissions(form, [grid_from_bytes(data, f"{number}.xlsx", tables) for number in range(2)])


@pytest.mark.parametrize("indexes", [[], [0], [3, 1]])
@pytest.mark.parametrize(("table", "column"), [("budget", "amount"), ("partners", "name")])
def test_hits_at_places_are_those_of_a_frame_of_them(
    chunk: Submissions, table: str, column: str, indexes: list[int]
) -> None:
    found = chunk[table].iloc[indexes]
    actual = Each([f"row {index}" for index in indexes])
    expected = list(hits(table, found, column, actual=actual, label="Label"))
    assert list(hits_at(chunk, table, indexes, column, actual=actual, label="Label")) == expected
    each = list(hits(table, found, [column] * len(indexes)))
    assert list(hits_at(chunk, table, indexes, [column] * len(indexes))) == each


@given(st.text(st.sampled_from("aB \n\t\xa0\xad\u200b\ufeff\ufe0fß"), max_size=12))
def test_texts_are_clean_once_they_are_read(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_a_column_of_texts_is_read_clean(form: Form) -> None:
    read, _ = read_column(form, form.by_id["activities"].by_id["what"], [" To  ganger\xa0", "\u200bx\n y", 2.0, None])
    assert read == ["To ganger", "x y", "2", ""]
