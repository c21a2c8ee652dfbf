"""The VBA of the add-in: xlwings' own modules, and the one procedure that every button of the ribbon calls.

What Excel compiles is the source text in the modules: xlwings' white-label add-in has no performance cache (its stream
``_VBA_PROJECT`` says so). So the modules are rewritten as text, and what cached code they still have is left out.

How a press becomes Python (read in xlwings.bas, which xlwings generates into the add-in):

* ``RunPython`` reads its settings with ``GetConfig``: from the sheet ``<PROJECT_NAME>.conf`` of the active workbook,
  then of the add-in, then from a file of that name beside the active workbook, then from one in the user's folder.
  ``PROJECT_NAME`` is a constant in the text; it has nothing to do with the name of the file.
* Windows: with «Use UDF Server» the command runs in a Python process that stays warm, reached through a DLL of xlwings
  that lies beside the interpreter. Without it, ``cmd.exe`` starts the interpreter anew each time and waits for it.
* macOS: always a new process, started by an AppleScript that has to lie in Excel's script folder.

What a workbook could do with all that is in closing.py. What remains is its name, which stands in the command that a
shell reads: ``$(open x).xlsx`` is a command on macOS. And ``Book.caller()`` takes the name apart at ``=``. The callback
refuses such names before it runs anything.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Iterator, Mapping

import olefile

from behov_xl.addin.compound import compound_file
from behov_xl.addin.ovba import DamagedVba, compress, decompress
from behov_xl.addin.ribbon import ALONE
from behov_xl.messages import Catalogue

CALLBACKS = "RibbonMyAddin"
"""The module of the white-label add-in that the ribbon calls."""
CALLBACK = f"{CALLBACKS}.RunMain"
XLWINGS = "xlwings"
_CODE_PAGE = "cp1252"
_DIR = ("VBA", "dir")
_OFFSET = 0x0031
_PROJECT_NAME = re.compile(r'^Public Const PROJECT_NAME As String = "(\w+)"', re.MULTILINE)

Source = str
Rewrite = Callable[[Source], Source]


class UnknownVba(ValueError):
    """The white-label add-in of the installed xlwings is not built as this module knows it."""


def callback_source(words: Catalogue) -> Source:
    """The module of the ribbon's callback. The pressed button's id is the function that runs."""
    title = vba_text(words.text("ribbon.tab"))

    def refuse(key: str, indent: str) -> list[str]:
        return [f"{indent}MsgBox {vba_text(words.text(key))}, vbInformation, {title}", f"{indent}Exit Sub"]

    return "\r\n".join(
        [
            f'Attribute VB_Name = "{CALLBACKS}"',
            "' behov-xl: every button of the ribbon comes here. Its id names the function in behov_xl.addin.",
            "Sub RunMain(control As IRibbonControl)",
            "    #If Mac Then",
            '        Const Unsafe = "*[`$""\\|;=]*"',
            "    #Else",
            '        Const Unsafe = "*[;^=]*"',
            "    #End If",
            "    On Error GoTo Failed",
            "    If ActiveWorkbook Is Nothing Then",
            f'        If control.Tag <> "{ALONE}" Then',
            *refuse("ribbon.no_workbook", " " * 12),
            "        End If",
            "        Workbooks.Add",
            "    End If",
            "    If ActiveWorkbook.Name Like Unsafe Then",
            *refuse("ribbon.unsafe_name", " " * 8),
            "    End If",
            "    If Not HasPython() Then",
            *refuse("ribbon.no_python", " " * 8),
            "    End If",
            '    RunPython control, "import behov_xl.addin as a;a." & control.ID & "()"',
            "    Exit Sub",
            "Failed:",
            f"    MsgBox {vba_text(words.text('ribbon.failed'))} & vbNewLine & vbNewLine & Err.Description, _",
            f"        vbExclamation, {title}",
            "End Sub",
            "",
        ]
    )


def project_name(source: Source) -> str:
    """The name in xlwings' module by which it finds its settings. Raises :class:`UnknownVba`."""
    found = _PROJECT_NAME.search(source)
    if found is None:
        raise UnknownVba("xlwings' module does not say PROJECT_NAME")
    return found[1]


def vba_text(text: str) -> str:
    """A text as a VBA expression. Letters beyond ASCII are spelled as numbers: Excel for Mac garbles them."""
    parts = re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]", text)
    return " & ".join(_vba_part(part) for part in parts) or '""'


def _vba_part(part: str) -> str:
    if not " " <= part[0] <= "~":
        return f"ChrW({ord(part)})"
    doubled = part.replace('"', '""')
    return f'"{doubled}"'


# -------------------------------------------------------------------------------------- the project


def rewritten(project: bytes, rewrites: Mapping[str, Rewrite]) -> bytes:
    """A vbaProject.bin with the sources of some modules rewritten. Raises :class:`UnknownVba`."""
    streams = _streams(project)
    try:
        directory = decompress(streams[_DIR])
        offsets = dict(_module_offsets(directory))
        for module, rewrite in rewrites.items():
            stream, (place, offset) = ("VBA", module), offsets[module]
            source = decompress(streams[stream][offset:]).decode(_CODE_PAGE)
            streams[stream] = compress(rewrite(source).encode(_CODE_PAGE))
            directory = directory[:place] + struct.pack("<I", 0) + directory[place + 4 :]
    except (KeyError, struct.error, DamagedVba) as error:
        raise UnknownVba(f"xlwings' add-in has no VBA module as expected: {error}") from error
    return compound_file(streams | {_DIR: compress(directory)})


def source_of(project: bytes, module: str) -> Source:
    """The source text of a module. Raises :class:`UnknownVba`."""
    found: list[Source] = []

    def keep(source: Source) -> Source:
        found.append(source)
        return source

    rewritten(project, {module: keep})
    return found[0]


def _streams(project: bytes) -> dict[tuple[str, ...], bytes]:
    try:
        with olefile.OleFileIO(io.BytesIO(project)) as file:
            return {tuple(path): file.openstream(path).read() for path in file.listdir()}
    except OSError as error:
        raise UnknownVba(f"xlwings' add-in has no VBA project: {error}") from error


def _module_offsets(directory: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
    """Module → where the ``dir`` stream says at which place of its stream its source begins, and what it says.

    Records are an id, a size and so many bytes ([MS-OVBA] 2.3.4.2); only PROJECTVERSION has a size that is not its own.
    """
    at, module = 0, ""
    while at + 6 <= len(directory):
        kind, size = struct.unpack_from("<HI", directory, at)
        at += 6
        if kind == 0x0009:
            size = 6
        elif kind == 0x0019:
            module = directory[at : at + size].decode(_CODE_PAGE)
        elif kind == _OFFSET and module:
            yield module, (at, *struct.unpack_from("<I", directory, at))
        at += size
