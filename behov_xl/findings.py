"""What a validation says: rules that are declared once, findings that point at a cell, a report that holds them."""

from __future__ import annotations

import copyreg
import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, TypeVar, dataclass_transform

_Record = TypeVar("_Record")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[_Record]) -> type[_Record]:
    """A dataclass that nobody may change, which mypy sees to: there are hundreds of thousands of them in a run.

    To have it seen to while the run goes on would make each of them cost four times as much. They go to other processes
    as their fields, in a fifth of the time that a dataclass takes by itself.
    """
    made = dataclass(slots=True, unsafe_hash=True)(cls)
    fields = attrgetter(*made.__slots__)  # type: ignore[attr-defined]
    copyreg.pickle(made, lambda one: (made, fields(one)))
    return made


Fix = Literal["safe", "unsafe", "none"]


class Severity(StrEnum):
    """error: cannot be right. warning: looks wrong. info: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @cached_property
    def rank(self) -> int:
        """0 for the most severe."""
        return list(Severity).index(self)

    __hash__ = str.__hash__  # as the text that it is, in a fifth of the time that an Enum takes


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What is known of a rule without running it. Its words are in ``messages/``; ``doc`` explains it in English.

    There is one object of each rule in a process: rules are compared as objects.
    """

    code: str
    name: str
    severity: Severity
    section: str
    fix: Fix
    doc: str
    check: Callable[..., Any] | None = None
    essential: bool = False
    """Cannot be left out of a selection: where it hits, other rules could not look."""

    def __reduce__(self) -> tuple[Any, ...]:
        """A rule goes to another process by its code, and is the very same rule there."""
        return _declared, (self.code,)


def _declared(code: str) -> Rule:
    if code not in RULES:  # rules are declared when their modules are imported
        from behov_xl.rules import catalogue

        catalogue()
    return RULES[code]


RULES: dict[str, Rule] = {}
"""Every rule declared so far, by code. :func:`behov_xl.rules.catalogue` sees to it that all are."""

_Check = TypeVar("_Check", bound=Callable[..., Any])


def declare(
    code: str,
    name: str,
    severity: Severity,
    doc: str,
    *,
    section: str = "",
    fix: Fix = "none",
    check: Callable[..., Any] | None = None,
    essential: bool = False,
) -> Rule:
    """Declares a rule and returns it. A code or name that is taken raises ``ValueError``: codes are never reused."""
    if code in RULES or name in {rule.name for rule in RULES.values()}:
        raise ValueError(f"rule {code} {name} is declared twice")
    RULES[code] = Rule(code, name, severity, section, fix, inspect.cleandoc(doc), check, essential)
    return RULES[code]


def rule(code: str, name: str, severity: Severity, *, section: str, fix: Fix = "none") -> Callable[[_Check], _Check]:
    """Declares the decorated function as the check of a rule; its docstring is the rule's explanation."""

    def decorate(check: _Check) -> _Check:
        declare(code, name, severity, check.__doc__ or "", section=section, fix=fix, check=check)
        return check

    return decorate


@dataclass(frozen=True, slots=True)
class Phrase:
    """A parameter that is itself a text of the catalogue: its key, and what fills it."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


@record
class Finding:
    """One thing that does not agree, and where.

    ``sheet`` and ``cell`` are ``None`` for findings about the file as a whole. ``params`` fill the rule's message;
    ``expected`` and ``actual`` are among them. ``anchor`` names the form's sheet, which stays when the adviser gives
    the tab another name; ``table`` and ``column_id`` are the form's ids of the cell's table (``measures.total`` for its
    total row) and column, ``None`` where the finding is not about a cell of a table.
    """

    rule: Rule
    sheet: str | None = None
    cell: str | None = None
    measure: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    anchor: str | None = None
    row: int = 0
    column: int = 0
    acknowledged: str | None = None
    table: str | None = None
    column_id: str | None = None
    key: str = ""
    """What the finding is about, apart from where it stands; an acknowledgement holds as long as it stays the same."""

    @property
    def severity(self) -> Severity:
        return self.rule.severity


Status = Literal["ok", "findings", "unreadable"]


@record
class Place:
    """A cell: what a finding about it needs to know. ``row`` and ``column`` count from 0."""

    sheet: str
    cell: str
    anchor: str
    row: int
    column: int


@record
class Ask:
    """What one measure asks for, in kroner. ``uh`` is the partner's full name where the list of partners has it."""

    measure: str
    name: str
    uh: str
    owner_sum: float
    uh_sum: float
    place: Place = field(compare=False)
    """Of the UH's sum."""


@record
class Submission:
    """What a workbook says it is, with recomputed totals: kroner per party, hours per school year."""

    owner: str
    network: str
    year: int | None
    measures: int
    owner_total: float
    uh_total: float
    hours: Mapping[str, float]
    asks: tuple[Ask, ...] = ()
    organisation_number: str = ""
    other_owners: tuple[str, ...] = ()
    """The owners on the list of partners, the sender not among them."""
    place: Place | None = field(default=None, compare=False)
    """Of the owner's name."""


@record
class WorkbookReport:
    """The findings of one workbook. ``submission`` is ``None`` when the file could not be read as a behovsmelding."""

    path: str
    findings: tuple[Finding, ...]
    submission: Submission | None = None

    @property
    def status(self) -> Status:
        if self.submission is None:
            return "unreadable"
        return "findings" if self.findings else "ok"


@dataclass(frozen=True, slots=True)
class Tally:
    """How a run came out, in numbers. ``counts`` are of findings that are not acknowledged."""

    workbooks: int
    counts: Mapping[Severity, int]
    unreadable: int

    def exit_code(self, fail_on: Severity | None) -> int:
        """0: nothing at or above ``fail_on`` (``None``: findings never fail). 1: there is. 2: a file was unreadable."""
        if self.unreadable:
            return 2
        if fail_on is None:
            return 0
        return int(any(count and severity.rank <= fail_on.rank for severity, count in self.counts.items()))


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one run over any number of workbooks."""

    form: str
    workbooks: tuple[WorkbookReport, ...]

    def count(self) -> Counter[Severity]:
        """How many findings of each severity are not acknowledged."""
        return Counter(f.severity for w in self.workbooks for f in w.findings if f.acknowledged is None)

    def tally(self) -> Tally:
        """The numbers alone."""
        unreadable = sum(workbook.status == "unreadable" for workbook in self.workbooks)
        return Tally(len(self.workbooks), self.count(), unreadable)

    def exit_code(self, fail_on: Severity | None) -> int:
        """As :meth:`Tally.exit_code`."""
        return self.tally().exit_code(fail_on)
