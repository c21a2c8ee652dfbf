from __future__ import annotations

import json

import jsonschema
from reports import hostile, real

from behov_xl.findings import Report
from behov_xl.messages import catalogue
from behov_xl.report import gitlab

# What GitLab's documentation asks of a Code Quality report.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "pattern": "^BX[0-9]{3} [a-z0-9-]+$"},
            "fingerprint": {"type": "string", "minLength": 32},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": r"^\./"}},
                    "lines": {"type": "object", "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def test_every_finding_is_an_issue_with_a_fingerprint_of_its_own_unless_it_is_acknowledged() -> None:
    for report in (real(), hostile(), Report("behovsmelding-2026", ())):
        issues = json.loads(gitlab.render(report, catalogue("nb")))
        jsonschema.validate(issues, SCHEMA)
        assert len(issues) == sum(report.count().values())
        assert len({one["fingerprint"] for one in issues}) == len(issues)


def test_a_fingerprint_stays_the_same_in_another_language() -> None:
    nb, en = (json.loads(gitlab.render(real(), catalogue(lang))) for lang in ("nb", "en"))
    assert [one["fingerprint"] for one in nb] == [one["fingerprint"] for one in en]
    assert [one["description"] for one in nb] != [one["description"] for one in en]
