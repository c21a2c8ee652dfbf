"""Every rule proven by cases: ``tests/cases/BXnnn.toml``, at least one that fails and one that passes.

A case has a ``name``, a ``base`` (an example; ``""`` for the empty template), ``edits`` as in the examples' content
files, ``parts`` (texts replaced in the package: ``{sheet | part, find, replace}``), and ``expect``: all findings of the
case's rule, as ``BX301 Tiltak!G5``. ``others`` are findings of other rules that come along; without it, none may.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from behov_xl.rules import catalogue
from conftest import found, repack, sheet_part

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


@pytest.mark.parametrize(("code", "case"), _cases())
def test_case(code: str, case: dict[str, Any], workbook: Callable[..., Path]) -> None:
    path = workbook(*case.get("edits", []), base=case.get("base", "komplett_2026"))
    if "parts" in case:
        repack(path, lambda parts: _replaced(parts, case["parts"]))
    findings = found(path)
    assert [one for one in findings if one.startswith(code)] == sorted(case["expect"])
    assert [one for one in findings if not one.startswith(code)] == sorted(case.get("others", []))


def _replaced(parts: dict[str, bytes], changes: list[dict[str, str]]) -> dict[str, bytes]:
    for change in changes:
        part = change.get("part") or sheet_part(parts, change["sheet"])
        before, after = change["find"].encode(), change["replace"].encode()
        assert before in parts[part], f"{change['find']!r} is not in {part}"
        parts[part] = parts[part].replace(before, after)
    return parts


def test_every_rule_has_a_failing_and_a_passing_case() -> None:
    proven = {}
    for path in FILES:
        cases = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
        proven[path.stem] = {bool(case["expect"]) for case in cases}
    wanted = set(catalogue()) - WITHOUT_CASES
    assert {code for code in wanted if proven.get(code) != {True, False}} == set()
    assert set(proven) <= wanted
