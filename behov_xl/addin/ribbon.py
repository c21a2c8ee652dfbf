"""The ribbon: the customUI part of the add-in, made from the buttons and the catalogues."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from behov_xl.addin.buttons import BUTTONS, Button
from behov_xl.messages import Catalogue

NAMESPACE = "http://schemas.microsoft.com/office/2006/01/customui"
RELATIONSHIP = "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"
"""The type that [MS-CUSTOMUI] pairs with the namespace, and that xlwings' own add-in has. (Its white-label add-in has
the type of 2007, which belongs to the namespace of 2009.)"""
ALONE = "alone"
"""The tag of a button that needs no workbook; the callback reads it (see vba.py)."""
TAB = "behovsmeldingTab"


def ribbon_xml(words: Catalogue, callback: str) -> str:
    """The customUI part: one tab, its groups and buttons, which all call the VBA procedure ``callback``."""
    groups = "".join(
        _element(
            "group",
            {"id": f"{group}Group", "label": words.text(f"ribbon.group_{group}")},
            _buttons(group, words, callback),
        )
        for group in dict.fromkeys(button.group for button in BUTTONS)
    )
    tab = _element("tab", {"id": TAB, "label": words.text("ribbon.tab")}, groups)
    ribbon = _element("ribbon", {}, _element("tabs", {}, tab))
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}\n{_element('customUI', {'xmlns': NAMESPACE}, ribbon)}\n"


def _buttons(group: str, words: Catalogue, callback: str) -> str:
    return "".join(_element("button", _attributes(one, words, callback)) for one in BUTTONS if one.group == group)


def _attributes(button: Button, words: Catalogue, callback: str) -> dict[str, str]:
    said = {name: words.text(f"ribbon.{button.id}.{name}") for name in ("label", "screentip", "supertip")}
    tag = {"tag": ALONE} if button.alone else {}
    return {"id": button.id, "size": button.size, "imageMso": button.image, "onAction": callback, **tag, **said}


def _element(name: str, attributes: dict[str, str], content: str = "") -> str:
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"
