"""Whether the relationships of a package fetch or start something, and lead every program to the parts read here."""

from __future__ import annotations

import re
from collections.abc import Mapping

from behov_xl.findings import Rule
from behov_xl.workbook.package import DamagedPackage, Package, attributes, plainly, remembered
from behov_xl.workbook.part_checks import Searched, broken
from behov_xl.workbook.refusals import CONTRADICTION, DDE, EMBEDDED, EXTERNAL, MACROS, Refused

_DDE_PARTS = re.compile(rb"<(?:x:)?(?:ddeLink|oleLink)\b")
_LINKS = re.compile(r"(?:^|/)(?:externallinks/|querytables/|connections\.xml$)")
RELATIONS: Searched = (
    (
        MACROS,
        ("vba", "macro", "dialogsheet", "toolbars", "/ui/"),
        re.compile(
            r"/(?:vbaProject\w*|wordVbaData|xl\w*Macrosheet|dialogsheet|attachedToolbars|ui/\w+)\s*+[\"']",
            re.I,
        ),
    ),
    (
        EMBEDDED,
        ("oleobject", "control", "/package"),
        re.compile(r"/(?:oleObject|control|activeXControl\w*|package)\s*+[\"']", re.I),
    ),
    (
        EXTERNAL,
        ("connections", "querytable", "externallink"),
        re.compile(r"/(?:connections|queryTable|externalLink\w*|xlExternalLinkPath[\w/]*)\s*+[\"']", re.I),
    ),
)
_RELATIONSHIP = re.compile(rb"<(?:x:)?Relationship ([^<>]*+)>")
_CLICKED = re.compile(r"xl/(?:worksheets|drawings)/_rels/[^/]+\.xml\.rels")
"""Where relationships stand that lead elsewhere only when somebody clicks."""
_SHOWN = re.compile(rb' r:(?:link|embed|pict|href)="([^"]*+)"')
"""The attributes by which a picture is shown, in XML that has been written anew."""
_MAIN = {"sharedStrings": "xl/sharedstrings.xml", "styles": "xl/styles.xml"}
"""Parts that are read by their name, as every program writes them; by the kind of relationship that leads to each."""


def check_relations(package: Package, name: str) -> None:
    """Raises :class:`Refused` for relationships (a part whose name ends in .rels) that fetch, start or mislead."""
    xml = package.read(name)
    rule = _fault(xml)
    if rule is not None:
        raise Refused(rule, part=name)
    outside = _outside(xml)
    if not outside:
        return
    if any(kind != "hyperlink" for kind in outside.values()) or not _CLICKED.match(name):
        raise Refused(EXTERNAL, part=name)
    shown = _SHOWN.findall(plainly(package.read(name.replace("_rels/", "").removesuffix(".rels"))))
    if any(id_.decode("utf-8", "replace") in outside for id_ in shown):
        raise Refused(EXTERNAL, part=name)


@remembered
def _fault(xml: bytes) -> Rule | None:
    plain = plainly(xml)
    for rule, _ in broken(plain, RELATIONS):
        return rule
    ids = [one.get("Id", "") for one in map(attributes, _RELATIONSHIP.findall(plain))]
    return CONTRADICTION if len(set(ids)) < len(ids) else None


@remembered
def _outside(xml: bytes) -> Mapping[str, str]:
    """Of the relationships that lead out of the package the ids, and the last word of each one's type."""
    told = [attributes(one) for one in _RELATIONSHIP.findall(plainly(xml))]
    return {
        one.get("Id", ""): one.get("Type", "").rpartition("/")[2]
        for one in told
        if one.get("TargetMode", "").strip().lower() == "external"
    }


def check_links(package: Package) -> None:
    """Raises :class:`Refused` for links to other workbooks, and to programs: the part says which."""
    for name in package.entries:
        linked = name.startswith("xl/externallinks/") and "/_rels/" not in name
        if linked and _DDE_PARTS.search(plainly(package.read(name))):
            raise Refused(DDE, part=name)
    for name in package.entries:
        if _LINKS.search(name):
            raise Refused(EXTERNAL, part=name)


def check_main_parts(package: Package) -> None:
    """Raises :class:`Refused` where relationships lead others to another workbook, other texts or other formats.

    Raises ``DamagedPackage`` for a sheet without a part.
    """
    books = [part for _, kind, part in package.relationships("") if kind == "officeDocument"]
    if [part.lower() for part in books] != ["xl/workbook.xml"]:
        raise Refused(CONTRADICTION, part="_rels/.rels")
    related = package.relationships("xl/workbook.xml")
    for wanted, part in _MAIN.items():
        found = [target.lower() for _, kind, target in related if kind == wanted]
        if found != ([part] if part in package.entries else []):
            raise Refused(CONTRADICTION, part=part)
    for sheet, part in package.sheets.items():
        if part.lower() not in package.entries:
            raise DamagedPackage(f"xl/workbook.xml: sheet {sheet[:40]!r} has no part")
