"""The rule reference: what ``behov-xl explain`` says of one rule, and all of them as a page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby

from behov_xl.findings import Rule
from behov_xl.messages import Catalogue
from behov_xl.messages.render import title, why

_NOT_THE_FORMS = frozenset({"file", "workbook", "cell", "across"})
"""Sections that the form does not have; all others are headings of the form, as they stand on it."""


def facts(rule: Rule, words: Catalogue) -> Iterator[tuple[str, str]]:
    """Severity, fix and section of the form: label and text."""
    yield words.text("cli.severity"), words.text(f"severity.{rule.severity}").lower()
    yield words.text("cli.fix"), words.text(f"fix.{rule.fix}")
    yield words.text("cli.section"), section_name(rule, words)


def section_name(rule: Rule, words: Catalogue) -> str:
    """The section of the form that a rule looks at, or what else it looks at."""
    return words.text(f"section.{rule.section}") if rule.section in _NOT_THE_FORMS else rule.section


def markdown(rules: list[Rule], words: Catalogue) -> str:
    """All rules as one Markdown page: a table per family, then every rule with its explanation."""
    families = [(code, list(found)) for code, found in groupby(rules, key=lambda rule: rule.code[:3])]
    lines = [f"# {words.text('reference.title')}", "", words.text("reference.intro", count=len(rules)), ""]
    for code, found in families:
        head = [words.text(f"reference.{one}") for one in ("code", "name", "about")]
        lines += [f"## {words.text(f'family.{code}')}", "", _row([head[0], words.text("cli.severity"), *head[1:]])]
        lines += [_row(["---"] * 4)]
        for rule in found:
            severity = words.text(f"severity.{rule.severity}").lower()
            lines.append(_row([f"[{rule.code}](#{rule.code.lower()})", severity, rule.name, title(rule.code, words)]))
        lines.append("")
    for rule in rules:
        lines += _entry(rule, words)
    return "\n".join(lines).rstrip() + "\n"


def _entry(rule: Rule, words: Catalogue) -> list[str]:
    """One rule. The anchor is the code alone: GitHub makes one of the whole heading, which changes with the words."""
    told = " · ".join(f"{label}: {text}" for label, text in facts(rule, words))
    heading = f'### <a id="{rule.code.lower()}"></a>{rule.code} {_plain(title(rule.code, words))}'
    examples = words.text("reference.wrong"), words.text("reference.right")
    texts = [" ".join(one.splitlines()) for one in paragraphs(why(rule, words), examples)]
    return [heading, "", f"`{rule.name}` · {told}", "", *(line for one in texts for line in (_plain(one), ""))]


def paragraphs(text: str, examples: Collection[str]) -> Iterator[str]:
    """Paragraphs of an explanation; its examples are one each, though no empty line parts them."""
    block: list[str] = []
    for line in text.splitlines():
        starts = line.partition(":")[0] in examples
        if block and (not line.strip() or starts):
            yield "\n".join(block)
            block = []
        if line.strip():
            block.append(line)
    if block:
        yield "\n".join(block)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing to do outside of code: no emphasis, no tags."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):
        parts[index] = parts[index].replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
    return "`".join(parts)
