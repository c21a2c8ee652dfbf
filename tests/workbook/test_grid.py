from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from behov_xl.workbook.grid import SheetGrid, address, addresses, column_letters, position


@given(st.integers(0, 1_048_575), st.integers(0, 16_383))
def test_addresses_are_those_that_openpyxl_gives(row: int, column: int) -> None:
    assert address(row, column) == f"{get_column_letter(column + 1)}{row + 1}"
    assert position(address(row, column)) == (row, column)
    assert coordinate_to_tuple(address(row, column)) == (row + 1, column + 1)


@pytest.mark.parametrize("rows", [[], [0], [4, 5, 9], [510, 511], [511, 512], [512, 1_048_575]])
def test_addresses_in_a_column_are_those_of_its_cells(rows: list[int]) -> None:
    assert list(addresses(rows, 30)) == [address(row, 30) for row in rows]


def test_letters_turn_over_after_z() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize("text", ["", "7", "F", "$F$7", "F7:G8", "Å1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a cell address|invalid literal"):
        position(text)


def test_cells_outside_the_sheet_are_empty() -> None:
    sheet = SheetGrid("Ark1", [["a"]])
    assert sheet.value(0, 0) == "a"
    assert sheet.value(5, 0) == sheet.value(0, 5) == sheet.value(-1, 0) == ""
