"""Open books and their names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from xlwings import base_classes

from behov_xl.libreoffice.cells import Range
from behov_xl.libreoffice.names import Names
from behov_xl.libreoffice.sheet import Sheets

if TYPE_CHECKING:
    from behov_xl.libreoffice.application import Application

_SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
_FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".ods": "calc8",
}
_NEVER, _FULL = 0, 3  # com.sun.star.document.MacroExecMode and UpdateDocMode
_TRIES = 50
"""The office answers before it can load."""


class Books(base_classes.Books):
    """The open spreadsheets."""

    def __init__(self, app: Application) -> None:
        self.app = app

    @property
    def api(self) -> Any:
        return self.app.office.desktop

    def __iter__(self) -> Iterator[Book]:
        for component in self.app.office.desktop.Components:
            if component.supportsService(_SPREADSHEET):
                yield Book(self.app, component)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __call__(self, name_or_index: str | int) -> Book:
        """A book by its number from 1, or its name; raises ``KeyError`` where there is no such book."""
        books = list(self)
        if isinstance(name_or_index, int):
            return books[name_or_index - 1]
        for book in books:
            if book.name.lower() == name_or_index.lower():
                return book
        raise KeyError(name_or_index)

    def __contains__(self, name: str) -> bool:
        return any(book.name.lower() == name.lower() for book in self)

    def current(self) -> Book | None:
        """The book in front, or any if another kind of document is."""
        front = self.app.office.desktop.getCurrentComponent()
        if front is not None and front.supportsService(_SPREADSHEET):
            return Book(self.app, front)
        return next(iter(self), None)

    @property
    def active(self) -> Book:
        book = self.current()
        if book is None:
            raise LookupError("no book is open")
        return book

    def add(self) -> Book:
        return self._load("private:factory/scalc")

    def open(
        self,
        fullname: str,
        update_links: Any = None,
        read_only: bool | None = None,
        format: Any = None,  # noqa: A002, ARG002 -- what Excel has and LibreOffice decides for itself
        password: str | None = None,
        *rest: Any,  # noqa: ARG002
    ) -> Book:
        """Opens a file, without running its macros.

        Raises ``OSError`` if LibreOffice cannot read it as a workbook, or another program has it open.
        """
        options: dict[str, Any] = {"MacroExecutionMode": _NEVER, "UpdateDocMode": _FULL if update_links else _NEVER}
        if read_only:
            options["ReadOnly"] = True
        if password is not None:
            options["Password"] = password
        if not self.app.office.headless:  # It may ask for a password, or say that somebody else has the file open.
            options["InteractionHandler"] = self.app.office.service("com.sun.star.task.InteractionHandler")
        return self._load(Path(fullname).absolute().as_uri(), **options)

    def _load(self, url: str, **options: Any) -> Book:
        office = self.app.office
        for _ in range(1 if self.app.has_loaded else _TRIES):
            document = office.desktop.loadComponentFromURL(url, "_blank", 0, office.properties(**options))
            if document is not None and document.supportsService(_SPREADSHEET):
                self.app.has_loaded = True
                return Book(self.app, document)
            if document is not None:
                document.close(True)
                break
            time.sleep(0.1)
        raise OSError(f"LibreOffice could not load {url}")


class Book(base_classes.Book):
    """One open spreadsheet."""

    def __init__(self, app: Application, document: Any) -> None:
        self._app = app
        self._document = document

    @property
    def app(self) -> Application:
        return self._app

    @property
    def api(self) -> Any:
        return self._document

    @property
    def office(self) -> Any:
        return self._app.office

    @property
    def fullname(self) -> str:
        url = urlsplit(self._document.getURL())
        if url.scheme == "file":
            return url2pathname(url.path)
        return self._document.getURL() or str(self._document.Title)

    @property
    def name(self) -> str:
        url = self._document.getURL()
        return unquote(url.rpartition("/")[2]) if url else str(self._document.Title)

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self)

    @property
    def selection(self) -> Range | None:
        """The selected cells, the first of them where there are several areas; ``None`` for a picture and the like."""
        selected = self._document.getCurrentSelection()
        if selected is None:
            return None
        if selected.supportsService("com.sun.star.sheet.SheetCellRanges"):
            areas = selected.RangeAddresses
        elif selected.supportsService("com.sun.star.sheet.SheetCellRange"):
            areas = (selected.RangeAddress,)
        else:
            areas = ()
        return Range.of(self.sheets(areas[0].Sheet + 1), areas[0]) if areas else None

    def custom_properties(self) -> dict[str, str]:
        """The properties that a user or a program has given the book. xlwings has no word for them."""
        properties = self._document.DocumentProperties.UserDefinedProperties
        return {one.Name: str(one.Value) for one in properties.PropertyValues}

    def save_copy(self, path: str) -> None:
        """Writes the book as it stands to another file; it stays what it was, saved or not."""
        kind = _FILTERS.get(Path(path).suffix.lower(), _FILTERS[".xlsx"])
        self._document.storeToURL(Path(path).absolute().as_uri(), self.office.properties(FilterName=kind))

    def activate(self) -> None:
        controller = self._document.CurrentController
        if controller is not None:
            controller.Frame.activate()

    def close(self) -> None:
        """Closes the book without saving it."""
        self._document.close(True)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Saves the book where it was opened, or under another name (.xlsx, .xlsm, .ods).

        Raises ``NotImplementedError`` for a password, ``ValueError`` for another kind of file, ``OSError`` if
        LibreOffice could not write it.
        """
        if password is not None:
            raise NotImplementedError("saving with a password")
        try:
            if path is None and self._document.hasLocation():
                self._document.store()
            else:
                self._save_as(Path(path or f"{self.name}.xlsx").absolute())
        except self.office.uno.getClass("com.sun.star.io.IOException") as error:
            raise OSError(f"LibreOffice could not save {self.name}: {error}") from error

    def _save_as(self, path: Path) -> None:
        kind = _FILTERS.get(path.suffix.lower())
        if kind is None:
            raise ValueError(f"cannot save as {path.suffix}")
        self._document.storeAsURL(path.as_uri(), self.office.properties(FilterName=kind))
