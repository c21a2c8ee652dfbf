from __future__ import annotations

import ast
import datetime
import json
import math
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlwings
from hypothesis import example, given
from hypothesis import strategies as st

from behov_xl.addin import actions, functions
from behov_xl.addin.functions import (
    BEHOV_BELOP,
    BEHOV_ETT_KRYSS,
    BEHOV_FUNN,
    BEHOV_KRYSS,
    BEHOV_SUMAVVIK,
    BEHOV_TIMEAVVIK,
    BEHOV_TIMER,
)
from behov_xl.addin.functions_vba import functions_source
from behov_xl.annotate import annotate
from behov_xl.form import Form, current
from behov_xl.messages import LANGUAGES, catalogue
from behov_xl.rules.hours import hours_in_the_description, hours_product
from behov_xl.workbook.cells import read_column
from behov_xl.workbook.columns import Submissions
from behov_xl.workbook.files import grid_from_bytes
from client import carry_out, payload
from conftest import EXAMPLES, TEMPLATES

HERE = Path(__file__).parent
FEIL = EXAMPLES / "feil_2026.xlsx"
SCRIPTS = TEMPLATES / "xlwings_main.py"
NAMES = sorted(functions.__all__)
UNREADABLE, AMBIGUOUS, DATE, IMPOSSIBLE = (
    catalogue("nb").text(f"functions.{key}") for key in ("unreadable", "ambiguous", "date", "impossible")
)

# ------------------------------------------------------------------- the same reading as the validator

CELLS = (
    st.text()
    | st.text(alphabet="0123456789 .,-krtimeogå½☒☐xn(LMS):", max_size=16)
    | st.floats()
    | st.integers(-(2**63), 2**63)
    | st.booleans()
    | st.none()
    | st.dates()
    | st.datetimes()
    | st.times()
)
COLUMNS = {
    "amount": (BEHOV_BELOP, "measures", "owner_sum"),
    "hours": (BEHOV_TIMER, "activities", "hours_each"),
    "tick": (BEHOV_KRYSS, "ticks", "scope.kindergarten"),
}


@pytest.mark.parametrize("kind", COLUMNS)
@given(cell=CELLS)
@example(cell="201.500,- (LMS)")
@example(cell="1 t 30 min")
@example(cell="2-3 timer")
@example(cell="Klikk eller trykk her for å skrive inn tekst.")
@example(cell=1e12)
@example(cell=1.1e12)
@example(cell=-1e300)
@example(cell=datetime.time(1, 30))
def test_a_cell_is_read_as_in_the_form(kind: str, cell: Any) -> None:
    function, table, column = COLUMNS[kind]
    (value,), _ = read_column(current(), current().by_id[table].by_id[column], [cell])
    shown = function(cell)
    if math.isnan(value):
        assert isinstance(shown, str)
    else:
        assert shown == value
        assert type(shown) is (bool if kind == "tick" else float)


@pytest.mark.parametrize("function", [BEHOV_BELOP, BEHOV_TIMER])
@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, ""),
        ("", ""),
        ("\u00a0", ""),
        ("Klikk eller trykk her for å skrive inn tekst.", ""),
        ("etter avtale", UNREADABLE),
        ("1,5-2", AMBIGUOUS),
        (datetime.datetime(2026, 5, 1), DATE),
        (1e13, IMPOSSIBLE),
        ("#DIV/0!", "#DIV/0!"),
        (Decimal(1200), 1200.0),
        (-2146826243, "#SPILL!"),
    ],
)
def test_what_is_no_number_is_said(function: Any, cell: Any, shown: object) -> None:
    assert function(cell) == shown


def test_a_time_of_day_is_hours_also_when_excel_puts_a_date_before_it() -> None:
    assert BEHOV_TIMER(datetime.datetime(1899, 12, 30, 1, 30)) == 1.5


# -------------------------------------------------------------------------------------------- areas


def test_an_area_gives_an_area_of_the_same_shape() -> None:
    assert BEHOV_BELOP([["kr 5", 6.0, None]]) == [[5.0, 6.0, ""]]
    assert BEHOV_BELOP([["kr 5"], [6.0], ["#N/A"]]) == [[5.0], [6.0], ["#N/A"]]
    assert BEHOV_TIMER([["1 t", 2.0], ["½ t", ""]]) == [[1.0, 2.0], [0.5, ""]]
    assert BEHOV_KRYSS([["☒", None], ["nei", "kanskje"]]) == [[True, False], [False, UNREADABLE]]
    assert BEHOV_BELOP("kr 5") == 5.0


def test_a_single_cell_goes_with_every_row_of_the_others() -> None:
    assert BEHOV_TIMEAVVIK(2.0, [[2.0], [3.0]], [[1.5]], [[6.0], [6.0]]) == [[0.0], [-3.0]]


def test_areas_of_different_sizes_are_refused() -> None:
    refused = catalogue("nb").text("functions.sizes")
    assert BEHOV_TIMEAVVIK([[2.0], [2.0]], [[2.0], [2.0], [2.0]], 1.0, 6.0) == refused
    assert BEHOV_TIMEAVVIK([[2.0, 2.0]], [[2.0], [2.0]], 1.0, 6.0) == refused
    assert BEHOV_SUMAVVIK([[1.0, 2.0]], [[1.0, 2.0, 3.0]]) == refused


# ------------------------------------------------------------------------------------------ deviations


@pytest.mark.parametrize(
    ("cells", "stated", "off"),
    [
        ([[200_000.0, 201_500.0]], 401_500.0, 0.0),
        ([[200_000.0], ["201 500,-"], [None]], 410_500.0, 9_000.0),
        ([[200_000.0], ["201 500,-"]], "kr 400 000", -1_500.0),
        ([[10.0]], 10.49, 0.0),
        ([[10.0]], 10.5, 0.5),
        ([[0.1, 0.2]], 7.4, 7.1),  # not 7.1000000000000005
        ([[None, ""]], 5.0, 5.0),
        ([[1.0]], None, ""),
        ([[1.0]], "2-3", AMBIGUOUS),
        ([[1.0]], "#REF!", "#REF!"),
        ([[1.0, "#REF!", "tull"]], 1.0, "celler som ikke kan leses: 2"),
        (3.0, 4.0, 1.0),
    ],
)
def test_a_sum_is_compared_with_its_amounts(cells: Any, stated: Any, off: object) -> None:
    assert BEHOV_SUMAVVIK(cells, stated) == off
    assert BEHOV_SUMAVVIK(cells, [[stated]]) == [[off]]


def test_a_row_of_sums_is_of_the_columns_and_a_column_of_the_rows() -> None:
    cells = [[1.0, 2.0], [3.0, "kr 4"], [5.0, None]]
    assert BEHOV_SUMAVVIK(cells, [[9.0, 7.0]]) == [[0.0, 1.0]]
    assert BEHOV_SUMAVVIK(cells, [[3.0], [7.0], [None]]) == [[0.0], [0.0], [""]]


@pytest.mark.parametrize(
    ("row", "off"),
    [
        ((2.0, 2.0, 1.5, 6.0), 0.0),
        ((2.0, 2.0, 1.5, 8.0), 2.0),
        ((2.0, 2.0, 1.5, "5 timer"), -1.0),
        (("2", "2", "1 t 30 min", 6.0), 0.0),
        ((2.0, 2.0, 1.5, "2 møter hvert semester med 1,5 time per møte"), 0.0),
        ((1.0, 2.0, 1.5, "2 møter hvert semester med 1,5 time per møte"), 0.0),
        ((2.0, 3.0, 1.5, "2 møter\nhvert semester med 1,5 time per møte"), -3.0),
        ((2.0, 2.0, 1.5, "2 mø\u00adter hvert semester med 2 timer per møte"), 2.0),
        ((2.0, 2.0, 1.5, "2 møter per semester"), ""),
        ((2.0, 2.0, 1.5, "Lærende nettverk"), ""),
        ((2.0, 2.0, 1.5, None), ""),
        ((None, 2.0, 1.5, 6.0), ""),
        ((2.0, 2.0, 0.33, 1.33), 0.0),  # 20 minutes
        ((2.0, 2.0, 0.25, 1.03), 0.03),
        ((0.0, 2.0, 1.5, "2 møter à 1,5 time"), ""),
        ((3.0, 2.0, 1.5, 9.0), IMPOSSIBLE),
        ((2.0, -2.0, 1.5, 6.0), IMPOSSIBLE),
        ((2.0, 2.0, "tull", 6.0), UNREADABLE),
        ((2.0, "#REF!", 1.5, 6.0), "#REF!"),
        ((2.0, 2.0, 1.5, "#REF!"), "#REF!"),
        ((2.0, 2.0, 1.5, datetime.datetime(2026, 5, 1)), DATE),
    ],
)
def test_an_extent_is_compared_with_its_numbers(row: tuple[Any, ...], off: object) -> None:
    assert BEHOV_TIMEAVVIK(*row) == off


HOURS = st.sampled_from([0.0, 0.25, 0.33, 0.67, 1.0, 1.5, 2.0, 3.0, 6.0, 24.0, 101.0, -1.0]) | st.floats(0, 300)
TEXTS = st.sampled_from([
    "2 møter hvert semester med 1,5 time per møte", "1 per semester med 3 timer", "3 samlinger à 20 min", "totalt 8 timer",
    "2 møter per semester", "Lærende nettverk",
])  # fmt: skip
ACTIVITY = st.tuples(st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0]), HOURS, HOURS, HOURS, TEXTS)


@given(st.lists(ACTIVITY, min_size=1, max_size=8))
@example([(2.0, 2.0, 1.5, 6.0, "totalt 8 timer"), (2.0, 2.0, 0.33, 1.33, ""), (3.0, 1.0, 1.0, 4.0, "totalt 8 timer")])
def test_hours_are_off_where_the_rules_say_so(rows: list[tuple[Any, ...]]) -> None:
    semesters, times, each, stated, texts = ([[cell] for cell in column] for column in zip(*rows, strict=True))
    assert off(BEHOV_TIMEAVVIK(semesters, times, each, stated)) == hits(hours_product, rows)
    # BX402 is silent about words that agree with the numbers: so it says the same where the stated hours do.
    agreeing = [(*numbers, math.prod(numbers), text) for *numbers, _, text in rows]
    found = BEHOV_TIMEAVVIK(semesters, times, each, texts)
    possible = {row for row, (result,) in enumerate(found) if result != IMPOSSIBLE}
    assert off(found) == hits(hours_in_the_description, agreeing) & possible


def off(results: list[list[object]]) -> set[int]:
    return {row for row, (result,) in enumerate(results) if isinstance(result, float) and result != 0}


def hits(rule: Any, rows: list[tuple[Any, ...]]) -> set[int]:
    names = ("semesters", "times", "hours_each", "stated_hours", "description")
    columns = {name: list(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)}
    size = len(rows)
    columns |= {"workbook": [0] * size, "row": list(range(size)), "measure": ["T1"] * size}
    chunk = Submissions(current(), [], [], {"activities": columns}, [])
    return {row for found in rule(chunk) for row in found.rows}


# ------------------------------------------------------------------------------------------ checkboxes


@pytest.mark.parametrize(
    ("cells", "one"),
    [
        ([["☒", "☐", "☐"]], True),
        ([["☐"], ["x"], [None]], True),
        ([[True, False]], True),
        ([["☒", "☒"]], False),
        ([["☐", None]], False),
        ("☒", True),
        (None, False),
        ([["☒", "kanskje"]], "celler som ikke kan leses: 1"),
        ([["☒", "#N/A"]], "celler som ikke kan leses: 1"),
        ([["☒", "☒", "kanskje"]], False),  # whatever it was meant to be
    ],
)
def test_exactly_one_is_ticked(cells: Any, one: object) -> None:
    assert repr(BEHOV_ETT_KRYSS(cells)) == repr(one)  # True is no 1


def test_an_error_value_is_no_tick() -> None:
    assert BEHOV_KRYSS([["#N/A", "☒"]]) == [["#N/A", True]]


# -------------------------------------------------------------------------------------------- findings


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_are_counted_as_in_the_report(form: Form, lang: str) -> None:
    data, report = annotate(FEIL.read_bytes(), str(FEIL), form, catalogue(lang))
    grid = grid_from_bytes(data, str(FEIL), [table.name for table in form.tables])
    area = grid.tables["funn"]
    rows = [row[area.left :] for row in grid.sheets[area.sheet].rows[area.first : area.end]]
    assert len(report.findings) > 10
    assert BEHOV_FUNN(rows) == sum(finding.acknowledged is None for finding in report.findings)
    assert BEHOV_FUNN([row[:1] for row in rows]) == BEHOV_FUNN(rows)


def validated(path: Path) -> dict[str, Any]:
    """What the client would send of an example after Valider was pressed."""
    sent = payload(path)
    book = xlwings.Book(json=sent)
    actions.validate(book)
    return carry_out(sent, book.json()["actions"])


def test_the_calling_workbooks_own_table_is_found() -> None:
    before, after = (xlwings.Book(json=sent) for sent in (payload(FEIL), validated(FEIL)))
    report = actions.validate(xlwings.Book(json=payload(FEIL))).report
    counting = sum(finding.acknowledged is None for finding in report.findings)
    assert functions._findings(None, before.sheets["Tiltak"]["A1"]) == 0
    assert functions._findings(None, after.sheets["Tiltak"]["A1"]) == counting > 10


def test_answered_findings_and_the_advisers_own_rows_do_not_count() -> None:
    rows = [
        ["Feil", "BX301", "Feil i sum"],
        ["Kvittert", "BX402", "Avtalt"],
        ["Åtvaring", "BX402", ""],
        ["", "", "Ring eier"],
        [None, None, "Merknad"],
        ["MERKNAD ", "BX404", None],
    ]
    assert BEHOV_FUNN(rows) == 3
    assert BEHOV_FUNN([[None, ""]]) == 0


def test_without_a_table_and_a_workbook_it_is_said_what_to_write() -> None:
    assert BEHOV_FUNN() == catalogue("nb").text("functions.no_caller")


# ------------------------------------------------------------------------------------- help in Excel


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_help_fits_into_excels_function_wizard(name: str, lang: str) -> None:
    function, words = getattr(functions, name), catalogue(lang)
    assert function.__doc__ == catalogue("nb").text(f"functions.{name}.help")
    for key in ("help", *(one for one in function.__annotations__ if one not in {"return", "caller"})):
        assert 0 < len(words.text(f"functions.{name}.{key}")) <= 255
    assert name.isascii()


# --------------------------------------------------------------------------- in xlwings' own runtimes


def excel(program: str, request: dict[str, Any], **environment: str) -> dict[str, Any]:
    """The answer of a program that runs the worksheet functions in one of xlwings' runtimes."""
    done = subprocess.run(
        [sys.executable, str(HERE / program)],
        input=json.dumps(request),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path)), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def desktop(*calls: dict[str, Any], **environment: str) -> dict[str, Any]:
    return excel("desktop_excel.py", {"calls": calls}, **environment)


def call(func: str, *args: Any, **more: Any) -> dict[str, Any]:
    return {"func": func, "args": args, **more}


NOTHING = "="
"""An argument that is left out, in desktop Excel."""


def test_desktop_excel_gets_a_vba_function_for_each() -> None:
    vba = desktop()["vba"]
    heads = [line for line in vba.splitlines() if line.startswith("Function ")]
    assert heads == [
        "Function BEHOV_BELOP(tekst)",
        "Function BEHOV_ETT_KRYSS(omrade)",
        "Function BEHOV_FUNN(Optional funn)",
        "Function BEHOV_KRYSS(celle)",
        "Function BEHOV_SUMAVVIK(omrade, sum)",
        "Function BEHOV_TIMEAVVIK(semestre, ganger, timer, omfang)",
        "Function BEHOV_TIMER(tekst)",
    ]
    assert vba.isascii()
    assert 'CallUDF("behov_xl.addin.functions", "BEHOV_BELOP", Array(tekst), ActiveWorkbook' in vba
    # Only the function that may depend on cells it is not told about is computed whenever anything is.
    _, counting, *rest = vba.split("Application.Volatile")
    assert vba.split("Application.Volatile")[0].rstrip().endswith("Function BEHOV_FUNN(Optional funn)")
    assert counting
    assert not rest


@pytest.mark.parametrize("lang", LANGUAGES)
def test_desktop_excel_gets_the_help(lang: str) -> None:
    words = catalogue(lang)
    registered = {name.split("!")[1]: told for name, told in desktop(BEHOV_XL_LANG=lang)["registered"]}
    assert sorted(registered) == NAMES
    for name, told in registered.items():
        assert told["Description"] == words.text(f"functions.{name}.help")
        assert told["Category"] == words.text("functions.category")
    arguments = ("semestre", "ganger", "timer", "omfang")
    wanted = [words.text(f"functions.BEHOV_TIMEAVVIK.{one}") for one in arguments]
    assert registered["BEHOV_TIMEAVVIK"]["ArgumentDescriptions"] == wanted
    assert len(registered["BEHOV_FUNN"]["ArgumentDescriptions"]) == 1


def test_desktop_excel_calls_with_cells_and_areas() -> None:
    column = [["kr 5"], ["=decimal 200000"], [None], [-2146826281], [-2146826243], ["=datetime 2026-05-01"], [True]]
    results = desktop(
        call("BEHOV_BELOP", {"area": column}),
        call("BEHOV_BELOP", "kr 5"),
        call("BEHOV_TIMER", {"area": [["=datetime 1899-12-30T01:30:00", "2 t"]]}),
        call("BEHOV_TIMER", NOTHING),
        call("BEHOV_SUMAVVIK", {"area": [["kr 5", 7.0]]}, 13.0),
        call("BEHOV_TIMEAVVIK", {"area": [[2.0], [2.0]]}, 2.0, 1.5, {"area": [[6.0], [7.0]]}),
        call("BEHOV_KRYSS", {"area": [["☒", None]]}),
        call("BEHOV_ETT_KRYSS", {"area": [["☒", None]]}),
    )["results"]
    assert results == [
        [[5.0], [200_000.0], [""], ["#DIV/0!"], ["#SPILL!"], [DATE], [UNREADABLE]],
        5.0,
        [1.5, 2.0],
        "",
        1.0,
        [[0.0], [1.0]],
        [True, False],
        True,
    ]


def test_desktop_excel_counts_the_findings_of_the_workbook_that_calls() -> None:
    rows = [["Feil", "BX301"], ["Kvittert", "BX402"], ["Advarsel", "BX403"]]
    tables: list[dict[str, dict[str, Any]]] = [
        {"Tiltak": {"Tiltak": [["T1"]]}, "Validering": {"Funn": rows}},
        {"Renamed": {"Andre": [["Feil"]], "Funn": rows}},  # the adviser may call the sheet anything
        {"Validering": {"Funn": []}},
        {"Validering": {}, "Ark2": {}},
    ]
    found = desktop(
        *(call("BEHOV_FUNN", NOTHING, None, tables=one) for one in tables),
        call("BEHOV_FUNN", {"area": rows[:1]}, None),
    )["results"]
    assert found == [2, 2, 0, catalogue("nb").text("functions.no_table"), 1]


def office_js(*calls: dict[str, Any], scripts: dict[str, Any] | None = None, **environment: str) -> dict[str, Any]:
    return excel("office_js.py", {"path": str(SCRIPTS), "calls": calls, "scripts": scripts or {}}, **environment)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_add_in_of_xlwings_server_is_told_of_the_functions(lang: str) -> None:
    words = catalogue(lang)
    told = {one["name"]: one for one in office_js(BEHOV_XL_LANG=lang)["functions"]["functions"]}
    assert sorted(told) == NAMES
    for name, one in told.items():
        assert one["description"] == words.text(f"functions.{name}.help")
        assert one["parameters"]
        for parameter in one["parameters"]:
            assert parameter["description"] == words.text(f"functions.{name}.{parameter['name']}")
            assert parameter["dimensionality"] == "matrix"
        assert "volatile" not in one["options"]
    # The calling cell is no argument there, and is not shown as one.
    assert [one["name"] for one in told["BEHOV_FUNN"]["parameters"]] == ["funn"]


def test_an_add_in_of_xlwings_server_gets_arrays_for_arrays() -> None:
    error = {"type": "Error", "basicValue": "#DIV/0!"}
    results = office_js(
        call("BEHOV_BELOP", [["201.500,- (LMS)"], ["1,5-2"], [""], [None], [error], [7]]),
        call("BEHOV_BELOP", [["kr 5", 6]]),
        call("BEHOV_BELOP", [["kr 5"]]),
        call("BEHOV_BELOP", [[None]]),
        call("BEHOV_SUMAVVIK", [["kr 5"], [7]], [[13]]),
        call("BEHOV_TIMEAVVIK", [[2], [2]], [[2]], [[1.5]], [[6], ["2 møter per semester"]]),
        call("BEHOV_ETT_KRYSS", [["☒", "", False]]),
        call("BEHOV_FUNN", [["Feil", "BX301"], ["Kvittert", "BX402"]]),
        call("BEHOV_FUNN", None),
    )["results"]
    assert results == [
        [[201_500.0], [AMBIGUOUS], [""], [""], [{"type": "Error", "errorType": "Div0"}], [7.0]],
        [[5.0, 6.0]],
        [[5.0]],
        [[""]],
        [[1.0]],
        [[0.0], [""]],
        [[True]],
        [[1]],
        [[catalogue("nb").text("functions.no_caller")]],
    ]


def test_an_add_in_calls_a_function_once_for_a_whole_column() -> None:
    column = [[f"{thousands} 000,-"] for thousands in range(1, 1000)] * 5
    (result,) = office_js(call("BEHOV_BELOP", column))["results"]
    assert result == [[thousands * 1000.0] for thousands in range(1, 1000)] * 5


# -------------------------------------------------------------------------- scripts for Server and Lite


def test_the_scripts_do_what_the_buttons_do() -> None:
    marked = validated(FEIL)
    answer = office_js(scripts={"valider": payload(FEIL), "fjern_merknader": marked})
    assert [one["function_name"] for one in answer["listed"]] == ["fjern_merknader", "valider"]
    for name, action, sent in (
        ("valider", actions.validate, payload(FEIL)),
        ("fjern_merknader", actions.clear, marked),
    ):
        book = xlwings.Book(json=sent)
        action(book)
        asked = book.json()["actions"]
        assert "setValues" in {one["func"] for one in asked}
        assert answer["scripts"][name] == asked


def test_the_scripts_stand_in_the_file_itself() -> None:
    """Lite lists the scripts by looking for their decorator in the source."""
    tree = ast.parse(SCRIPTS.read_text(encoding="utf-8"))
    decorated = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any("script" in ast.unparse(one) for one in node.decorator_list)
    ]
    assert decorated == ["valider", "fjern_merknader"]


# ------------------------------------------------------------------------------------ in the add-in's VBA


CALL = re.compile(r"""(BEHOV_\w+) = XLPy\.CallUDF\("([\w.]+)", "(\w+)", Array\((.*?)\), (\w+), (.*)\)""")


def test_the_vba_of_the_add_in_is_what_xlwings_would_write_but_for_the_workbook() -> None:
    ours, theirs = functions_source(catalogue("nb")).replace("\r", ""), desktop()["vba"]
    (our_calls, our_heads), (calls, heads) = (
        (CALL.findall(vba), re.findall("^Function .*", vba, re.MULTILINE)) for vba in (ours, theirs)
    )
    assert our_heads == heads
    assert [head.split("(")[0] for head in heads] == [f"Function {name}" for name in NAMES]
    # xlwings would run Python code that it finds in the sheets of whatever workbook is handed to it.
    assert {one[4] for one in calls} == {"ActiveWorkbook"}
    assert our_calls == [(*one[:4], "Nothing", one[5]) for one in calls]
    assert "Workbook" not in ours


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_vba_holds_the_help_in_the_projects_code_page(lang: str) -> None:
    words = catalogue(lang)
    vba = functions_source(words)
    assert vba.encode("cp1252").decode("cp1252") == vba
    lines = vba.split("\r\n")
    assert "\n" not in "".join(lines)
    assert max(map(len, lines)) < 1000  # VBA takes 1023
    assert words.text("functions.only_windows").isascii()  # the Mac has a code page of its own
    for name in NAMES:
        at = lines.index(f'Attribute {name}.VB_Description = "{words.text(f"functions.{name}.help")}"')
        assert lines[at - 1].startswith(f"Function {name}(")
    assert vba.count("#If Mac ") == vba.count("#Else") == vba.count("#End If") == len(NAMES)
    assert vba.count("Volatile") == vba.count("Volatile IsMissing(funn)") == 1
