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


def passed_over(path: Path) -> list[Path]:
    """The spreadsheets and archives below a directory, which are not searched for: nothing goes unsaid."""
    search = _Search(lambda name: _suffix(name) in _PASSED_OVER)
    search.below(path)
    return [Path(name) for name in sorted(search.found, key=_in_order)]


@dataclass(slots=True)
class _Search:
    """The files below a directory whose names are wanted. Links to directories are not followed."""

    wanted: Callable[[str], bool]
    found: list[str] = field(default_factory=list)
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
                        elif self.wanted(entry.name) and _is_file(entry):
                            self.found.append(entry.path)
            except OSError as error:
                self.unlisted[folder] = error.strerror or type(error).__name__


def is_workbook(name: str) -> bool:
    """Whether a file of this name is searched for."""
    return _suffix(name) == ".xlsx" and not name.startswith(("~$", "."))


def _suffix(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) or (entry.is_symlink() and is_file(Path(entry.path)))


def _in_order(name: str) -> str:
    """As paths are sorted: part by part, and without regard to case where the system has none."""
    return os.path.normcase(name).replace(os.sep, "\0")
