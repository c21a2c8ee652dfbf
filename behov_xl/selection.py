"""Which rules count, and in which order findings stand. Imports nothing heavy: whoever only starts a run needs it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from behov_xl.findings import Finding, Rule

if TYPE_CHECKING:
    from behov_xl.form import Form


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules count: codes or prefixes (``BX3``) or names. Nothing selected means all."""

    select: Collection[str] = ()
    ignore: Collection[str] = ()

    def allows(self, rule: Rule) -> bool:
        wanted = not self.select or named(rule, self.select)
        return rule.essential or (wanted and not named(rule, self.ignore))


def named(rule: Rule, names: Collection[str]) -> bool:
    """Whether one of ``names`` is the rule's name, its code, or the beginning of its code."""
    return any(rule.name == name or (len(name) > 2 and rule.code.startswith(name.upper())) for name in names)


def arranged(findings: Iterable[Finding], form: Form, selection: Selection) -> tuple[Finding, ...]:
    """The findings that count, in the order of sheets and rows; within a row the most severe first.

    (The row's note shows the first.)
    """
    order = form.sheet_places
    if selection.select or selection.ignore:
        findings = [finding for finding in findings if selection.allows(finding.rule)]

    last = len(order)

    def place(one: Finding) -> tuple[int, int, int, int, str]:
        sheet, rule = -1 if one.sheet is None else order.get(one.anchor or "", last), one.rule
        return sheet, one.row, rule.severity.rank, one.column, rule.code

    return tuple(sorted(findings, key=place))
