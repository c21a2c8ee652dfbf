"""Many workbooks: cut into tasks, done on an engine, given back in order, with memory for some tasks, not for all."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from behov_xl import profiling
from behov_xl.engines import Engine, EngineError
from behov_xl.findings import Finding, Severity, Tally, WorkbookReport
from behov_xl.isolation import ChildUnavailable
from behov_xl.profiling import stage
from behov_xl.rules.across import check_across
from behov_xl.selection import Selection, arranged
from behov_xl.tasks import Outcome, Piece, Setup, Task, pieces
from behov_xl.workbook.bundle import Entry
from behov_xl.workbook.limits import CHUNK
from behov_xl.workbook.sources import Content, File, Member, Source

if TYPE_CHECKING:
    from behov_xl.form import Form

FEW = 500
"""Up to so many workbooks a report is held whole, and findings across workbooks stand in their workbooks."""
_SMALL_CHUNK = 50
"""The least weight that is worth a task, and with it another process, of its own."""
_BYTES = 50_000
"""A workbook weighs 1, and 1 more for each so many bytes; a task, as much as a chunk of small ones."""
_IN_FLIGHT = 4
"""Tasks per worker that are under way or waiting to be fetched: how far the others may go ahead of a slow one."""
_PATIENCE = 1.0
"""Seconds after which the engine is asked whether anything will come."""


@dataclass(slots=True)
class Incoming:
    """The workbooks of a run. The first are known; the rest is found while the run goes on."""

    known: list[Source]
    rest: Iterator[Source]
    many: bool
    """Whether there are more than are held in memory at once."""
    total: int | None = None
    """How many, where that is known."""


def incoming(sources: Iterable[Source], *, listed: bool = False) -> Incoming:
    """Looks far enough ahead to tell few from many; ``listed``: to the end, so that the total is known."""
    with stage("finding"):
        rest = iter(sources)
        if listed:
            rest = iter(known := list(rest))
            return Incoming([], rest, len(known) > FEW, len(known))
        known = []
        weight = 0
        for source in islice(rest, FEW + 1):
            known.append(source)
            weight += _weight(source)
            if weight > _IN_FLIGHT * FEW:  # they may be in memory already
                return Incoming(known, rest, many=True)
        few = len(known) <= FEW
        return Incoming(known, rest, not few, len(known) if few else None)


def _weight(source: Source) -> int:
    size = 0
    if isinstance(source, File):
        with suppress(OSError, ValueError):  # what is wrong with it is found when it is read
            size = source.path.stat().st_size
    elif isinstance(source, Member):
        entry: Entry = source.entry
        size = entry.size
    elif isinstance(source, Content):
        size = len(source.data)
    return 1 + size // _BYTES


def tasks(found: Incoming, workers: int) -> Iterator[Task]:
    """Cuts a run into tasks of about equal weight; where there are few workbooks, so that all workers have some."""
    limit = CHUNK
    if not found.many:
        known = found.known = [*found.known, *found.rest]
        limit = min(CHUNK, max(_SMALL_CHUNK, -(-sum(map(_weight, known)) // (2 * workers))))
    first, chunk, weight = 0, list[Source](), 0
    for source in _timed(found):
        heavy = _weight(source)
        if chunk and weight + heavy > limit:
            yield Task(first, tuple(chunk))
            first, chunk, weight = first + len(chunk), [], 0
        chunk.append(source)
        weight += heavy
    if chunk:
        yield Task(first, tuple(chunk))


def _timed(found: Incoming) -> Iterator[Source]:
    yield from found.known
    found.known = []
    while True:
        with stage("finding"):
            source = next(found.rest, None)
        if source is None:
            return
        yield source


def run(found: Incoming, setup: Setup, engine: Engine, *, unordered: bool = False) -> Iterator[Piece]:
    """What the workbooks come to, in their order or as it comes. Raises :class:`EngineError`."""
    common = setup.packed()
    coming = tasks(found, engine.workers)
    waiting: deque[Future[Outcome]] = deque()
    try:
        while True:
            for task in islice(coming, _IN_FLIGHT * engine.workers - len(waiting)):
                waiting.append(engine.submit(common, task))
            if not waiting:
                return
            future = _next(waiting, engine, unordered=unordered)
            waiting.remove(future)
            with stage("transport"):
                done = pieces(_outcome(future, engine))
            profiling.gather(piece.profile for piece in done)
            yield from done
    finally:
        for future in waiting:
            future.cancel()


def _outcome(future: Future[Outcome], engine: Engine) -> Outcome:
    try:
        error = future.exception()
    except CancelledError as cancelled:  # not by us: those are not asked
        error = cancelled
    if isinstance(error, ChildUnavailable):
        raise EngineError("no_process") from error
    if error is not None:
        raise engine.explain(error)
    return future.result()


def _next(waiting: deque[Future[Outcome]], engine: Engine, *, unordered: bool) -> Future[Outcome]:
    """The task that is fetched next, when it is done."""
    wanted = list(waiting) if unordered else [waiting[0]]
    while True:
        done, _ = wait(wanted, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
        if done:
            return next(one for one in wanted if one in done)
        engine.check()


@dataclass(slots=True)
class Together:
    """What a run comes to as a whole, while it goes on. Of each workbook it keeps what it says it is, no findings."""

    said: list[WorkbookReport] = field(default_factory=list)
    counts: Counter[Severity] = field(default_factory=Counter)
    unreadable: int = 0
    started: float = field(default_factory=time.monotonic)

    def add(self, piece: Piece) -> None:
        """Takes some workbooks in."""
        self.said += [replace(one, findings=()) if one.findings else one for one in piece.reports]
        self.counts.update(piece.counts)
        self.unreadable += sum(one.submission is None for one in piece.reports)

    def across(self, form: Form, selection: Selection) -> dict[int, tuple[Finding, ...]]:
        """Number of a workbook → what shows only when all are seen together; it is counted, too."""
        with stage("findings"):
            found = check_across(self.said, selection.allows)
            self.counts.update(one.severity for findings in found.values() for one in findings)
            return {number: arranged(findings, form, selection) for number, findings in found.items()}

    def rate(self) -> float:
        """Workbooks per second, so far."""
        return len(self.said) / max(time.monotonic() - self.started, 1e-9)

    def tally(self) -> Tally:
        """The numbers so far."""
        return Tally(len(self.said), self.counts, self.unreadable)
