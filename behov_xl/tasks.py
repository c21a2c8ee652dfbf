"""What a run is cut into: some workbooks, validated together, and how that goes on when one of them is poison.

A task may be done on any machine. There, :func:`isolated` has a child process do it; where the child dies, the workbook
that it was at is tried again alone, and the others without it: a poisonous file costs one finding, every other file
has its report unharmed.
"""

from __future__ import annotations

import pickle
import zlib
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Protocol

import behov_xl
from behov_xl import collector, profiling
from behov_xl.findings import Severity, WorkbookReport
from behov_xl.isolation import Children, ChildUnavailable, Death, Watch, limit_memory, memory_held
from behov_xl.messages import catalogue
from behov_xl.profiling import Profile, stage
from behov_xl.report import FORMATS
from behov_xl.selection import Selection
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.refusals import CHECK_FAILED, READER_DIED, TOO_SLOW, Refused, unreadable

if TYPE_CHECKING:
    from behov_xl.form import Form
    from behov_xl.workbook.sources import Source

_PACKAGE = Path(behov_xl.__file__).parent
DEATHS = 2
"""How many processes a file must end before it is the file's fault: one may end for reasons of its own."""
LOADED_LATER = 150_000_000
"""Bytes for pandas and pandera, which rules load in the middle of the first file that needs them: they are not its."""
STARTS = 3
"""How many processes may end in a row before they look at any file."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A report that is rendered where the workbooks are validated, workbook by workbook."""

    format: str
    lang: str
    colour: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """What all tasks of a run have in common."""

    form: Form
    selection: Selection = field(default_factory=Selection)
    limits: Limits = DEFAULT
    whole: bool = True
    """Whether reports come with their findings; without them they serve only to be compared and added up."""
    renderings: tuple[Rendering, ...] = ()
    profile: bool = False

    def packed(self) -> bytes:
        """As it goes to other processes and machines, with every task: 15 kB."""
        return zlib.compress(pickle.dumps(self, 5), 1)


@lru_cache(maxsize=2)
def _unpacked(common: bytes) -> Setup:
    setup: Setup = pickle.loads(zlib.decompress(common))  # noqa: S301 - from our own process
    return setup


@dataclass(frozen=True, slots=True)
class Task:
    """Some workbooks. ``first`` is the number of the first of them in the whole run."""

    first: int
    sources: tuple[Source, ...]


class Errand(Protocol):
    """Something else that a child does, under a watch."""

    def done(self, watch: Watch) -> bytes:
        """Does it; what comes back is for whoever asked."""


@dataclass(slots=True)
class Piece:
    """What is known of some workbooks in a row; ``texts`` are their part of each rendering, as it is written."""

    first: int
    reports: list[WorkbookReport]
    counts: Counter[Severity]
    texts: tuple[bytes, ...]
    profile: Profile | None = None


Outcome = list[bytes] | list[Piece]
"""A task's pieces, in no order; packed, if another process did it."""


def pieces(outcome: Outcome) -> list[Piece]:
    """A task's pieces in order."""
    return sorted(map(_piece, outcome), key=lambda piece: piece.first)


def _piece(given: bytes | Piece) -> Piece:
    if isinstance(given, Piece):
        return given
    inner, profile = pickle.loads(given)  # noqa: S301 - from our own processes
    piece: Piece = pickle.loads(inner)  # noqa: S301
    piece.profile = profile
    return piece


def directly(common: bytes, task: Task) -> Outcome:
    """Does a task in this very process, without limits of time and memory. Raises what goes wrong in it."""
    from behov_xl.validate import validate_chunk

    setup = _unpacked(common)
    profile = Profile() if setup.profile else None
    with profiling.profiled(profile):
        reports = validate_chunk(task.sources, setup.form, setup.selection, setup.limits)
        piece = _told(setup, task.first, reports)
    piece.profile = profile
    return [piece]


def isolated(children: Children, common: bytes, task: Task) -> Outcome:
    """Has children do a task.

    Raises :class:`behov_xl.isolation.ChildUnavailable` when none can be started, and
    :class:`behov_xl.isolation.Closed` when the run has ended meanwhile.
    """
    waiting = deque([range(len(task.sources))])
    deaths: Counter[int] = Counter()
    done: list[bytes] = []
    starts = 0
    while waiting:
        group = waiting.popleft()
        answer = children.ask(common, Task(task.first + group[0], task.sources[group.start : group.stop]))
        if not isinstance(answer, Death):
            done.append(answer)
        elif answer.at is None:
            starts += 1
            if starts == STARTS:
                raise ChildUnavailable
            waiting.appendleft(group)
        elif answer.at >= len(group) > 1:  # all were read; which one the rules cannot stand is found out one by one
            waiting.extendleft(range(one, one + 1) for one in reversed(group))
        else:
            suspect = group[min(answer.at, len(group) - 1)]
            deaths[suspect] += 1
            if answer.slow or deaths[suspect] == DEATHS:
                setup = _unpacked(common)
                report = unreadable(task.sources[suspect].shown, verdict(setup.limits, slow=answer.slow))
                done.append(_packed(setup, task.first + suspect, [report], None))
            else:
                waiting.append(range(suspect, suspect + 1))
            waiting += [one for one in (range(group.start, suspect), range(suspect + 1, group.stop)) if one]
    return done


def verdict(limits: Limits, *, slow: bool) -> Refused:
    """What is said of a file that a child died of."""
    return (
        Refused(TOO_SLOW, limit=limits.seconds)
        if slow
        else Refused(READER_DIED, limit=limits.memory_bytes // 1_000_000)
    )


def _packed(setup: Setup, first: int, reports: list[WorkbookReport], profile: Profile | None) -> bytes:
    """A piece, as it travels: packed by itself, so that the profile beside it can say what that cost."""
    piece = _told(setup, first, reports)
    with stage("transport"):
        inner = pickle.dumps(piece, 5)
    return pickle.dumps((inner, profile), 5)


def _told(setup: Setup, first: int, reports: list[WorkbookReport]) -> Piece:
    """What is known of these workbooks, rendered."""
    with stage("report"):
        texts = tuple(_rendered(one, reports, setup.form) for one in setup.renderings)
    counts = Counter([one.rule.severity for report in reports for one in report.findings if one.acknowledged is None])
    if not setup.whole:
        reports = [WorkbookReport(report.path, (), report.submission) for report in reports]
    return Piece(first, reports, counts, texts)


def _rendered(rendering: Rendering, reports: Sequence[WorkbookReport], form: Form) -> bytes:
    shape, words = FORMATS[rendering.format], catalogue(rendering.lang)
    stream = shape.stream()
    known = {"colour": rendering.colour} if "colour" in shape.takes else {}
    return b"".join([stream.written(stream.part(report, form.id, words, **known)) for report in reports])


@dataclass(slots=True)
class Worker:
    """What a child does with its life: it validates what it is given, under a watch."""

    _setup: Setup | None = None

    def __post_init__(self) -> None:
        """Imports all that every run needs, before anything is timed."""
        with collector.paused():
            import behov_xl.validate  # noqa: F401
        collector.settle()

    def answer(self, common: bytes | None, task: Task | Errand, watch: Watch) -> bytes:
        """Does a task, or another errand.

        Raises ``MemoryError`` and ``RecursionError``: what a file costs, its own process must pay.
        """
        if not isinstance(task, Task):
            return task.done(watch)
        if common is not None:
            self._setup = _unpacked(common)
        setup = self._setup
        if setup is None:
            raise ValueError("the first task came without what all have in common")
        held = memory_held()
        profile = Profile() if setup.profile else None
        with profiling.profiled(profile), collector.paused():
            return _packed(setup, task.first, _validated(setup, task.sources, watch, held), profile)


def _validated(
    setup: Setup, sources: Sequence[Source], watch: Watch, held: int | None, alone: int | None = None
) -> list[WorkbookReport]:
    """Reports on the sources. ``held``: the memory before; ``alone``: the number of the only one of several."""
    from behov_xl.validate import validate_chunk

    limit_memory(held, setup.limits.memory_bytes)

    def at(number: int) -> None:
        watch.at(number if alone is None else alone, setup.limits.seconds)
        if number == len(sources):  # what is left are the rules
            limit_memory(held, setup.limits.memory_bytes + LOADED_LATER)

    try:
        return validate_chunk(sources, setup.form, setup.selection, setup.limits, at)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours that nobody foresaw, told as a finding
        if len(sources) == 1:
            return [unreadable(sources[0].shown, failed(error))]
        return [
            one for number, source in enumerate(sources) for one in _validated(setup, [source], watch, held, number)
        ]


def failed(error: Exception) -> Refused:
    """What is said of a file on which we ourselves fail."""
    return Refused(CHECK_FAILED, reason=_place(error))


def _place(error: Exception) -> str:
    """What went wrong and where in our own code, for those who maintain it: ``KeyError, rules/sums.py:48``."""
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_PACKAGE)]
    place = f", {Path(frames[-1].filename).relative_to(_PACKAGE).as_posix()}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
