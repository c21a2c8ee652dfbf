"""Why a file is not read: every rule on files, and the exception that names one of them."""

from __future__ import annotations

from typing import Any

from behov_xl.findings import RULES, Finding, Rule, Severity, WorkbookReport, declare

_SECTION = "file"

NOT_FOUND = declare(
    "BX001",
    "file-not-found",
    Severity.ERROR,
    """
    A path that was given does not lead to a file that can be read, or a folder below a directory that was given cannot
    be looked into, so that what is in it has not been checked.

    Wrong: `behov-xl validate bodo_206.xlsx` where the file is called `bodo_2026.xlsx`.
    Right: the file's real name, or a directory that holds it.
    """,
    section=_SECTION,
    essential=True,
)
NO_WORKBOOKS = declare(
    "BX002",
    "no-workbooks",
    Severity.ERROR,
    """
    A directory was given in which no .xlsx file was found, so nothing was checked. Said aloud, since an empty result
    looks like a clean one.

    Wrong: `behov-xl validate inbox/` with an empty `inbox/`.
    Right: a directory that holds at least one .xlsx file, at any depth.
    """,
    section=_SECTION,
    essential=True,
)
EMPTY_FILE = declare(
    "BX003",
    "empty-file",
    Severity.ERROR,
    """
    The file is 0 bytes long, usually an upload or a copy that was interrupted.

    Wrong: a file of 0 bytes.
    Right: the file sent once more.
    """,
    section=_SECTION,
    essential=True,
)
WRONG_FORMAT = declare(
    "BX004",
    "wrong-format",
    Severity.ERROR,
    """
    The content is not an .xlsx workbook, whatever the name says. The content decides, since names are changed easily.

    Wrong: an .xls, .ods, .csv or .pdf file, or one of those renamed to .xlsx.
    Right: the workbook saved from Excel as "Excel-arbeidsbok (*.xlsx)".
    """,
    section=_SECTION,
    essential=True,
)
ENCRYPTED = declare(
    "BX005",
    "password-protected",
    Severity.ERROR,
    """
    The workbook is encrypted with a password, so no check can see what is in it.

    Wrong: a workbook saved with "Krypter med passord".
    Right: the same workbook saved without a password.
    """,
    section=_SECTION,
    essential=True,
)
DAMAGED = declare(
    "BX006",
    "damaged-file",
    Severity.ERROR,
    """
    The file begins like a workbook but cannot be read to its end: it was cut off on the way, or a part of it is broken.

    Wrong: an .xlsx file of which the last half is missing.
    Right: the file opened in Excel, repaired if Excel offers it, and saved anew.
    """,
    section=_SECTION,
    essential=True,
)
TOO_LARGE = declare(
    "BX007",
    "file-too-large",
    Severity.ERROR,
    """
    The file, or what it unpacks to, is far larger than a behovsmelding can be. Such files are refused before they are
    unpacked, since they may be made to exhaust the machine that reads them.

    Wrong: a workbook with a stray cell in the last row and column of the sheet.
    Right: a fresh template with the content pasted in as values.
    """,
    section=_SECTION,
    essential=True,
)


MACROS = declare(
    "BX008",
    "macros",
    Severity.ERROR,
    """
    The workbook holds macros, or is of the kind that may (.xlsm). A behovsmelding needs none, and a macro can do
    anything with the machine of whoever opens the file. Excel 4 macro sheets count as macros.

    Wrong: a workbook saved as "Excel-arbeidsbok med makroer (*.xlsm)", whatever its name says now.
    Right: the same workbook saved as "Excel-arbeidsbok (*.xlsx)".
    """,
    section=_SECTION,
    essential=True,
)
EXTERNAL = declare(
    "BX009",
    "external-link",
    Severity.ERROR,
    """
    The workbook fetches something from elsewhere when it is opened: from another workbook, a database, a query, a
    picture on the web, or by a formula such as WEBSERVICE. The sender decides then what the reader's machine calls on,
    and what is seen is not what was sent. Ordinary links that somebody clicks are fine.

    Wrong: `='[Budsjett 2025.xlsx]Ark1'!F7` in a budget line.
    Right: the amount itself; "Data – Rediger koblinger – Bryt kobling" in Excel turns all links into values.
    """,
    section=_SECTION,
    essential=True,
)
DDE = declare(
    "BX010",
    "dde-link",
    Severity.ERROR,
    """
    The workbook holds a DDE, OLE or RTD link, which asks another program for a value and can start that program.

    Wrong: `=cmd|'/c …'!A0` in a cell.
    Right: the value itself.
    """,
    section=_SECTION,
    essential=True,
)
EMBEDDED = declare(
    "BX011",
    "embedded-object",
    Severity.ERROR,
    """
    Another file, a program or an ActiveX control is embedded in the workbook. No check sees what is in it, and a click
    may start it. Pictures, charts, comments and form checkboxes are fine.

    Wrong: a Word document put into the sheet with "Sett inn – Objekt".
    Right: the document sent beside the workbook.
    """,
    section=_SECTION,
    essential=True,
)
UNSAFE_XML = declare(
    "BX012",
    "unsafe-xml",
    Severity.ERROR,
    """
    A part of the workbook has a document type (DOCTYPE), in which entities can be defined that grow without end or read
    other files, or it is in an encoding that no spreadsheet writes. Both serve to get past checks.

    Wrong: `<!DOCTYPE x [<!ENTITY a "…">]>` in a sheet.
    Right: the workbook opened in Excel and saved anew.
    """,
    section=_SECTION,
    essential=True,
)
DUPLICATE = declare(
    "BX013",
    "duplicate-part",
    Severity.ERROR,
    """
    Two parts of the package have the same name. One program reads the first and another the second, so that what was
    checked need not be what somebody sees.

    Wrong: two parts `xl/worksheets/sheet1.xml`.
    Right: the workbook opened in Excel and saved anew.
    """,
    section=_SECTION,
    essential=True,
)
UNSAFE_NAME = declare(
    "BX014",
    "unsafe-part-name",
    Severity.ERROR,
    """
    A part of the package has a name that leads out of the package, or that no part may have: `..`, a drive, a root, a
    backslash, control characters. A program that unpacks it would write where it must not.

    Wrong: `../../.bashrc`.
    Right: `xl/worksheets/sheet1.xml`.
    """,
    section=_SECTION,
    essential=True,
)
SYMLINK = declare(
    "BX015",
    "symlink-part",
    Severity.ERROR,
    """
    A part of the package is no file but a link or a device. A program that unpacks it would follow it to another file
    of the machine.

    Wrong: `xl/media/image1.png` that is a link to `/etc/passwd`.
    Right: the picture itself.
    """,
    section=_SECTION,
    essential=True,
)
OVERLAP = declare(
    "BX016",
    "overlapping-parts",
    Severity.ERROR,
    """
    Parts of the package lie on top of each other in the file. Only packages made to become enormous when they are
    unpacked do that.

    Wrong: a thousand parts that share the same compressed bytes.
    Right: every part has its own.
    """,
    section=_SECTION,
    essential=True,
)
CONTRADICTION = declare(
    "BX017",
    "contradictory-package",
    Severity.ERROR,
    """
    The package says two things of itself: its directory and its parts do not agree, it has two directories, or there
    is content that the directory does not name. One program would read other content than another.

    Wrong: the directory calls a part `xl/workbook.xml`, the part itself `xl/other.xml`.
    Right: the workbook opened in Excel and saved anew.
    """,
    section=_SECTION,
    essential=True,
)
COMPRESSION = declare(
    "BX018",
    "unknown-compression",
    Severity.ERROR,
    """
    A part of the package is compressed, or encrypted, in a way that no spreadsheet program uses.

    Wrong: a package made by another program with bzip2, or with a zip password.
    Right: the workbook opened in Excel and saved anew.
    """,
    section=_SECTION,
    essential=True,
)
NESTED = declare(
    "BX019",
    "nested-archive",
    Severity.ERROR,
    """
    There is another archive inside the workbook. No check sees what is in it, and it may be made to become enormous
    when it is unpacked.

    Wrong: `xl/media/vedlegg.zip`.
    Right: the attachment sent beside the workbook.
    """,
    section=_SECTION,
    essential=True,
)
BOMB = declare(
    "BX020",
    "compression-bomb",
    Severity.ERROR,
    """
    A part of the package is compressed so hard that it becomes many hundred times as large when it is unpacked.
    Ordinary sheets become five to fifty times as large.

    Wrong: 100 MB of zeros, packed into 100 kB.
    Right: a fresh template with the content pasted in as values.
    """,
    section=_SECTION,
    essential=True,
)
TOO_SLOW = declare(
    "BX021",
    "too-slow",
    Severity.ERROR,
    """
    Reading and checking the file took longer than a workbook may take, and was stopped. The other files are not
    affected.

    Wrong: a file made to keep the machine busy.
    Right: a fresh template with the content pasted in as values.
    """,
    section=_SECTION,
    essential=True,
)
READER_DIED = declare(
    "BX022",
    "reader-died",
    Severity.ERROR,
    """
    The process that read and checked the file ended before it was done, twice: the file needs more memory than a
    workbook may, or it makes the reader crash. The other files are not affected.

    Wrong: a file made to exhaust the memory of the machine.
    Right: a fresh template with the content pasted in as values.
    """,
    section=_SECTION,
    essential=True,
)
CHECK_FAILED = declare(
    "BX023",
    "check-failed",
    Severity.ERROR,
    """
    behov-xl itself came upon something in the workbook that it cannot deal with. That is a fault of behov-xl, not of
    the workbook, which has not been checked. The other files are not affected.

    Wrong: a workbook on which a check ends with an error of its own.
    Right: the fault reported to those who maintain behov-xl, with the workbook and the text of the finding.
    """,
    section=_SECTION,
    essential=True,
)


class Refused(Exception):
    """The file was not read. ``rule`` and ``params`` make the finding that says why."""

    def __init__(self, rule: Rule, **params: Any) -> None:
        super().__init__(rule.name)
        self.rule = rule
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        """What another process needs to make it anew."""
        return _refused, (self.rule.code, self.params)


def _refused(code: str, params: dict[str, Any]) -> Refused:
    return Refused(RULES[code], **params)


def unreadable(path: str, refused: Refused) -> WorkbookReport:
    """The report of a file that was refused: one finding about the file as a whole."""
    return WorkbookReport(path, (Finding(refused.rule, params=refused.params),))
