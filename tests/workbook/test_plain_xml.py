"""XML written anew says the same, in one way."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from behov_xl.workbook.directory import DamagedPackage
from behov_xl.workbook.plain_xml import rewritten
from conftest import EXAMPLES, parts_of

PARTS = parts_of((EXAMPLES / "komplett_2026.xlsx").read_bytes())
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize("name", [name for name in PARTS if name.endswith((".xml", ".rels"))])
def test_a_part_keeps_its_elements_and_texts(name: str) -> None:
    before = [(one.tag.rpartition("}")[2], one.text or "") for one in ElementTree.fromstring(PARTS[name]).iter()]
    after = rewritten(PARTS[name])
    assert [(one.tag.rpartition("}")[2], one.text or "") for one in ElementTree.fromstring(after).iter()] == before
    assert rewritten(after) == after


def written(text: str) -> str:
    return rewritten(text.encode()).decode().partition(">")[2].rpartition("</")[0]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<a><!-- b --><b/></a>", "<b></b>"),
        ("<a><?b c?><b\n\tc = '1'/></a>", '<b c="1"></b>'),
        ("<a><b c='&#65;&gt;\"&#10;'/></a>", '<b c="A&gt;&quot;&#10;"></b>'),
        ("<a><b><![CDATA[<c>]]>&amp;</b></a>", "<b>&lt;c&gt;&amp;</b>"),
        ("<z:a xmlns:z='urn:z'><z:b z:c='1' d='2'/></z:a>", '<b d="2"></b>'),
        ("<a xmlns='urn:a'><b xmlns='urn:b'/></a>", "<x:b></x:b>"),
        (f"<a xmlns:q='{OFFICE}'><b q:id='1' id='2'/></a>", '<b r:id="1" id="2"></b>'),
        ("<a><b xml:space='preserve'> c </b></a>", '<b xml:space="preserve"> c </b>'),
    ],
)
def test_what_may_be_written_in_several_ways_is_written_in_one(text: str, plain: str) -> None:
    assert written(text) == plain


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<a><b></a>", b"<a b='1'c='2'/>", b"<!DOCTYPE a><a/>", b"<a>&b;</a>", b"\xff"])  # fmt: skip
def test_what_is_no_xml_is_said_to_be_none(xml: bytes) -> None:
    with pytest.raises(DamagedPackage):
        rewritten(xml)
