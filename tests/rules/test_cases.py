"""Every rule proven by cases: ``tests/cases/BXnnn.toml``, at least one that fails and one that passes.

A case has a ``name``, a ``base`` (an example; ``""`` for the empty template), ``edits`` as in the examples' content
files (``times = 3`` adds a row three times), and ``expect``: all findings of the case's rule, as ``BX301 Tiltak!G5``,
or ``BX601 Budsjett!A16:A20`` for cells below each other. ``others`` are findings of other rules that come along;
without it, none may.

What no content can say is changed in the package: ``copies`` are sheets copied with their table (``Budsjett =
"Budsjett (2)"``), ``cells`` are typed over, headings and labels too, and ``parts`` are texts replaced in the part of a ``sheet``, of a ``table``, or in every ``part`` whose name matches and that holds the
text; ``find`` is the text itself, ``pattern`` a regular expression. ``options`` are the template's own (``lang``,
``native_checkboxes``), ``settings`` those of the form.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from behov_xl.form import Form
from behov_xl.rules import catalogue
from behov_xl.validate import validate
from behov_xl.workbook.content import Content
from behov_xl.workbook.grid import address, position
from behov_xl.workbook.template import write_template
from conftest import copy_sheet, found, repack, sheet_part, short, table_part, type_into

CASES = Path(__file__).parent.parent / "cases"
FILES = sorted(CASES.glob("BX*.toml"))
WITHOUT_CASES = {"BX001", "BX002", "BX003", "BX004", "BX005", "BX006", "BX007"}
"""Rules about files that are no workbooks: tests/workbook/test_files.py makes such files."""


def _cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
        for path in FILES
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


@pytest.fixture(scope="session")
def written(
    form: Form, content: Callable[..., Content], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, dict[str, Any]], Path]:
    """The workbook of a case, written once."""
    folder = tmp_path_factory.mktemp("cases")
    paths: dict[tuple[str, str], Path] = {}

    def write(code: str, case: dict[str, Any]) -> Path:
        key = code, case["name"]
        if key not in paths:
            paths[key] = folder / f"{code}_{len(paths)}.xlsx"
            edits = [edit for edit in case.get("edits", []) for _ in range(edit.get("times", 1))]
            made = content(*edits, base=case.get("base", "komplett_2026"))
            write_template(form, paths[key], content=made, **case.get("options", {}))
            if case.keys() & {"cells", "copies", "parts"}:
                repack(paths[key], lambda parts: _changed(parts, case))
        return paths[key]

    return write


@pytest.mark.parametrize(("code", "case"), _cases())
def test_case(code: str, case: dict[str, Any], form: Form, written: Callable[[str, dict[str, Any]], Path]) -> None:
    if "settings" in case:
        form = form.model_copy(update={"settings": form.settings.model_copy(update=case["settings"])})
    findings = found(written(code, case), form)
    assert [one for one in findings if one.startswith(code)] == sorted(_each(case["expect"]))
    assert [one for one in findings if not one.startswith(code)] == sorted(_each(case.get("others", [])))


def test_many_workbooks_at_once_are_judged_as_one_by_one(written: Callable[[str, dict[str, Any]], Path]) -> None:
    cases = [one.values for one in _cases() if "settings" not in one.values[1]]
    report = validate(written(code, case) for code, case in cases)
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
    wanted = set(catalogue()) - WITHOUT_CASES
    assert {code for code in wanted if proven.get(code) != {True, False}} == set()
    assert set(proven) <= wanted
