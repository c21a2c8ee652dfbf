"""The program: its books, its status bar, and what is switched off while an action works."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from behov_xl.libreoffice.book import Books
from behov_xl.libreoffice.cells import Range
from behov_xl.libreoffice.office import Office

if TYPE_CHECKING:
    from behov_xl.libreoffice.engine import Engine

_unstarted = itertools.count(-1, -1)
_BUTTONS = {"ok": 1, "ok_cancel": 2, "yes_no": 3, "yes_no_cancel": 4}
_ANSWERS = {0: "cancel", 1: "ok", 2: "yes", 3: "no"}
_BOXES = {"info": "INFOBOX", "critical": "ERRORBOX"}
_HARMLESS = {"ok": "ok", "ok_cancel": "cancel", "yes_no": "no", "yes_no_cancel": "cancel"}


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert says, and asks with ``ok``, ``ok_cancel``, ``yes_no`` or ``yes_no_cancel``."""

    prompt: str
    title: str
    buttons: str
    mode: str | None


def harmless(alert: Alert) -> str:
    """The answer where nobody can be asked: the one by which nothing happens."""
    return _HARMLESS[alert.buttons]


class Application(base_classes.App):
    """One connection to a LibreOffice."""

    display_alerts: Any = True
    """Kept for xlwings' sake: over the bridge LibreOffice asks nothing."""

    def __init__(self, office: Office, engine: Engine) -> None:
        self.office = office
        self.engine = engine
        self._pid = office.process.pid if office.process else next(_unstarted)
        self._locked: list[Any] = []
        self._status: str | bool = False
        self._indicator: Any = None
        self.alerts: list[Alert] = []
        """What was said without a screen to say it on."""
        self.has_loaded = False
        """Whether the program has opened a book: just started, it may answer before it can."""
        self.answer: Callable[[Alert], str] = harmless
        """Answers what is asked without a screen to ask it on."""

    @property
    def api(self) -> Any:
        return self.office.desktop

    @property
    def books(self) -> Books:
        return Books(self)

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def version(self) -> str:
        return self.office.version

    @property
    def hwnd(self) -> None:
        return None

    @property
    def visible(self) -> bool:
        return not self.office.headless

    @visible.setter
    def visible(self, visible: bool) -> None:
        if visible == self.office.headless:
            raise NotImplementedError("LibreOffice is visible or headless from its start")

    def activate(self, steal_focus: bool = False) -> None:  # noqa: ARG002
        """Makes this app the active one of xlwings; a book's window comes to the front by itself."""
        self.engine.apps.to_front(self)

    @property
    def selection(self) -> Range | None:
        book = self.books.current()
        return book.selection if book else None

    @property
    def screen_updating(self) -> bool:
        return not self._locked

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        if value:
            while self._locked:
                self._unlock(self._locked.pop())
        elif not self._locked:
            for book in self.books:
                book.api.lockControllers()
                book.api.addActionLock()
                self._locked.append(book.api)

    def _unlock(self, document: Any) -> None:
        with contextlib.suppress(self.office.failed):  # The book may have been closed meanwhile.
            document.removeActionLock()
            document.unlockControllers()

    @property
    def calculation(self) -> str:
        book = self.books.current()
        return "automatic" if book is None or book.api.isAutomaticCalculationEnabled() else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        """For all open books; ``semiautomatic`` is what Excel does with data tables, and automatic here."""
        for book in self.books:
            book.api.enableAutomaticCalculation(value != "manual")

    def calculate(self) -> None:
        """Computes what is not up to date in all books, as F9 does."""
        for book in self.books:
            book.api.calculate()

    @property
    def status_bar(self) -> str | bool:
        return self._status

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        """Shows a text, or with ``False`` gives the status bar back; without a screen the text is only kept."""
        self._status = value
        if self._indicator is not None:
            self._indicator.end()
            self._indicator = None
        book = self.books.current()
        if value is not False and book is not None and not self.office.headless:
            self._indicator = book.api.CurrentController.getStatusIndicator()
            self._indicator.start(str(value), 0)

    def alert(self, prompt: str, title: str | None, buttons: str, mode: str | None, callback: Any) -> str:  # noqa: ARG002
        """A message box, and the name of its button that was pressed."""
        alert = Alert(prompt or "", title or "", buttons or "ok", mode)
        book = self.books.current()
        if self.office.headless or book is None:
            self.alerts.append(alert)
            return self.answer(alert)
        window = book.api.CurrentController.Frame.ContainerWindow
        kind = _BOXES.get(mode or "", "MESSAGEBOX" if alert.buttons == "ok" else "QUERYBOX")
        box = self.office.service("com.sun.star.awt.Toolkit").createMessageBox(
            window, self.office.enum("awt.MessageBoxType", kind), _BUTTONS[alert.buttons], alert.title, alert.prompt
        )
        return _ANSWERS[box.execute()]

    def quit(self) -> None:
        """Ends the program without saving anything if it was started for this app, or lets go of it."""
        with contextlib.suppress(self.office.failed):  # It may have gone by itself.
            self.screen_updating = True
            for book in list(self.books) if self.office.process else []:
                book.close()
        self.office.close()
        self.engine.apps.forget(self)

    def release(self) -> None:
        """Lets go of the program, which stays as it is, its books open, for the user to go on with."""
        self.screen_updating = True
        self.status_bar = False
        self.office.release()
        self.engine.apps.forget(self)

    def kill(self) -> None:
        """As :meth:`quit`, which does not leave anything behind either."""
        self.quit()
