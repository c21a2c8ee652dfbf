"""The VBA in the built file, as oletools reads it: the callback, and what was taken out of xlwings' module."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import olefile
import pytest
import xlwings
from addin_file import modules, parts

from behov_xl.addin import vba
from behov_xl.addin.build import xlwings_file
from behov_xl.addin.settings import Settings
from behov_xl.messages import LANGUAGES, catalogue
from conftest import parts_of

SHIPPED = parts_of(xlwings_file("quickstart_addin_ribbon.xlam").read_bytes())["xl/vbaProject.bin"]
BLOCKS = [
    (r"(?:Public |Private )?Sub\b", r"End Sub\b"),
    (r"(?:Public |Private )?Function\b", r"End Function\b"),
    (r"If\b.*\bThen$", r"End If\b"),
    (r"#If\b", r"#End If\b"),
    (r"For\b", r"Next\b"),
]


@pytest.fixture(params=LANGUAGES)
def callback(request: pytest.FixtureRequest) -> str:
    """The procedure that the ribbon calls; more may stand in its module."""
    (source,) = re.findall(
        r"^Sub RunMain\(.*?^End Sub\n", modules(request.param)[vba.CALLBACKS], re.MULTILINE | re.DOTALL
    )
    return source


def statements(source: str) -> Iterator[str]:
    """Logical lines, without comments and without what stands in quotes."""
    for line in source.replace(" _\n", " ").splitlines():
        said = re.sub(r'"(?:[^"]|"")*"', '""', line).partition("'")[0].strip()
        if said:
            yield said


def test_the_callback_runs_the_function_that_the_buttons_id_names(callback: str) -> None:
    assert '    RunPython control, "import behov_xl.addin as a;a." & control.ID & "()"\n' in callback


def test_the_callbacks_blocks_are_closed(callback: str) -> None:
    for begins, ends in BLOCKS:
        counts = [sum(bool(re.match(f"{one}", line)) for line in statements(callback)) for one in (begins, ends)]
        assert counts[0] == counts[1], begins


def test_the_callback_can_be_read_by_excel_on_both_platforms(callback: str) -> None:
    """Ascii, or Excel for Mac garbles it; no line longer than VBA takes."""
    assert callback.isascii()
    assert max(map(len, callback.splitlines())) < 1023


def test_the_callback_names_only_what_exists(callback: str) -> None:
    known = (
        "Sub RunMain control As IRibbonControl If Mac Then Else End Const Unsafe On Error GoTo Failed Is Nothing Tag Exit "
        "MsgBox ChrW vbInformation HasPython Not ActiveWorkbook Workbooks Add Name Like RunPython ID vbNewLine Err Description "
        "vbExclamation"
    ).split()
    assert {name for line in statements(callback) for name in re.findall(r"[A-Za-z]\w*", line)} <= set(known)
    for name in ("RunPython", "HasPython"):
        assert re.search(rf"^Public Function {name}\(", modules()["xlwings"], re.MULTILINE)


def test_the_callbacks_messages_are_those_of_the_catalogue(callback: str) -> None:
    """Spelled out again from the VBA expressions."""
    said = {
        "".join(
            chr(int(code)) if code else text.replace('""', '"')
            for code, text in re.findall(r'ChrW\((\d+)\)|"((?:[^"]|"")*)"', expression)
        )
        for expression in re.findall(r"MsgBox (.*?)(?:, vbInformation| & vbNewLine)", callback)
    }
    texts = {
        lang: {catalogue(lang).text(f"ribbon.{key}") for key in ("no_workbook", "unsafe_name", "no_python", "failed")}
        for lang in LANGUAGES
    }
    assert said in texts.values()


def test_only_the_functions_that_need_no_workbook_open_an_empty_one(callback: str) -> None:
    lines = [line.strip() for line in callback.splitlines()]
    at = lines.index("If ActiveWorkbook Is Nothing Then")
    assert lines[at + 1] == 'If control.Tag <> "alone" Then'
    assert lines[at + 3] == "Exit Sub"
    assert lines.index("Workbooks.Add") < next(i for i, line in enumerate(lines) if line.startswith("RunPython"))


def test_without_a_python_to_start_nothing_is_started(callback: str) -> None:
    """xlwings would start the «python» of the search path, which on Windows begins beside the workbook."""
    lines = [line.strip() for line in callback.splitlines()]
    at = lines.index("If Not HasPython() Then")
    assert lines[at + 2 : at + 4] == ["Exit Sub", "End If"]
    assert lines[at + 4].startswith("RunPython ")
    assert [Settings().rows()[key] for key in ("Interpreter_Win", "Interpreter_Mac", "Interpreter")] == ["", "", ""]


@pytest.mark.parametrize(
    ("name", "windows", "mac"),
    [
        ("Bodø & omegn (2) 100% [ny].xlsx", True, None),
        ("Bodø & omegn (2) 100% 'ny'.xlsx", None, True),
        ("a^&calc&.xlsx", False, None),
        ("a;b.xlsx", False, None),
        ("Behov=2026.xlsx", False, False),
        ("$(open x).xlsx", None, False),
        ("`open x`.xlsx", None, False),
        ('a";open x;".xlsx', None, False),
        ("a|python|b.xlsx", None, False),
    ],
)
def test_names_that_a_shell_or_xlwings_would_misread_are_refused(
    name: str, windows: bool | None, mac: bool | None
) -> None:
    patterns = re.findall(r'Const Unsafe = "\*\[(.*)\]\*"', modules()[vba.CALLBACKS])
    assert "    If ActiveWorkbook.Name Like Unsafe Then\n" in modules()[vba.CALLBACKS]
    for pattern, allowed in zip(patterns, (mac, windows), strict=True):  # Mac stands first
        if allowed is not None:
            assert allowed is not bool(set(name) & set(pattern.replace('""', '"')))


def test_xlwings_cannot_find_a_workbook_with_an_equals_sign_in_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why such a name is refused. When this fails, it need not be."""
    asked: list[str] = []
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "argv", ["-c", "--wb=Behov=2026.xlsx", "--from_xl=1"])
    monkeypatch.setattr(xlwings.main, "apps", SimpleNamespace(active=SimpleNamespace(version=16)))
    caller = xlwings.Book.caller.__func__

    class Book:
        def __init__(self, name: str = "", from_xl: bool = False, impl: object = None) -> None:
            asked.extend([name] if name else [])
            self.impl = impl

    monkeypatch.setattr(xlwings.main, "Book", Book)
    caller(Book)
    assert asked == ["behov"]


def test_every_setting_that_the_vba_asks_for_is_in_the_addins_sheet() -> None:
    """What is not there is looked for in a file beside the workbook, which its sender may have put there."""
    asked = {name.upper() for name in re.findall(r'GetConfig\("([^"]+)"', modules()["xlwings"])}
    assert asked > {"INTERPRETER_WIN", "INTERPRETER_MAC", "USE UDF SERVER", "TEMP DIR"}
    given = [name.upper() for name in Settings().rows()]
    assert asked <= set(given)
    assert len(given) == len(set(given))  # the VBA puts them into a dictionary, which takes no name twice


def test_the_notices_of_the_owners_are_kept() -> None:
    assert "xlwings is distributed under a BSD 3-clause license" in modules()["xlwings"]
    assert "Copyright (C) 2014-present, Zoomer Analytics LLC" in modules()["xlwings"]
    assert "Tim Hall" in modules()["Dictionary"]


def test_the_other_modules_are_as_xlwings_ships_them() -> None:
    project = parts()["xl/vbaProject.bin"]
    with olefile.OleFileIO(io.BytesIO(SHIPPED)) as old, olefile.OleFileIO(io.BytesIO(project)) as new:
        assert sorted(old.listdir()) == sorted(new.listdir())
        changed = {
            "/".join(path) for path in old.listdir() if old.openstream(path).read() != new.openstream(path).read()
        }
    assert changed == {"VBA/dir", "VBA/RibbonMyAddin", "VBA/xlwings"}


def test_nothing_of_the_old_macros_compiled_code_is_left() -> None:
    """Source and compiled code that differ are what virus scanners call VBA stomping."""
    project = parts()["xl/vbaProject.bin"]
    with olefile.OleFileIO(io.BytesIO(project)) as file:
        assert file.openstream("VBA/_VBA_PROJECT").read() == b"\xcca\xff\xff\x00\x01\x00"  # Excel compiles the source
        assert file.openstream("VBA/RibbonMyAddin").read()[:1] == b"\x01"  # begins with the source
    assert b"mymodule" not in project


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("", '""'),
        ("Lukk", '"Lukk"'),
        ('si "ja"', '"si ""ja"""'),
        ("på", '"p" & ChrW(229)'),
        ("Øæ.", 'ChrW(216) & ChrW(230) & "."'),
    ],
)
def test_texts_are_written_as_vba(text: str, expression: str) -> None:
    assert vba.vba_text(text) == expression


def test_a_module_without_a_project_name_is_refused() -> None:
    with pytest.raises(vba.UnknownVba):
        vba.project_name("Public Const NAME As String\r\n")


@pytest.mark.parametrize("project", [b"", b"no compound file", SHIPPED[:700]], ids=["empty", "text", "cut off"])
def test_what_is_no_vba_project_is_refused(project: bytes) -> None:
    with pytest.raises(vba.UnknownVba):
        vba.source_of(project, "xlwings")


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(vba.UnknownVba):
        vba.source_of(SHIPPED, "Modul1")
