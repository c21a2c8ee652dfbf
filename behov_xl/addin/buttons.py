"""The buttons of the ribbon. A button's id is the name of the function in ``behov_xl.addin`` that it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Button:
    """One button. Its words are in the catalogues, under ``ribbon.<id>``."""

    id: str
    group: str
    """The group that it stands in; groups stand in the order of their first buttons."""
    image: str
    """Name of one of Office's own icons (``imageMso``), which Excel has had since 2013."""
    size: Literal["large", "normal"] = "normal"
    alone: bool = False
    """Whether it can be pressed when no workbook is open."""


BUTTONS = (
    Button("validate", "check", "DataValidation", size="large"),
    Button("fix", "check", "AutoCorrect"),
    Button("clear", "check", "ReviewDeleteComment"),
    Button("report", "workbook", "FilePrintPreview"),
    Button("new_workbook", "workbook", "FileNew", alone=True),
    Button("show_help", "help", "Help", size="large", alone=True),
)
