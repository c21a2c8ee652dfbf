"""The ribbon against the rules of Microsoft's schema ([MS-CUSTOMUI]), the buttons, and the VBA that it calls."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from addin_file import modules

import behov_xl.addin
from behov_xl.addin.buttons import BUTTONS
from behov_xl.addin.ribbon import ALONE, NAMESPACE, ribbon_xml
from behov_xl.addin.vba import CALLBACK
from behov_xl.messages import LANGUAGES, catalogue

CHILDREN = {"customUI": {"ribbon"}, "ribbon": {"tabs"}, "tabs": {"tab"}, "tab": {"group"}, "group": {"button"}}
"""Of what the schema allows, what is used; a child that it does not allow would not be here."""
ATTRIBUTES = {
    "tab": {"id", "label", "keytip", "visible"},
    "group": {"id", "label", "screentip", "supertip", "imageMso", "visible"},
    "button": {
        "id", "label", "screentip", "supertip", "imageMso", "onAction", "size", "tag", "keytip", "visible", "enabled",
        "showImage", "showLabel", "description",
    },
}  # fmt: skip
LONGEST = 1024
"""ST_String; a longer one, or an empty one, and Excel shows no ribbon at all."""
ICONS = {
    "AutoCorrect", "ClearComments", "DataValidation", "ErrorChecking", "FileNew", "FilePrintPreview", "Help",
    "ReplaceDialog", "ReviewDeleteComment", "Spelling",
}  # fmt: skip
"""Controls of Excel 2013, 2016, 2019 and Microsoft 365 alike, by Microsoft's lists (office-fluent-ui-command-identifiers)."""


def tag(element: ET.Element) -> str:
    namespace, _, name = element.tag[1:].partition("}")
    assert namespace == NAMESPACE
    return name


@pytest.fixture(params=LANGUAGES)
def ribbon(request: pytest.FixtureRequest) -> ET.Element:
    return ET.fromstring(ribbon_xml(catalogue(request.param), CALLBACK).encode())


def test_elements_and_attributes_are_those_of_the_schema(ribbon: ET.Element) -> None:
    assert tag(ribbon) == "customUI"
    for element in ribbon.iter():
        assert {tag(child) for child in element} <= CHILDREN.get(tag(element), set())
        assert set(element.attrib) <= ATTRIBUTES.get(tag(element), set())


def test_ids_are_unique_names(ribbon: ET.Element) -> None:
    ids = [element.attrib["id"] for element in ribbon.iter() if tag(element) in ATTRIBUTES]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_]\w*", one) for one in ids)


def test_texts_are_as_long_as_the_schema_and_the_ribbon_allow(ribbon: ET.Element) -> None:
    for element in ribbon.iter():
        assert all(0 < len(value) <= LONGEST for value in element.attrib.values())
        assert len(element.attrib.get("label", "")) <= 20  # a longer one is cut off, or makes the ribbon wide
        assert len(element.attrib.get("screentip", "")) <= 60
        assert len(element.attrib.get("supertip", "")) <= 250


def test_there_is_one_tab_with_two_or_three_groups(ribbon: ET.Element) -> None:
    (tab,) = (element for element in ribbon.iter() if tag(element) == "tab")
    assert tab.attrib["label"] == "Behovsmelding"
    assert len(tab) in {2, 3}
    assert all(len(group) for group in tab)


def test_every_button_is_there_once_with_the_one_callback(ribbon: ET.Element) -> None:
    buttons = [element.attrib for element in ribbon.iter() if tag(element) == "button"]
    assert [one["id"] for one in buttons] == [one.id for one in BUTTONS]
    assert {one["onAction"] for one in buttons} == {CALLBACK}
    assert [one["id"] for one in buttons if one["size"] == "large"] == ["validate", "show_help"]
    assert {one["size"] for one in buttons} == {"large", "normal"}
    assert [one["id"] for one in buttons if one.get("tag") == ALONE] == ["new_workbook", "show_help"]
    assert len({one["label"] for one in buttons}) == len(buttons)


def test_every_button_runs_a_function_of_its_name() -> None:
    assert [one.id for one in BUTTONS] == ["validate", "fix", "clear", "report", "new_workbook", "show_help"]
    assert all(callable(getattr(behov_xl.addin, one.id)) for one in BUTTONS)


def test_icons_are_names_that_excel_has() -> None:
    assert {one.image for one in BUTTONS} <= ICONS
    assert len({one.image for one in BUTTONS}) == len(BUTTONS)


def test_the_callback_is_a_procedure_of_the_vba() -> None:
    module, _, procedure = CALLBACK.partition(".")
    assert re.findall(rf"^Sub {procedure}\((\w+) As IRibbonControl\)$", modules()[module], re.MULTILINE) == ["control"]


def test_a_text_with_xml_in_it_stays_a_text() -> None:
    class Words(type(catalogue())):  # type: ignore[misc]
        def text(self, key: str, **_: object) -> str:
            return f'<{key}> & "x"'

    made = ET.fromstring(ribbon_xml(Words("nb", {}), CALLBACK).encode())
    assert made.find(f".//{{{NAMESPACE}}}button").attrib["label"] == '<ribbon.validate.label> & "x"'
