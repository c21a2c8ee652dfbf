"""Where tasks are done: an executor, and how it does one. Any executor of ``concurrent.futures`` will do."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from behov_xl.findings import Phrase
from behov_xl.isolation import Children, ChildUnavailable
from behov_xl.tasks import Outcome, Task, directly, isolated


class EngineError(Exception):
    """The engine cannot do tasks at all; ``said`` is why, for the reader."""

    def __init__(self, problem: str, /, **params: Any) -> None:
        super().__init__(problem)
        self.said = Phrase(f"engine.{problem}", params)


def _fine() -> None:
    """Nothing to see to."""


def _as_it_is(task: Task) -> Task:
    """A task that is done where its files were found."""
    return task


def _unexplained(error: BaseException) -> BaseException:
    """What went wrong is a fault of ours."""
    return error


@dataclass(frozen=True, slots=True)
class Engine:
    """``work`` does a task on ``executor``, which does ``workers`` at a time.

    ``close`` ends all that was started, at once, tasks in the middle of their work too. ``check`` raises
    :class:`EngineError` when nothing will come any more. ``prepare`` is what a task needs to be done elsewhere, and
    ``explain`` makes of an exception that ended a task what is raised for it.
    """

    executor: Executor
    work: Callable[[bytes, Task], Outcome]
    workers: int
    close: Callable[[], None]
    check: Callable[[], None] = _fine
    prepare: Callable[[Task], Task] = _as_it_is
    explain: Callable[[BaseException], BaseException] = _unexplained

    def submit(self, common: bytes, task: Task) -> Future[Outcome]:
        """Has a task done some time."""
        return self.executor.submit(self.work, common, self.prepare(task))


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def local(jobs: int) -> Engine:
    """Child processes on this machine, as many as jobs. Each is started when it is needed, the first at once.

    Raises :class:`EngineError` where none can be.
    """
    children = Children()
    try:
        children.start()
    except ChildUnavailable as error:
        raise EngineError("no_process") from error
    # A thread for each child does nothing but wait for it.
    executor = ThreadPoolExecutor(jobs, "behov-xl")

    def close() -> None:
        children.close()
        executor.shutdown(wait=True, cancel_futures=True)

    return Engine(executor, partial(isolated, children), jobs, close)


class _Here(Executor):
    """Does what it is given at once, where it is given it."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


def here() -> Engine:
    """The very process that asks, without limits of time and memory; what goes wrong in it is raised."""
    return Engine(_Here(), directly, 1, _fine)
