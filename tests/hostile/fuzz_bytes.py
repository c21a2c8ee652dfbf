"""Coverage-guided fuzzing of the package reader with atheris (``pip install atheris``; not among the test's needs).

``PYTHONPATH=.:tests python tests/hostile/fuzz_bytes.py -max_total_time=3600 some-corpus-folder``
"""

from __future__ import annotations

import sys
from importlib import import_module

atheris = import_module("atheris")
with atheris.instrument_imports(include=["behov_xl"]):
    from hostile.pipeline import read
    from hostile.zips import with_parts

PARTS = ("xl/worksheets/sheet7.xml", "xl/tables/table7.xml", "xl/workbook.xml", "xl/sharedStrings.xml")


def one(data: bytes) -> None:
    """The input as a whole file, and as one part of a workbook that is good otherwise."""
    read(data)
    if data:
        read(with_parts({PARTS[data[0] % len(PARTS)]: data[1:]}))


atheris.Setup(sys.argv, one)
atheris.Fuzz()
