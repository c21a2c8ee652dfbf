"""The schemas' checks are asked one by one; together they must say what pandera says of the whole schemas."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from pandera.errors import SchemaErrors

from behov_xl.form import Form
from behov_xl.rules.tables import check_tables, keys, schemas
from behov_xl.workbook.columns import Submissions, submissions
from behov_xl.workbook.files import grid_from_bytes
from conftest import EXAMPLES

BOOK = (EXAMPLES / "komplett_2026.xlsx").read_bytes()
ODD = ("", "", 0.0, -1.0, 2_000_000_000.0, 3.0, "x")


def _spoilt(form: Form, seed: int) -> Submissions:
    """Three copies of the complete example: some cells hold something else, some rows stand twice."""
    chance, tables = random.Random(seed), [table.name for table in form.tables]
    grids = [grid_from_bytes(BOOK, f"{number}.xlsx", tables) for number in range(3)]
    for grid in grids[1:]:
        for area in grid.tables.values():
            rows = grid.sheets[area.sheet].rows
            there = range(area.first, min(area.end, len(rows)))
            for _ in range(chance.choice((0, 0, 2)) if there else 0):
                row = chance.choice(there)
                rows[row] = list(rows[chance.choice((row, area.first))])
                rows[row][chance.randrange(len(rows[row]))] = chance.choice(ODD)
    return submissions(form, grids)


@pytest.mark.parametrize("seed", range(20))
def test_what_pandera_says_fails_is_found(form: Form, seed: int) -> None:
    chunk = _spoilt(form, seed)
    # Not what is read and not understood: that it is not missing is no matter of the schemas.
    chunk.faulty.clear()
    expected = {place for id_ in schemas(form) for place in _failing(chunk, id_)}
    found = {
        (hits.table, row, workbook, column) for _, hits in check_tables(chunk) for workbook, row, column, _, _ in hits
    }
    assert found == expected


def _failing(chunk: Submissions, id_: str) -> Iterator[tuple[str, int, int, str]]:
    """Table, row, workbook and column of all that a whole schema finds; a key that stands again is its last column's."""
    table, schema = chunk.form.by_id[id_], schemas(chunk.form)[id_]
    frame = chunk.frame(id_).assign(key=keys(chunk, table) if table.unique else "")
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        for case in errors.failure_cases.to_dict("records"):
            of_key = case["check"] == "multiple_fields_uniqueness"
            row = frame.iloc[int(case["index"])]
            again = not of_key or frame.duplicated(["workbook", "key"])[int(case["index"])]
            if again:
                yield id_, int(row["row"]), int(row["workbook"]), table.unique[-1] if of_key else str(case["column"])


def test_what_is_in_order_is_not_asked_for_again(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    chunk = submissions(form, [grid_from_bytes(BOOK, "1.xlsx", [table.name for table in form.tables])])
    monkeypatch.setattr("pandera.pandas.Check.__call__", pytest.fail)
    assert list(check_tables(chunk)) == []
