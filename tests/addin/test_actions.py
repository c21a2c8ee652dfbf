"""The buttons on xlwings' own engine for clients in a browser: what they write, and that they write nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlwings

from behov_xl.addin import actions
from behov_xl.form import Form
from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from client import carry_out, payload, trimmed
from conftest import EXAMPLES, TEMPLATES

BODO, FEIL, KOMPLETT = (EXAMPLES / f"{name}_2026.xlsx" for name in ("bodo", "feil", "komplett"))
FUNN = "Validering"


def pressed(sent: dict[str, Any], action: Callable[[xlwings.Book], Any] = actions.validate) -> tuple[Any, Any, Any]:
    """What the action returned, the workbook afterwards, and what the client was asked to do."""
    book = xlwings.Book(json=sent)
    done = action(book)
    asked = book.json()["actions"]
    return done, carry_out(sent, asked), asked


def sheet(sent: dict[str, Any], name: str = FUNN) -> dict[str, Any]:
    return next(one for one in sent["sheets"] if one["name"] == name)


def listed(sent: dict[str, Any]) -> list[list[Any]]:
    rows: list[list[Any]] = sheet(sent)["values"][4:]
    return [row for row in rows if any(cell != "" for cell in row)]


@pytest.mark.parametrize("path", [BODO, FEIL], ids=lambda path: path.stem)
def test_every_finding_stands_in_the_table_with_its_message_and_a_link(path: Path) -> None:
    done, after, asked = pressed(payload(path))
    rows = listed(after)
    assert [row[1] for row in rows] == [one.rule.code for one in done.report.findings]
    assert [row[5] for row in rows] == [message(one, catalogue("nb")) for one in done.report.findings]
    assert [row[3] for row in rows] == [one.cell for one in done.report.findings]
    (cells,) = [one["values"] for one in asked if one["func"] == "setValues"]
    first = done.report.findings[0]
    assert cells[0][3] == f'=HYPERLINK("#\'{first.sheet}\'!{first.cell}","{first.cell}")'


@pytest.mark.parametrize("path", [BODO, FEIL, KOMPLETT], ids=lambda path: path.stem)
def test_only_the_table_of_findings_is_written_in_few_actions(path: Path) -> None:
    _, _, asked = pressed(payload(path))
    assert len(asked) <= 2 * 1 + 5
    written = [one for one in asked if one["func"] != "alert"]
    assert {one["sheet_position"] for one in written} == {[one["name"] for one in payload(path)["sheets"]].index(FUNN)}
    assert Counter(one["func"] for one in written) <= Counter({"setValues": 1, "resizeTable": 1})


def test_the_number_of_actions_does_not_grow_with_the_rows(workbook: Callable[..., Path]) -> None:
    counts = []
    for number in (1, 300):
        lines = [
            {"table": "budget", "add": {"measure": "T1", "party": "uh", "description": f"{n}", "amount": f"{n} kr"}}
            for n in range(number)
        ]
        _, after, asked = pressed(payload(workbook(*lines)))
        counts.append((len(asked), len(listed(after)) > 100))
    assert counts == [(counts[0][0], False), (counts[0][0] + 1, True)]  # the one more: the table grows


def test_a_second_press_gives_the_same(form: Form) -> None:
    first, once, _ = pressed(payload(FEIL))
    second, twice, asked = pressed(once)
    assert second.report == first.report
    assert twice == once
    assert "resizeTable" not in {one["func"] for one in asked}


@pytest.mark.parametrize(
    "path", [BODO, FEIL, KOMPLETT, TEMPLATES / "behovsmelding_2026.xlsx"], ids=lambda path: path.stem
)
def test_taking_the_findings_out_again_gives_the_workbook_as_it_was(path: Path) -> None:
    before = payload(path)
    _, marked, _ = pressed(before)
    assert path == KOMPLETT or marked != before
    cleared, after, _ = pressed(marked, actions.clear)
    assert cleared
    assert trimmed(after) == trimmed(before)


def test_a_reason_stays_beside_its_finding_and_is_kept_when_findings_are_taken_out() -> None:
    _, marked, _ = pressed(payload(FEIL))
    warning = next(row for row in sheet(marked)["values"] if row[1] == "BX209")
    warning[6] = "12-13"  # would be a date if it were typed
    done, again, _ = pressed(marked)
    assert [one.acknowledged for one in done.report.findings if one.rule.code == "BX209"].count("12-13") == 1
    assert [(row[0], row[1]) for row in listed(again) if row[6]] == [("Kvittert", "BX209")]
    _, cleared, _ = pressed(again, actions.clear)
    assert [(row[1], row[6]) for row in listed(cleared)] == [("BX209", "12-13")]
    _, back, _ = pressed(cleared)
    assert [(row[0], row[1], row[6]) for row in listed(back) if row[6]] == [("Kvittert", "BX209", "12-13")]


def test_a_text_that_looks_like_a_formula_is_written_as_text() -> None:
    sent = payload(KOMPLETT)
    budget = sheet(sent, "Budsjett")["values"]
    budget[4][0] = "=1+1"
    _, _, asked = pressed(sent)
    (cells,) = [one["values"] for one in asked if one["func"] == "setValues"]
    typed = [cell for row in cells for cell in row if isinstance(cell, str) and cell.startswith("=")]
    assert all(cell.startswith("=HYPERLINK(\"#'") for cell in typed)
    assert any(cell == "'=1+1" for row in cells for cell in row)


def test_what_stands_below_the_table_is_not_written_over() -> None:
    sent = payload(BODO)
    rows = sheet(sent)["values"]
    rows += [["" for _ in rows[0]] for _ in range(20 - len(rows))]
    rows[19][2] = "mitt notat"
    done, after, asked = pressed(sent)
    assert not done.marked
    assert after == sent
    assert [one["func"] for one in asked] == ["alert"]
    assert catalogue("nb").text("addin.no_room") in asked[0]["args"][0]


def test_a_workbook_without_the_sheet_of_findings_is_told_what_was_found(form: Form) -> None:
    sent = payload(FEIL)
    sent["sheets"] = [one for one in sent["sheets"] if one["name"] != FUNN]
    done, _, asked = pressed(sent)
    assert [one["func"] for one in asked] == ["alert"]
    told = asked[0]["args"][0]
    assert catalogue("nb").text("addin.no_table") in told
    assert f"{sum(one.severity == 'error' for one in done.report.findings)} feil" in told


def test_something_else_is_told_to_be_no_behovsmelding(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "annet.xlsx")
    done, _, asked = pressed(payload(tmp_path / "annet.xlsx"))
    assert [one.rule.code for one in done.report.findings] == ["BX101"]
    assert [one["func"] for one in asked] == ["alert"]


def test_it_speaks_the_language_of_the_workbook(workbook: Callable[..., Path]) -> None:
    done, after, asked = pressed(payload(workbook(base="feil_2026", lang="nn")))
    assert "åtvaringar" in done.message
    assert "Åtvaring" in {row[0] for row in listed(after)}
    assert asked[-1]["args"][0] == done.message


def test_the_message_counts_what_is_not_answered() -> None:
    _, marked, _ = pressed(payload(BODO))
    before = next(row for row in listed(marked) if row[0] == "Advarsel")
    before[6] = "Avtalt med LMS."
    done, _, _ = pressed(marked)
    assert done.message == "4 feil, 10 advarsler, 9 merknader – se arket Validering."


def test_columns_of_the_advisers_own_stay_where_formulas_cannot_be_seen() -> None:
    sent = payload(BODO)
    table = next(one for one in sheet(sent)["tables"])
    table |= {"range_address": "A4:K14", "header_row_range_address": "A4:K4", "data_body_range_address": "A5:K14"}
    for number, row in enumerate(sheet(sent)["values"]):
        row += [""] * (10 - len(row)) + [f"mitt {number}"]
    before = [row[10] for row in sheet(sent)["values"]]
    _, after, _ = pressed(sent)
    assert [row[10] for row in sheet(after)["values"]][: len(before)] == before
