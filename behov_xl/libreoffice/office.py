"""Starts LibreOffice, or finds one that is running, and speaks to it over UNO."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_SYSTEM_PACKAGES = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice/program",
)
"""Where distributions put uno.py; a virtual environment does not look there."""
_POLL_SECONDS = 0.1


class OfficeUnavailable(Exception):
    """LibreOffice cannot be used. ``key`` and ``params`` find the words for it in the catalogue (``office.…``)."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(", ".join([key, *map(str, params.values())]))
        self.key = f"office.{key}"
        self.params = params


def load_uno() -> Any:
    """The module ``uno``. Raises :class:`OfficeUnavailable` where it is missing or made for another Python."""
    importer, path = builtins.__import__, list(sys.path)
    sys.path += _SYSTEM_PACKAGES
    try:
        uno = importlib.import_module("uno")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "uno"
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        key = "no-uno" if missing else "other-python"
        raise OfficeUnavailable(key, version=version, reason=str(error)) from error
    finally:
        # uno.py puts an import function of its own in everybody's way, and nothing here needs it.
        builtins.__import__ = importer
        sys.path[:] = path
    return uno


class Office:
    """A connection to a LibreOffice: what it takes to make its documents, structs and services."""

    def __init__(self, uno: Any, context: Any, process: subprocess.Popen[bytes] | None, *, headless: bool) -> None:
        self.uno = uno
        self.process = process
        """The process, if it was started here and is to end here."""
        self.headless = headless
        self._context = context
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.disposed: type[Exception] = uno.getClass("com.sun.star.lang.DisposedException")
        """What UNO raises once the program has gone."""
        self.refused: type[Exception] = uno.getClass("com.sun.star.uno.RuntimeException")
        """What UNO raises when the program does not do it, for instance on a protected sheet."""

    def service(self, name: str, *arguments: Any) -> Any:
        """An object of one of the program's services."""
        manager = self._context.ServiceManager
        if arguments:
            return manager.createInstanceWithArgumentsAndContext(name, arguments, self._context)
        return manager.createInstanceWithContext(name, self._context)

    def struct(self, name: str, **values: Any) -> Any:
        """A struct with its members set."""
        made = self.uno.createUnoStruct(f"com.sun.star.{name}")
        for key, value in values.items():
            setattr(made, key, value)
        return made

    def enum(self, name: str, value: str) -> Any:
        """A value of one of UNO's enumerations."""
        return self.uno.Enum(f"com.sun.star.{name}", value)

    def properties(self, **values: Any) -> tuple[Any, ...]:
        """Values with names, as services take them."""
        return tuple(self.struct("beans.PropertyValue", Name=name, Value=value) for name, value in values.items())

    @property
    def version(self) -> str:
        """As the program's About box gives it: ``7.4.7.2``."""
        where = self.properties(nodepath="/org.openoffice.Setup/Product")
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        return str(
            provider.createInstanceWithArguments(
                "com.sun.star.configuration.ConfigurationAccess", where
            ).ooSetupVersionAboutBox
        )

    def close(self) -> None:
        """Ends the program if it was started here, without saving anything; another one's is left as it is."""
        if self.process is None:
            return
        with contextlib.suppress(self.disposed):  # It may be gone before it has answered.
            self.desktop.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def start(profile: Path | None = None, *, headless: bool = False, timeout: float = 60) -> Office:
    """Starts LibreOffice, with a profile folder of its own or the user's.

    If the user's is running already, that one is used and outlives the connection. Raises :class:`OfficeUnavailable`
    if LibreOffice or its Python bridge is missing, or does not answer within ``timeout`` seconds.
    """
    uno = load_uno()
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise OfficeUnavailable("no-office")
    address = f"pipe,name=behov-xl-{secrets.token_hex(8)}"
    options = ["--norestore", "--nologo", "--nodefault", f"--accept={address};urp;"]
    if headless:
        options.append("--headless")
    if profile is not None:
        options.append(f"-env:UserInstallation={profile.resolve().as_uri()}")
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    deadline = time.monotonic() + timeout
    while (context := _resolve(uno, address)) is None:
        if time.monotonic() > deadline or process.poll():
            process.kill()
            process.wait()
            raise OfficeUnavailable("no-answer", address=program)
        time.sleep(_POLL_SECONDS)
    # A second call of a program that runs already hands its options over and ends at once.
    ours = process.poll() is None
    return Office(uno, context, process if ours else None, headless=headless)


def connect(address: str, *, headless: bool = False) -> Office:
    """Connects to a LibreOffice that was started with ``--accept=ADDRESS;urp;``, such as ``pipe,name=NAME``.

    Raises :class:`OfficeUnavailable` if the bridge is missing or nobody answers there.
    """
    uno = load_uno()
    context = _resolve(uno, address)
    if context is None:
        raise OfficeUnavailable("no-answer", address=address)
    return Office(uno, context, None, headless=headless)


def _resolve(uno: Any, address: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    try:
        return resolver.resolve(f"uno:{address};urp;StarOffice.ComponentContext")
    except uno.getClass("com.sun.star.connection.NoConnectException"):
        return None
