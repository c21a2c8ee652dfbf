"""Reports: one module per format. Each turns a :class:`behov_xl.findings.Report` into text.

The formats are listed here, without their modules being imported: the command line and its help read the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from behov_xl.findings import Tally, WorkbookReport
    from behov_xl.messages import Catalogue


def _nothing(*_: Any, **__: Any) -> str:
    return ""


def encoded(text: str) -> bytes:
    """A report as it is written to a file."""
    return text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Stream:
    """A format that is written while the run goes on; together, the parts are what ``render`` gives.

    ``begin(words)``, then ``part(workbook, form, words, …)`` for each workbook, then ``end(tally, said, words, …)``,
    where ``said`` are the workbooks without their findings. What the format takes comes as keywords to the last two.
    ``written`` makes bytes of any of it, or of several in a row.
    """

    part: Callable[..., str]
    begin: Callable[[Catalogue], str] = _nothing
    end: Callable[..., str] = _nothing
    written: Callable[[str], bytes] = encoded

    def whole(self, said: Sequence[WorkbookReport], form: str, tally: Tally, words: Catalogue, **takes: Any) -> str:
        """All of it at once."""
        parts = (self.part(workbook, form, words, **takes) for workbook in said)
        return "".join((self.begin(words), *parts, self.end(tally, said, words, **takes)))


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the module that renders it, and what else the module wants to know."""

    name: str
    module: str
    suffix: str
    """How the name of its file ends, where nothing else is asked for."""
    function: str = "render"
    takes: frozenset[str] = frozenset()
    """Of ``colour`` (whether a terminal shows it) and ``fail_on`` (the lowest severity that fails, or ``None``)."""

    streams: bool = False
    """Whether it can be written while the run goes on: its module has a ``STREAM`` then."""

    def stream(self) -> Stream:
        """How the format is written while the run goes on. Imports the module."""
        found: Stream = import_module(f"behov_xl.report.{self.module}").STREAM
        return found

    def renderer(self) -> Callable[..., str]:
        """``render(report, words, …)``, with what the format takes as keywords. Imports the module."""
        found: Callable[..., str] = getattr(import_module(f"behov_xl.report.{self.module}"), self.function)
        return found


FORMATS = {
    one.name: one
    for one in (
        Format("text", "text", ".txt", takes=frozenset({"colour"}), streams=True),
        Format("json", "json", ".json"),
        Format("jsonl", "json", ".jsonl", "render_lines", streams=True),
        Format("html", "html", ".html"),
        Format("sarif", "sarif", ".sarif"),
        Format("junit", "junit", ".xml", takes=frozenset({"fail_on"})),
        Format("github", "github", ".txt", streams=True),
        Format("gitlab", "gitlab", ".json"),
        Format("markdown", "markdown", ".md"),
        Format("csv", "csv_", ".csv", streams=True),
    )
}
"""Every format by name, in the order in which help lists them."""


@dataclass(frozen=True, slots=True)
class Output:
    """One report that was asked for: its format, and its file or, with ``None``, the screen."""

    format: Format
    file: Path | None = None
