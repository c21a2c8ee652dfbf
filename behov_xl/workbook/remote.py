"""Workbooks at an address, ``s3://…``, ``https://…``: whatever fsspec knows, when the extra ``remote`` is installed."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from behov_xl.findings import Phrase
from behov_xl.workbook.files import read_stream
from behov_xl.workbook.folders import Unlisted, find_workbooks, is_workbook
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.refusals import NO_WORKBOOKS, NOT_FOUND, TOO_LARGE, Refused

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")
_LOGIN = re.compile(r"(?<=://)[^/@]*@")
_QUERY = re.compile(r"[?#].+", re.DOTALL)
_WEB = re.compile(r"(https?://[^?#]*)[?#].*", re.DOTALL)


def is_address(place: str) -> bool:
    """Whether a place is an address, and no path: ``C:/`` is a path."""
    return _ADDRESS.match(place) is not None


def shown(address: str) -> str:
    """An address as reports show it: without the login, and without a web address's query, where keys may stand."""
    return _WEB.sub(r"\1", _LOGIN.sub("", address))


@dataclass(frozen=True, slots=True)
class Remote:
    """One file at an address; ``path`` is what its file system calls it."""

    shown: str
    address: str
    path: str

    def read(self, limits: Limits = DEFAULT) -> bytes:
        """The content. Raises :class:`Refused`."""
        return self.content(limits.file_bytes)

    def content(self, limit: int) -> bytes:
        """The content, whatever it is. Raises :class:`Refused` when it cannot be had, or is larger than ``limit``."""
        with _told(self.address):
            system, _ = _system(self.address)
            with system.open(self.path, "rb") as file:
                data = read_stream(file, limit + 1)
        if len(data) > limit:
            raise Refused(TOO_LARGE, what=f"> {limit / 1e6:.0f} MB", limit=f"{limit / 1e6:.0f} MB")
        return data


def find(address: str) -> Iterator[Remote | Unlisted]:
    """The files that an address names: one, or those of a pattern or a folder, in the order of names.

    Folders of this machine that cannot be looked into are among them; other services leave them out themselves.

    Raises :class:`Refused`, also where there is no workbook.
    """
    with _told(address):
        system, path = _system(address)
        paths = _paths(system, path)
        found = [
            one
            if isinstance(one, Unlisted)
            else Remote(shown(address if paths == [path] else system.unstrip_protocol(one)), address, one)
            for one in paths
        ]
    if not found:
        raise Refused(NO_WORKBOOKS)
    yield from found


def _paths(system: Any, path: str) -> list[str | Unlisted]:
    names = {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)
    if names & {"http", "https"} or (path.lower().endswith((".xlsx", ".zip")) and not set(path) & set("*?[")):
        return [path]  # the web has no folders, and a ? begins a query there
    if set(path) & set("*?["):
        return sorted(one for one in system.glob(path) if not _last(one).startswith(("~$", ".")))
    if not system.isdir(path):
        return [path]
    if "file" in names:
        return [one.as_posix() if isinstance(one, Path) else one for one in find_workbooks(Path(path))]
    return sorted(one for one in system.find(path) if is_workbook(_last(one)))


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _system(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise Refused(NOT_FOUND, reason=Phrase("remote.not_installed")) from error
    system, path = url_to_fs(address)
    return system, path


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Turns what goes wrong on the way into the one finding, and keeps the address's secrets out of it."""
    try:
        yield
    except Refused:
        raise
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # each service's package raises its own, and fsspec whatever comes
        raise Refused(NOT_FOUND, reason=_why(error, address)) from error


def _why(error: BaseException, address: str) -> Phrase | str:
    """What went wrong, in words: by the first that has some, of an exception and those that led to it."""
    if isinstance(error, FileNotFoundError) and error.__cause__ is None and not error.strerror:
        return os.strerror(errno.ENOENT)
    one: BaseException | None = error
    while one is not None:
        if said := _said(one, address):
            return said
        one = one.__cause__
    return Phrase("remote.unusable", {"kind": type(error).__qualname__})


def _said(error: BaseException, address: str) -> Phrase | str:
    status = getattr(error, "status", None)
    if isinstance(status, int) and status >= 400:
        from http.client import responses  # a twentieth of a second that runs without addresses need not spend

        return Phrase("remote.answered", {"status": str(status), "meaning": responses.get(status, "")})
    if isinstance(error, TimeoutError) and not error.strerror:
        return Phrase("remote.slow")
    if isinstance(error, OSError) and error.strerror:
        words = _words(error)
        ours = type(error).__module__ == "builtins" and not isinstance(error, ConnectionError)
        return words if ours else Phrase("remote.unreachable", {"reason": words})
    if isinstance(error, ImportError | ValueError):  # a file system that is unknown, or an address that is none
        words = _without_secrets(str(error), address)
        return words if words != shown(address) else ""
    return ""


def _words(error: OSError) -> str:
    """What the system says to it; asyncio says where it would go in the place of that."""
    said = error.strerror or ""
    return os.strerror(error.errno) if "Connect call failed" in said and error.errno else said


def _without_secrets(text: str, address: str) -> str:
    text = text.replace(address, shown(address))
    for secret in (*_LOGIN.findall(address), *_QUERY.findall(address)):
        text = text.replace(secret, "")
    return text
