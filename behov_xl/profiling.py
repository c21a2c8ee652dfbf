"""Where the time of a run goes: small timers around its stages, which cost next to nothing as long as nobody asks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field

STAGES = ("finding", "reading", "tables", "schemas", "rules", "findings", "transport", "report")
"""In the order in which a workbook goes through them. Rules are timed by code, and are one stage together."""
_IDLE: AbstractContextManager[None] = nullcontext()


@dataclass(slots=True)
class Spent:
    """Seconds: of the processor, and by the clock."""

    processor: float = 0.0
    clock: float = 0.0

    def add(self, processor: float, clock: float) -> None:
        self.processor += processor
        self.clock += clock


@dataclass(slots=True)
class Profile:
    """What each stage took, summed over all that add to it; ``rules`` by code."""

    stages: dict[str, Spent] = field(default_factory=dict)
    rules: dict[str, Spent] = field(default_factory=dict)

    def add(self, other: Profile) -> None:
        """Adds what another process has measured."""
        pairs: tuple[tuple[dict[str, Spent], Mapping[str, Spent]], ...] = (
            (self.stages, other.stages),
            (self.rules, other.rules),
        )
        for ours, theirs in pairs:
            for name, spent in theirs.items():
                ours.setdefault(name, Spent()).add(spent.processor, spent.clock)


_current: ContextVar[Profile | None] = ContextVar("profile", default=None)


@contextmanager
def profiled(profile: Profile | None) -> Iterator[None]:
    """What is timed inside is added to ``profile``; with ``None`` nothing is timed."""
    token = _current.set(profile)
    try:
        yield
    finally:
        _current.reset(token)


def gather(profiles: Iterable[Profile | None]) -> None:
    """Adds what other processes have measured to the current profile, where somebody profiles."""
    current = _current.get()
    for profile in profiles:
        if current is not None and profile is not None:
            current.add(profile)


def stage(name: str) -> AbstractContextManager[None]:
    """Times a stage, where somebody profiles."""
    profile = _current.get()
    return _IDLE if profile is None else _timed(profile.stages, name)


def rule(code: str) -> AbstractContextManager[None]:
    """Times a rule, where somebody profiles."""
    profile = _current.get()
    return _IDLE if profile is None else _timed(profile.rules, code)


@contextmanager
def _timed(spent: dict[str, Spent], name: str) -> Iterator[None]:
    processor, clock = time.thread_time(), time.perf_counter()
    try:
        yield
    finally:
        of_name = spent.setdefault(name, Spent())
        of_name.add(time.thread_time() - processor, time.perf_counter() - clock)
