"""A valid submission has no finding; a fault put into it is found, with the right code at the right cell.

Every fault is tried on several submissions: the plainest one and random ones. ``BEHOV_XL_NIGHTLY=1`` makes it at least
2 000 submissions, each judged with and without its fault, ``BEHOV_XL_SEED`` other ones. The numbers are shown at the end.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from behov_xl.findings import WorkbookReport
from behov_xl.form import Form, current
from behov_xl.rules import catalogue
from behov_xl.validate import validate_grids
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.template import template_bytes
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
    "BX121": "needs the findings of an earlier run: tests/test_acknowledgements.py",
}


@st.composite
def faulted(draw: Draw, fault: Fault) -> tuple[Sample, Draft, list[str]]:
    """A valid submission, the same with the fault, and what must be found there."""
    sample = draw(submissions(fault.measures, fault.uh))
    draft = Draft.of(current(), sample, draw)
    places = fault.inject(draft)
    listed = places if isinstance(places, list) else [places or ""]
    return sample, draft, [f"{fault.code} {place}".strip() for place in listed]


def _settings(examples: int) -> settings:
    phases = [Phase.generate, Phase.shrink]
    return settings(
        max_examples=examples, deadline=None, database=None, phases=phases, suppress_health_check=list(HealthCheck)
    )


def test_a_valid_submission_has_no_finding(form: Form) -> None:
    judged: list[tuple[Grid, list[str]]] = []

    @seed(SEED)
    @_settings(200 if NIGHTLY else 15)
    @given(submissions())
    def check(sample: Sample) -> None:
        grid = grid_of(
            form, template_bytes(form, content=sample.content, lang=sample.lang, native_checkboxes=sample.native)
        )
        judged.append((grid, _shorts(validate_grids([grid], form)[0])))
        assert judged[-1][1] == []

    check()
    _judged_together(form, judged)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_where_it_is_and_nothing_without_it(fault: Fault, form: Form, record_property: Any) -> None:
    tally: Counter[str] = Counter()
    judged: list[tuple[Grid, list[str]]] = []

    @seed(zlib.crc32(f"{SEED} {fault}".encode()))
    @_settings(EXAMPLES)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        sample, draft, expected = data.draw(faulted(fault))
        judged_by = form
        if draft.settings:
            judged_by = form.model_copy(update={"settings": form.settings.model_copy(update=draft.settings)})
        grids = [grid_of(form, draft.bytes(), "broken.xlsx")]
        if NIGHTLY or draft.settings:  # else the test above is enough
            grids.append(grid_of(form, Draft.of(form, sample, data.draw).bytes(), "untouched.xlsx"))
        after, *others_before = map(_shorts, validate_grids(grids, judged_by))
        before = others_before[0] if others_before else []
        missed = Counter(expected) - Counter(after)
        others = [one for one in (Counter(after) - Counter(expected)).elements() if one.split()[0] not in fault.also]
        tally.update({"submissions": 1, "found": not missed, "false alarms": bool(before) + bool(others)})
        if not draft.settings:
            judged.extend(zip(grids, [after, *others_before], strict=True))
        changes = "\n".join(draft.difference(sample))
        assert before == [], "found in a valid submission"
        assert not missed, f"not found, but {after}, in\n{changes}"
        assert others == [], f"does not follow from the fault in\n{changes}"

    try:
        check()
    finally:
        record_property("generated", {"code": fault.code, **tally})
    _judged_together(form, judged)


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
