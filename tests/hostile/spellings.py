"""The same content written so that a search of its bytes misses it, or another program finds another part."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hostile.zips import Part, build, edited, good_parts, part, with_parts

Make = Callable[[], bytes]
SHEET, UNREAD, BOOK = "xl/worksheets/sheet7.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"
RELATIONS, STYLES, STRINGS = "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml"
EVIL = "xl/worksheets/evil.xml"
END = b"</sheetData>"
FAR = b'<row r="99"><c r="XFD1048576"><v>1</v></c></row>'
ODD = b'<row r="98"><c r = "A98"><v>1</v></c></row>'
"""Only has the sheet read the slow way."""
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ASKING = {
    b"cmd|'/c calc'!A0": "BX010",
    b'RTD("evil",,"a")': "BX010",
    b'WEBSERVICE("http://e/")': "BX009",
    b"'[Bok 2025.xlsx]Ark1'!F7": "BX009",
}
FORMULAS = {
    "in CDATA": b'<c r="A99"><f><![CDATA[%b]]></f></c>',
    "with a prefix": b'<y-z:c xmlns:y-z="' + MAIN + b'" r="A99"><y-z:f>%b</y-z:f></y-z:c>',
    "behind an attribute with a sign": b"""<c r="A99"><f x="a>'">%b</f></c>""",
    "behind its value": b'<c r="A99"><v>1</v><f>%b</f></c>',
    "behind a comment": b'<c r="A99"><!-- --><f>%b</f></c>',
    "behind a comment in it": b'<c r="A99"><f><!-- -->%b</f></c>',
    "behind much space": b'<c r="A99">' + 120 * b" " + b"<f>%b</f></c>",
}


def spellings() -> Iterator[tuple[str, str, Make]]:
    """Name, code, and how it is made."""
    yield from far_cells()
    yield from formulas()
    yield from other_parts()
    yield from long_searches()


def far_cells() -> Iterator[tuple[str, str, Make]]:
    """A far cell that is laid out from nowhere near, behind what looks like the end of all cells."""
    inside = {
        "behind a comment": b'<row r="9"><!--</sheetData>--></row>',
        "behind CDATA": b'<row r="9"><c r="A9"><v><![CDATA[</sheetData>]]></v></c></row>',
        "behind a formula": b'<row r="9"><c r="A9"><f>1:sheetData></f></c></row>',
    }
    for name, before in inside.items():
        yield f"far, {name}", "BX007", lambda before=before: edited(SHEET, END, before + FAR + b"</sheetData >")
    for name, before in {"comment": b"<!-- </sheetData> -->", "instruction": b"<?a </sheetData>?>"}.items():
        yield f"far, {name} before", "BX007", lambda before=before: _before_cells(before)
    rows = b"<row/>" * 100_000 + b'<row><c r = "ZZ5"/><c><v>1</v></c></row>' + END
    yield "rows without numbers", "BX007", lambda: edited(SHEET, END, rows)
    cells = b'<row r = "9000">' + b"<c/>" * 60_000 + b"<c><v>1</v></c></row>" + END
    yield "cells without addresses", "BX007", lambda: edited(SHEET, END, cells)
    small = b'<worksheet><sheetData><row><c><v>1</v></c><c\nr="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    yield "a line end early", "BX007", lambda: with_parts({SHEET: small})
    yield "a form feed", "BX006", lambda: edited(SHEET, END, b'<row r="99"><c r\x0c="XFD1048576"/></row>' + END)
    date = b'<row r="99"><c r="A99" s="0"><v>1e10</v></c></row>' + END
    styles = part(STYLES)
    at = styles.find(b"<xf ", styles.find(b"<cellXfs"))
    long_times = styles[:at] + b'<xf numFmtId="46"/>' + styles[at:]
    yield (
        "a time beyond all times",
        "read",
        lambda: with_parts({STYLES: long_times, SHEET: part(SHEET).replace(END, date)}),
    )


def _before_cells(before: bytes) -> bytes:
    xml = part(SHEET).replace(b"<sheetData>", before + b"<sheetData>").replace(END, FAR + b"</sheetData >")
    return with_parts({SHEET: xml.replace(before.replace(END, FAR + b"</sheetData >"), before)})


def formulas() -> Iterator[tuple[str, str, Make]]:
    """Formulas that ask, in cells, formats and names, of sheets that are read and one that is not."""
    for formula, code in ASKING.items():
        for name, cell in FORMULAS.items():
            row = b'<row r="99">' + cell % formula + b"</row>" + END
            for where in (SHEET, UNREAD):
                yield (
                    f"{formula.decode()} {name} in {where}",
                    code,
                    lambda where=where, row=row: edited(where, END, row),
                )
        shown = b'%b<conditionalFormatting sqref="A1"><cfRule type="expression" priority="99"><formula>%b</formula></cfRule></conditionalFormatting>'
        yield f"{formula.decode()} in a format", code, lambda f=formula, s=shown: edited(SHEET, END, s % (END, f))
        named = b'<definedName name="x"><![CDATA[%b]]></definedName></definedNames>' % formula
        yield f"{formula.decode()} in a name", code, lambda named=named: edited(BOOK, b"</definedNames>", named)


def other_parts() -> Iterator[tuple[str, str, Make]]:
    """Relationships, names and zip records by which a reader may find another part than was looked at."""
    evil = part(SHEET).replace(END, FAR + END)
    one = part(RELATIONS)
    start = one.find(b'<Relationship Id="rId7"')
    ours = one[start : one.find(b">", start) + 1]
    theirs = ours.replace(b"worksheets/sheet7.xml", b"worksheets/evil.xml")
    odd = part(SHEET).replace(END, ODD + END)
    for name, told in {
        "a relationship in a comment": ("BX007", theirs + b"<!--" + ours + b"-->"),
        "a relationship that is told twice": ("BX017", theirs + ours.replace(b"rId7", b"&#114;Id7")),
    }.items():
        code, relations = told[0], one.replace(ours, told[1])
        yield name, code, lambda relations=relations: _with(EVIL, evil, {RELATIONS: relations, SHEET: odd})
    reserve = part(STRINGS).replace(b" count=", b' a="', 1)
    counted = reserve[: reserve.find(b"<sst")] + b'<sst uniqueCount="30000000000" xmlns="' + MAIN + b'">'
    strings = counted + part(STRINGS)[part(STRINGS).find(b"<si>") :]
    yield "texts that are counted too high", "read", lambda: with_parts({STRINGS: strings, SHEET: odd})
    image = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="http://e/a.png" TargetMode="External"/>'
    kept = b'<!-- Type="/hyperlink" --></Relationships>'
    rels = "xl/worksheets/_rels/sheet7.xml.rels"
    yield "a picture from elsewhere", "BX009", lambda: edited(rels, b"</Relationships>", image + kept)
    spoof = image.replace(b"http://e/a.png", b"http://e/" + b"a" * 5_000 + b"' Type='x/hyperlink' b='")
    yield "a picture that calls itself a link far on", "BX009", lambda: edited(rels, b"</Relationships>", spoof + kept)
    ole = image.replace(b"/image", b"/oleObject ").replace(b' TargetMode="External"', b"")
    yield "an object with a space", "BX011", lambda: edited(rels, b"</Relationships>", ole + b"</Relationships>")


def _with(name: str, content: bytes, changed: dict[str, bytes]) -> bytes:
    kept = [Part(one.name, changed.get(one.name, one.content)) for one in good_parts()]
    return build([*kept, Part(name, content)])


def long_searches() -> Iterator[tuple[str, str, Make]]:
    """What a search of bytes took the square of its length for."""
    for name, text in {"formulas": b"<f ", "rows": b'<row hidden="1" ', "columns": b'<col hidden="1" '}.items():
        comment = b"<!--" + text * 60_000 + b"--></worksheet>"
        for where in (SHEET, UNREAD):
            yield f"{name} begun in {where}", "read", lambda w=where, c=comment: edited(w, b"</worksheet>", c)
    formats = b"<cellXfs " * 100_000
    yield (
        "formats begun",
        "read",
        lambda: edited(STYLES, b"<cellXfs", b"<!--" + formats + b"--><cellXfs"),
    )
    number = b'<numFmts><numFmt numFmtId="200" formatCode="' + b"[" * 300_000 + b'"/></numFmts><cellXfs'
    yield "a long number format", "read", lambda: edited(STYLES, b"<cellXfs", number)
