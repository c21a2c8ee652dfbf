"""What is taken out of xlwings' module, so that a workbook that someone sent cannot start anything through the add-in.

The public functions of a loaded add-in are worksheet functions, and a picture in a workbook without macros may call its
procedures when it is clicked, with arguments. xlwings' module has functions that run a command, write a file and read
one. Here,

* what the buttons and the worksheet functions do not need is left out (:data:`_LEFT_OUT`);
* the rest is ``Private``, its calls of DLLs too, but for three doors. ``XLPy`` and ``HasPython`` take no arguments, and
  ``RunPython`` wants the button that was pressed, which neither a cell nor a picture can hand over. The two procedures
  that start programs want it as well: ``Private`` hides a procedure, but Excel runs it for those who know its name;
* the functions that read a file, or put a text into AppleScript, do nothing when a cell or a picture called, and take
  no text that could end the quotes around it;
* ``GetConfig`` does not ask the workbook that is open: its sender could name the program to start;
* the path of that workbook is in no command. ``a^&calc&.xlsx`` would start a program on Windows, as soon as Excel
  calculates a worksheet function. Nobody needs the path: Python is not to look beside the workbook;
* Excel's current folder, in which xlwings' DLL starts Python, is often the one of that workbook. So ``cmd.exe`` has its
  path, and Python does not look for modules in the current folder: a ``json.py`` there would be imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from behov_xl.addin.vba import Source, UnknownVba

DOORS = frozenset({"HasPython", "RunPython", "XLPy"})
"""The procedures that the module of the callback and the worksheet functions calls."""
_LEFT_OUT = (
    "RunFrozenPython",
    "SaveConfigToFile",
    "KillFileOnMac",
    "ImportPythonUDFsBase",
    "ImportPythonUDFs",
    "ImportPythonUDFsToAddin",
    "ImportXlwingsUdfsModule",
)
_HEAD = r"^(?:Public |Private )?{kind} {name}\("
_OPEN = re.compile(r"^(?:(?:Public|Friend|Static) )*(?:Function|Sub|Property \w+) (\w+)", re.MULTILINE)
_OPEN_DLL = re.compile(r"^\s*(?:Public )?Declare\b", re.MULTILINE)
_CALLED = (
    '    If TypeName(Application.Caller) = "Range" Or TypeName(Application.Caller) = "String" Then Exit {kind}'
    "  ' behov-xl: a cell or a picture\n"
)
_PRESSED = "    If control Is Nothing Then Exit {kind}  ' behov-xl: only a button has one\n"
_QUOTED = "    If InStr({text}, Chr(34)) > 0 Then Exit Function  ' behov-xl\n"
_HAS_PYTHON = """\
Public Function HasPython() As Boolean
    ' behov-xl: whether the add-in was told which Python to start
    HasPython = GetConfig("INTERPRETER_WIN") & GetConfig("INTERPRETER_MAC") <> ""
End Function

"""


@dataclass(frozen=True, slots=True)
class _Change:
    pattern: str
    new: str
    count: int = 1


def _left_out(name: str) -> _Change:
    return _Change(_HEAD.format(kind="(Function|Sub)", name=name) + r"(?s:.*?)^End \1\n\n?", "")


def _guarded(name: str, *checks: str) -> _Change:
    first = "".join(checks) + _CALLED.format(kind="Function")
    return _Change(_HEAD.format(kind="Function", name=name) + r".*\n", rf"\g<0>{first}")


def _pressed(kind: str, name: str, scope: str, before: str = "") -> _Change:
    """A procedure that starts a program: its first argument becomes the button."""
    head = _HEAD.format(kind=kind, name=name) + r"((?:.* _\n)*.*\n)"
    first = _PRESSED.format(kind=kind) + _CALLED.format(kind=kind)
    return _Change(head, rf"{before}{scope} {kind} {name}(control As IRibbonControl, \1{first}")


_CHANGES = (
    *(_left_out(name) for name in _LEFT_OUT),
    _Change(r"\bKillFileOnMac ToMacPath\(ToPosixPath\(LOG_FILE\)\)", "Kill LOG_FILE"),
    _Change(r'\AAttribute VB_Name = "xlwings"\n', r"\g<0>Option Private Module\n"),
    _Change(r'SheetExists\(ActiveWorkbook, PROJECT_NAME & "\.conf"\) = True', "False"),
    _Change(r"\bActiveFullName = ToPosixPath\(ActiveWorkbook\.FullName\)$", 'ActiveFullName = ""'),
    _Change(r"\bActiveFullName = ActiveWorkbook\.FullName$", 'ActiveFullName = ""', count=2),
    _Change(r'(\bPYTHONPATH = AddExcelDir & ";" & )ActiveWorkbook\.FullName ', r'\1"" '),
    _Change(r'"cmd\.exe ', r'Environ("SystemRoot") & "\\System32\\cmd.exe ', count=3),
    _Change(
        r'(-B -c ""import sys, os;)(" & LicenseKeyEnvString & ")import xlwings\.utils;xlwings\.utils\.prepare_sys_path'
        r'\(\\""" & PYTHONPATH & "\\""\);',
        r"\1sys.path[:]=[p for p in sys.path if p];\2",
    ),
    _pressed("Function", "RunPython", "Public", before=_HAS_PYTHON),
    _pressed("Sub", "ExecuteMac", "Private"),
    _pressed("Function", "ExecuteWindows", "Private"),
    _Change(r"^( +)ExecuteMac PythonCommand,", r"\1ExecuteMac control, PythonCommand,"),
    _Change(r"\bRunPython = ExecuteWindows\(False,", "RunPython = ExecuteWindows(control, False,"),
    _guarded("ReadFile"),
    _guarded("ToMacPath", _QUOTED.format(text="PosixPath")),
    _guarded("ToPosixPath", _QUOTED.format(text="MacPath")),
    _guarded("GetMacDir"),
    _Change(r'(Name = "temporary items"\n)( +)(End Select\n)', r"\1\2    Case Else: Exit Function  ' behov-xl\n\2\3"),
)


def closed(source: Source) -> Source:
    """The module of xlwings as the add-in has it.

    Raises :class:`UnknownVba` if what is to be changed is not there just as often as it was: an add-in that is open is
    not built.
    """
    ends = "\r\n" if "\r\n" in source else "\n"  # xlwings' module has the latter
    text = source.replace(ends, "\n")
    for change in _CHANGES:
        text, count = re.subn(change.pattern, change.new, text, flags=re.MULTILINE)
        if count != change.count:
            raise UnknownVba(f"xlwings' module does not look as it did: {change.pattern} is there {count} times")
    text = re.sub(r"^( *)(?:Public )?Declare\b", r"\1Private Declare", text, flags=re.MULTILINE)
    doors = "|".join(sorted(DOORS))
    text = re.sub(rf"^(?:Public )?(Function|Sub) (?!(?:{doors})\()", r"Private \1 ", text, flags=re.MULTILINE)
    if set(_OPEN.findall(text)) != DOORS or _OPEN_DLL.search(text):
        raise UnknownVba("xlwings' module has procedures that a workbook could call")
    return text.replace("\n", ends)
