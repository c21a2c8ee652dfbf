"""Looks for workbooks below directories. A folder that cannot be looked into is told, and the search goes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from behov_xl.workbook.files import OTHER_SPREADSHEETS
from behov_xl.workbook.refusals import NO_WORKBOOKS, Refused

_PASSED_OVER = OTHER_SPREADSHEETS | {".zip"}


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A folder whose entries cannot be had, or not all of them, and what the system says to it."""

    path: Path
    reason: str


def is_folder(path: Path) -> bool:
    """Whether a path leads to a directory. Nothing is raised: what is wrong with a path is said when it is read."""
    with suppress(OSError, ValueError, RuntimeError):
        return path.is_dir()
    return False


def is_file(path: Path) -> bool:
    """Whether a path leads to a file, as :func:`is_folder`."""
    with suppress(OSError, ValueError, RuntimeError):
        return path.is_file()
    return False


def find_workbooks(path: Path) -> Iterator[Path | Unlisted]:
    """The path itself, or every .xlsx below a directory in order of name; lock files of open programs are passed over.

    Folders that cannot be looked into are among them. Raises :class:`Refused` for a directory without workbooks.
    """
    if not is_folder(path):
        yield path
        return
    search = _Search(is_workbook)
    search.below(path)
    if not search.found and not search.unlisted:
        raise Refused(NO_WORKBOOKS)
    for name in sorted([*search.found, *search.unlisted], key=_in_order):
        reason = search.unlisted.get(name)
        yield Path(name) if reason is None else Unlisted(Path(name), reason)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What is not searched for below a directory, nor looked into: nothing goes unsaid."""

    files: list[Path]
    """Spreadsheets of other kinds, and archives."""
    links: list[Path]
    """Links to directories."""


def passed_over(path: Path) -> PassedOver:
    """What a search for workbooks leaves out below a directory, in the order of paths."""
    search = _Search(lambda name: _suffix(name) in _PASSED_OVER)
    search.below(path)
    files, links = (list(map(Path, sorted(names, key=_in_order))) for names in (search.found, search.links))
    return PassedOver(files, links)


@dataclass(slots=True)
class _Search:
    """The files below a directory whose names are wanted. Links to directories are not followed."""

    wanted: Callable[[str], bool]
    found: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unlisted: dict[str, str] = field(default_factory=dict)

    def below(self, path: Path) -> None:
        """By the entries of directories, which say of themselves what they are: a third of ``Path.rglob``'s time."""
        waiting = [os.fspath(path)]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        elif entry.is_symlink():
                            self._link(entry)
                        elif self.wanted(entry.name) and entry.is_file(follow_symlinks=False):
                            self.found.append(entry.path)
            except OSError as error:
                self.unlisted[folder] = error.strerror or type(error).__name__

    def _link(self, entry: os.DirEntry[str]) -> None:
        if is_folder(Path(entry.path)):
            self.links.append(entry.path)
        elif self.wanted(entry.name) and is_file(Path(entry.path)):
            self.found.append(entry.path)


@dataclass(slots=True)
class Once:
    """Tells what was given already, by whatever name.

    By the real path of its folder, found out once for all its files, and its own name. Two links to one file are two:
    where each content is stored once, they are two forms that are alike.
    """

    _given: set[str] = field(default_factory=set)
    _folders: dict[str, str] = field(default_factory=dict)

    def is_new(self, path: Path) -> bool:
        """Whether this is the first time that the file, or folder, is given."""
        name = os.fspath(path)
        try:
            real = self._real(name)
        except (OSError, ValueError):  # what is wrong with it is said when it is read
            real = name
        known = len(self._given)
        self._given.add(os.path.normcase(real))
        return len(self._given) > known

    def _real(self, name: str) -> str:
        folder, last = os.path.split(name)
        if last in {"", ".", ".."}:
            return os.path.realpath(name)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return f"{self._folders[folder]}{os.sep}{last}"


def is_workbook(name: str) -> bool:
    """Whether a file of this name is searched for."""
    return _suffix(name) == ".xlsx" and not name.startswith(("~$", "."))


def _suffix(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def _in_order(name: str) -> str:
    """As paths are sorted: part by part, and without regard to case where the system has none."""
    return os.path.normcase(name).replace(os.sep, "\0")
