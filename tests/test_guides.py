"""The guides: what they link to is there, and the files they name a button or a message by say so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from behov_xl.addin.buttons import BUTTONS
from behov_xl.messages import catalogue
from conftest import TEMPLATES

ROOT = TEMPLATES.parent
ADVISERS = TEMPLATES / "README.md"
GUIDES = [ROOT / "README.md", ADVISERS, TEMPLATES / "INSTALLERING.md"]


def links(guide: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", guide.read_text(encoding="utf-8"))


def anchors(guide: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", guide.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(guide: Path) -> None:
    found = [link for link in links(guide) if not link.startswith("https://")]
    assert found
    for link in found:
        path, _, anchor = link.partition("#")
        target = guide.parent / path if path else guide
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_picture_is_shown() -> None:
    shown = {(guide.parent / link).resolve() for guide in GUIDES for link in links(guide) if link.endswith(".png")}
    assert shown == {path.resolve() for path in (TEMPLATES / "pictures").glob("*.png")}


def test_every_button_is_explained_to_the_adviser() -> None:
    text = ADVISERS.read_text(encoding="utf-8")
    for button in BUTTONS:
        assert f"**{catalogue('nb').text(f'ribbon.{button.id}.label')}**" in text


def test_the_messages_that_are_quoted_are_those_that_are_shown() -> None:
    rows = re.findall(r"^\| ([A-ZÅ][^|]+?) \| [^|]+ \|$", ADVISERS.read_text(encoding="utf-8"), re.M)
    quoted = [re.split(r" … ?", row)[0] for row in rows]
    words = (ROOT / "behov_xl" / "messages" / "nb.toml").read_text(encoding="utf-8")
    assert len(quoted) == 6
    assert [one for one in quoted if f'"{one}' not in words] == []
