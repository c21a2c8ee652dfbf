"""Workbooks mutated in their parts and in their bytes. A mutation is a tuple of numbers, so that hypothesis shrinks it."""

from __future__ import annotations

import random
import re

from hostile.zips import Part, build, good_parts

Mutation = tuple[int, int, int, int]
"""What is done, to which part, where in it, with what: numbers of any size, each taken modulo what there is."""

VALUES = (
    *(b"", b"0", b"-1", b"1", b"99999999999999999999", b"1e999", b"NaN", b"1048577", b"XFE1", b"A0", b"A1", b"A1:XFD1048576"),
    *(b"Z9:A1", b"$A$1", b"A:A", b"1:1", b"#REF!", b"true", b"e", b"s", b"b", b"str", b"inlineStr", b"d", b"n", b"General"),
    *(b"&lt;", b"&#0;", b"&#x110000;", b"&amp;#x1b;", b"\xff\xfe", b"_x0000_", b"_x001B_", b"\xed\xa0\x80", b"x" * 70_000),
    *(b"Tiltak", b"Budsjett", b"Funn", b"rId1", b"../../x", b"/xl/workbook.xml", b"sheet1.xml", b"hidden", b"veryHidden"),
    *(b"http://evil/", b"2026-02-30", b"-0", b"0x10", b"1,5", b"T1", b"=1+1", b"\x1b[31m", b"\xe2\x80\xae"),
)  # fmt: skip
PIECES = (
    *(b"<c/>", b"<c><v>1</v></c>", b'<c r="A1"/>', b'<c r="A1" t="s"><v>99999</v></c>', b'<c r="A1" t="e"><v>#REF!</v></c>'),
    *(b'<c r="B7" t="d"><v>2026-13-45</v></c>', b'<c r="B7" t="b"><v>7</v></c>', b'<c r="B7"><v>1e400</v></c>', b"<f/>"),
    *(b'<row r="5" hidden="1"/>', b'<row r="0"><c r="A0"><v>1</v></c></row>', b"<row/>", b'<col min="9" max="1" hidden="1"/>'),
    *(b'<mergeCell ref="A5:C9"/>', b'<mergeCells><mergeCell ref="A5:C9"/></mergeCells>', b'<mergeCell ref="C9:A5"/>'),
    *(b"<f>1/0</f>", b'<f t="shared" si="0"/>', b'<f t="array" ref="A1:A9">A1</f>', b"<is><t>x</t></is>", b"<!-- -->"),
    *(b"<![CDATA[x]]>", b"<?x y?>", b"<a>" * 3_000, b"</a>", b"<tableColumn/>", b'<tableColumn id="9" name="Sum UH"/>'),
    *(b'<table ref="A1:B2" displayName="Tiltak"/>', b'<sheet name="x" sheetId="1"/>', b"<si/>", b"<si><t>x</t></si>", b"\n", b"\0"),
    *(b'<Relationship Id="rId1" Type="a/table" Target="../tables/table1.xml"/>', b'<filterColumn colId="0"/>', b"<x:c/>"),
)  # fmt: skip
_ATTRIBUTE = re.compile(rb'="([^"]*)"')
_TEXT = re.compile(rb">([^<]+)<")
_TAG = re.compile(rb"<[^>]*>")


def _replace(xml: bytes, pattern: re.Pattern[bytes], where: int, new: bytes, group: int = 1) -> bytes:
    found = list(pattern.finditer(xml))
    if not found:
        return xml
    match = found[where % len(found)]
    return xml[: match.start(group)] + new + xml[match.end(group) :]


def _in_part(xml: bytes, what: int, where: int, value: int) -> bytes:
    at = where % (len(xml) + 1)
    size = value % 200 + 1
    tags = [match.end() for match in _TAG.finditer(xml)] or [0]
    tag, other = tags[where % len(tags)], tags[value % len(tags)]
    changes = (
        lambda: _replace(xml, _ATTRIBUTE, where, VALUES[value % len(VALUES)]),
        lambda: _replace(xml, _TEXT, where, VALUES[value % len(VALUES)]),
        lambda: xml[:tag] + PIECES[value % len(PIECES)] + xml[tag:],
        lambda: _replace(xml, _TAG, where, b"", 0),
        lambda: _replace(xml, _TAG, where, PIECES[value % len(PIECES)], 0),
        lambda: xml[: min(tag, other)] + xml[max(tag, other) :],
        lambda: xml[: max(tag, other)] + xml[min(tag, other) : max(tag, other)] + xml[max(tag, other) :],
        lambda: xml[:at] + bytes([value % 256]) + xml[at + 1 :],
        lambda: xml[:at] + random.Random(value).randbytes(size) + xml[at + size :],
        lambda: xml[:at] + xml[at + size :],
        lambda: xml[:at],
        lambda: xml.replace(b'"', b"'"),
        lambda: _TAG.sub(lambda match: match[0].replace(b"<", b"<x:", 1).replace(b"<x:/", b"</x:"), xml),
    )
    return changes[what % len(changes)]()


def mutated(mutations: list[Mutation]) -> bytes:
    """The complete example with these mutations, one after another."""
    parts = {one.name: one.content for one in good_parts()}
    names = list(parts)
    zip_level: list[Mutation] = []
    for what, which, where, value in mutations:
        name = names[which % len(names)]
        if what % 16 == 15:
            zip_level.append((what, which, where, value))
        elif what % 16 == 14:
            parts.pop(name, None)
        elif what % 16 == 13:
            other = names[value % len(names)]
            parts[name], parts[other] = parts.get(other, b""), parts.get(name, b"")
        else:
            parts[name] = _in_part(parts.get(name, b""), what % 16, where, value)
    data = bytearray(build(Part(name, content) for name, content in parts.items()))
    for _, which, where, value in zip_level:
        at = -(where % 4_000) - 1 if which % 2 else where % len(data)
        data[at] = value % 256
    return bytes(data)


def draw(dice: random.Random) -> list[Mutation]:
    """A few mutations, most often of the parts that matter most."""

    def one() -> Mutation:
        return dice.randrange(1 << 16), dice.randrange(1 << 16), dice.randrange(1 << 30), dice.randrange(1 << 30)

    return [one() for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5, 8)))]
