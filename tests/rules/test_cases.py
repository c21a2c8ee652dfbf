"""Every rule proven by cases: ``tests/cases/BXnnn.toml``, at least one that fails and one that passes.

A case has a ``name``, a ``base`` (an example; ``""`` for the empty template), ``edits`` as in the examples' content
files (``times = 3`` adds a row three times), and ``expect``: all findings of the case's rule, as ``BX301 Tiltak!G5``,
or ``BX601 Budsjett!A16:A20`` for cells below each other. ``others`` are findings of other rules that come along;
without it, none may.

What no content can say is changed in the package: ``copies`` are sheets copied with their table (``Budsjett =
"Budsjett (2)"``), ``cells`` are typed over, headings and labels too, and ``parts`` are texts replaced in the part of a
``sheet``, of a ``table``, or in every ``part`` whose name matches and that holds the text; ``find`` is the text itself, ``pattern`` a regular expression. ``options`` are the template's own (``lang``,
``native_checkboxes``), ``settings`` those of the form. ``says`` is what the message of one of the rule's findings must
contain, in bokmål, with ordinary spaces.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from behov_xl.findings import Finding
from behov_xl.form import Form
from behov_xl.messages import NO_BREAK, catalogue
from behov_xl.messages.render import message
from behov_xl.rules import catalogue as rules
from behov_xl.validate import Selection, validate
from behov_xl.workbook.content import Content, edit_content, read_content
from behov_xl.workbook.grid import address, position
from behov_xl.workbook.template import write_template
from conftest import EXAMPLES, copy_sheet, repack, report_of, sheet_part, short, table_part, type_into

CASES = Path(__file__).parent.parent / "cases"
FILES = sorted(CASES.glob("BX*.toml"))
WITHOUT_CASES = {
    # Files that are no workbooks, or must not be read: tests/workbook/test_files.py, tests/hostile.
    *(f"BX{number:03}" for number in range(1, 24)),
    *("BX050", "BX051"),
    "BX121",  # needs the findings of an earlier run: tests/test_acknowledgements.py
    *("BX801", "BX802", "BX803"),  # need several workbooks: tests/rules/test_across.py
}
"""Rules that one workbook made from content cannot show; the tests named show them."""


def _cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
        for path in FILES
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def write_case(form: Form, case: dict[str, Any], path: Path) -> None:
    """Writes the workbook of a case."""
    base = case.get("base", "komplett_2026")
    content = read_content(form, EXAMPLES / f"{base}.toml") if base else Content()
    for edit in case.get("edits", []):
        for _ in range(edit.get("times", 1)):
            edit_content(form, content, edit)
    write_template(form, path, content=content, **case.get("options", {}))
    if case.keys() & {"cells", "copies", "parts"}:
        repack(path, lambda parts: _changed(parts, case))


@pytest.fixture(scope="session")
def written(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, dict[str, Any]], Path]:
    """The workbook of a case, written once."""
    folder = tmp_path_factory.mktemp("cases")
    paths: dict[tuple[str, str], Path] = {}

    def write(code: str, case: dict[str, Any]) -> Path:
        key = code, case["name"]
        if key not in paths:
            paths[key] = folder / f"{code}_{len(paths)}.xlsx"
            write_case(form, case, paths[key])
        return paths[key]

    return write


@pytest.mark.parametrize(("code", "case"), _cases())
def test_case(code: str, case: dict[str, Any], form: Form, written: Callable[[str, dict[str, Any]], Path]) -> None:
    if "settings" in case:
        form = form.model_copy(update={"settings": form.settings.model_copy(update=case["settings"])})
    findings = report_of(written(code, case), form).findings
    assert sorted(short(one) for one in findings if one.rule.code == code) == sorted(_each(case["expect"]))
    assert sorted(short(one) for one in findings if one.rule.code != code) == sorted(_each(case.get("others", [])))
    assert says(findings, code, case)


def says(findings: Iterable[Finding], code: str, case: dict[str, Any]) -> bool:
    """Whether one of the rule's messages has the words that the case wants."""
    words = catalogue("nb")
    texts = [message(one, words).replace(NO_BREAK, " ") for one in findings if one.rule.code == code]
    return "says" not in case or any(case["says"] in text for text in texts)


def test_many_workbooks_at_once_are_judged_as_one_by_one(written: Callable[[str, dict[str, Any]], Path]) -> None:
    cases = [one.values for one in _cases() if "settings" not in one.values[1]]
    # The cases are variations of one submission, so all of them are "the same owner and year twice".
    report = validate((written(code, case) for code, case in cases), selection=Selection(ignore=["BX8"]))
    wanted = {f"{code}: {case['name']}": sorted(_each(case["expect"] + case.get("others", []))) for code, case in cases}
    judged = [sorted(short(finding) for finding in one.findings) for one in report.workbooks]
    assert dict(zip(wanted, judged, strict=True)) == wanted


def _each(findings: list[str]) -> Iterator[str]:
    """``BX601 Budsjett!A16:A18`` is three findings."""
    for finding in findings:
        place, colon, last = finding.partition(":")
        if not colon:
            yield finding
            continue
        before, bang, first = place.rpartition("!")
        (top, column), (bottom, _) = position(first), position(last)
        yield from (f"{before}{bang}{address(row, column)}" for row in range(top, bottom + 1))


def _changed(parts: dict[str, bytes], case: dict[str, Any]) -> None:
    for sheet, name in case.get("copies", {}).items():
        copy_sheet(parts, sheet, name)
    for place, value in case.get("cells", {}).items():
        type_into(parts, place, value)
    for change in case.get("parts", []):
        pattern = (change.get("pattern") or re.escape(change["find"])).encode()
        new = change["replace"] if "pattern" in change else change["replace"].replace("\\", r"\\")
        holding = [name for name in _named(parts, change) if re.search(pattern, parts[name], re.DOTALL)]
        assert holding, f"not in the package: {change}"
        for name in holding:
            parts[name] = re.sub(pattern, new.encode(), parts[name], flags=re.DOTALL)


def _named(parts: dict[str, bytes], change: dict[str, str]) -> list[str]:
    if "sheet" in change:
        return [sheet_part(parts, change["sheet"])]
    if "table" in change:
        return [table_part(parts, change["table"])]
    return [name for name in parts if fnmatch(name, change["part"])]


def test_every_rule_has_a_failing_and_a_passing_case() -> None:
    proven = {}
    for path in FILES:
        cases = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
        proven[path.stem] = {bool(case["expect"]) for case in cases}
    wanted = set(rules()) - WITHOUT_CASES
    assert {code for code in wanted if proven.get(code) != {True, False}} == set()
    assert set(proven) <= wanted
