"""JUnit XML as CI servers read it: a suite per workbook, a test case per finding, one that passes where there is none.

An error fails, and so does what ``fail_on`` says; other findings pass, with their text as output. An acknowledged
finding is skipped, with its reason. A file that could not be read is an error of its suite.
"""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

from behov_xl.findings import Finding, Report, Severity, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import advice, message, title, wrong
from behov_xl.report.places import cell_name, one_line, relative


def render(report: Report, words: Catalogue, *, fail_on: Severity | None = Severity.ERROR) -> str:
    """The report as one XML document. ``fail_on``: the lowest severity that fails; ``None`` when none does."""
    root = ET.Element("testsuites", {"name": "behov-xl"})
    whole: Counter[str] = Counter()
    for workbook in report.workbooks:
        suite = ET.SubElement(root, "testsuite", {"name": one_line(relative(workbook.path))})
        counts = _cases(suite, workbook, words, fail_on)
        suite.attrib |= {name: str(counts[name]) for name in ("tests", "failures", "errors", "skipped")}
        whole += counts
    root.attrib |= {name: str(whole[name]) for name in ("tests", "failures", "errors")}
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _cases(suite: ET.Element, workbook: WorkbookReport, words: Catalogue, fail_on: Severity | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    names: Counter[str] = Counter()
    # A class is shown by what stands before and behind its last dot, so that a file's name would be cut in two.
    classname = suite.attrib["name"].replace(".", "_")
    for finding in workbook.findings:
        name = f"{finding.rule.code} {finding.rule.name} {one_line(cell_name(finding))}".rstrip()
        names[name] += 1
        name = name if names[name] == 1 else f"{name} ({names[name]})"
        case = ET.SubElement(suite, "testcase", {"name": name, "classname": classname})
        counts += Counter({"tests": 1, _outcome(case, finding, workbook, words, fail_on): 1})
    if not workbook.findings:
        ET.SubElement(suite, "testcase", {"name": words.text("report.no_findings"), "classname": classname})
        counts["tests"] = 1
    return counts


def _outcome(
    case: ET.Element, finding: Finding, workbook: WorkbookReport, words: Catalogue, fail_on: Severity | None
) -> str:
    """Adds what came of a finding to its test case; returns the name under which it is counted."""
    text = one_line(message(finding, words))
    if finding.acknowledged is not None:
        ET.SubElement(case, "skipped", {"message": one_line(finding.acknowledged)}).text = text
        return "skipped"
    unreadable = workbook.status == "unreadable" and finding.severity is Severity.ERROR
    if unreadable or (fail_on is not None and finding.severity.rank <= fail_on.rank):
        kind = "error" if unreadable else "failure"
        about = {"type": str(finding.severity), "message": one_line(wrong(finding, words))}
        lines = (title(finding.rule.code, words), wrong(finding, words), advice(finding, words))
        place = [relative(workbook.path), cell_name(finding), finding.measure or ""]
        ET.SubElement(case, kind, about).text = "\n".join(
            one_line(line) for line in (*lines, " ".join(part for part in place if part))
        )
        return f"{kind}s"
    ET.SubElement(case, "system-out").text = f"{words.text(f'severity.{finding.severity}')}: {text}"
    return "passed"
