"""Starts LibreOffice, or finds one that is running, and speaks to it over UNO."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import os
import secrets
import shutil
import signal
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
_PYTHONS_OWN = frozenset({"__traceback__", "__cause__", "__context__", "__suppress_context__", "__notes__"})
_POLL_SECONDS = 0.1
_TOKEN = "BEHOV_XL_TOKEN"  # noqa: S105 -- tells the program that was started from one that was running


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
    _mend_exceptions(uno)
    return uno


def _mend_exceptions(uno: Any) -> None:
    """Lets Python keep its notes on UNO's exceptions, which ``with`` and ``raise`` write on them.

    uno.py takes every attribute of an exception for a member of UNO's, so that an exception that leaves a block of
    ``contextlib`` turns into a complaint about a traceback that is no UNO type.
    """
    original = vars(uno)["_uno_struct__setattr__"]
    if hasattr(original, "mended"):
        return

    def set_attribute(self: Any, name: str, value: Any) -> None:
        if name in _PYTHONS_OWN:
            object.__setattr__(self, name, value)
        else:
            original(self, name, value)

    vars(set_attribute)["mended"] = True
    vars(uno)["_uno_struct__setattr__"] = set_attribute


class Office:
    """A connection to a LibreOffice: what it takes to make its documents, structs and services."""

    def __init__(self, uno: Any, context: Any, process: subprocess.Popen[bytes] | None, *, headless: bool) -> None:
        self.uno = uno
        self.process = process
        """The process, if it was started here and is to end here."""
        self.headless = headless
        self._context = context
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.failed: type[Exception] = uno.getClass("com.sun.star.uno.Exception")
        """What all exceptions of UNO are: the program did not do it, or is not there any more."""

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
        with contextlib.suppress(self.failed):  # It may be gone before it has answered.
            self.desktop.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            _kill(self.process)
        self.process = None

    def release(self) -> None:
        """Lets the program go on by itself, for the user to close."""
        if self.process is not None:
            self.process.returncode = 0  # Nobody here waits for its end any more.
            self.process = None


def start(profile: Path | None = None, *, headless: bool = False, timeout: float = 60) -> Office:
    """Starts LibreOffice, with a profile folder of its own or the user's.

    If one with that profile is running already, it is used, and outlives the connection. Raises
    :class:`OfficeUnavailable` if LibreOffice or its Python bridge is missing, or does not answer within ``timeout``
    seconds.
    """
    uno = load_uno()
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise OfficeUnavailable("no-office")
    token = secrets.token_hex(8)
    address = f"pipe,name=behov-xl-{token}"
    options = [f"-env:{_TOKEN}={token}", "--norestore", "--nologo", "--nodefault", f"--accept={address};urp;"]
    if headless:
        options.append("--headless")
    if profile is not None:
        options.append(f"-env:UserInstallation={profile.resolve().as_uri()}")
    quiet = subprocess.DEVNULL
    # In a session of its own: an interrupted command must not take the user's documents along.
    process = subprocess.Popen([program, *options], stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603
    deadline = time.monotonic() + timeout
    while (context := _resolve(uno, address)) is None:
        if time.monotonic() > deadline or process.poll():
            _kill(process)
            raise OfficeUnavailable("no-answer", address=program)
        time.sleep(_POLL_SECONDS)
    expander = context.getValueByName("/singletons/com.sun.star.util.theMacroExpander")
    if expander.expandMacros(f"${_TOKEN}") == token:
        return Office(uno, context, process, headless=headless)
    process.wait()  # Another one runs already; this one has handed its options over, and ends.
    return Office(uno, context, None, headless=False)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a process with those that it has started: the program itself is a child of the command."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


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
