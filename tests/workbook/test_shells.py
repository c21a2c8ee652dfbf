"""What is known of one workbook is used for another only where the other has the very same."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from behov_xl.form import Form
from behov_xl.workbook import directory, shells
from behov_xl.workbook.files import TOO_LARGE, Refused, grid_from_bytes
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.limits import DEFAULT, Limits
from conftest import EXAMPLES, parts_of
from hostile.kinds import broken_parts, coded
from hostile.zips import Part, build, good_parts

GOOD = (EXAMPLES / "komplett_2026.xlsx").read_bytes()
PARTS = sorted(parts_of(GOOD))
KINDS = {name: make for name, (_, make) in coded().items()} | {name: make for name, _, make in broken_parts()}
GROUPS = 8


def forget() -> None:
    shells._known.clear()
    directory._layouts.clear()


def read(data: bytes, form: Form, limits: Limits = DEFAULT) -> Grid | tuple[str, str]:
    try:
        return grid_from_bytes(data, "a.xlsx", [table.name for table in form.tables], limits)
    except Refused as refused:
        return refused.rule.code, str(refused.params)


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The complete example with one part changed, everything else to the byte as it was."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(GOOD)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            xml = source.read(info)
            target.writestr(info, change(xml) if info.filename == name else xml)
    return out.getvalue()


@pytest.mark.parametrize("name", PARTS)
def test_a_workbook_with_another_part_reads_as_if_it_were_the_only_one(name: str, form: Form) -> None:
    read(with_part("", bytes), form)  # known from now on
    changed = [
        with_part(name, lambda xml: xml.replace(b"Tiltak", b"Arbeid")),
        with_part(name, lambda xml: xml.replace(b'ref="A', b'ref="B')),
        with_part(name, lambda xml: xml.replace(b">", b"", 1)),
        with_part(name, lambda _: b""),
    ]
    after = [read(data, form) for data in changed]
    for data, known in zip(changed, after, strict=True):
        forget()
        assert read(data, form) == known


ALIASED: dict[str, tuple[bytes, bytes]] = {
    "xl/workbook.xml": (b'name="Behovsmelding"', b'name="Bxhovsmelding"'),
    "[Content_Types].xml": (b"spreadsheetml.sheet.main+xml", b"macroEnabled.main+xml"),
    "xl/_rels/workbook.xml.rels": (b"worksheets/sheet3.xml", b"worksheets/sheet4.xml"),
    "xl/worksheets/_rels/sheet2.xml.rels": (b"relationships/table", b"relationships/oleObject"),
    "docProps/custom.xml": (b"2026", b"2027"),
    "xl/styles.xml": (b"</styleSheet>", b"<a></styleSheet>"),
    "xl/sharedStrings.xml": (b"Tiltak", b"Arbeid"),
}


@pytest.mark.parametrize("name", ALIASED)
def test_what_a_relationship_calls_a_table_may_be_no_other_part_in_the_next_workbook(name: str, form: Form) -> None:
    rels = "xl/worksheets/_rels/sheet13.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"
    also = f'<Relationship Id="rIdX" Type="{kind}" Target="/{name}"/></Relationships>'.encode()
    parts = {part.name: part.content for part in good_parts()}
    parts[rels] = parts[rels].replace(b"</Relationships>", also)
    before = build([Part(*one) for one in parts.items()])
    parts[name] = parts[name].replace(*ALIASED[name])
    after = build([Part(*one) for one in parts.items()])
    forget()
    alone = read(after, form)
    forget()
    read(before, form)
    assert read(after, form) == alone


@pytest.mark.parametrize("copied", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet2.xml"])
def test_an_entry_that_points_at_another_part_is_refused_alike(copied: str, form: Form) -> None:
    data = bytearray(build(good_parts()))
    directory = data.rfind(b"PK\x05\x06")
    start = int.from_bytes(data[directory + 16 : directory + 20], "little")
    one, other = (data.find(b"%b" % name.encode(), start) - 46 for name in (copied, "xl/worksheets/sheet1.xml"))
    data[other + 42 : other + 46] = data[one + 42 : one + 46]
    forget()
    alone = read(bytes(data), form)
    read(build(good_parts()), form)
    assert read(bytes(data), form) == alone
    assert isinstance(alone, tuple)


def test_templates_whose_directories_are_looked_up_alike_are_known_side_by_side(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = build([Part(one.name, one.content, central={"mode": 0o100600}) for one in good_parts()])
    forget()
    read(build(good_parts()), form)
    read(other, form)
    monkeypatch.setattr(shells, "check_archive", None)  # nothing is checked anew
    assert isinstance(read(build(good_parts()), form), Grid)
    assert isinstance(read(other, form), Grid)


@pytest.mark.parametrize("number", range(GROUPS))
def test_every_kind_of_hostile_file_is_refused_whatever_was_read_before(number: int, form: Form) -> None:
    chosen = list(KINDS.values())[number :: 4 * GROUPS]
    alone = []
    for make in chosen:
        forget()
        alone.append(read(make(), form))
    forget()
    read(GOOD, form)
    assert [read(make(), form) for make in chosen] == alone


def test_what_is_known_holds_for_the_limits_it_was_found_with(form: Form) -> None:
    assert isinstance(read(GOOD, form), Grid)
    for strict in (Limits(entries=3), Limits(tables=3), Limits(sheets=3), Limits(expanded_bytes=9_000)):
        found = read(GOOD, form, strict)
        assert isinstance(found, tuple)
        assert found[0] == TOO_LARGE.code


def test_workbooks_from_one_template_are_known_by_it(form: Form) -> None:
    forget()
    read(with_part("", bytes), form)
    read(with_part("xl/sharedStrings.xml", lambda xml: xml.replace(b"Eksempel", b"Et eksempel")), form)
    read(with_part("xl/tables/table5.xml", lambda xml: xml.replace(b"Tiltak", b"Arbeid")), form)
    assert len(shells._known) == 1
    read(with_part("xl/styles.xml", lambda xml: xml + b"<!-- -->"), form)
    assert len(shells._known) == 2


def test_what_is_kept_is_bounded(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    monkeypatch.setattr(shells, "_LARGE", 1_000)
    read(GOOD, form)
    assert not shells._known
    monkeypatch.undo()
    for number in range(2 * shells._KEPT):
        read(with_part("xl/styles.xml", lambda xml, number=number: xml + b"<!-- %d -->" % number), form)
    assert len(shells._known) == shells._KEPT
