"""Hundreds of kinds of malformed, hostile and foreign files: each ends in a coded finding, and harms no other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from behov_xl import engines
from behov_xl.findings import Finding
from behov_xl.form import Form
from behov_xl.messages import LANGUAGES, catalogue
from behov_xl.messages.render import message
from behov_xl.rules import catalogue as rules
from behov_xl.tasks import Setup
from behov_xl.validate import validate, validate_grids
from behov_xl.workbook.files import Refused, grid_from_bytes
from behov_xl.workbook.grid import Grid
from conftest import EXAMPLES, found, parts_of, report_of, report_on
from hostile.kinds import broken_parts, coded
from hostile.zips import GOOD, Part, build, edited, good_parts, part, with_parts

NIGHTLY = os.environ.get("BEHOV_XL_NIGHTLY") == "1"
CODED = coded()
BROKEN = {name: make for name, _, make in broken_parts()}
CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
FOLDERS = 8
"""The kinds are tried in as many tests: one test for each would take longer to report than to run."""


def read(data: bytes, form: Form) -> Grid | Refused:
    try:
        return grid_from_bytes(data, "opplastet.xlsx", [table.name for table in form.tables])
    except Refused as refused:
        return refused


def test_there_are_at_least_three_hundred_kinds_with_a_code_of_their_own() -> None:
    assert len(CODED) >= 600
    assert len(BROKEN) >= 600


@pytest.mark.parametrize("number", range(FOLDERS))
def test_every_kind_is_refused_with_its_code_and_says_so_in_every_language(number: int, form: Form) -> None:
    wrong = {}
    for name in list(CODED)[number::FOLDERS]:
        code, make = CODED[name]
        result = read(make(), form)
        if isinstance(result, Refused):
            for lang in LANGUAGES:
                words = message(Finding(result.rule, params=result.params), catalogue(lang))
                assert words.strip()
                assert "{" not in words, name
        outcome = result.rule.code if isinstance(result, Refused) else "read"
        if outcome != code:
            wrong[name] = (code, outcome)
    assert wrong == {}


@pytest.mark.parametrize("number", range(FOLDERS))
def test_a_broken_part_ends_in_a_report(number: int, form: Form) -> None:
    """Whether it is read depends on the part; nothing but a refusal may come out of it."""
    chosen = list(BROKEN)[number::FOLDERS]
    for name in chosen if NIGHTLY else chosen[::8]:
        result = read(BROKEN[name](), form)
        if isinstance(result, Grid):
            (report,) = validate_grids([result], form)
            assert report.status in {"ok", "findings", "unreadable"}, name


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_once_broke_the_reader_does_not_any_more(path: Path, form: Form) -> None:
    """Minimised inputs that the fuzzer found: each is one part of the complete example; ``__`` is ``/``."""
    name = path.name.partition(".")[2].replace("__", "/")
    target = with_parts({name: path.read_bytes()})
    result = read(target, form)
    if isinstance(result, Grid):
        assert validate_grids([result], form)[0].findings


def test_every_rule_on_files_is_met_by_a_kind() -> None:
    other = {
        "BX001": "tests/workbook/test_files.py",
        "BX002": "tests/workbook/test_files.py",
        "BX021": "tests/test_isolation.py",
        "BX022": "tests/test_isolation.py",
        "BX023": "tests/test_isolation.py",
        "BX050": "tests/workbook/test_sources.py",
        "BX051": "tests/workbook/test_sources.py",
    }
    assert {code for code, _ in CODED.values()} - {"read"} == {code for code in rules() if code < "BX1"} - set(other)


def test_a_directory_of_them_leaves_the_good_files_reports_unharmed(tmp_path: Path, form: Form) -> None:
    good = sorted(EXAMPLES.glob("*.xlsx"))
    alone = {path.name: report_of(path) for path in good}
    chosen = [kind for kind in CODED.items() if kind[1][0] != "read"][::13]
    for number, (_, (_, make)) in enumerate(chosen):
        (tmp_path / f"{number:03}.xlsx").write_bytes(make())
        if number % 10 == 0:
            for path in good:
                (tmp_path / f"{number:03}-{path.name}").write_bytes(path.read_bytes())
    paths = sorted(tmp_path.iterdir())
    report_of_all = validate([tmp_path])
    engine = engines.local(1)
    try:
        assert report_on(engine, [tmp_path], Setup(form)) == report_of_all
    finally:
        engine.close()
    for path, report in zip(paths, report_of_all.workbooks, strict=True):
        original = path.name.partition("-")[2]
        if original:
            own = [finding for finding in report.findings if not finding.rule.code.startswith("BX8")]
            assert own == list(alone[original].findings)
        else:
            code, _ = chosen[int(path.stem)][1]
            assert [finding.rule.code for finding in report.findings] == [code]


def test_the_command_line_ends_with_a_report_and_no_traceback(tmp_path: Path) -> None:
    for number, (_, make) in enumerate(list(CODED.values())[::40]):
        (tmp_path / f"{number}.xlsx").write_bytes(make())
    command = [sys.executable, "-m", "behov_xl", "validate", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", done.stdout.replace(b"\r", b""))


# ---------------------------------------------------------------------------- what must not be refused


def with_relation(kind: str, target: str, mode: str = "") -> dict[str, bytes | None]:
    name = "xl/worksheets/_rels/sheet7.xml.rels"
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    new = f'<Relationship Id="rIdX" Type="{base}/{kind}" Target="{target}"{mode}/></Relationships>'
    return {name: part(name).replace(b"</Relationships>", new.encode())}


PLIST = b'<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/a.dtd"><plist/>'
LEGITIMATE: dict[str, dict[str, bytes | None]] = {
    "comments": {"xl/comments1.xml": b"<comments/>", "xl/drawings/vmlDrawing1.vml": b"<xml/>"},
    "threaded comments": {"xl/threadedComments/threadedComment1.xml": b"<T/>", "xl/persons/person.xml": b"<p/>"},
    "a logo": {
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(500),
        **with_relation("image", "../media/image1.png"),
    },
    "a logo as SVG": {"xl/media/image2.svg": b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "b"><svg/>'},
    "printer settings": {"xl/printerSettings/printerSettings1.bin": "MZ-printer".encode("utf-16-le") + bytes(200)},
    "a Mac's printer settings": {"xl/printerSettings/printerSettings1.bin": PLIST},
    "custom XML": {"customXml/item1.xml": b"<a/>", "customXml/itemProps1.xml": b"<b/>"},
    "custom XML in UTF-16": {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")},
    "form checkboxes": {
        "xl/ctrlProps/ctrlProp1.xml": b"<formControlPr/>",
        **with_relation("ctrlProp", "../ctrlProps/ctrlProp1.xml"),
    },
    "a pivot table": {"xl/pivotCache/pivotCacheDefinition1.xml": b"<p/>", "xl/pivotTables/pivotTable1.xml": b"<p/>"},
    "a link to click": with_relation("hyperlink", "https://www.udir.no/", ' TargetMode="External"'),
    "a link to send a letter": with_relation("hyperlink", "mailto:a@b.no", ' TargetMode="External"'),
    "a web extension": {"xl/webextensions/webextension1.xml": b"<we/>", "xl/webextensions/taskpanes.xml": b"<t/>"},
    "a sensitivity label": {"docMetadata/LabelInfo.xml": b"<l/>"},
    "a calculation chain": {"xl/calcChain.xml": b"<calcChain/>"},
    "a thumbnail": {"docProps/thumbnail.wmf": b"\xd7\xcd\xc6\x9a" + bytes(90)},
    "Latin letters": {"xl/theme/theme1.xml": b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>'},
    "folders": {"xl/": b"", "xl/worksheets/": b""},
}


@pytest.mark.parametrize("name", LEGITIMATE)
def test_what_workbooks_hold_is_not_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bok.xlsx"
    path.write_bytes(with_parts(LEGITIMATE[name]))
    assert found(path) == []


def test_rows_of_another_namespace_are_none(form: Form) -> None:
    row = re.search(rb'<row r="5".*?</row>', part("xl/worksheets/sheet7.xml"), re.DOTALL)
    assert row
    hidden = re.sub(rb"<(/?)(\w)", rb"<\1q:\2", row[0].replace(b"<v>40000</v>", b"<v>7</v>"))
    for other in (
        hidden.replace(b"<q:row ", b'<q:row xmlns:q="urn:q" '),
        hidden.replace(b"q:", b"").replace(b"<row ", b'<row xmlns="urn:q" '),
    ):
        grid = read(edited("xl/worksheets/sheet7.xml", row[0], row[0] + other), form)
        assert isinstance(grid, Grid)
        assert grid.sheets["Budsjett"].rows[4][5] == 40_000


@pytest.mark.parametrize(
    "formula",
    [
        "[0]!Navn",
        "'1:3'!A1",
        "Budsjett[['#|x]]",
        "COPY(1)",
        '"a|b"',
        "'A|B'!A1",
        'HYPERLINK("https://a","b")',
        "SUM(Budsjett[Beløp])",
        'SORTDATE(1)&"RTD(1)"',
        "IMAGEN(1)",
    ],
)
def test_a_formula_that_only_looks_like_a_link_is_not_refused(formula: str, form: Form) -> None:
    cell = f'<row r="99"><c r="J99"><f>{formula.replace("&", "&amp;")}</f><v>1</v></c></row></sheetData>'.encode()
    assert isinstance(read(edited("xl/worksheets/sheet7.xml", b"</sheetData>", cell), form), Grid)


def test_archives_as_other_programs_write_them_are_read(tmp_path: Path, form: Form) -> None:
    parts = list(parts_of(GOOD.read_bytes()).items())
    stored, streamed, large = tmp_path / "stored.xlsx", tmp_path / "streamed.xlsx", tmp_path / "large.xlsx"
    with zipfile.ZipFile(stored, "w") as archive:
        for name, data in parts:
            archive.writestr(name, data)
    with streamed.open("wb") as raw, zipfile.ZipFile(_Unseekable(raw), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    with zipfile.ZipFile(large, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(data)
    padded = build(Part(one.name, one.content, extra=b"\x20\xa0\x04\x00" + bytes(4)) for one in good_parts())
    commented = build(good_parts(), comment=b"Lagret av et annet program")
    for data in (stored.read_bytes(), streamed.read_bytes(), large.read_bytes(), padded, commented):
        assert isinstance(read(data, form), Grid)


class _Unseekable:
    """A file that is only written to, as a program streams one: sizes come after the parts."""

    def __init__(self, raw: object) -> None:
        self.write = raw.write  # type: ignore[attr-defined]
        self.flush = raw.flush  # type: ignore[attr-defined]
