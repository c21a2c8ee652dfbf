"""A workbook is changed by a child process, under the limits of time and memory that hold where one is validated.

All that is made of a file nobody vouches for is made there, in one go, from reading it to the words about it: whatever
is slow or greedy in it ends the child. The process that asks only writes down what it is given.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from behov_xl.findings import WorkbookReport
from behov_xl.isolation import Children, ChildUnavailable, Death, Watch, limit_memory, memory_held
from behov_xl.messages import catalogue
from behov_xl.tasks import DEATHS, LOADED_LATER, STARTS, failed, verdict
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.refusals import Refused
from behov_xl.workbook.sheet_xml import CannotEdit

if TYPE_CHECKING:
    from behov_xl.form import Form


@dataclass(frozen=True, slots=True)
class Edited:
    """A workbook as it was made, what is found in it, and what is told of that."""

    data: bytes
    report: WorkbookReport
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be made of a workbook: :func:`annotated` or :func:`fixed`, with what else they take."""

    make: Callable[..., Edited]
    data: bytes = field(repr=False)
    path: str
    form: Form
    limits: Limits
    options: dict[str, Any]

    def done(self, watch: Watch) -> bytes:
        """Makes it, in a child. Raises ``MemoryError`` and ``RecursionError``, which end that."""
        # Where reading ends and the rules begin is not known here: what those may load later is allowed from the start.
        limit_memory(memory_held(), self.limits.memory_bytes + LOADED_LATER)
        watch.at(0, self.limits.seconds)
        made: Edited | Exception
        try:
            made = self.make(self.data, self.path, self.form, self.limits, **self.options)
        except (MemoryError, RecursionError):
            raise
        except (Refused, CannotEdit) as error:
            made = error
        except Exception as error:  # noqa: BLE001 - a fault of ours that nobody foresaw, told as a finding
            made = failed(error)
        return pickle.dumps(made, 5)


def made(children: Children, edit: Edit) -> Edited:
    """What a child makes of a workbook.

    Raises :class:`behov_xl.workbook.files.Refused` and :class:`behov_xl.workbook.sheet_xml.CannotEdit` as that does,
    the first for a workbook too that takes too much time or memory; and
    :class:`behov_xl.isolation.ChildUnavailable` when no child can be started.
    """
    found: Edited | Exception = pickle.loads(_answer(children, edit))  # noqa: S301 - from our own process
    if isinstance(found, Exception):
        raise found
    return found


def _answer(children: Children, edit: Edit) -> bytes:
    starts = deaths = 0
    while True:
        answer = children.ask(b"", edit)
        if not isinstance(answer, Death):
            return answer
        if answer.at is None:
            starts += 1
        else:
            deaths += 1
        if starts == STARTS:
            raise ChildUnavailable
        if answer.slow or deaths == DEATHS:
            raise verdict(edit.limits, slow=answer.slow)


# --------------------------------------------------------------------------------------- in the child


def annotated(data: bytes, path: str, form: Form, limits: Limits, *, lang: str | None) -> Edited:
    """The workbook with its findings in it. What is no behovsmelding stays as it is, and is reported as such."""
    from behov_xl.annotate import annotate

    try:
        return Edited(*annotate(data, path, form, catalogue(lang) if lang else None, limits))
    except CannotEdit:
        report = _report(data, path, form, limits)
        if report.submission is not None:
            raise
        return Edited(data, report)


def _report(data: bytes, path: str, form: Form, limits: Limits) -> WorkbookReport:
    from behov_xl.validate import Selection, validate_chunk
    from behov_xl.workbook.sources import Content

    (report,) = validate_chunk([Content(path, data)], form, Selection(), limits)
    return report


def fixed(
    data: bytes,
    path: str,
    form: Form,
    limits: Limits,
    *,
    unsafe: bool,
    diff: bool,
    target: Path | None,
    lang: str,
    colour: bool,
) -> Edited:
    """The workbook with what can be fixed in it; ``shown`` are the changes, for the reader."""
    from behov_xl.fixes import fix_workbook
    from behov_xl.report import fixes as rendering

    done = fix_workbook(form, data, path, unsafe=unsafe, limits=limits)
    words = catalogue(lang)
    if diff:
        shown = rendering.diff(done, form.id, words, target=target, colour=colour)
    else:
        shown = rendering.text(done, form.id, words, target=target or Path(path), colour=colour)
    return Edited(done.data, done.report, shown)
