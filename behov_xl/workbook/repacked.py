"""A package made for python-calamine: the parts that have been looked at, under names of ours, and no others.

In the package that was uploaded it might find other parts than we do: by another relationship, name or spelling.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from html import escape
from io import BytesIO

from behov_xl.workbook.package import DamagedPackage, Package, plainly

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_FROM_1904 = re.compile(rb'<workbookPr [^<>]{0,4000}date1904="(?:1|true|on)"')
_LONG_FORMAT = re.compile(rb' formatCode="[^"]{2001}')
"""A format has 255 characters at most, before they are escaped; python-calamine takes the square of its length."""


def repacked(package: Package, sheets: Mapping[str, bytes], strings: bytes) -> bytes:
    """An .xlsx of these sheets and shared texts, with the formats of a package. Raises ``DamagedPackage``."""
    since_1904 = _FROM_1904.search(plainly(package.read("xl/workbook.xml"))) is not None
    styles = plainly(package.read("xl/styles.xml"))
    if _LONG_FORMAT.search(styles):
        raise DamagedPackage("xl/styles.xml: a number format that is too long")
    parts = {f"worksheets/sheet{number}.xml": xml for number, xml in enumerate(sheets.values(), start=1)}
    others = {"sharedStrings.xml": strings, "styles.xml": styles}
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("_rels/.rels", _relationships(["officeDocument"], ["xl/workbook.xml"]))
        archive.writestr("xl/workbook.xml", _workbook(list(sheets), since_1904=since_1904))
        archive.writestr("xl/_rels/workbook.xml.rels", _relationships(["worksheet"] * len(parts), list(parts)))
        for name, xml in {**parts, **others}.items():
            if xml:
                archive.writestr(f"xl/{name}", xml)
    return out.getvalue()


def _workbook(names: list[str], *, since_1904: bool) -> str:
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    about = f'<workbookPr date1904="{int(since_1904)}"/>'
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{about}<sheets>{sheets}</sheets></workbook>'


def _relationships(kinds: list[str], targets: list[str]) -> str:
    told = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(zip(kinds, targets, strict=True), start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{told}</Relationships>'
