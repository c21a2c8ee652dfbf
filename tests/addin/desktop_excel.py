"""xlwings' own part for desktop Excel, with Windows and Excel behind it replaced by as little as answers it.

A program of its own, since xlwings decides what it is when it is imported. Reads calls of worksheet functions as JSON
and prints what Excel would be given: the VBA module, the help, and the functions' results.
"""

import ctypes
import decimal
import importlib.abc
import importlib.machinery
import io
import json
import logging
import sys
from datetime import datetime
from unittest.mock import MagicMock

SPECIAL = {"=decimal": decimal.Decimal, "=datetime": datetime.fromisoformat}
MISSING = -2147352572
"""How VBA passes an argument that was left out."""


class Windows(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """pywin32's modules, which answer anything."""

    NAMES = (
        "pythoncom",
        "pywintypes",
        "win32api",
        "win32con",
        "win32gui",
        "win32process",
        "win32timezone",
        "win32event",
    )

    def find_spec(self, fullname, path, target=None):
        if fullname in self.NAMES or fullname.split(".")[0] == "win32com":
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__spec__, module.__path__, module.__file__ = spec, [], spec.name
        return module

    def exec_module(self, module):
        pass


class Many(list):
    """A collection of Excel's: counted from 1, or by name."""

    @property
    def Count(self):  # noqa: N802
        return len(self)

    def __call__(self, key):
        return self[key - 1] if isinstance(key, int) else next(one for one in self if one.Name == key)


def area(values, sheet=None):
    """A range of Excel's, with the two things by which xlwings knows it."""
    found = MagicMock(name="Range")
    found.Value = tuple(tuple(row) for row in values) if len(values) * len(values[0]) > 1 else values[0][0]
    found.Worksheet = sheet or MagicMock(name="Worksheet")
    found.Rows.Count, found.Columns.Count = len(values), len(values[0])
    iid = sys.modules["pywintypes"].IID("{00020846-0000-0000-C000-000000000046}")
    found._oleobj_.GetTypeInfo.return_value.GetTypeAttr.return_value.iid = iid
    return found


def workbook(tables):
    """A workbook of Excel's; the cell in it that calls a function. ``tables``: sheet → table → data rows."""
    book = MagicMock(name="Workbook", Worksheets=Many())
    for name, of_sheet in tables.items():
        sheet = MagicMock(name="Worksheet", Parent=book, ListObjects=Many())
        sheet.Name = name
        book.Worksheets.append(sheet)
        for one, rows in of_sheet.items():
            table = MagicMock(name="ListObject", DataBodyRange=area(rows, sheet) if rows else None)
            table.Name = one
            sheet.ListObjects.append(table)
    return area([[None]], book.Worksheets[0])


def argument(given):
    """An argument as VBA passes it: ``{"area": rows}`` a range, ``"="`` nothing, anything else itself."""
    if given == "=":
        return MISSING
    return area([[cell(one) for one in row] for row in given["area"]]) if isinstance(given, dict) else given


def cell(given):
    kind, _, rest = given.partition(" ") if isinstance(given, str) else ("", "", "")
    return SPECIAL[kind](rest) if kind in SPECIAL else given


def start():
    """Imports xlwings as it comes up under Windows."""
    sys.meta_path.insert(0, Windows())
    ctypes.windll = ctypes.oledll = ctypes.PyDLL = MagicMock()
    import pywintypes
    import win32com.client

    pywintypes.TimeType = type("TimeType", (), {})
    pywintypes.com_error = type("com_error", (Exception,), {})
    for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass"):
        setattr(win32com.client, name, type(name, (), {}))
    import xlwings
    from xlwings import _xlwindows, udfs

    xlwings._xlwindows = _xlwindows
    xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
    xlwings.engines.active = xlwings.engines["excel"]
    xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret
    from xlwings import com_server

    udfs.logger.addHandler(logging.NullHandler())  # or it prints
    com_server.FromVariant = lambda value: value
    return xlwings, udfs, com_server


def main():
    _, udfs, com_server = start()
    import behov_xl.addin.functions as functions

    request = json.load(sys.stdin)
    name = functions.__name__
    vba, addin = io.StringIO(), MagicMock()
    addin.Name = "behov_xl.xlam"
    addin.Application.Version = "16.0"
    udfs.generate_vba_wrapper(name, functions, vba, addin)
    udfs.import_udfs(name, addin)
    registered = [(one.args[0], one.kwargs) for one in addin.Application.MacroOptions.call_args_list]
    excel = com_server.XLPython()
    results = []
    for call in request["calls"]:
        calling = workbook(call.get("tables", {"Ark1": {}}))
        args = [argument(one) for one in call["args"]]
        results.append(excel.CallUDF(name, call["func"], args, None, calling))
    json.dump({"vba": vba.getvalue(), "registered": registered, "results": results}, sys.stdout, default=str)


if __name__ == "__main__":
    main()
