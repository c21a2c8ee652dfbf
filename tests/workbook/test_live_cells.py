"""What engines give for a cell, as the reader of files would."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from behov_xl.workbook.live_cells import file_value, is_error

NOON = datetime.time(12)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (None, ""),
        ("", ""),
        ("tekst", "tekst"),
        (True, True),
        (3, 3.0),
        (Decimal("12.50"), 12.5),  # a cell in Excel's currency format
        (datetime.datetime(2026, 5, 1), datetime.date(2026, 5, 1)),
        (datetime.datetime(2026, 5, 1, 12), datetime.datetime(2026, 5, 1, 12)),
        *(
            (datetime.datetime.combine(day, NOON), NOON)
            for day in (datetime.date(1899, 12, 30), datetime.date(1900, 1, 1))
        ),
        (datetime.datetime(1900, 1, 1), datetime.date(1900, 1, 1)),
        (NOON, NOON),
        (datetime.timedelta(hours=30), datetime.timedelta(hours=30)),
        # error values of desktop Excel, as xlwings hands over those that it has no name for
        (-2146826281, "#DIV/0!"),
        (-2146826246, "#N/A"),
        (-2146826243, "#SPILL!"),
        (-2146826238, "#CALC!"),
        (-2146826288, "#NULL!"),
        (-2146826189, "#VALUE!"),  # one that is new
        (-2146826188, -2146826188.0),
        (-2146826289, -2146826289.0),
        (-2146826281.0, -2146826281.0),  # a number that somebody typed comes as a float
    ],
)
def test_a_cell_is_what_a_file_would_hold(cell: Any, value: object) -> None:
    found = file_value(cell)
    assert found == value
    assert type(found) is type(value)


def test_error_values_are_told_from_texts() -> None:
    assert all(map(is_error, ("#DIV/0!", "#N/A", "#SPILL!", "#BUSY!")))
    assert not any(map(is_error, ("", "#1", "#", "N/A", 1.0, None, "#div/0!")))
