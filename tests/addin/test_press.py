"""From a press on the ribbon to an action, and what the adviser sees when something goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings

from behov_xl import addin
from behov_xl.addin import press
from behov_xl.findings import RULES
from behov_xl.messages import catalogue
from behov_xl.workbook.files import Refused
from client import payload
from conftest import EXAMPLES


@pytest.fixture
def book() -> Iterator[xlwings.Book]:
    opened = xlwings.Book(json=payload(EXAMPLES / "bodo_2026.xlsx"))
    opened.set_mock_caller()
    yield opened
    del xlwings.Book._mock_caller


def asked(book: xlwings.Book) -> list[str]:
    return [one["func"] for one in book.json()["actions"]]


def alert(book: xlwings.Book) -> list[Any]:
    return next(one["args"] for one in book.json()["actions"] if one["func"] == "alert")


def test_valider_and_fjern_merknader_work_on_the_book_in_front(book: xlwings.Book) -> None:
    addin.validate()
    assert asked(book) == ["resizeTable", "setValues", "alert"]
    addin.clear()
    assert asked(book)[3:] == ["setValues", "alert"]


@pytest.mark.parametrize("name", ["fix", "report", "new_workbook"])
def test_what_only_a_desktop_can_do_is_told_elsewhere(book: xlwings.Book, name: str) -> None:
    getattr(addin, name)()
    assert asked(book) == ["alert"]
    key = {"fix": "fix_elsewhere", "report": "report_elsewhere", "new_workbook": "new_elsewhere"}[name]
    assert alert(book)[0] == catalogue().text(f"addin.{key}")


def test_help_goes_to_the_guide_in_the_workbook(book: xlwings.Book) -> None:
    addin.show_help()
    assert asked(book) == ["activateSheet"]


def test_a_traceback_is_kept_in_a_file_and_the_adviser_is_told_where(
    book: xlwings.Book, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(_: xlwings.Book) -> None:
        raise ZeroDivisionError("noe uventet")

    monkeypatch.setattr(press.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setitem(press._ON_A_BOOK, "validate", broken)
    addin.validate()
    (log,) = tmp_path.glob("behov-xl-*.log")
    assert str(log) in alert(book)[0]
    assert alert(book)[3] == "critical"
    assert "ZeroDivisionError: noe uventet" in log.read_text(encoding="utf-8")


def test_a_workbook_that_is_far_too_large_is_refused_in_words(
    book: xlwings.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: xlwings.Book) -> None:
        raise Refused(RULES["BX007"], what="Tiltak: 1000000 × 5", limit="250000 × 80")

    monkeypatch.setitem(press._ON_A_BOOK, "validate", refuses)
    addin.validate()
    assert "1000000 × 5" in alert(book)[0]


def test_without_an_open_workbook_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    monkeypatch.setattr(press, "tell", lambda _, text: told.append(text))
    press._run(SimpleNamespace(books=[]), "validate")
    assert told == [catalogue().text("addin.no_book")]
