"""xlwings' own part for Excel's JavaScript add-ins, which xlwings Server and Lite are made of.

A program of its own, since xlwings decides what it is when it is imported. Reads a Python file that a server would load,
calls of its functions and names of its scripts as JSON, and prints what the add-in would be given. What the scripts call
is replaced: which action it was, and that it was given the open workbook, is written into the workbook.
"""

import asyncio
import functools
import importlib.util
import json
import os
import sys
import types

os.environ |= {"XLWINGS_ON_SERVER": "true", "XLWINGS_LICENSE_KEY": "noncommercial"}  # this is a test: no commercial use

import xlwings as xw
from xlwings.server import custom_functions_call, custom_functions_meta, custom_scripts_call, custom_scripts_meta


def note(name, book):
    book.sheets[0]["A1"].value = name


def load(path):
    import behov_xl.addin

    actions = types.ModuleType("behov_xl.addin.actions")
    actions.validate, actions.clear = (functools.partial(note, name) for name in ("validate", "clear"))
    sys.modules[actions.__name__] = behov_xl.addin.actions = actions
    spec = importlib.util.spec_from_file_location("main", path)
    module = sys.modules["main"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def body(func, args):
    """What the add-in sends when Excel calculates a function."""
    return {
        "func_name": func,
        "args": args,
        "caller_address": "Excel[Bok.xlsx]Ark1!B2",
        "content_language": "nb-NO",
        "version": xw.__version__,
        "client": "Office.js",
        "runtime": "1.4",
    }


def open_book():
    """What the add-in sends when a script is started."""
    sheet = {"name": "Ark1", "values": [[""]], "pictures": [], "tables": []}
    book = {"name": "Bok.xlsx", "active_sheet_index": 0, "selection": "A1"}
    return xw.Book(
        json={"client": "Office.js", "version": xw.__version__, "book": book, "names": [], "sheets": [sheet]}
    )


async def main():
    request = json.load(sys.stdin)
    module = load(request["path"])
    scripts = {}
    for name in request.get("scripts", []):
        book = await custom_scripts_call(module, name, typehint_to_value={xw.Book: open_book()})
        scripts[name] = book.json()["actions"]
    results = [await custom_functions_call(body(one["func"], one["args"]), module) for one in request.get("calls", [])]
    answer = {
        "functions": custom_functions_meta(module),
        "listed": custom_scripts_meta(module),
        "results": results,
        "scripts": scripts,
    }
    json.dump(answer, sys.stdout, default=str)


asyncio.run(main())
