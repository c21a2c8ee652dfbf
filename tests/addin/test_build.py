"""The add-in as a file: an Open Packaging Conventions package that others can read, the same each time it is built."""

from __future__ import annotations

import importlib.util
import io
import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from addin_file import addin, modules, parts

from behov_xl.addin import build
from behov_xl.addin.build import CannotBuild, addin_bytes
from behov_xl.addin.ribbon import NAMESPACE
from behov_xl.addin.settings import Settings, read_settings
from behov_xl.messages import LANGUAGES, catalogue
from conftest import TEMPLATES, Office, parts_of, repack

TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
COMMITTED = TEMPLATES / "behov_xl.xlam"
ADDIN_TYPE = "application/vnd.ms-excel.addin.macroEnabled.main+xml"


def relationships() -> list[tuple[str, str, str]]:
    """Type and target of every relationship, with the part it is in."""
    found = []
    for name, data in parts().items():
        if name.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(name))
            for one in ET.fromstring(data):
                assert one.attrib.get("TargetMode", "Internal") == "Internal"
                found.append(
                    (name, one.attrib["Type"], posixpath.normpath(posixpath.join(folder, one.attrib["Target"])))
                )
    return found


def test_what_is_committed_is_what_the_command_builds() -> None:
    spec = importlib.util.spec_from_file_location("build", TEMPLATES / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    built = {path.name: data for path, data in module.built()}
    assert COMMITTED.read_bytes() == built["behov_xl.xlam"], "run: python workbook_templates/build.py"


def test_the_same_sources_give_the_same_bytes() -> None:
    assert addin_bytes(catalogue("nb")) == addin()
    with zipfile.ZipFile(io.BytesIO(addin())) as archive:
        entries = archive.infolist()
    assert {(one.date_time, one.compress_type, one.create_system) for one in entries} == {((1980, 1, 1, 0, 0, 0), 0, 0)}
    names = [one.filename for one in entries]
    assert names[:2] == ["[Content_Types].xml", "_rels/.rels"]
    assert names[2:] == sorted(names[2:])


def test_the_file_is_under_100_kb() -> None:
    assert len(addin()) < 100_000


def test_every_part_has_a_content_type_and_every_override_a_part() -> None:
    types = ET.fromstring(parts()["[Content_Types].xml"])
    defaults = {one.attrib["Extension"].lower() for one in types.iter(f"{TYPES}Default")}
    overrides = {one.attrib["PartName"]: one.attrib["ContentType"] for one in types.iter(f"{TYPES}Override")}
    for name in set(parts()) - {"[Content_Types].xml"}:
        assert f"/{name}" in overrides or name.rpartition(".")[2].lower() in defaults
    assert {name[1:] for name in overrides} <= set(parts())
    assert overrides["/xl/workbook.xml"] == ADDIN_TYPE
    assert overrides["/xl/vbaProject.bin"] == "application/vnd.ms-office.vbaProject"


def test_relationships_lead_to_parts_and_every_part_is_led_to() -> None:
    targets = {target for _, _, target in relationships()}
    assert targets <= set(parts())
    assert {name for name in parts() if not name.endswith(".rels")} - targets == {"[Content_Types].xml"}
    ids = re.findall(rb'<Relationship Id="([^"]+)"', parts()["xl/_rels/workbook.xml.rels"])
    assert len(ids) == len(set(ids))


def test_names_of_parts_are_those_that_the_conventions_allow() -> None:
    assert len({name.lower() for name in parts()}) == len(parts())
    assert all(re.fullmatch(r"[\w\[\]./]+", name) and "\\" not in name and "//" not in name for name in parts())


def test_every_xml_part_can_be_read() -> None:
    for name, data in parts().items():
        if not name.endswith(".bin"):
            ET.fromstring(data)
            assert b"<!DOCTYPE" not in data


def test_the_ribbon_has_the_relationship_of_its_namespace() -> None:
    """[MS-CUSTOMUI]: the namespace of 2006 goes with the relationship of 2006."""
    ((_, kind, target),) = [one for one in relationships() if "ui/extensibility" in one[1]]
    assert kind == "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"
    assert NAMESPACE == "http://schemas.microsoft.com/office/2006/01/customui"
    assert target == "customUI/customUI.xml"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_ribbon_speaks_the_language_that_was_asked_for(lang: str) -> None:
    assert f'label="{catalogue(lang).text("ribbon.validate.label")}"'.encode() in parts(lang)["customUI/customUI.xml"]


def test_the_sheet_has_the_name_that_the_vba_looks_for() -> None:
    (name,) = re.findall(rb'<sheet name="([^"]+)"', parts()["xl/workbook.xml"])
    (project,) = re.findall(r'PROJECT_NAME As String = "(\w+)"', modules()["xlwings"])
    assert name.decode() == f"{project}.conf"
    (code_name,) = re.findall(rb'codeName="(\w+)"', parts()["xl/worksheets/sheet1.xml"])
    assert code_name.decode() in modules()


def as_workbook(data: bytes) -> bytes:
    """The add-in as the workbook that it also is: neither openpyxl nor LibreOffice opens add-ins."""
    made = parts_of(data)
    made["[Content_Types].xml"] = made["[Content_Types].xml"].replace(b"excel.addin.", b"excel.sheet.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in made.items():
            archive.writestr(name, content)
    return out.getvalue()


def settings_of(data: bytes) -> dict[str, object]:
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(data))).worksheets[0]
    return dict(sheet.iter_rows(min_col=1, max_col=2, values_only=True))


def test_the_sheet_holds_the_settings_without_a_gap() -> None:
    """The VBA reads down to the first empty cell of the first column."""
    rows = settings_of(addin())
    assert {key: value or "" for key, value in rows.items()} == Settings().rows() | {
        key: "" for key, value in Settings().rows().items() if value is False
    }
    assert None not in rows


def test_switches_are_truth_values_and_not_texts() -> None:
    for warm in (True, False):
        rows = settings_of(addin_bytes(catalogue("nb"), Settings(warm=warm)))
        assert [rows[key] for key in ("Use UDF Server", "Show Console", "Debug UDFs")] == [warm, False, False]


@pytest.mark.parametrize(
    "interpreter", ["", r"C:\Bjørns & Åses\Python «3»\python.exe", "%LOCALAPPDATA%\\b\\python.exe"]
)
def test_the_settings_are_read_back(interpreter: str) -> None:
    made = addin_bytes(catalogue("nb"), Settings(interpreter, warm=True))
    found = read_settings(made)
    assert found is not None
    assert (found.interpreter, found.warm) == (interpreter, True)
    assert [found.version, found.xlwings] == [Settings().rows()[key] for key in ("behov-xl", "xlwings")]
    assert settings_of(made)["Interpreter_Win"] == (interpreter or None)


def test_what_others_made_has_no_settings_of_ours(tmp_path: Path) -> None:
    assert read_settings(build.xlwings_file("quickstart_addin_ribbon.xlam").read_bytes()) is None
    assert read_settings(b"ikke en arbeidsbok") is None
    assert read_settings((TEMPLATES / "behovsmelding_2026.xlsx").read_bytes()) is None


def test_the_owners_of_what_it_is_built_on_are_named() -> None:
    core = parts()["docProps/core.xml"].decode()
    assert "Zoomer Analytics" in core
    assert "Tim Hall" in core
    assert b"felix" not in b"".join(parts()[name].lower() for name in parts() if name.endswith(".xml"))


def test_without_the_white_label_addin_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(CannotBuild, match="quickstart_addin_ribbon"):
        addin_bytes(catalogue("nb"))


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.pop("xl/vbaProject.bin"),
        lambda made: made.update({"xl/vbaProject.bin": b"annet"}),
        lambda made: made.update({"xl/workbook.xml": b"<workbook/>"}),
        lambda made: made.update({"_rels/.rels": b"<Relationships/>"}),
    ],
)
def test_a_white_label_addin_of_another_make_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change
) -> None:
    other = tmp_path / "quickstart_addin_ribbon.xlam"
    other.write_bytes(build.xlwings_file(other.name).read_bytes())
    repack(other, lambda made: change(made) and None)
    monkeypatch.setattr(build, "xlwings_file", lambda name: tmp_path / name)
    with pytest.raises(CannotBuild):
        addin_bytes(catalogue("nb"))


def test_libreoffice_reads_the_vba(office: Office, tmp_path: Path) -> None:
    """A reader of compound files and VBA that is neither ours nor olefile's."""
    book = tmp_path / "tillegg.xlsm"
    book.write_bytes(as_workbook(addin()))
    saved = parts_of(office.convert(book, "ods", tmp_path / "ut").read_bytes())
    source = ET.fromstring(re.sub(rb"<!DOCTYPE[^>]*>", b"", saved["Basic/MyAddin/RibbonMyAddin.xml"])).text
    assert "import behov_xl.addin as a;a." in source
    assert "PROJECT_NAME" in saved["Basic/MyAddin/xlwings.xml"].decode()
    assert b"behov_xl.addin.functions" in saved["content.xml"]
