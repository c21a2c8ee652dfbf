"""What several rules ask of the same workbooks, found out once per chunk: keys, folded texts, answers.

What is given is shared too, so nobody may change it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from behov_xl import spaces

if TYPE_CHECKING:
    from behov_xl.form import Form
    from behov_xl.workbook.columns import Submissions

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def per_chunk(
    function: Callable[Concatenate[Submissions, _Asked], _Answer],
) -> Callable[Concatenate[Submissions, _Asked], _Answer]:
    """Makes a function of a chunk remember, with the chunk, what it gave for the same arguments (all positional)."""

    @wraps(function)
    def remembering(s: Submissions, /, *args: _Asked.args, **kwargs: _Asked.kwargs) -> _Answer:
        asked = function, *args, *kwargs.items()
        if asked not in s.shared:
            s.shared[asked] = function(s, *args, **kwargs)
        answer: _Answer = s.shared[asked]
        return answer

    return remembering


def per_form(function: Callable[[Form], _Answer]) -> Callable[[Form], _Answer]:
    """Makes a function of a form remember what it gave: by identity, as forms hold dicts and cannot be hashed."""
    known: dict[int, tuple[Form, _Answer]] = {}

    @wraps(function)
    def remembering(form: Form) -> _Answer:
        if id(form) not in known:
            known[id(form)] = form, function(form)
        return known[id(form)][1]

    return remembering


def cells(s: Submissions, table: str, column: str) -> list[Any]:
    """The values of a column, or of ``workbook`` and ``row``, from the first row to the last."""
    return s.columns[table][column]


@per_chunk
def folded(s: Submissions, table: str, column: str) -> list[str]:
    """The texts of a column as texts are compared: without regard to case."""
    return spaces.all_folded(cells(s, table, column))


@per_chunk
def keys_of(s: Submissions, table: str, column: str = "measure") -> list[tuple[int, str]]:
    """Workbook and key of each row of a table, as keys are compared: without regard to case."""
    return list(zip(cells(s, table, "workbook"), folded(s, table, column), strict=True))


@per_chunk
def rows_of(s: Submissions, table: str) -> dict[int, range]:
    """Workbook → the places of its rows in a table, which stand one after the other."""
    found: dict[int, range] = {}
    for place, workbook in enumerate(cells(s, table, "workbook")):
        found[workbook] = range(found[workbook].start if workbook in found else place, place + 1)
    return found
