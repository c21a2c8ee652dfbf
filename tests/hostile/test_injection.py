"""What somebody wrote into a file or a file's name is read as text, wherever it is written: never run, never obeyed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.addin.table import typed
from behov_xl.annotate import annotate
from behov_xl.findings import Report
from behov_xl.fixes.run import fix_workbook
from behov_xl.form import Form
from behov_xl.messages import catalogue
from behov_xl.printable import printable
from behov_xl.report import fixes, text
from behov_xl.report import json as json_report
from behov_xl.validate import validate
from behov_xl.workbook.files import open_grid
from conftest import parts_of, repack, type_into

ACTING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EVIL = (
    *("\x9b31m", "\u202egnp.exe", "_x001B_[31m"),
    *("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "=cmd|'/c calc'!A0", '=HYPERLINK("http://evil","x")'),
    *("<script>alert(1)</script>", "</t></is></c><c r='A1'><f>1</f></c>", "]]>", "&lt;", "&#27;[31m"),
    *(
        "_x001B_[31m",
        "a_x000D__x000A_b",
        "\x9b31m",
        "\u202egnp.exe",
        "$(reboot)",
        "`reboot`",
        "%x%",
        "{x}",
        "{0.__class__}",
    ),
)


@pytest.fixture
def evil(workbook: Callable[..., Path]) -> Path:
    """The example with these texts in every kind of place that a report quotes."""
    path = workbook(name="ond.xlsx")

    def change(parts: dict[str, bytes]) -> None:
        for number, text_ in enumerate(EVIL):
            row = 5 + number
            type_into(parts, f"Budsjett!A{row}", text_)  # a measure that does not exist
            type_into(parts, f"Budsjett!B{row}", text_)  # a party that is none
            type_into(parts, f"Budsjett!F{row}", text_)  # an amount that is none
        type_into(parts, "Behovsmelding!C5", "<script>alert(1)</script>")
        type_into(parts, "Tiltak!A5", "_x001B_]0;evil_x0007_")

    return repack(path, change)


def test_the_text_report_holds_nothing_that_a_terminal_acts_on(evil: Path) -> None:
    report = validate([evil])
    assert len(report.workbooks[0].findings) > 20
    for lang in ("nb", "nn", "en"):
        assert not ACTING.search(text.render(report, catalogue(lang)))


def test_an_acknowledgement_is_shown_as_text(evil: Path, form: Form) -> None:
    report = validate([evil]).workbooks[0]
    answered = replace(report, findings=(replace(report.findings[0], acknowledged="\x1b[2J\x9b31m ok"),))
    printed = text.render(Report(form.id, (answered,)), catalogue("nb"))
    assert "ok" in printed
    assert not ACTING.search(printed)


def test_the_json_report_says_the_same_and_escapes_it(evil: Path) -> None:
    report = validate([evil])
    for made in (json_report.render(report, catalogue("nb")), json_report.render_lines(report, catalogue("nb"))):
        assert not ACTING.search(made)
        document = json.loads(made)
        assert document.get("workbooks", [document])[0] == json_report.workbook(
            report.workbooks[0], report.form, catalogue("nb")
        )
    said = {str(finding.params) for finding in report.workbooks[0].findings}
    assert any("<script>" in one for one in said)
    assert any("\\u202e" in one or "\\x9b" in one for one in said)


def test_what_was_fixed_is_shown_as_text(evil: Path, form: Form) -> None:
    fixed = fix_workbook(form, evil.read_bytes(), "\x1b[2J.xlsx", unsafe=True)
    target = Path("\x9b2J.xlsx")
    assert not ACTING.search(fixes.text(fixed, form.id, catalogue("nb"), target=target))
    assert not ACTING.search(fixes.diff(fixed, form.id, catalogue("nb"), target=target))


def test_annotating_and_fixing_write_no_formula_and_whole_xml(evil: Path, form: Form, tmp_path: Path) -> None:
    tables = [table.name for table in form.tables]
    before = open_grid(evil, tables)
    data = evil.read_bytes()
    for made in (annotate(data, "x", form)[0], fix_workbook(form, data, "x", unsafe=True).data):
        copy = tmp_path / "kopi.xlsx"
        copy.write_bytes(made)
        after = open_grid(copy, tables)
        for name, sheet in after.sheets.items():
            assert (sheet.formulas or {}).keys() <= (before.sheets[name].formulas or {}).keys()
            assert set((sheet.formulas or {}).values()) <= set((before.sheets[name].formulas or {}).values())
        for name, part in parts_of(made).items():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(part)


@given(st.text(max_size=40) | st.sampled_from(EVIL))
def test_a_text_typed_into_an_open_workbook_is_no_formula(written: str) -> None:
    value = typed(written)
    if value is not None:
        assert value.startswith("'") or value[0] not in "=+-@\t\r\n|%"
        assert value.removeprefix("'") in (written, written.removeprefix("'"))


@given(st.text())
def test_what_is_printable_is_never_obeyed(written: str) -> None:
    assert not ACTING.search(printable(written).replace("\t", ""))


def test_a_file_s_name_reaches_no_terminal_raw(tmp_path: Path) -> None:
    names = ["\x1b[2J.xlsx", "\x9b31m.xlsx", "a\nb.xlsx", "\u202egnp.xlsx", "x\x07.xls", "y\x1b]0;z\x07.ods"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    for arguments in (
        ["validate", str(tmp_path)],
        ["validate", *(str(tmp_path / name) for name in names)],
        ["validate", str(tmp_path), "--format", "json"],
        ["annotate", str(tmp_path / names[0]), "-o", str(tmp_path / "\x1b[31mut.xlsx")],
        ["annotate", str(tmp_path / names[0])],
        ["fix", str(tmp_path / names[1]), "-o", str(tmp_path / "\x9but.xls")],
        ["template", "-o", str(tmp_path / "\x1b[31mmal.xlsx")],
    ):
        command = [sys.executable, "-m", "behov_xl", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=60, env={**os.environ, "PYTHONUTF8": "1"})
        for stream in (done.stdout, done.stderr):
            assert not ACTING.search(stream.decode().replace("\r\n", "\n")), (arguments, stream)
