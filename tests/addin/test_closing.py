"""What a workbook that someone sent could start through the built add-in, as oletools reads it: nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from addin_file import modules

from behov_xl.addin import vba
from behov_xl.addin.build import xlwings_file
from behov_xl.addin.closing import closed
from behov_xl.addin.functions import __name__ as functions
from conftest import parts_of

SHIPPED = vba.source_of(
    parts_of(xlwings_file("quickstart_addin_ribbon.xlam").read_bytes())["xl/vbaProject.bin"], "xlwings"
)
PROCEDURE = re.compile(
    r"^[ \t]*(?P<scope>(?:(?:Public|Private|Friend|Static) )*)(?P<kind>Function|Sub|Property \w+) (?P<name>\w+)\((?P<head>[^\n]*)"
    r"(?P<body>(?s:.*?))^[ \t]*End (?:Function|Sub|Property)",
    re.MULTILINE,
)
ACTS = re.compile(
    r"\b(?:WScript\.(?:Run|Popup|Exec)|Shell|MacScript|AppleScriptTask|Open \w+ For|Kill|FileCopy|MkDir|RmDir|Name \w+ As|"
    r"XLPyDLL\w+|XLPy\.\w+|CreateObject|VBProject|SendKeys|system)\b"
)


def procedures(module: str) -> Iterator[re.Match[str]]:
    return PROCEDURE.finditer(modules()[module].replace(" _\n", " "))


def body_of(name: str) -> list[str]:
    (found,) = [one for one in procedures("xlwings") if one["name"] == name]
    return [line.strip() for line in found["body"].strip().splitlines()]


def open_procedures() -> dict[str, re.Match[str]]:
    """What is not private in the modules whose procedures Excel offers: no class, no sheet."""
    standard = [name for name, source in modules().items() if "Attribute VB_Exposed" not in source]
    assert sorted(standard) == ["RibbonMyAddin", "xlwings"]
    return {one["name"]: one for module in standard for one in procedures(module) if "Private" not in one["scope"]}


def test_only_these_procedures_can_be_named_from_outside_their_module() -> None:
    ours = {name for name in open_procedures() if name.startswith("BEHOV_")}
    assert len(ours) == 7
    assert set(open_procedures()) - ours == {"RunMain", "RunPython", "HasPython", "XLPy"}


def test_what_a_cell_can_name_only_reads_or_starts_the_pythons_worksheet_functions() -> None:
    """A cell calls functions, with numbers, texts, truth values, errors, arrays and ranges; none of them is a button."""
    callable_ = {
        name: one
        for name, one in open_procedures().items()
        if one["kind"] == "Function" and "As IRibbonControl" not in one["head"]
    }
    acts = {name: ACTS.findall(one["body"]) for name, one in callable_.items()}
    for name, found in acts.items():
        if name.startswith("BEHOV_"):
            assert found == ["XLPy.CallUDF"]
            assert f'XLPy.CallUDF("{functions}", "{name}", ' in callable_[name]["body"]
        else:
            assert callable_[name]["head"].startswith(")"), "takes no arguments"
    assert {name: found for name, found in acts.items() if found and not name.startswith("BEHOV_")} == {
        "XLPy": ["XLPyDLLActivateAuto"]
    }


def test_the_pattern_for_what_acts_finds_it_in_the_module_as_shipped() -> None:
    """Or the test above could not fail."""
    acting = {one["name"] for one in PROCEDURE.finditer(SHIPPED.replace(" _\n", " ")) if ACTS.search(one["body"])}
    assert acting >= {
        "ExecuteWindows",
        "ExecuteMac",
        "RunPython",
        "SaveConfigToFile",
        "ReadFile",
        "ToMacPath",
        "KillPy",
    }


@pytest.mark.parametrize("name", ["RunPython", "ExecuteWindows", "ExecuteMac"])
def test_what_starts_a_program_wants_the_button_that_was_pressed(name: str) -> None:
    """A cell has none, and a picture's macro with arguments, which Excel runs though it is private, has none either."""
    (found,) = [one for one in procedures("xlwings") if one["name"] == name]
    assert found["head"].startswith("control As IRibbonControl, ")
    checks = body_of(name)[:2]
    assert checks[0].startswith(f"If control Is Nothing Then Exit {found['kind']}")
    assert re.match(
        rf'If TypeName\(Application.Caller\) = "Range" Or .* = "String" Then Exit {found["kind"]}\b', checks[1]
    )


def test_the_button_is_handed_on_to_what_starts_a_program() -> None:
    everything = modules()["xlwings"] + modules()["RibbonMyAddin"]
    for name, calls in (("RunPython", 1), ("ExecuteWindows", 1), ("ExecuteMac", 1)):
        called = re.findall(rf"^(?!\s*'|.*\bFunction\b|.*\bSub\b).*\b{name}[ (](\w+),", everything, re.MULTILINE)
        assert called == ["control"] * calls


@pytest.mark.parametrize("name", ["ReadFile", "ToMacPath", "ToPosixPath", "GetMacDir"])
def test_files_and_applescript_are_not_for_cells_and_pictures(name: str) -> None:
    first = [line for line in body_of(name) if not line.startswith("'")][:2]
    assert any(line.startswith("If TypeName(Application.Caller) = ") for line in first)


def test_no_text_can_end_the_quotes_in_applescript() -> None:
    for name, text in (("ToMacPath", "PosixPath"), ("ToPosixPath", "MacPath")):
        assert body_of(name)[0].startswith(f"If InStr({text}, Chr(34)) > 0 Then Exit Function")
    assert "Case Else: Exit Function  ' behov-xl" in body_of("GetMacDir")
    scripts = {one["name"] for one in procedures("xlwings") if "MacScript(" in one["body"]}
    assert scripts == {"ToMacPath", "ToPosixPath", "GetMacDir", "FileOrFolderExistsOnMac"}
    assert "If Val(Application.VERSION) < 15 Then" in body_of("FileOrFolderExistsOnMac")  # Excel 2011


def test_the_functions_of_dlls_are_private() -> None:
    """A cell could call a public one: XLPyDLLActivateAuto runs the command that it is given."""
    said = re.findall(r"^\s*(.*?)Declare\b.*?(?:Function|Sub) (\w+)", modules()["xlwings"], re.MULTILINE)
    assert {scope for scope, _ in said} == {"Private "}
    assert "XLPyDLLActivateAuto" in {name for _, name in said}


def test_the_module_is_private_and_says_so_before_everything_else() -> None:
    assert modules()["xlwings"].splitlines()[:2] == ['Attribute VB_Name = "xlwings"', "Option Private Module"]
    assert "Option Private" not in modules()["RibbonMyAddin"]  # its functions are for cells


def test_what_is_left_out_is_called_nowhere_and_the_rest_is_whole() -> None:
    source = modules()["xlwings"]
    for name in ("RunFrozenPython", "SaveConfigToFile", "KillFileOnMac", "ImportPythonUDFs", "ImportXlwingsUdfsModule"):
        assert name not in source
    heads, ends = (
        len(re.findall(one, source, re.MULTILINE))
        for one in (r"^(?:\w+ )?(?:Function|Sub) ", r"^End (?:Function|Sub)$")
    )
    assert heads == ends + 2  # two have one head for Excel and another for Word


def test_no_setting_is_taken_from_the_workbook_that_is_open() -> None:
    """Or whoever sends a workbook with a sheet myaddin.conf says which program the button starts."""
    at = re.compile(r"'Workbook Sheet Config\n\s*If (.*) Then")
    assert at.search(SHIPPED)[1] == 'SheetExists(ActiveWorkbook, PROJECT_NAME & ".conf") = True'
    assert at.search(modules()["xlwings"])[1] == "False"
    assert "ActiveWorkbook" not in "".join(re.findall(r"SheetExists\(.*?\.conf", modules()["xlwings"]))


def test_the_path_of_the_workbook_is_in_no_command() -> None:
    """A worksheet function starts Python too, and no one looks at the name of the workbook then."""
    built = modules()["xlwings"]
    assert len(re.findall(r"PYTHONPATH = .*ActiveWorkbook|ActiveFullName = .*ActiveWorkbook", SHIPPED)) == 4
    assert re.findall(r"^.*ActiveWorkbook\.FullName.*$", built, re.MULTILINE) == [
        '        If InStr(ActiveWorkbook.FullName, "://") = 0 Then'
    ]
    assert re.findall(r"ActiveFullName = (.*)", built) == ['""'] * 3
    assert 'PYTHONPATH = AddExcelDir & ";" & "" & ";" & ThisWorkbook.FullName & ";"' in "\n".join(
        body_of("XLPyCommand")
    )


def test_windows_does_not_look_for_its_shell_in_the_folder_of_the_workbook() -> None:
    started = re.findall(r"^[^'\n]*cmd\.exe", modules()["xlwings"], re.MULTILINE)
    assert len(started) == 3
    assert all(one.endswith('Environ("SystemRoot") & "\\System32\\cmd.exe') for one in started)


def test_the_warm_python_does_not_look_for_modules_in_the_folder_of_the_workbook(tmp_path: Path) -> None:
    """Excel's current folder is the one in which a workbook was opened, and there Python starts."""
    ((before, after),) = re.findall(
        r'-B -c ""(.*?)" & LicenseKeyEnvString & "(.*?)xlwings\.serve', "\n".join(body_of("XLPyCommand"))
    )
    for name in ("xlwings", "json", "pandas"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hostile')")
    for program, code in ((f"{before}{after}import json, pandas", 0), ("import xlwings", 1)):
        assert subprocess.run([sys.executable, "-B", "-c", program], cwd=tmp_path).returncode == code, program


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Function ReadFile(", "Function ReadTextFile("),
        ("Function ExecuteWindows(", "Function ExecuteOnWindows("),
        ("Public Function RunFrozenPython(", "Public Function RunFrozen("),
        ('PROJECT_NAME & ".conf") = True', 'PROJECT_NAME & ".conf")'),
        ("PYTHONPATH = AddExcelDir & ", "PYTHONPATH = ExcelDir & "),
        ('Attribute VB_Name = "xlwings"', 'Attribute VB_Name = "xl"'),
        ("Function XLPy()", "Function Python()"),
        ("Private Sub CleanUp()", "Public Static Sub CleanUp()"),
    ],
)
def test_a_module_of_another_xlwings_is_not_used_half_closed(old: str, new: str) -> None:
    assert closed(SHIPPED)
    assert old in SHIPPED
    with pytest.raises(vba.UnknownVba):
        closed(SHIPPED.replace(old, new))


def test_lines_end_as_they_did() -> None:
    assert "\r" not in closed(SHIPPED)
    assert closed(SHIPPED.replace("\n", "\r\n")) == closed(SHIPPED).replace("\n", "\r\n")
