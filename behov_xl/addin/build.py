"""Builds the add-in, ``behov_xl.xlam``, from the white-label add-in that ships with xlwings. No Excel is needed.

xlwings' add-in is under the BSD 3-clause licence and VBA-Dictionary in it under MIT; both notices stand in the VBA,
where they are kept, and the file's description names their owners.
"""

from __future__ import annotations

import io
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from behov_xl.addin import vba
from behov_xl.addin.closing import closed
from behov_xl.addin.functions_vba import functions_source
from behov_xl.addin.ribbon import RELATIONSHIP, ribbon_xml
from behov_xl.addin.settings import Settings
from behov_xl.messages import Catalogue

NAME = "behov_xl.xlam"
_SHIPPED = "quickstart_addin_ribbon.xlam"
_TYPES, _RELATIONSHIPS = "[Content_Types].xml", "_rels/.rels"
_WORKBOOK, _SHEET, _STRINGS = "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_VBA, _RIBBON, _CORE = "xl/vbaProject.bin", "customUI/customUI.xml", "docProps/core.xml"
_DATE = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class CannotBuild(ValueError):
    """The installed xlwings ships no add-in that this can be built from."""


def xlwings_file(name: str) -> Path:
    """A file in the package folder of xlwings, which is not imported: on Windows that starts Excel's machinery.

    Raises :class:`CannotBuild` if there is none.
    """
    spec = find_spec("xlwings")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / name
        if path.is_file():
            return path
    raise CannotBuild(f"xlwings: {name}")


def addin_bytes(words: Catalogue, settings: Settings | None = None) -> bytes:
    """The add-in with its ribbon in the language of ``words``. The same sources give the same bytes.

    Raises :class:`CannotBuild`.
    """
    parts = _shipped()
    try:
        project = parts[_VBA]
        name = vba.project_name(vba.source_of(project, vba.XLWINGS))
        ours = vba.callback_source(words) + functions_source(words)
        parts[_VBA] = vba.rewritten(project, {vba.XLWINGS: closed, vba.CALLBACKS: lambda _: ours})
        parts[_RIBBON] = ribbon_xml(words, vba.CALLBACK).encode()
        parts[_CORE] = _properties(words).encode()
        parts[_RELATIONSHIPS] = _changed(
            parts[_RELATIONSHIPS], r'Type="[^"]*/ui/extensibility"', f'Type="{RELATIONSHIP}"'
        )
        # The sheet is found by this name, and only without the underscore that the white-label add-in has before it.
        workbook = _changed(parts[_WORKBOOK], r'<sheet name="[^"]*"', f'<sheet name="{name}.conf"')
        parts[_WORKBOOK] = re.sub(
            rb"(?s)<mc:AlternateContent.*?</mc:AlternateContent>", b"", workbook
        )  # a path of theirs
        parts[_SHEET], parts[_STRINGS] = _settings_sheet(parts[_SHEET], settings or Settings())
    except (KeyError, vba.UnknownVba) as error:
        raise CannotBuild(str(error)) from error
    return _packed(parts)


def _shipped() -> dict[str, bytes]:
    with zipfile.ZipFile(xlwings_file(_SHIPPED)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    """Stored, not deflated: what a deflated part looks like depends on the zlib that made it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(parts, key=lambda one: (one != _TYPES, one != _RELATIONSHIPS, one)):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 0  # or Windows and the others would differ
            archive.writestr(entry, parts[name])
    return out.getvalue()


def _changed(part: bytes, pattern: str, new: str) -> bytes:
    """A part with the one match of a pattern replaced. Raises ``KeyError`` when there are none, or several."""
    text, count = re.subn(pattern, lambda _: new, part.decode(), flags=re.DOTALL)
    if count != 1:
        raise KeyError(pattern)
    return text.encode()


def _settings_sheet(sheet: bytes, settings: Settings) -> tuple[bytes, bytes]:
    """The sheet's part with the settings in it, and the part of their texts."""
    rows = settings.rows()
    texts = list(dict.fromkeys(text for row in rows.items() for text in row if isinstance(text, str) and text))
    xml = "".join(
        f'<row r="{number}">{_cell(f"A{number}", key, texts)}{_cell(f"B{number}", value, texts)}</row>'
        for number, (key, value) in enumerate(rows.items(), 1)
    )
    uses = sum(isinstance(text, str) and text != "" for row in rows.items() for text in row)
    strings = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    part = _changed(sheet, r"<sheetData>.*</sheetData>", f"<sheetData>{xml}</sheetData>")
    part = _changed(part, r'<dimension ref="[^"]*"', f'<dimension ref="A1:B{len(rows)}"')
    part = _changed(part, r"<cols>.*</cols>", '<cols><col min="1" max="2" width="32" customWidth="1"/></cols>')
    return part, f'{_HEAD}<sst xmlns="{_MAIN}" count="{uses}" uniqueCount="{len(texts)}">{strings}</sst>'.encode()


def _cell(place: str, value: str | bool, texts: list[str]) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    return f'<c r="{place}" t="s"><v>{texts.index(value)}</v></c>' if value else ""


def _properties(words: Catalogue) -> str:
    """The file's properties: Excel shows title and description in its list of add-ins."""
    spaces = {
        "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
        "dc": "http://purl.org/dc/elements/1.1/",
    }
    said = "".join(f" xmlns:{prefix}={quoteattr(space)}" for prefix, space in spaces.items())
    return (
        f"{_HEAD}<cp:coreProperties{said}><dc:title>{escape(words.text('ribbon.tab'))}</dc:title>"
        f"<dc:creator>behov-xl</dc:creator><dc:description>{escape(words.text('ribbon.about'))}</dc:description>"
        f"</cp:coreProperties>"
    )
