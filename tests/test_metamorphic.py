"""What does not change a submission changes no finding but its cell.

The order of sheets, rows and columns, blank rows, the adviser's own columns, the language of headings, how boxes are
ticked, and LibreOffice. Findings are compared by what they are about: code, measure, the content of the row, the
message's parameters.
"""

from __future__ import annotations

import copy
import math
import os
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from behov_xl.acknowledgements import PLACES
from behov_xl.findings import Finding, WorkbookReport
from behov_xl.form import Form, Label, current
from behov_xl.validate import Selection, validate_grids
from behov_xl.workbook.columns import submissions as submissions_of
from behov_xl.workbook.content import Content, read_content
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.template import template_bytes
from conftest import EXAMPLES, STALE, Office
from generated import moves
from generated.drafts import Draft, changed, grid_of
from generated.faults import FAULTS
from generated.submissions import Draw, submissions

NIGHTLY = os.environ.get("BEHOV_XL_NIGHTLY") == "1"
SEED = int(os.environ.get("BEHOV_XL_SEED", "0"))

# ------------------------------------------------------------------------------------- transformations

TICKED = ["☒", "x", "X", "ja", "TRUE", "SANN", 1, "✓", "☑", "Ja"]
EMPTY = ["☐", "", "nei", "FALSE", "USANN", 0, "-", "Nei"]


class Book:
    """A submission that is written in one way or another."""

    def __init__(self, form: Form, content: Content, lang: str = "nb", *, native: bool = False) -> None:
        self.form, self.content, self.lang, self.native = form, content, lang, native

    def bytes(self, **changes: Any) -> bytes:
        options = {"content": self.content, "lang": self.lang, "native_checkboxes": self.native} | changes
        options["content"] = copy.deepcopy(options["content"])
        return template_bytes(self.form, **options)


def other_language(book: Book, draw: random.Random) -> bytes:
    return book.bytes(lang="nn" if book.lang == "nb" else "nb")


def other_boxes(book: Book, draw: random.Random) -> bytes:
    return book.bytes(native_checkboxes=not book.native)


def boxes_as_people_write_them(book: Book, draw: random.Random) -> bytes:
    content = copy.deepcopy(book.content)
    for row in [*content.rows.get("ticks", []), content.fields["questions"]]:
        row |= {key: draw.choice(TICKED if value else EMPTY) for key, value in row.items() if isinstance(value, bool)}
    return book.bytes(content=content)


def rows_in_another_order(book: Book, draw: random.Random) -> bytes:
    content = copy.deepcopy(book.content)
    for rows in content.rows.values():
        draw.shuffle(rows)
    return book.bytes(content=content)


def sheets_in_another_order(book: Book, draw: random.Random) -> bytes:
    return changed(book.bytes(), lambda parts: moves.reorder_sheets(parts, draw))


def columns_in_another_order(book: Book, draw: random.Random) -> bytes:
    return changed(book.bytes(), lambda parts: moves.reorder_columns(book.form, parts, draw))


def blank_rows_above(book: Book, draw: random.Random) -> bytes:
    return changed(book.bytes(), lambda parts: moves.insert_rows(book.form, parts, draw, inside=False))


def blank_rows_inside(book: Book, draw: random.Random) -> bytes:
    return changed(book.bytes(), lambda parts: moves.insert_rows(book.form, parts, draw, inside=True))


def own_columns(book: Book, draw: random.Random) -> bytes:
    return changed(book.bytes(), lambda parts: moves.insert_columns(book.form, parts, draw))


def everything_at_once(book: Book, draw: random.Random) -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        moves.insert_columns(book.form, parts, draw)
        moves.reorder_columns(book.form, parts, draw)
        moves.insert_rows(book.form, parts, draw, inside=True)
        moves.insert_rows(book.form, parts, draw, inside=False)
        moves.reorder_sheets(parts, draw)

    return changed(rows_in_another_order(book, draw), change)


Transform = Callable[[Book, random.Random], bytes]
TRANSFORMS: list[Transform] = [
    other_language, other_boxes, boxes_as_people_write_them, rows_in_another_order, sheets_in_another_order,
    columns_in_another_order, blank_rows_above, blank_rows_inside, own_columns, everything_at_once,
]  # fmt: skip
WORDING = {other_language, other_boxes, boxes_as_people_write_them}
"""These change what cells and headings say, and so what messages quote."""

# ----------------------------------------------------------------------------------------- comparing

CALCULATED = Selection(ignore=[STALE])
GROUPED = {"BX511", "BX523", "BX602", "BX612", "BX613", "BX701", "BX705"}
"""Found at one of several rows that are equally at fault, or naming one of them. Which one is a matter of order."""


def identities(form: Form, grid: Grid, findings: tuple[Finding, ...], *, quotes: bool) -> Counter[Any]:
    """The findings without their cells."""
    contents: dict[tuple[str, int], Any] = {}
    for name, there in submissions_of(form, [grid]).columns.items():
        table = form.by_id[name.partition(".")[0]]
        columns = [there[one.id] for one in table.columns if not one.formula and one.id in there]
        for row, *cells in zip(there["row"], *columns, strict=True) if table.layout == "rows" else ():
            contents[name, row] = tuple(map(_plain, cells))
    return Counter(_identity(finding, contents, quotes=quotes) for finding in findings)


def _identity(finding: Finding, contents: dict[tuple[str, int], Any], *, quotes: bool) -> Any:
    code = finding.rule.code
    if code in GROUPED:
        return code, finding.table
    content = contents.get((finding.table or "", finding.row))
    params = {key: _plain(value) for key, value in finding.params.items() if key not in PLACES}
    shown = tuple(sorted(params.items())) if quotes else ()
    return code, _plain(finding.measure or ""), finding.table, finding.column_id, content, shown


def _plain(value: Any) -> Any:
    if isinstance(value, Label):
        return value.nb
    if isinstance(value, float):
        return "" if math.isnan(value) else round(value, 6)
    if isinstance(value, list | tuple):
        return tuple(sorted((_plain(one) for one in value), key=str))
    if isinstance(value, str) and value.startswith("="):
        return re.sub("[A-Z]*[0-9]+", "", value)
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def assert_same(form: Form, before: Grid, after: dict[str, tuple[Grid, bool]]) -> None:
    """The findings of every changed workbook are those of the first."""
    reports = validate_grids([before, *(grid for grid, _ in after.values())], form, CALCULATED)
    for (name, (grid, quotes)), report in zip(after.items(), reports[1:], strict=True):
        was = identities(form, before, reports[0].findings, quotes=quotes)
        now = identities(form, grid, report.findings, quotes=quotes)
        assert (now - was, was - now) == (Counter(), Counter()), name
        assert _told(report) == _told(reports[0]), name


def _told(report: WorkbookReport) -> Any:
    """What the submission says it is, without places and order; a partner that is listed twice has two names."""
    told = report.submission
    if told is None:
        return None
    asks = [tuple(_plain(value) for value in (one.measure, one.name, one.owner_sum, one.uh_sum)) for one in told.asks]
    return replace(told, asks=(), other_owners=tuple(sorted(told.other_owners))), sorted(asks, key=str)


# ---------------------------------------------------------------------------------------------- tests


@st.composite
def faulty(draw: Draw) -> Book:
    """A submission with one to four faults."""
    form = current()
    draft = Draft.of(form, draw(submissions()), draw)
    movable = [one for one in FAULTS if not one.package and one.code not in {"BX109", "BX112"} and one.measures == 1]
    for _ in range(draw(st.integers(1, 4))):
        try:
            draw(st.sampled_from(movable)).inject(draft)
        except (ArithmeticError, LookupError, TypeError, ValueError, StopIteration):
            continue  # the fault before took away what this one needs
    return Book(form, draft.content, draft.lang, native=draft.native)


def _settings(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def filled_in(form: Form, example: str) -> Content:
    """An example without what was done to its sheets: that stays where it is when rows and columns move."""
    content = read_content(form, EXAMPLES / f"{example}.toml")
    return replace(content, labels={}, names={}, cells={}, hidden={}, copies={})


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("example", ["feil_2026", "bodo_2026"])
def test_an_example_keeps_its_findings(example: str, transform: Transform, form: Form) -> None:
    book = Book(form, filled_in(form, example))
    before, draw = grid_of(form, book.bytes()), random.Random(f"{SEED} {example} {transform.__name__}")
    assert validate_grids([before], form)[0].findings
    assert_same(form, before, {transform.__name__: (grid_of(form, transform(book, draw)), transform not in WORDING)})


def test_a_generated_submission_keeps_its_findings(form: Form) -> None:
    @seed(SEED)
    @_settings(60 if NIGHTLY else 4)
    @given(faulty(), st.integers(0, 2**16))
    def check(book: Book, number: int) -> None:
        after = {}
        for transform in TRANSFORMS:
            data = transform(book, random.Random(number))
            after[transform.__name__] = grid_of(form, data), transform not in WORDING
        assert_same(form, grid_of(form, book.bytes()), after)

    check()


@pytest.mark.parametrize("example", ["feil_2026", "bodo_2026", "generated"])
def test_libreoffice_keeps_the_findings(example: str, form: Form, office: Office, tmp_path: Path) -> None:
    def round_trip(book: Book) -> None:
        path, moved = tmp_path / "bok.xlsx", tmp_path / "flyttet.xlsx"
        path.write_bytes(book.bytes())
        saved = office.convert(path, "xlsx:Calc MS Excel 2007 XML", tmp_path / "lagret")
        tables = [table for table in form.tables if table.notes and table.layout == "rows"]
        sheets = [form.sheet_by_id[table.sheet].label.words(book.lang) for table in tables]
        steps = [
            f"{what} {sheet} {at} 2" for sheet in sheets for what, at in (("rows", 0), ("rows", 7), ("columns", 1))
        ]
        office.run("rearrange", str(path), str(moved), *steps, "order")
        after = {one.stem: (grid_of(form, one.read_bytes()), True) for one in (saved, moved)}
        assert_same(form, grid_of(form, path.read_bytes()), after)

    if example == "generated":
        _settings(6 if NIGHTLY else 2)(seed(SEED)(given(faulty())(round_trip)))()
    else:
        round_trip(Book(form, filled_in(form, example)))
