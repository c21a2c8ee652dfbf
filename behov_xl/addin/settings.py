"""The settings in the add-in's own sheet: which Python the buttons start, and that nothing else decides it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from behov_xl.workbook.grid import CellValue
from behov_xl.workbook.package import DamagedPackage, Package
from behov_xl.workbook.plain_sheets import read_sheet
from behov_xl.workbook.rewritten_sheets import rewritten_sheet
from behov_xl.workbook.written_texts import Unfamiliar, read_strings

FUNCTIONS = "behov_xl.addin.functions"
"""The module with the worksheet functions (Windows)."""
VERSION, XLWINGS_VERSION = "behov-xl", "xlwings"
_WINDOWS, _MACOS, _WARM = "Interpreter_Win", "Interpreter_Mac", "Use UDF Server"


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs from one installation to another."""

    interpreter: str = ""
    """Path of the Python to start, with ``%VARIABLES%`` if need be. Without one the buttons only say so: a bare
    ``python`` would be looked for beside the workbook first, by the Windows shell."""
    warm: bool = False
    """Whether Python stays running between presses (Windows, with xlwings' DLL beside the interpreter)."""

    def rows(self) -> dict[str, str | bool]:
        """Every setting that xlwings' VBA asks for, so that it looks nowhere else, and which versions built this.

        A setting that stands here without a value counts as set. Names are xlwings', compared without case.
        """
        return {
            _WINDOWS: self.interpreter,
            _MACOS: self.interpreter,
            "Interpreter": "",  # asked when the two above are empty; not set, it would be "python"
            "PYTHONPATH": "",
            "Add_Workbook_To_PythonPath": "false",  # or a pandas.py beside the workbook would be the one imported
            "Conda Path": "",
            "Conda Env": "",
            "UDF Modules": FUNCTIONS,
            "Debug UDFs": False,
            _WARM: self.warm,
            "Show Console": False,
            "Show_Error_Popups": "True",
            "License_Key": "",  # without one, code on a sheet of the workbook is not run
            "Temp Dir": "%TEMP%",
            "OneDrive_Consumer_Win": "",
            "OneDrive_Consumer_Mac": "",
            "OneDrive_Commercial_Win": "",
            "OneDrive_Commercial_Mac": "",
            "SharePoint_Win": "",
            "SharePoint_Mac": "",
            VERSION: version("behov-xl"),
            XLWINGS_VERSION: version("xlwings"),
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The settings of an add-in that is there."""

    interpreter: str
    warm: bool
    version: str
    xlwings: str

    @property
    def python(self) -> str:
        """The interpreter's path, with its variables filled in as Windows does."""
        return re.sub(r"%(\w+)%", lambda name: os.environ.get(name[1], name[0]), self.interpreter)


def read_settings(data: bytes) -> Found | None:
    """The settings in an add-in's sheet; ``None`` if this is not one that behov-xl built."""
    try:
        rows = _first_sheet(data)
    except (DamagedPackage, Unfamiliar):
        return None
    values: Mapping[str, object] = {str(row[0]): row[1] for row in rows if len(row) > 1}
    if VERSION not in values:
        return None
    interpreter = values.get(_WINDOWS) or values.get(_MACOS) or ""
    return Found(str(interpreter), values.get(_WARM) is True, str(values[VERSION]), str(values.get(XLWINGS_VERSION)))


def _first_sheet(data: bytes) -> list[list[CellValue]]:
    """What stands in the first sheet of a workbook. Raises ``DamagedPackage`` and ``Unfamiliar``."""
    package = Package.open(data)
    package.find_sheets()
    xml = package.read(next(iter(package.sheets.values()), ""))
    try:
        sheet = read_sheet(xml, None)
    except Unfamiliar:
        sheet = read_sheet(rewritten_sheet(xml).xml, None, bounded=True)
    sheet.lay_out(read_strings(package.read("xl/sharedStrings.xml")))
    return sheet.rows
