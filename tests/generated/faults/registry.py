"""How a fault is declared.

A fault changes a draft and returns the place where its rule must hit: ``Tiltak!E5``, several of them, or ``None`` for a
finding about the file as a whole. The draft draws what is left open, so that a fault is a whole class of faults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from generated.drafts import Draft

Places = str | list[str] | None
Inject = Callable[[Draft], Places]


@dataclass(frozen=True, slots=True)
class Fault:
    """``also``: codes of findings that follow from the fault and may come along. ``measures``, ``uh``: how many the
    submission needs at least. ``package``: it changes what no content can say."""

    code: str
    name: str
    inject: Inject
    also: frozenset[str]
    measures: int
    uh: int
    package: bool

    def __str__(self) -> str:
        return f"{self.code}: {self.name}"


FAULTS: list[Fault] = []


def fault(
    code: str, name: str, *, also: Collection[str] = (), measures: int = 1, uh: int = 1, package: bool = False
) -> Callable[[Inject], Inject]:
    """Declares the decorated function as a fault that the rule ``code`` must find."""

    def declare(inject: Inject) -> Inject:
        FAULTS.append(Fault(code, name, inject, frozenset(also), measures, uh, package))
        return inject

    return declare
