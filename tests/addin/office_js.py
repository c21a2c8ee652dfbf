"""xlwings' own part for Excel's JavaScript add-ins, which xlwings Server and Lite are made of.

A program of its own, since xlwings decides what it is when it is imported. Reads as JSON a Python file that a server
would load, calls of its functions, and its scripts with the open workbook of each; prints what the add-in would be given.
"""

import asyncio
import importlib.util
import json
import os
import sys

os.environ |= {"XLWINGS_ON_SERVER": "true", "XLWINGS_LICENSE_KEY": "noncommercial"}  # this is a test: no commercial use

import xlwings as xw
from xlwings.server import custom_functions_call, custom_functions_meta, custom_scripts_call, custom_scripts_meta


def load(path):
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


async def main():
    request = json.load(sys.stdin)
    module = load(request["path"])
    scripts = {}
    for name, sent in request["scripts"].items():
        book = await custom_scripts_call(module, name, typehint_to_value={xw.Book: xw.Book(json=sent)})
        scripts[name] = book.json()["actions"]
    results = [await custom_functions_call(body(one["func"], one["args"]), module) for one in request["calls"]]
    answer = {
        "functions": custom_functions_meta(module),
        "listed": custom_scripts_meta(module),
        "results": results,
        "scripts": scripts,
    }
    json.dump(answer, sys.stdout, default=str)


asyncio.run(main())
