"""What the tests share: workbooks made from content, findings as short texts, a real LibreOffice."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from behov_xl.batch import incoming, run
from behov_xl.engines import Engine
from behov_xl.findings import Finding, Report, WorkbookReport
from behov_xl.form import Form, current
from behov_xl.rules.across import whole
from behov_xl.tasks import Setup
from behov_xl.validate import validate
from behov_xl.workbook.content import Content, edit_content, read_content
from behov_xl.workbook.sources import find
from behov_xl.workbook.template import write_template

# xlwings' engine for clients in a browser is under the PolyForm Noncommercial licence: for the tests, never for users.
os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")

EXAMPLES = Path(__file__).parent.parent / "workbook_templates" / "examples"
TEMPLATES = EXAMPLES.parent


@pytest.fixture(scope="session")
def form() -> Form:
    return current()


@pytest.fixture(scope="session")
def content(form: Form) -> Callable[..., Content]:
    """The content of an example, with edits as in its TOML file."""

    def make(*edits: dict[str, Any], base: str = "komplett_2026") -> Content:
        made = read_content(form, EXAMPLES / f"{base}.toml") if base else Content()
        for edit in edits:
            edit_content(form, made, edit)
        return made

    return make


@pytest.fixture
def workbook(form: Form, tmp_path: Path, content: Callable[..., Content]) -> Callable[..., Path]:
    """A workbook with an example's content, edited."""

    def make(*edits: dict[str, Any], base: str = "komplett_2026", name: str = "bok.xlsx", **options: Any) -> Path:
        path = tmp_path / name
        write_template(form, path, content=content(*edits, base=base), **options)
        return path

    return make


def report_of(path: Path, form: Form | None = None) -> WorkbookReport:
    (only,) = validate([path], form).workbooks
    return only


def report_on(engine: Engine, paths: Iterable[Path], setup: Setup) -> Report:
    """The report of a run on an engine, held whole."""
    found = run(incoming(find(paths)), setup, engine)
    return whole((report for piece in found for report in piece.reports), setup.form, setup.selection)


def short(finding: Finding) -> str:
    """``BX301 Tiltak!G5``; a code alone for a finding about the file."""
    return f"{finding.rule.code} {finding.sheet}!{finding.cell}" if finding.sheet else finding.rule.code


def found(path: Path, form: Form | None = None) -> list[str]:
    """The findings of a workbook, short and sorted."""
    return sorted(short(finding) for finding in report_of(path, form).findings)


STALE = "BX119"
"""An old value of a formula: whatever opens the file computes it anew."""


def repack(path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes] | None]) -> Path:
    """Rewrites a package with its parts changed (in place, or returned anew)."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts = change(parts) or parts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def make_too_deep(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders within each other below this one, so deep that no path names the last."""
    monkeypatch.chdir(folder)
    for _ in range(30):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    os.chdir(folder)


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def changed_parts(before: bytes, after: bytes) -> set[str]:
    """The parts whose content differs; everything the zip directory says of the others must be the same."""
    first, second = parts_of(before), parts_of(after)
    assert list(first) == list(second)
    with zipfile.ZipFile(io.BytesIO(before)) as one, zipfile.ZipFile(io.BytesIO(after)) as other:
        for old, new in zip(one.infolist(), other.infolist(), strict=True):
            for name in (
                "date_time",
                "compress_type",
                "comment",
                "extra",
                "create_system",
                "external_attr",
                "internal_attr",
            ):
                assert getattr(old, name) == getattr(new, name)
            if first[old.filename] == second[new.filename]:
                assert (old.compress_size, old.CRC) == (new.compress_size, new.CRC)
    return {name for name in first if first[name] != second[name]}


class Office:
    """A headless LibreOffice with a profile of its own."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile

    def convert(self, path: Path, to: str, folder: Path) -> Path:
        """Opens ``path``, recalculates it and saves it as ``to`` in ``folder``."""
        folder.mkdir(exist_ok=True)
        command = ["soffice", f"-env:UserInstallation=file://{self._profile}", "--headless", "--convert-to", to]
        done = subprocess.run([*command, "--outdir", str(folder), str(path)], capture_output=True, timeout=180)
        target = folder / f"{path.stem}.{to.partition(':')[0]}"
        assert target.exists(), (done.stdout + done.stderr).decode()
        return target

    def run(self, script: str, *arguments: str) -> str:
        """Runs a Python script inside a LibreOffice session (see tests/office_session.py); returns what it prints."""
        session = Path(__file__).parent / "office_session.py"
        command = [shutil.which("python3", path="/usr/bin") or "python3", str(session), str(self._profile), script]
        done = subprocess.run([*command, *arguments], capture_output=True, timeout=180)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


RECALCULATE_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    if shutil.which("soffice") is None:
        pytest.fail("LibreOffice is missing: apt-get install libreoffice-calc (bash tests/run.sh does it as root)")
    profile = tmp_path_factory.mktemp("office")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE_ALWAYS)
    return Office(profile)


def sheet_part(parts: dict[str, bytes], sheet: str) -> str:
    """The part of a sheet by its name, in a package that XlsxWriter wrote."""
    names = re.findall(rb'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    return f"xl/worksheets/sheet{names.index(sheet.encode()) + 1}.xml"


def table_part(parts: dict[str, bytes], table: str) -> str:
    """The part of an Excel table by its name."""
    return next(name for name, data in parts.items() if f'displayName="{table}"'.encode() in data)


def type_into(parts: dict[str, bytes], place: str, value: str | float) -> None:
    """Types a text, a number, an error value (``#REF!``) or nothing into a cell (``Tiltak!E4``), over what is there."""
    sheet, _, cell = place.partition("!")
    part = sheet_part(parts, sheet)
    kind, content = _cell_xml(value)
    new = f'<c r="{cell}"{kind}>{content}</c>'.encode()
    xml, there = re.subn(rf'<c r="{cell}"[^>]*?(?:/>|>.*?</c>)'.encode(), lambda _: new, parts[part])
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if not there:
        xml, there = re.subn(rf'<row r="{row}"[^>]*>.*?(?=</row>)'.encode(), lambda match: match[0] + new, xml)
    if not there:
        xml = xml.replace(b"</sheetData>", f'<row r="{row}">'.encode() + new + b"</row></sheetData>")
    parts[part] = xml


def copy_sheet(parts: dict[str, bytes], sheet: str, name: str) -> None:
    """Copies a sheet with its tables, as Excel does: the copies' tables have the old names with a number behind."""
    part = sheet_part(parts, sheet)
    number = sum(one.startswith("xl/worksheets/sheet") for one in parts) + 1
    parts[f"xl/worksheets/sheet{number}.xml"] = parts[part]

    def copied(match: re.Match[bytes]) -> bytes:
        new = sum(one.startswith("xl/tables/") for one in parts) + 1
        names = re.compile(rb'(name="[^"]*)(" displayName="[^"]*)"')
        parts[f"xl/tables/table{new}.xml"] = names.sub(rb'\g<1>3\g<2>3"', parts[f"xl/{match[0].decode()}"], count=1)
        return f"tables/table{new}.xml".encode()

    rels = parts[f"xl/worksheets/_rels/{part.rpartition('/')[2]}.rels"]
    parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = re.sub(rb"tables/table\d+\.xml", copied, rels)
    tab = f'<sheet name="{name}" sheetId="{number}" r:id="rIdCopy{number}"/></sheets>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</sheets>", tab.encode())
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    link = f'<Relationship Id="rIdCopy{number}" Type="{kind}" Target="worksheets/sheet{number}.xml"/></Relationships>'
    names = "xl/_rels/workbook.xml.rels"
    parts[names] = parts[names].replace(b"</Relationships>", link.encode())


def _cell_xml(value: str | float) -> tuple[str, str]:
    if not isinstance(value, str):
        return "", f"<v>{value}</v>"
    if value.startswith("#"):
        return ' t="e"', f"<v>{escape(value)}</v>"
    return (' t="inlineStr"', f"<is><t>{escape(value)}</t></is>") if value else ("", "")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the generated submissions came to (tests/generated), also where several processes made them."""
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, [])]
    tallies = [value for one in reports for name, value in one.user_properties if name == "generated"]
    if tallies:
        terminalreporter.section("generated submissions")
        for line in statistics(tallies):
            terminalreporter.write_line(line)


def statistics(tallies: list[dict[str, Any]]) -> list[str]:
    """The numbers of every rule, and all together."""
    by_code: dict[str, Counter[str]] = {}
    for tally in tallies:
        numbers = by_code.setdefault(tally["code"], Counter())
        numbers.update({name: value for name, value in tally.items() if name != "code"})
    rules = [f"{code} {numbers['found']}/{numbers['submissions']}" for code, numbers in sorted(by_code.items())]
    lines = ["found/seeded: " + ", ".join(rules[i : i + 8]) for i in range(0, len(rules), 8)]
    whole = sum(by_code.values(), Counter())
    share = 100 * whole["found"] / max(whole["submissions"], 1)
    return [
        *lines,
        f"{whole['submissions']} submissions, {whole['submissions']} faults of {len(by_code)} rules, "
        f"{whole['found']} found ({share:.1f} %), {whole['false alarms']} false alarms",
    ]


def pytest_report_header() -> str:
    return f"CI={os.environ.get('CI', '')}"
