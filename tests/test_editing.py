"""What ``annotate`` and ``fix`` make of a workbook is made by a child, under limits; the child comes to the same."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from test_cli import run

from behov_xl import isolation
from behov_xl.annotate import annotate
from behov_xl.editing import Edit, annotated, fixed, made
from behov_xl.fixes import fix_workbook
from behov_xl.form import Form
from behov_xl.isolation import Children, ChildUnavailable
from behov_xl.workbook.limits import DEFAULT
from behov_xl.workbook.refusals import Refused
from behov_xl.workbook.sheet_xml import CannotEdit, Reason
from conftest import EXAMPLES, repack
from poison import GOOD, LIMITS, SHORT_OF_MEMORY, slow, with_cells

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process's memory this way")
FEIL = (EXAMPLES / "feil_2026.xlsx").read_bytes()
FIX = {"unsafe": True, "diff": False, "target": None, "lang": "nb", "colour": False}


@pytest.fixture
def children() -> Iterator[Children]:
    these = Children()
    yield these
    these.close()


def test_a_child_makes_what_this_process_makes(children: Children, form: Form) -> None:
    done = made(children, Edit(annotated, FEIL, "a.xlsx", form, DEFAULT, {"lang": "en"}))
    again = made(children, Edit(annotated, FEIL, "a.xlsx", form, DEFAULT, {"lang": None}))
    here = annotate(FEIL, "a.xlsx", form)
    assert (again.data, again.report.findings) == (here[0], here[1].findings)
    assert done.data != again.data
    done = made(children, Edit(fixed, FEIL, "a.xlsx", form, DEFAULT, FIX))
    assert done.data == fix_workbook(form, FEIL, "a.xlsx", unsafe=True).data
    assert "a.xlsx" in done.shown


def test_what_it_raises_comes_back(children: Children, form: Form) -> None:
    with pytest.raises(Refused) as refused:
        made(children, Edit(annotated, b"PK", "a.xlsx", form, DEFAULT, {"lang": None}))
    assert refused.value.rule.code.startswith("BX00")
    with pytest.raises(Refused) as refused:
        made(children, Edit(annotated, FEIL, "a.xlsx", form, replace(DEFAULT, cells=10), {"lang": None}))
    assert refused.value.rule.code == "BX007"
    with pytest.raises(Refused) as refused:
        made(children, Edit(int, FEIL, "a.xlsx", form, DEFAULT, {}))  # type: ignore[arg-type]
    assert refused.value.rule.code == "BX023"


def test_a_workbook_that_must_not_be_changed_says_why(children: Children, form: Form, tmp_path: Path) -> None:
    def sign(parts: dict[str, bytes]) -> None:
        parts["_xmlsignatures/sig1.xml"] = b"<x/>"

    data = repack(Path(shutil.copy(GOOD, tmp_path / "a.xlsx")), sign).read_bytes()
    for make, options in ((annotated, {"lang": None}), (fixed, FIX)):
        with pytest.raises(CannotEdit) as raised:
            made(children, Edit(make, data, "a.xlsx", form, DEFAULT, options))
        assert raised.value.reason is Reason.SIGNED


@pytest.mark.parametrize(("make", "options"), [(annotated, {"lang": None}), (fixed, FIX)])
def test_a_file_that_takes_too_long_is_refused(
    children: Children, form: Form, tmp_path: Path, make: object, options: dict[str, object]
) -> None:
    edit = Edit(make, slow(tmp_path / "a.xlsx").read_bytes(), "a.xlsx", form, LIMITS, options)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        made(children, edit)
    assert (refused.value.rule.code, refused.value.params) == ("BX021", {"limit": LIMITS.seconds})


@POSIX
@pytest.mark.parametrize(("make", "options"), [(annotated, {"lang": None}), (fixed, FIX)])
def test_a_file_that_needs_too_much_memory_is_refused(
    children: Children, form: Form, tmp_path: Path, make: object, options: dict[str, object]
) -> None:
    limits = replace(SHORT_OF_MEMORY, ratio=5_000)
    path = with_cells(tmp_path / "a.xlsx", (b"<row>" + b"<c><v>1</v></c>" * 1_000 + b"</row>") * 8_000)
    edit = Edit(make, path.read_bytes(), "a.xlsx", form, limits, options)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        made(children, edit)
    assert (refused.value.rule.code, refused.value.params) == ("BX022", {"limit": 150})


def test_a_process_that_cannot_start_is_no_fault_of_the_file(
    children: Children, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "PROGRAM", "raise SystemExit")
    with pytest.raises(ChildUnavailable):
        made(children, Edit(annotated, FEIL, "a.xlsx", form, DEFAULT, {"lang": None}))


@pytest.mark.parametrize("command", ["annotate", "fix"])
def test_the_commands_hold_the_limits_of_the_configuration(tmp_path: Path, command: str) -> None:
    slow(tmp_path / "a.xlsx")
    (tmp_path / "behov-xl.toml").write_text("[limits]\nseconds = 1\nratio = 5000\n", encoding="utf-8")
    done = run(command, "a.xlsx", "-o", "b.xlsx", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    assert "BX021" in done.stdout
    assert not (tmp_path / "b.xlsx").exists()
