"""Coverage-guided fuzzing of the package reader with atheris (``pip install atheris``; not among the test's needs).

``PYTHONPATH=.:tests python tests/hostile/fuzz_bytes.py -max_total_time=3600 -max_len=20000 some-corpus-folder``

A folder that is empty gets the parts of the examples to begin with.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

atheris = import_module("atheris")
with atheris.instrument_imports(include=["behov_xl"]):
    from hostile.pipeline import read
    from hostile.zips import part, with_parts

PARTS = (
    "xl/worksheets/sheet7.xml",
    "xl/tables/table7.xml",
    "xl/workbook.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
)


def one(data: bytes) -> None:
    """The input as a whole file, and as one part of a workbook that is good otherwise."""
    read(data)
    if data:
        read(with_parts({PARTS[data[0] % len(PARTS)]: data[1:]}))


for folder in (Path(one) for one in sys.argv[1:] if not one.startswith("-")):
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(PARTS) if not any(folder.iterdir()) else ():
        (folder / f"{number}").write_bytes(bytes([number]) + part(name))
atheris.Setup(sys.argv, one)
atheris.Fuzz()
