"""The examples are what they say they are."""

from __future__ import annotations

import tomllib

from behov_xl.findings import Severity
from behov_xl.rules import catalogue
from behov_xl.validate import validate
from conftest import EXAMPLES, found, report_of

BODO = EXAMPLES / "bodo_2026.xlsx"


def test_the_complete_example_has_no_finding() -> None:
    report = validate([EXAMPLES / "komplett_2026.xlsx"])
    assert report.workbooks[0].findings == ()
    assert report.workbooks[0].status == "ok"
    assert report.exit_code(Severity.WARNING) == 0


def test_the_faulty_example_has_exactly_the_faults_that_its_content_file_lists() -> None:
    edits = tomllib.loads((EXAMPLES / "feil_2026.toml").read_text(encoding="utf-8"))["edits"]
    assert found(EXAMPLES / "feil_2026.xlsx") == sorted(one for edit in edits for one in edit["expect"])


NOT_IN_ONE_FILE = {
    # Files that are no workbooks, and workbooks that hold nothing for other rules to look at.
    *(f"BX{number:03}" for number in range(1, 24)),
    *("BX050", "BX051", "BX101", "BX606"),
    *("BX102", "BX103"),  # a table that is gone takes the faults in it along
    "BX109",  # two thousand rows
    "BX113",  # a formula without a value; LibreOffice could not compare its values then
    "BX115",  # made from the form of another year: says what BX212 says
    "BX120",  # Excel allows no merged cells in a table, and would repair the file
    *("BX305", "BX306", "BX309"),  # a county's settings, off in the form
    *("BX801", "BX802"),  # need several workbooks
}


def test_the_faulty_example_has_a_fault_of_every_error_and_warning_that_can_live_in_one_file() -> None:
    codes = {one.split()[0] for one in found(EXAMPLES / "feil_2026.xlsx")}
    wanted = {code for code, rule in catalogue().items() if rule.severity is not Severity.INFO}
    assert wanted - codes == NOT_IN_ONE_FILE


def test_the_real_submission_has_the_totals_of_its_source() -> None:
    submission = report_of(BODO).submission
    assert submission is not None
    assert (submission.owner, submission.year, submission.measures) == ("Bodø kommune", 2026, 5)
    assert (submission.owner_total, submission.uh_total) == (880_000, 1_578_860)
    assert submission.hours == {"2026/2027": 22, "2027/2028": 26}


def test_the_real_submission_has_the_findings_that_an_adviser_reads_in_it() -> None:
    """Each one was checked against the source text; see the comments."""
    assert found(BODO) == sorted(
        [
            "BX511 Behovsmelding!C19",  # "flere kompetansemiljø? Nei", and the totals name LMS and Nord
            "BX702 Tiltak!H5",  # "Sum koordinator … Klikk eller trykk her for å skrive inn tekst."
            *(f"BX604 Tiltak!A{row}" for row in (6, 7, 8, 9)),  # one attachment per measure: only T1's is here
            *(f"BX605 Tiltak!A{row}" for row in (6, 7, 8, 9)),
            "BX603 Tiltak!D8",  # Nord is not on the list of owners and UH
            "BX603 Tiltak!D9",
            "BX512 Avkryssing!D5",  # "Begge deler ☒", and 19 kindergartens and no school
            *(f"BX404 Aktiviteter!G{row}" for row in (6, 7, 11, 12)),  # "2 møter per semester", 4 and 2 hours
            "BX405 Aktiviteter!C13",  # "(vår 2027)" under Barnehageåret 2027/2028
            "BX410 Aktiviteter!E8",  # "(vår 2027)" in 2026/2027, and "1 per semester": 6 hours are two semesters
            "BX523 Aktiviteter!C8",  # "Skolebasert kompetanseutvikling", and the units are 19 kindergartens, no school
            # Under Referansegruppe: "Planleggingsgruppa har ansvar …"; 4a: "Ledergruppen har ansvar …". No such roles.
            "BX610 Roller!D6",
            "BX610 Beskrivelse!C8",
            *("BX705 Beskrivelse!C10", "BX705 Beskrivelse!C11"),  # 4c and 4d begin as 4b: "Praksisendring vurderes …"
        ]
    )
