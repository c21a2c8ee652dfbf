"""Processes that may die: what reads files nobody vouches for runs in one, which a file may end or stall.

A child answers requests one after the other, and keeps a note of which file of the request it is at. It ends itself
when one file takes too long or too much memory; whoever asked learns then where it was. What a request is and how it
is answered is none of this module's business: see :mod:`behov_xl.tasks`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, NoReturn

_START = 120.0
"""Seconds in which a child must have started, however busy the machine is."""
_IDLE = 60.0
"""Seconds after which a child that is asked nothing ends itself: on a cluster nobody tells it that a run is over."""
_FAILED = 3
"""Exit code of a child that ended itself."""
_ALARM: int | None = getattr(signal, "SIGALRM", None)
_TOO_SLOW = frozenset({1} if _ALARM is None else {1, -_ALARM})
"""How a child ends that took too long: by faulthandler, or by a signal. No other way out of it gives these."""
_SLACK = 0.25
"""Seconds by which a file may exceed its limit: the clock is not wound up anew for every one of a thousand a second."""
_NOT_NEEDED = ("pyarrow",)
"""What pandas imports where it can, and a child has no use for: 35 MB, and a fifth of the time that pandas takes."""
_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_TOP_PAD_": "33554432",
    "MALLOC_MMAP_THRESHOLD_": "67108864",
}
"""Bytes that glibc's malloc keeps, as the next files need what the last ones gave back: to fetch it from the system
anew took a tenth of the time. Other systems have no such settings."""
_ONE_CORE = {"OPENBLAS_NUM_THREADS": "1"}
"""A child multiplies no matrices: threads for that cost 80 ms when numpy is loaded."""
PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from behov_xl.isolation import serve; serve()"


class ChildUnavailable(RuntimeError):
    """A child could not be started, or ends before it looks at a file: that says nothing of the files."""


class Closed(RuntimeError):
    """The run has ended; nothing more is answered."""


@dataclass(frozen=True, slots=True)
class Death:
    """A child ended in the middle of a request. ``at``: the number of the file that it was at, ``None`` for none."""

    at: int | None
    slow: bool
    """Whether it ended itself because that file took too long."""


# --------------------------------------------------------------------------------------- on the side that asks


@dataclass(slots=True)
class Child:
    """One process, started at once; it is ready when it has imported what it needs, which is waited for when asking."""

    _process: subprocess.Popen[bytes] = field(init=False)
    _note: IO[bytes] = field(init=False)
    _ready: bool = field(init=False, default=False)
    _told: bytes = field(init=False, default=b"")
    """What all requests have in common, as it was sent last."""

    def __post_init__(self) -> None:
        # Isolated, and with our own path: a directory of uploads must not be one that modules are imported from.
        home = str(Path(__file__).resolve().parents[1])
        command = [sys.executable, "-I", "-c", PROGRAM, json.dumps([home, *filter(None, sys.path)])]
        pipe = subprocess.PIPE
        env = {**_MEMORY, **_ONE_CORE, **os.environ}
        try:
            # An unnamed file in the place of stderr: it goes to the child on every system, and away by itself.
            self._note = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        except OSError as error:  # no folder for it, or no room
            raise ChildUnavailable(error.strerror or "") from error
        try:
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._note, env=env)  # noqa: S603
        except OSError as error:
            self._note.close()
            raise ChildUnavailable(error.strerror or "") from error

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, common: bytes, request: Any) -> bytes | Death:
        """The answer to a request; ``common`` is sent along where it is not what was sent last.

        Raises :class:`ChildUnavailable` if the process never got ready.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise ChildUnavailable
        if not self._ready and _received(self._process.stdout) is None:
            raise ChildUnavailable
        self._ready = True
        self._note.seek(0)
        self._note.truncate()
        try:
            _send(self._process.stdin, pickle.dumps((None if common == self._told else common, request), 5))
        except OSError:
            return self._death()
        self._told = common
        answer = _received(self._process.stdout)
        return self._death() if answer is None else answer

    def _death(self) -> Death:
        code = self._process.wait()
        self._note.seek(0)
        note = self._note.read(8)
        at = int.from_bytes(note, "little") if len(note) == 8 else None
        return Death(at, slow=at is not None and code in _TOO_SLOW)

    @property
    def gone(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Ends the process at once, and waits until it is gone. Threads that ask it get a :class:`Death`."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Ends the process and lets go of what belongs to it, when nobody asks it any more."""
        self.end()
        for stream in (self._process.stdin, self._process.stdout, self._note):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was not sent is not missed
                    stream.close()


@dataclass(slots=True)
class Children:
    """Children that wait for requests, as many as were ever needed at once. Threads may share it."""

    _idle: list[Child] = field(default_factory=list)
    _busy: list[Child] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    def start(self) -> None:
        """Starts one ahead of need: it gets ready while other things are done."""
        with self._lock:
            self._idle.append(Child())

    def ask(self, common: bytes, request: Any) -> bytes | Death:
        """Has a child answer; one that dies of it is not asked again.

        Raises :class:`ChildUnavailable`, and :class:`Closed` when the run has ended, before or meanwhile.
        """
        child = self._taken()
        alive = False
        try:
            answer = child.ask(common, request)
            alive = not isinstance(answer, Death)
        finally:
            self._returned(child, alive)
        return answer

    def _taken(self) -> Child:
        with self._lock:
            if self._closed:
                raise Closed
            for gone in [one for one in self._idle if one.gone]:  # it had nothing to do for a while
                self._idle.remove(gone)
                gone.close()
            child = self._idle.pop() if self._idle else Child()
            self._busy.append(child)
            return child

    def _returned(self, child: Child, alive: bool) -> None:
        with self._lock:
            self._busy.remove(child)
            if alive and not self._closed:
                self._idle.append(child)
                return
        child.close()
        if self._closed:
            raise Closed

    def close(self) -> None:
        """Ends them all, at once."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for child in self._busy:
                child.end()
        for child in idle:
            child.close()


def _send(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(len(data).to_bytes(8, "little"))
    pipe.write(data)
    pipe.flush()


def _received(pipe: IO[bytes]) -> bytes | None:
    """What was sent; ``None`` when the other side has ended, in the middle of it too."""
    size = pipe.read(8)
    if len(size) < 8:
        return None
    data = pipe.read(int.from_bytes(size, "little"))
    return data if len(data) == int.from_bytes(size, "little") else None


# --------------------------------------------------------------------------------------- in the child


@dataclass(slots=True)
class Watch:
    """What a child tells which file it is at; it ends the child that stays at one for too long."""

    _note: int
    _nowhere: IO[bytes]
    _wound: float = 0.0

    def at(self, number: int, seconds: float) -> None:
        """The file of this number comes next, and may take so many seconds."""
        os.lseek(self._note, 0, os.SEEK_SET)
        os.write(self._note, number.to_bytes(8, "little"))
        now = time.monotonic()
        if now - self._wound > _SLACK:
            self._wind(seconds + _SLACK)
            self._wound = now

    def _wind(self, seconds: float) -> None:
        """Ends the process after so many seconds, whoever holds the lock of the interpreter then.

        By the system where it can: faulthandler looks through the frames of code that goes on, and may fall over them.
        """
        if _ALARM is not None:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        else:
            faulthandler.dump_traceback_later(seconds, exit=True, file=self._nowhere)

    def stop(self) -> None:
        """Nothing is read now."""
        if _ALARM is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        self._wound = 0.0


def serve() -> None:
    """Answers requests until the side that asks is gone. The whole life of a child."""
    nowhere = Path(os.devnull).open("wb")  # noqa: SIM115 - as long as the process lives
    faulthandler.dump_traceback_later(_START, exit=True, file=nowhere)
    if _ALARM is not None:
        signal.signal(_ALARM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the parent decides
    answers, note = os.fdopen(os.dup(1), "wb"), os.dup(2)
    for stream in (1, 2):  # what a library prints must not get in between
        os.dup2(nowhere.fileno(), stream)
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, requests), daemon=True).start()
    for name in _NOT_NEEDED:  # as if it were not installed
        sys.modules[name] = None  # type: ignore[assignment]
    from behov_xl.tasks import Worker

    worker = Worker()
    watch = Watch(note, nowhere)
    watch.stop()
    _send(answers, b"ready")
    try:
        while True:
            common, request = pickle.loads(requests.get(timeout=_IDLE))  # noqa: S301 - from our own process
            done = worker.answer(common, request, watch)
            watch.stop()
            _send(answers, done)
            del common, request, done  # their memory is the next request's
    except Empty:
        _end(0)
    except BaseException:  # noqa: BLE001 - short of memory, most likely; whoever asked sees to it
        _end(_FAILED)


def _receive(pipe: IO[bytes], requests: SimpleQueue[bytes]) -> None:
    """Takes requests in, and ends the process when the side that asks is gone, whatever it is doing then."""
    while (request := _received(pipe)) is not None:
        requests.put(request)
    _end(0)


def _end(code: int) -> NoReturn:
    os._exit(code)


def memory_held() -> int | None:
    """Bytes of memory that the process has; ``None`` where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return None


def limit_memory(held: int | None, more: int) -> None:
    """Lets the process have this much memory beyond what it held. Where the system cannot, only time is limited."""
    if sys.platform == "win32" or held is None:
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        limit = held + more
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
