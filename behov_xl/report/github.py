"""Annotations of a GitHub workflow: one command per finding, which the runner shows at the file and on the run's page.

GitHub shows ten annotations of each severity per step, and the rest in the log; the job summary (Markdown) has all.
"""

from __future__ import annotations

from collections.abc import Sequence

from behov_xl.findings import Finding, Report, Severity, Tally, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import message, title
from behov_xl.report import Stream
from behov_xl.report.places import cell_name, line_and_column, one_line, relative

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, words: Catalogue) -> str:
    """The commands, the most severe first, then one plain line with the numbers. Acknowledged findings are left out."""
    found = [(finding, workbook) for workbook in report.workbooks for finding in workbook.findings]
    return _commands(found, words) + _numbers(report.tally(), report.workbooks, words)


def _of_workbook(workbook: WorkbookReport, form: str, words: Catalogue) -> str:
    """While the run goes on, the most severe stand first within a workbook: GitHub takes ten of each kind anyway."""
    del form
    return _commands([(finding, workbook) for finding in workbook.findings], words)


def _commands(found: list[tuple[Finding, WorkbookReport]], words: Catalogue) -> str:
    found = sorted((one for one in found if one[0].acknowledged is None), key=lambda one: one[0].severity.rank)
    return "".join(f"{_command(finding, workbook, words)}\n" for finding, workbook in found)


def _numbers(tally: Tally, said: Sequence[WorkbookReport], words: Catalogue) -> str:
    del said
    errors, warnings, infos = (tally.counts.get(one, 0) for one in Severity)
    params = {"workbooks": tally.workbooks, "errors": errors, "warnings": warnings, "infos": infos}
    return words.text("report.summary", **params) + "\n"


STREAM = Stream(_of_workbook, end=_numbers)


def _command(finding: Finding, workbook: WorkbookReport, words: Catalogue) -> str:
    line, column = line_and_column(finding)
    place = cell_name(finding)
    properties = {
        "file": relative(workbook.path),
        "line": str(line),
        "col": str(column),
        "title": f"{finding.rule.code} {place}: {title(finding.rule.code, words)}".replace(" :", ":"),
    }
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = f"{finding.measure}: {message(finding, words)}" if finding.measure else message(finding, words)
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(text)}"


def _data(text: str) -> str:
    """Text behind a command, as the runner decodes it: on one line, or a cell could begin a command of its own."""
    return one_line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
