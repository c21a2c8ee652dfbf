"""Reads files nobody vouches for in a process of its own, which may die: it costs one finding, and the run goes on.

One process reads a whole chunk; only where it dies or stalls is another one started, for the files after that one.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from behov_xl.workbook.files import Refused, open_grid
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.refusals import READER_DIED, TOO_SLOW

_START = 120.0
"""Seconds in which the process must have started, however busy the machine is."""
_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from behov_xl.guarded import serve; serve()"


class ReaderUnavailable(RuntimeError):
    """The process that reads could not be started at all, which says nothing of the files."""


def read(paths: Sequence[Path], tables: Collection[str], limits: Limits = DEFAULT) -> list[Grid | Refused]:
    """Each file's grid, or why it was refused, in order. Nothing is raised for a file, whatever it is.

    A file that takes longer than ``limits.seconds`` is refused as too slow; one that ends the process that reads it, as
    by needing more than ``limits.memory_bytes``, as one that the reader died of. Raises :class:`ReaderUnavailable`.
    """
    done: list[Grid | Refused] = []
    while len(done) < len(paths):
        with _Reader(tables, limits) as reader:
            done += reader.read(paths[len(done) :])
    return done


@dataclass(slots=True)
class _Reader:
    """One process that reads, and the thread that ends it when nothing comes from it any more."""

    tables: Collection[str]
    limits: Limits
    _process: subprocess.Popen[bytes] = field(init=False)
    _deadline: float = field(init=False, default=0.0)
    _ended: threading.Event = field(init=False, default_factory=threading.Event)
    _stalled: bool = field(init=False, default=False)

    def __enter__(self) -> _Reader:
        # Isolated, and with our own path: a directory of uploads must not be one that modules are imported from.
        home = str(Path(__file__).resolve().parents[1])
        command = [sys.executable, "-I", "-c", _PROGRAM, json.dumps([home, *filter(None, sys.path)])]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet)  # noqa: S603
        self._deadline = time.monotonic() + _START
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent is not missed
                    pipe.close()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            if time.monotonic() > self._deadline:
                self._stalled = True
                self._process.kill()
                return

    def read(self, paths: Sequence[Path]) -> list[Grid | Refused]:
        """The results up to the file that the process ended with, that one included; all of them if it did not."""
        if self._process.stdin is None or self._process.stdout is None or not self._ask(self._process.stdin, paths):
            raise ReaderUnavailable
        done: list[Grid | Refused] = []
        if _received(self._process.stdout) is None:
            raise ReaderUnavailable
        for _ in paths:
            self._deadline = time.monotonic() + self.limits.seconds
            result = _received(self._process.stdout)
            if result is None:
                done.append(self._why())
                break
            done.append(result)
        return done

    def _ask(self, pipe: IO[bytes], paths: Sequence[Path]) -> bool:
        try:
            _send(pipe, (paths, list(self.tables), self.limits))
        except OSError:
            return False
        return True

    def _why(self) -> Refused:
        """What the file did that the process ended with. Memory, where it was not time."""
        code = self._process.wait()
        slow = self._stalled or (sys.platform != "win32" and code == -signal.SIGXCPU)
        return Refused(TOO_SLOW, limit=self.limits.seconds) if slow else _needs_memory(self.limits)


def _needs_memory(limits: Limits) -> Refused:
    return Refused(READER_DIED, limit=limits.memory_bytes // 1_000_000)


def _send(pipe: IO[bytes], what: Any) -> None:
    data = pickle.dumps(what, protocol=5)
    pipe.write(len(data).to_bytes(8, "little") + data)
    pipe.flush()


def _received(pipe: IO[bytes]) -> Any:
    """What was sent; ``None`` when the other side has ended, in the middle of it too."""
    size = pipe.read(8)
    if len(size) < 8:
        return None
    data = pipe.read(int.from_bytes(size, "little"))
    return pickle.loads(data) if len(data) == int.from_bytes(size, "little") else None  # noqa: S301 - our own process


# ------------------------------------------------------------------------------- in the process that reads


def serve() -> None:
    """Reads what is asked for on stdin and answers on stdout, file by file, within the limits."""
    paths, tables, limits = _received(sys.stdin.buffer)
    out = sys.stdout.buffer
    _limit_memory(limits.memory_bytes)
    _send(out, True)
    for path in paths:
        _limit_time(limits.seconds)
        try:
            result: Grid | Refused = open_grid(path, tables, limits)
        except Refused as refused:
            result = refused
        except (MemoryError, RecursionError):
            _send(out, _needs_memory(limits))
            return  # another process goes on: this one may be short of what the next file needs
        _send(out, result)


def _limit_memory(more: int) -> None:
    """Lets the process have this much memory beyond what it has. Where the system cannot, only time is limited."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + more
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _limit_time(seconds: int) -> None:
    """Ends the process that has used this much more processor time, also where nobody watches it any more."""
    if sys.platform == "win32":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
