from __future__ import annotations

import re
from urllib.parse import unquote

from reports import hostile, real

from behov_xl.messages import catalogue
from behov_xl.report import github

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """As the runner reads them: properties are split at commas, and decoded."""
    found = []
    *lines, closing = text.splitlines()
    for line in lines:
        kind, properties, message = COMMAND.fullmatch(line).groups()
        pairs = [one.partition("=") for one in properties.split(",")]
        found.append((kind, {name: unquote(value) for name, _, value in pairs}, unquote(message)))
    assert not closing.startswith("::")
    return found


def test_each_finding_is_one_command_and_errors_come_first() -> None:
    found = commands(github.render(real(), catalogue("en")))
    kinds = [kind for kind, _, _ in found]
    counts = real().count()
    assert kinds == sorted(kinds, key=["error", "warning", "notice"].index)
    assert {kind: kinds.count(kind) for kind in kinds} == {
        {"info": "notice"}.get(severity, str(severity)): count for severity, count in counts.items()
    }
    (wrong_total,) = (one for one in found if one[1]["title"].startswith("BX301"))
    assert wrong_total[1] | {"file": ""} == {
        "file": "", "line": "5", "col": "7", "title": "BX301 Tiltak!G5: The measure's total does not agree"
    } | {"title": wrong_total[1]["title"]}  # fmt: skip
    assert wrong_total[1]["file"].endswith("examples/feil_2026.xlsx")
    assert wrong_total[2].startswith("T1: ")


def test_what_stands_in_a_cell_begins_no_command_of_its_own_and_acknowledged_findings_are_left_out() -> None:
    found = commands(github.render(hostile(), catalogue("nb")))
    assert [kind for kind, _, _ in found] == ["error", "error", "notice"]
    assert "::error::tatt over" in found[0][2]
    assert set(found[0][1]) == {"file", "line", "col", "title"}
