"""The package works without the parts of xlwings that are under the PolyForm Noncommercial licence (README)."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import behov_xl

PACKAGE = Path(behov_xl.__file__).parent
PRO = ("pro", "server", "reports", "rest")
USED = """
import xlwings
assert not xlwings.__pro__
from behov_xl.addin import actions, corrections, documents, functions
from behov_xl.workbook import live
assert functions.BEHOV_BELOP("200 000 kr") == 200000
"""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_no_module_imports_a_part_of_xlwings_pro() -> None:
    names = {(path.name, name) for path in PACKAGE.rglob("*.py") for name in imported(path)}
    assert any(name == "xlwings" for _, name in names)
    assert [one for one in names if one[1].startswith(tuple(f"xlwings.{part}" for part in PRO))] == []


def test_the_excel_side_loads_without_a_licence_key() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "XLWINGS_LICENSE_KEY"}
    done = subprocess.run([sys.executable, "-c", USED], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
