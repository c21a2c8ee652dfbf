"""The engine that xlwings works with, and the two ways to an app of it: start LibreOffice, or connect to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import xlwings
from xlwings import base_classes

from behov_xl.libreoffice import office
from behov_xl.libreoffice.application import Application

NAME = "libreoffice"


class Engine:
    """What xlwings asks an engine for; there is one of it."""

    name = NAME
    type = "desktop"

    def __init__(self) -> None:
        self.apps = Apps(self)

    @staticmethod
    def clean_value_data(
        data: list[list[Any]],
        dates: Callable[..., Any],
        empty: Any,
        numbers: Callable[[float], Any] | None,
        err_to_str: bool,  # noqa: ARG004 -- errors were read as texts or as nothing already
    ) -> list[list[Any]]:
        """The values as the caller's options want them."""
        if dates is datetime and empty is None and numbers is None:
            return data
        return [[_cleaned(value, dates, empty, numbers) for value in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:  # noqa: ARG004
        """A value as :attr:`Range.raw_value` takes it: what pandas and numpy have for nothing becomes nothing."""
        if type(value).__name__ in {"NAType", "NaTType"}:
            return None
        if hasattr(value, "to_pydatetime"):
            return value.to_pydatetime()
        if hasattr(value, "item"):
            value = value.item()
        return None if isinstance(value, float) and value != value else value


def _cleaned(value: Any, dates: Callable[..., Any], empty: Any, numbers: Callable[[float], Any] | None) -> Any:
    if value is None:
        return empty
    if isinstance(value, float) and numbers is not None:
        return numbers(value)
    if isinstance(value, datetime) and dates is not datetime:
        names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return dates(**{name: getattr(value, name) for name in names}, tzinfo=None)
    return value


class Apps(base_classes.Apps):
    """The connections that are open; the newest is the active one until another is activated."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._apps: list[Application] = []

    def keys(self) -> list[int]:
        return [app.pid for app in self._apps]

    def add(
        self,
        spec: Any = None,
        add_book: bool | None = None,
        xl: office.Office | None = None,
        visible: bool | None = None,
    ) -> Application:
        """A new app over ``xl``, or over a LibreOffice that is started for it, with a profile folder ``spec``."""
        made = xl or office.start(spec and Path(spec), headless=visible is False)
        app = Application(made, self._engine)
        self._apps.insert(0, app)
        if add_book:
            app.books.add()
        return app

    def to_front(self, app: Application) -> None:
        """Makes an app the active one."""
        self.forget(app)
        self._apps.insert(0, app)

    def forget(self, app: Application) -> None:
        """Lets go of an app that has ended."""
        self._apps.remove(app)

    @staticmethod
    def cleanup() -> None:
        """Nothing is left over: whoever starts LibreOffice here waits for its end."""

    def __iter__(self) -> Iterator[Application]:
        return iter(list(self._apps))

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> Application:
        return next(app for app in self._apps if app.pid == pid)


engine = Engine()


def register() -> xlwings.Engine:
    """Makes the engine known to xlwings, once, and the active one; returns it."""
    if NAME not in xlwings.engines.engines_by_name:
        xlwings.engines.add(xlwings.Engine(engine))
    known: xlwings.Engine = xlwings.engines[NAME]
    known.activate()
    return known


def start(profile: Path | None = None, *, headless: bool = False, timeout: float = 60) -> xlwings.App:
    """An app over a LibreOffice that is started for it, see :func:`behov_xl.libreoffice.office.start`.

    ``app.quit()`` ends the program unless it was running before. Raises
    :class:`~behov_xl.libreoffice.office.OfficeUnavailable`.
    """
    return _app(office.start(profile, headless=headless, timeout=timeout))


def connect(address: str, *, headless: bool = False) -> xlwings.App:
    """An app over a LibreOffice that listens at ``address``, see :func:`behov_xl.libreoffice.office.connect`.

    ``app.quit()`` leaves the program and its books as they are. Raises
    :class:`~behov_xl.libreoffice.office.OfficeUnavailable`.
    """
    return _app(office.connect(address, headless=headless))


def _app(made: office.Office) -> xlwings.App:
    register()
    return xlwings.App(impl=engine.apps.add(xl=made))
