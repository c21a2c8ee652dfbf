"""What must agree between the submissions of one run: each owner once a year, a shared measure with one sum.

These rules look at what the submissions say of themselves, not at tables: the workbooks of a run may be of many chunks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from behov_xl.findings import Ask, Finding, Place, Report, Rule, Severity, Submission, WorkbookReport, declare
from behov_xl.headings import normal
from behov_xl.profiling import stage
from behov_xl.remembering import remembered
from behov_xl.rules.partnerships import Partnerships
from behov_xl.rules.slips import TOLERANCE
from behov_xl.selection import Selection, arranged

if TYPE_CHECKING:
    from behov_xl.form import Form

NAMED = 3
"""Other files that a message names; the rest are counted."""

SUBMISSION_TWICE = declare(
    "BX801",
    "submission-twice",
    Severity.WARNING,
    """
    Several workbooks of this run are the statement of the same owner for the same year, so that its needs count twice.
    The owner is known by its organisation number or, without one, by its name.

    Wrong: `bodo.xlsx` and `bodo_ny.xlsx`, both of Bodø kommune for 2026.
    Right: the one that counts.
    """,
    section="across",
)
PARTNERSHIP_DIFFERS = declare(
    "BX802",
    "partnership-differs",
    Severity.WARNING,
    """
    Owners in one partnership report the same measure with the same UH, and the UH's sum is not the same in all their
    statements. It is right where each reports its own part. Said only where one of them has the other on its list.

    Wrong: Bodø reports 284 000 for Nord in "Fådeltskoledidaktikk", and its partner Saltdal 248 000.
    Right: 284 000 in both.
    """,
    section="across",
)

COUNTED_TWICE = declare(
    "BX803",
    "partnership-counted-twice",
    Severity.INFO,
    """
    Owners in one partnership report the same measure with the same UH and the same sum. If it is the same money, totals
    over their statements count it once for each of them.

    Wrong: 284 000 for Nord in "Fådeltskoledidaktikk", in full in the statements of both Bodø and Saltdal.
    Right: each owner's part in its own statement.
    """,
    section="across",
)

_SEPARATORS = re.compile(r"[\W_]+")
_Numbered = tuple[int, WorkbookReport, Submission]


def whole(reports: Iterable[WorkbookReport], form: Form, selection: Selection) -> Report:
    """The report of a run of which all is held, with what shows only when all workbooks are seen together."""
    with stage("findings"):
        done = list(reports)
        for index, found in check_across(done, selection.allows).items():
            done[index] = replace(done[index], findings=arranged([*done[index].findings, *found], form, selection))
        return Report(form.id, tuple(done))


def check_across(reports: Sequence[WorkbookReport], allows: Callable[[Rule], bool]) -> dict[int, list[Finding]]:
    """Index of a report → the findings that only show when all of them are seen together."""
    said = [(i, one, one.submission) for i, one in enumerate(reports) if one.submission is not None]
    found: dict[int, list[Finding]] = {}
    for check in (_twice, _shared) if len(said) > 1 else ():
        for index, finding in check(said):
            if allows(finding.rule):
                found.setdefault(index, []).append(finding)
    return found


def _twice(said: Sequence[_Numbered]) -> Iterator[tuple[int, Finding]]:
    owners: dict[tuple[str, int], list[_Numbered]] = {}
    for one in said:
        key = one[2].organisation_number or normal(one[2].owner)
        if key and one[2].year is not None:
            owners.setdefault((key, one[2].year), []).append(one)
    for (_, year), same in owners.items():
        for index, report, submission in same if len(same) > 1 else ():
            files = [other.path for _, other, _ in same[: NAMED + 1] if other is not report][:NAMED]
            params = {"owner": submission.owner, "year": str(year), "files": files, "count": len(same) - 1}
            yield index, _finding(SUBMISSION_TWICE, submission.place, "head", "owner", params)


class _Statement(NamedTuple):
    """An owner's: ``owner`` as owners are compared, and ``listed`` the owners on its list."""

    number: int
    owner: str
    named: str
    listed: frozenset[str]


_Reported = tuple[_Statement, Ask]
"""A measure that a statement reports with a UH."""


def _shared(said: Sequence[_Numbered]) -> Iterator[tuple[int, Finding]]:
    """Measures that partners both report, with one sum or with different ones."""
    for reported in _reported(said):
        owners = {one[0].owner: one for one in reversed(reported)}
        places = {owner: place for place, owner in enumerate(owners)}
        listing = _listing(owners)
        for statement, ask in reported:
            partners = (statement.listed | listing.get(statement.owner, set())) & owners.keys()
            others = [owners[name] for name in sorted(partners, key=places.__getitem__)] if partners else []
            # Different sums first: they say more than equal ones.
            others.sort(key=lambda one: abs(one[1].uh_sum - ask.uh_sum) < TOLERANCE)
            for other, others_ask in others[:1]:
                same = abs(ask.uh_sum - others_ask.uh_sum) < TOLERANCE
                params = {"uh": ask.uh, "actual": ask.uh_sum, "expected": others_ask.uh_sum, "other": other.named}
                rule = COUNTED_TWICE if same else PARTNERSHIP_DIFFERS
                finding = _finding(rule, ask.place, "measures", "uh_sum", params)
                yield statement.number, replace(finding, measure=ask.measure or None)


def _reported(said: Sequence[_Numbered]) -> Iterator[list[_Reported]]:
    """The same measure with the same UH, in the statements of several owners that list others."""
    partnerships = Partnerships(submission for _, _, submission in said)
    shared: dict[tuple[str, str, int | None], list[_Reported]] = {}
    for number, _, one in said:
        if one.other_owners:
            statement = _Statement(number, normal(one.owner), one.owner, partnerships.listed(one))
            for ask in one.asks:
                if ask.name and ask.uh and ask.uh_sum:
                    key = _run_together(ask.name), normal(ask.uh), one.year
                    shared.setdefault(key, []).append((statement, ask))
    return (same for same in shared.values() if any(one.owner != same[0][0].owner for one, _ in same))


@remembered(1024)
def _run_together(name: str) -> str:
    return _SEPARATORS.sub("", normal(name))


def _listing(owners: dict[str, _Reported]) -> dict[str, set[str]]:
    """Owner → the owners among these that have it on their lists."""
    found: dict[str, set[str]] = {}
    for name, (statement, _) in owners.items():
        for listed in statement.listed:
            found.setdefault(listed, set()).add(name)
    return found


def _finding(rule: Rule, place: Place | None, table: str, column: str, params: dict[str, Any]) -> Finding:
    if place is None or not place.cell:
        return Finding(rule, params=params)
    return Finding(
        rule, place.sheet, place.cell, None, params, place.anchor, place.row, place.column, None, table, column
    )
