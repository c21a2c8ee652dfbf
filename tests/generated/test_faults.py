"""A valid submission has no finding; a fault put into it is found, with the right code at the right cell.

Every fault is tried on several submissions: the plainest one and random ones. ``BEHOV_XL_NIGHTLY=1`` makes it at least
2 000 submissions, ``BEHOV_XL_SEED`` other ones. The numbers are shown at the end of the run.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from behov_xl.findings import WorkbookReport
from behov_xl.form import Form
from behov_xl.rules import catalogue
from behov_xl.validate import validate_grids
from behov_xl.workbook.grid import Grid
from conftest import short
from generated.drafts import Draft, grid_of
from generated.faults import FAULTS, Fault
from generated.submissions import Draw, Sample, submissions

NIGHTLY = os.environ.get("BEHOV_XL_NIGHTLY") == "1"
SEED = int(os.environ.get("BEHOV_XL_SEED", "0"))
SUBMISSIONS = 2_000
EXAMPLES = -(-SUBMISSIONS // len(FAULTS)) + 1 if NIGHTLY else 2

WITHOUT_FAULT: dict[str, str] = {
    # code: why no fault is seeded for it
}


@st.composite
def faulted(draw: Draw, form: Form, fault: Fault) -> tuple[Sample, Draft, list[str]]:
    """A valid submission, the same with the fault, and what must be found there."""
    sample = draw(submissions(fault.measures, fault.uh))
    draft = Draft.of(form, sample, draw)
    places = fault.inject(draft)
    listed = places if isinstance(places, list) else [places or ""]
    return sample, draft, [f"{fault.code} {place}".strip() for place in listed]


class Tally:
    """What was tried and found, for the statistics."""

    def __init__(self) -> None:
        self.submissions = self.found = self.false_alarms = 0
        self.grids: list[tuple[Grid, list[str]]] = []

    def keep(self, grid: Grid, findings: list[str]) -> None:
        self.grids.append((grid, findings))


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_where_it_is_and_nothing_without_it(fault: Fault, form: Form, record_property: Any) -> None:
    tally = Tally()

    @seed(zlib.crc32(f"{SEED} {fault}".encode()))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(faulted(form, fault))
    def check(made: tuple[Sample, Draft, list[str]]) -> None:
        sample, draft, expected = made
        judged_by = form.model_copy(update={"settings": form.settings.model_copy(update=draft.settings)})
        untouched = grid_of(form, Draft.of(form, sample, draft.draw).bytes(), "untouched.xlsx")
        broken = grid_of(form, draft.bytes(), "broken.xlsx")
        before, after = map(_shorts, validate_grids([untouched, broken], judged_by if draft.settings else form))
        tally.submissions += 1
        tally.false_alarms += bool(before)
        if not draft.settings:
            tally.grids += [(untouched, before), (broken, after)]
        assert before == []
        others = Counter(after) - Counter(expected)
        assert Counter(expected) - Counter(after) == Counter(), f"not found, but {after}"
        tally.found += 1
        assert [one for one in others if one.split()[0] not in fault.also] == [], "what does not follow from the fault"

    try:
        check()
    finally:
        numbers = {"submissions": tally.submissions, "found": tally.found, "false alarms": tally.false_alarms}
        record_property("generated", {"code": fault.code, **numbers})
    _judged_together(form, tally.grids)


def _judged_together(form: Form, grids: list[tuple[Grid, list[str]]]) -> None:
    """Workbooks of one run do not change each other's findings."""
    reports = validate_grids([grid for grid, _ in grids], form)
    assert list(map(_shorts, reports)) == [findings for _, findings in grids]


def _shorts(report: WorkbookReport) -> list[str]:
    return sorted(short(finding) for finding in report.findings)


def test_every_rule_of_the_form_has_a_seeded_fault() -> None:
    rules = {code for code in catalogue() if not code.startswith(("BX0", "BX8"))}  # files, and several submissions
    assert rules - {fault.code for fault in FAULTS} == set(WITHOUT_FAULT)
    assert {fault.code for fault in FAULTS} <= rules
    assert len({str(fault) for fault in FAULTS}) == len(FAULTS)
