"""Runs inside the system's Python, which has UNO: starts LibreOffice, opens a file as a user would, and works in it.

Called by tests/conftest.py as ``python3 office_session.py PROFILE COMMAND ARGUMENTS…``.
"""

import contextlib
import pathlib
import socket
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.uno import RuntimeException


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def connect(profile):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    accept = f"--accept=socket,host=127.0.0.1,port={port};urp;"
    command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", accept]
    office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            context = resolver.resolve(f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext")
            return office, context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            time.sleep(0.1)
    raise SystemExit("LibreOffice did not start")


def url(path):
    return pathlib.Path(path).resolve().as_uri()


def load(desktop, path):
    for _ in range(50):
        document = desktop.loadComponentFromURL(url(path), "_blank", 0, properties(Hidden=True))
        if document is not None:
            return document
        time.sleep(0.2)  # the office answers before it can load
    raise SystemExit(f"LibreOffice did not load {path}")


def save(document, path):
    document.storeToURL(url(path), properties(FilterName="Calc MS Excel 2007 XML"))


def edit(desktop, source, target, *changes):
    """``changes``: Sheet!A1=value; numbers are typed as numbers, what begins with = as a formula."""
    document = load(desktop, source)
    for change in changes:
        place, _, value = change.partition("=")
        sheet, _, cell = place.partition("!")
        found = document.Sheets.getByName(sheet).getCellRangeByName(cell)
        try:
            found.Value = float(value)
        except ValueError:
            found.String = value
    document.calculateAll()
    save(document, target)
    document.close(True)


def filter_rows(cells, column, value):
    condition = uno.createUnoStruct("com.sun.star.sheet.TableFilterField")
    condition.Field, condition.Operator = int(column), uno.Enum("com.sun.star.sheet.FilterOperator", "EQUAL")
    condition.StringValue = value
    wanted = cells.createFilterDescriptor(True)
    wanted.ContainsHeader = True
    wanted.setFilterFields((condition,))
    cells.filter(wanted)


def insert(sheets, what, name, at, count):
    sheet = sheets.getByName(name)
    (sheet.Rows if what == "rows" else sheet.Columns).insertByIndex(int(at), int(count))


def hide(sheets, what, name, at=0, count=0):
    sheet = sheets.getByName(name)
    if what == "hide":
        sheet.IsVisible = False
    lines = sheet.Rows if what == "hide-rows" else sheet.Columns
    for index in range(int(at), int(at) + int(count)):
        lines.getByIndex(index).IsVisible = False


def copy(sheets, name, new):
    for _ in range(50):
        try:
            return sheets.copyByName(name, new, sheets.Count)
        except RuntimeException:
            time.sleep(0.2)  # on a busy machine a document that is loaded cannot be edited at once
    raise SystemExit(f"LibreOffice did not copy {name}")


def rearrange(desktop, source, target, *steps):
    """``rows SHEET AT N``, ``columns SHEET AT N`` insert; ``order`` turns the sheets round.

    ``hide-rows SHEET AT N``, ``hide-columns SHEET AT N``, ``hide SHEET``; ``merge SHEET RANGE``; ``copy SHEET NAME``;
    ``filter SHEET RANGE COLUMN VALUE`` shows the rows with this value.
    """
    document = load(desktop, source)
    sheets = document.Sheets
    for step in steps:
        what, *arguments = step.split()
        if what in {"rows", "columns"}:
            insert(sheets, what, *arguments)
        elif what.startswith("hide"):
            hide(sheets, what, *arguments)
        elif what == "merge":
            sheets.getByName(arguments[0]).getCellRangeByName(arguments[1]).merge(True)
        elif what == "copy":
            copy(sheets, *arguments)
        elif what == "filter":
            filter_rows(sheets.getByName(arguments[0]).getCellRangeByName(arguments[1]), *arguments[2:])
        elif what == "order":
            for name in sheets.ElementNames:
                sheets.moveByName(name, 0)
    document.calculateAll()
    save(document, target)
    document.close(True)


def compile_basic(desktop, folder):
    """Compiles each module of Basic in a folder and prints, for each, its name and what its function Probe<name> says.

    LibreOffice compiles a module as a whole when one of its functions is called; of a broken one it runs nothing.
    """
    document = desktop.loadComponentFromURL(
        "private:factory/scalc", "_blank", 0, properties(Hidden=True, MacroExecutionMode=4)
    )
    libraries = document.BasicLibraries
    library = (
        libraries.getByName("Standard") if libraries.hasByName("Standard") else libraries.createLibrary("Standard")
    )
    for path in sorted(pathlib.Path(folder).glob("*.bas")):
        library.insertByName(path.stem, path.read_text(encoding="utf-8"))
        script = f"vnd.sun.star.script:Standard.{path.stem}.Probe{path.stem}?language=Basic&location=document"
        said, _, _ = document.ScriptProvider.getScript(script).invoke((), (), ())
        sys.stdout.write(f"{path.stem} {said}\n")
    document.close(True)


def main():
    profile, command, *arguments = sys.argv[1:]
    office, desktop = connect(profile)
    try:
        globals()[command](desktop, *arguments)
    finally:
        with contextlib.suppress(RuntimeException):  # it may be gone before it has answered
            desktop.terminate()
        office.wait(timeout=60)


main()
