"""Files are written whole or not at all: to a temporary name beside the target, then renamed."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def resolved(path: Path) -> Path:
    """The path that links lead to. Raises ``OSError`` for those that lead to themselves, on every version of Python."""
    found = Path(os.path.realpath(path))
    if found.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return found


def write_atomically(path: Path, data: bytes) -> None:
    """Writes ``data`` to ``path``. Raises ``OSError``, and then leaves what was there as it was.

    A link is followed; what is no file (``/dev/stdout``, a pipe) is written to, never replaced.
    """
    with opened_atomically(path) as file:
        file.write(data)


@contextmanager
def opened_atomically(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to bit by bit, which takes the name ``path`` when all is written; as :func:`write_atomically`."""
    if path.exists() and not path.is_file():
        with path.open("wb") as target:
            yield target
        return
    path = resolved(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        temporary.chmod(path.stat().st_mode if path.exists() else 0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_writable(path: Path) -> None:
    """Raises ``OSError`` for what :func:`write_atomically` could not write to as things are. Leaves nothing behind."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return
    path = resolved(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    Path(name).unlink()


def write_backup(path: Path, data: bytes) -> Path:
    """Writes ``data`` beside ``path`` as ``name.bak.xlsx``, or ``name.bak2.xlsx`` …: never over what is there.

    Returns where. Raises ``OSError``, and then leaves nothing behind.
    """
    number = 1
    while True:
        backup = path.with_name(f"{path.stem}.bak{number if number > 1 else ''}{path.suffix}")
        try:
            file = backup.open("xb")
        except FileExistsError:
            number += 1
            continue
        try:
            with file:
                file.write(data)
            backup.chmod(path.stat().st_mode)
        except BaseException:
            backup.unlink(missing_ok=True)
            raise
        return backup
