"""References in a workbook with far more rows than anybody writes."""

from __future__ import annotations

import pytest

from behov_xl.form import Form
from behov_xl.rules.references import uh_never_used, uh_not_listed
from behov_xl.submission import submissions_of
from behov_xl.workbook.columns import Submissions, submissions
from behov_xl.workbook.files import grid_from_bytes
from conftest import EXAMPLES

MANY = 6_000


@pytest.fixture
def chunk(form: Form) -> Submissions:
    """A workbook with many UH on its list, and as many others in its measures."""
    data = (EXAMPLES / "komplett_2026.xlsx").read_bytes()
    s = submissions(form, [grid_from_bytes(data, "bok.xlsx", [table.name for table in form.tables])])
    for table, own in (("partners", {"name": "ab", "kind": "uh"}), ("measures", {"uh": "bc"})):
        for column, values in s.columns[table].items():
            values[:] = [values[0]] * MANY
            if column == "row":
                values[:] = range(4, 4 + MANY)
            elif column in own:
                what = own[column]
                values[:] = [what] * MANY if column == "kind" else [f"{what}{number}" for number in range(MANY)]
    s.columns["partners"]["short"][:] = [""] * MANY
    return s


@pytest.mark.timeout(10)
def test_each_uh_is_looked_for_on_the_list_once(chunk: Submissions) -> None:
    assert [len(list(hits)) for hits in uh_not_listed(chunk)] == [MANY]
    assert [len(list(hits)) for hits in uh_never_used(chunk)] == [MANY]
    (submission,) = submissions_of(chunk)
    assert submission is not None
    assert len({one.uh for one in submission.asks}) == MANY
