"""Where workbooks come from: files, directories, zip archives, standard input, addresses. Each becomes a source.

A source says how it is shown in reports, and reads its bytes when asked to; it can be sent to another process, which
then reads them itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from behov_xl.findings import Phrase, Rule
from behov_xl.workbook import bundle, remote
from behov_xl.workbook.files import read_file, read_stream, shown
from behov_xl.workbook.folders import Once, Unlisted, find_workbooks, is_file, is_folder
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.refusals import NOT_FOUND, TOO_LARGE, Refused

MAX_IN_MEMORY = 500_000_000
"""Bytes of an archive that arrives as a stream: it is held while its workbooks are read."""
STDIN = "-"
_ALSO_STDIN = frozenset({"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_OWN_FILES = ("/dev/fd/", "/proc/self/fd/")
"""Paths that are another file in each process, and so mean nothing to the child that would read them."""


@dataclass(frozen=True, slots=True)
class File:
    """A workbook that is a file."""

    path: Path

    def __reduce__(self) -> tuple[Any, ...]:
        """By its name, in half the time that a path takes by itself: tasks hold nothing else."""
        return _file, (os.fspath(self.path),)

    @property
    def shown(self) -> str:
        return shown(self.path)

    def read(self, limits: Limits = DEFAULT) -> bytes:
        """The content. Raises :class:`Refused`."""
        return read_file(self.path, limits)


def _file(name: str) -> File:
    return File(Path(name))


@dataclass(frozen=True, slots=True)
class Located:
    """A workbook that is a file, by a path that holds in every working directory, shown as it was named."""

    shown: str
    path: Path

    def read(self, limits: Limits = DEFAULT) -> bytes:
        """The content. Raises :class:`Refused`."""
        return read_file(self.path, limits)


@dataclass(frozen=True, slots=True)
class Member:
    """A workbook in a zip archive that is a file."""

    shown: str
    path: Path
    entry: bundle.Entry

    def read(self, limits: Limits = DEFAULT) -> bytes:
        """The content. Raises :class:`Refused`."""
        with _opened(self.path) as file:
            return bundle.read_entry(file, self.entry, limits)


@dataclass(frozen=True, slots=True)
class Content:
    """A workbook that is in memory, since it can be read only once."""

    shown: str
    data: bytes = field(repr=False)

    def read(self, limits: Limits = DEFAULT) -> bytes:
        """The content, which had to keep within limits when it was taken in."""
        del limits
        return self.data


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What turned out to be unreadable before it was read: a source like the others, so that it has its report."""

    shown: str
    rule: Rule
    params: dict[str, Any]

    def read(self, limits: Limits = DEFAULT) -> bytes:
        """Raises :class:`Refused`."""
        del limits
        raise Refused(self.rule, **self.params)


Source = File | Located | Member | Content | Unreadable | remote.Remote


def find(places: Iterable[Path | str], limits: Limits = DEFAULT) -> Iterator[Source]:
    """The workbooks at these places, in order; nothing is raised.

    A path is a path. A text may also be an address (``s3://…``) or ``-`` for standard input, as is ``/dev/stdin``.
    Directories are searched for .xlsx; a zip archive that is named is opened, with entries shown as
    ``archive.zip!folder/a.xlsx``. A file that is reached in several ways is given once, by the first of its names.
    """
    once = Once()
    for place in places:
        name = shown(place) if isinstance(place, Path) else remote.shown(place)
        try:
            yield from _find(place, limits, once)
        except Refused as refused:
            yield Unreadable(name, refused.rule, refused.params)
        except OSError as error:  # a name that is too long, a folder that may not be read
            yield Unreadable(name, NOT_FOUND, {"reason": error.strerror or ""})


def located(source: Source) -> Source:
    """The same source for a process whose working directory is another."""
    if isinstance(source, File):
        return Located(source.shown, source.path.absolute())
    return replace(source, path=source.path.absolute()) if isinstance(source, Member) else source


def is_local(place: Path | str) -> bool:
    """Whether a place is a path of this machine."""
    return isinstance(place, Path) or not (place == STDIN or remote.is_address(place))


def _find(place: Path | str, limits: Limits, once: Once) -> Iterator[Source]:
    if place == STDIN or os.fspath(place) in _ALSO_STDIN:
        data = read_stream(sys.stdin.buffer, _in_memory(limits) + 1)
        yield from _contents(os.fspath(place), data, limits)
    elif isinstance(place, str) and remote.is_address(place):
        for one in remote.find(place):
            if isinstance(one, Unlisted):
                yield _unlisted(one)
            elif one.shown.lower().endswith(".zip"):  # without the query that an address may have
                yield from _contents(one.shown, one.content(_in_memory(limits)), limits)
            else:
                yield one
    else:
        yield from _files(Path(place), once)


def _files(path: Path, once: Once) -> Iterator[Source]:
    if not is_folder(path):
        if once.is_new(path):
            yield from _file_or_archive(path)
        return
    for one in find_workbooks(path):
        if isinstance(one, Path):
            if once.is_new(one):
                yield File(one)
        elif once.is_new(one.path):
            yield _unlisted(one)


def _file_or_archive(path: Path) -> Iterator[Source]:
    if os.fspath(path).startswith(_OWN_FILES):
        raise Refused(NOT_FOUND, reason=Phrase("place.no_file"))
    if path.suffix.lower() == ".zip" and is_file(path):
        with _opened(path) as file:
            found = bundle.entries(file) if bundle.is_archive(file.read(4)) else None
        if found is not None:
            for one in found:
                name = f"{shown(path)}!{one.name}"
                yield Member(name, path, one) if isinstance(one, bundle.Entry) else _refusal(name, one)
            return
    yield File(path)


def _unlisted(folder: Unlisted) -> Unreadable:
    return Unreadable(shown(folder.path), NOT_FOUND, {"reason": Phrase("place.unlisted", {"reason": folder.reason})})


def _in_memory(limits: Limits) -> int:
    """A stream may be a workbook, too, and is as long then as a workbook may be."""
    return max(MAX_IN_MEMORY, limits.file_bytes)


def _contents(name: str, data: bytes, limits: Limits) -> Iterator[Source]:
    """A workbook, or each of an archive of them, one after the other."""
    most = _in_memory(limits)
    if len(data) > most:
        raise Refused(TOO_LARGE, what=f"> {most / 1e6:.0f} MB", limit=f"{most / 1e6:.0f} MB")
    file = BytesIO(data)
    found = bundle.entries(file) if bundle.is_archive(data) else None
    if found is None and len(data) > limits.file_bytes:
        raise Refused(TOO_LARGE, what=f"{len(data) / 1e6:.0f} MB", limit=f"{limits.file_bytes / 1e6:.0f} MB")
    if found is None:
        yield Content(name, data)
        return
    for one in found:
        inner = f"{name}!{one.name}"
        try:
            if isinstance(one, bundle.Entry):
                yield Content(inner, bundle.read_entry(file, one, limits))
            else:
                yield _refusal(inner, one)
        except Refused as refused:
            yield Unreadable(inner, refused.rule, refused.params)


def _refusal(name: str, refusal: bundle.Refusal) -> Unreadable:
    return Unreadable(name, refusal.rule, {"reason": refusal.reason} if refusal.reason else {})


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise Refused(NOT_FOUND, reason=error.strerror or "") from error
