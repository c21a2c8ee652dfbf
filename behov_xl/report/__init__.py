"""Reports: one module per format. Each turns a :class:`behov_xl.findings.Report` into text.

The formats are listed here, without their modules being imported: the command line and its help read the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


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

    def renderer(self) -> Callable[..., str]:
        """``render(report, words, …)``, with what the format takes as keywords. Imports the module."""
        found: Callable[..., str] = getattr(import_module(f"behov_xl.report.{self.module}"), self.function)
        return found


FORMATS = {
    one.name: one
    for one in (
        Format("text", "text", ".txt", takes=frozenset({"colour"})),
        Format("json", "json", ".json"),
        Format("jsonl", "json", ".jsonl", "render_lines"),
        Format("html", "html", ".html"),
        Format("sarif", "sarif", ".sarif"),
        Format("junit", "junit", ".xml", takes=frozenset({"fail_on"})),
        Format("github", "github", ".txt"),
        Format("gitlab", "gitlab", ".json"),
        Format("markdown", "markdown", ".md"),
        Format("csv", "csv_", ".csv"),
    )
}
"""Every format by name, in the order in which help lists them."""
