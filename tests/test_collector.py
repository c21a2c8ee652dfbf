from __future__ import annotations

import gc

import pytest

from behov_xl import collector
from behov_xl.form import current
from behov_xl.tasks import Setup, Task, Worker, pieces
from behov_xl.workbook.sources import File
from conftest import EXAMPLES


def _fail_inside() -> None:
    with collector.paused():
        with collector.paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise ValueError("inside")


def test_the_search_for_cycles_pauses_and_goes_on_whatever_happens() -> None:
    with pytest.raises(ValueError, match="inside"):
        _fail_inside()
    assert gc.isenabled()


def test_where_nobody_searches_nobody_begins_to() -> None:
    gc.disable()
    try:
        with collector.paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


class _Watch:
    def at(self, number: int, seconds: float) -> None:
        assert not gc.isenabled()

    def stop(self) -> None:
        pass


def test_a_task_is_done_without_searching_and_leaves_no_cycles_with_what_it_read() -> None:
    worker, common = Worker(), Setup(current()).packed()
    task = Task(0, tuple(File(EXAMPLES / name) for name in ("feil_2026.xlsx", "bodo_2026.xlsx", "nix.xlsx")))
    try:
        answer = worker.answer(common, task, _Watch())
        assert [len(piece.reports) for piece in pieces([answer])] == [3]
        assert gc.isenabled()
        gc.collect()
        gc.disable()
        worker.answer(None, task, _Watch())
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        kept = [one for one in gc.garbage if type(one).__module__.startswith("behov_xl")]
        assert not any(type(one).__name__ in {"Grid", "SheetGrid", "Submissions"} for one in kept)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.unfreeze()
        gc.enable()
