from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from behov_xl.messages import catalogue
from behov_xl.printable import printable
from behov_xl.report import text
from behov_xl.validate import validate
from conftest import EXAMPLES


def test_every_finding_says_cell_code_what_and_what_to_do() -> None:
    report = validate([EXAMPLES / "feil_2026.xlsx"])
    lines = text.render(report, catalogue("nb")).splitlines()
    for finding in report.workbooks[0].findings:
        (at,) = [
            n
            for n, line in enumerate(lines)
            if f" {finding.rule.code} " in line
            and finding.cell in line.split()[:1]
            and _sheet(lines, n) == finding.sheet
        ]
        assert lines[at + 1].lstrip().startswith("→ ")


def _sheet(lines: list[str], at: int) -> str:
    return next(line.strip() for line in reversed(lines[:at]) if line.startswith("  ") and line[2] != " ")


def test_colours_are_added_only_on_request() -> None:
    report = validate([EXAMPLES / "feil_2026.xlsx"])
    assert "\x1b[31m" in text.render(report, catalogue("nb"), colour=True)
    assert "\x1b" not in text.render(report, catalogue("nb"))


def test_a_clean_workbook_is_said_to_be_clean() -> None:
    lines = text.render(validate([EXAMPLES / "komplett_2026.xlsx"]), catalogue("nb")).splitlines()
    assert "ingen funn" in lines[2]


@given(st.text(st.characters() | st.sampled_from(" \N{NO-BREAK SPACE}\t\n\x7f\x85\u2028\u202e\ud800")))
def test_a_text_that_is_quickly_seen_to_be_harmless_is_what_the_slow_way_gives(told: str) -> None:
    acting = "\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"
    expected = [one if one.isprintable() or (one.isspace() and one not in acting) else "\ufffd" for one in told]
    assert printable(told) == "".join(expected)
