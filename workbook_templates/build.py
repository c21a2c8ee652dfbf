"""Rebuilds what is committed here from the form and the content files: ``python workbook_templates/build.py``.

The template, every example that has a content file in ``examples/``, and the Excel add-in, in bokmål and with no Python
to start yet (``behov-xl addin install`` puts it in). The same sources give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from behov_xl.addin.build import NAME, addin_bytes
from behov_xl.form import current
from behov_xl.messages import catalogue
from behov_xl.workbook.content import read_content
from behov_xl.workbook.template import template_bytes
from behov_xl.writing import write_atomically

HERE = Path(__file__).parent


def built() -> Iterator[tuple[Path, bytes]]:
    """Path and content of every workbook that is committed, and of the add-in."""
    form = current()
    yield HERE / f"{form.id.replace('-', '_')}.xlsx", template_bytes(form)
    for source in sorted((HERE / "examples").glob("*.toml")):
        yield source.with_suffix(".xlsx"), template_bytes(form, content=read_content(form, source))
    yield HERE / NAME, addin_bytes(catalogue("nb"))


def main() -> None:
    """Writes them all."""
    for path, data in built():
        write_atomically(path, data)


if __name__ == "__main__":
    main()
