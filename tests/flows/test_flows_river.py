"""Which task waits for which, and what is not run below a failure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.river import Futures, take_down
from transforms.names import TableName

RAW, A, B, C, OTHER = (
    TableName.parse(name) for name in ("raw_s.x", "core_t.a", "core_t.b", "core_t.c", "core_t.other")
)
THREADS = ThreadPoolExecutor(8)
UPSTREAM: dict[TableName, Collection[TableName]] = {A: [RAW], B: [A], C: [B, RAW], OTHER: [RAW]}


class Future:
    """What the river needs of a Prefect future, ended by another thread."""

    def __init__(self, work: Callable[[], State[Any]]) -> None:
        self._future = THREADS.submit(work)

    @property
    def state(self) -> State[Any]:
        return self._future.result()

    def wait(self) -> None:
        wait([self._future])

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._future.add_done_callback(lambda _: callback(self))


class Company:
    """Submits tables; remembers in which order, below which, and why some were not run."""

    def __init__(self, work: Callable[[TableName], State[Any]] = lambda name: Completed()) -> None:
        self.work = work
        self.submitted: list[TableName] = []
        self.above: dict[TableName, list[Any]] = {}
        self.because: dict[TableName, list[TableName]] = {}

    def __call__(self, name: TableName, above: list[Any], because: list[TableName]) -> Any:
        self.submitted.append(name)
        self.above[name], self.because[name] = above, because
        return Future(lambda: Failed(name="Skipped", message=str(because)) if because else self.work(name))

    def take_down(self, flowing: dict[TableName, Any]) -> Futures:
        return take_down(UPSTREAM, self, flowing)


def failing(*names: TableName) -> Callable[[TableName], State[Any]]:
    return lambda name: Failed(message="a check failed") if name in names else Completed()


def test_a_table_is_submitted_after_all_that_it_reads_and_waits_for_exactly_these() -> None:
    company = Company()
    raw = Future(Completed)
    futures = company.take_down({RAW: raw})
    assert company.submitted.index(A) < company.submitted.index(B) < company.submitted.index(C)
    assert company.above == {A: [raw], B: [futures[A]], C: [futures[B], raw], OTHER: [raw]}
    assert set(futures) == set(UPSTREAM)


def test_what_is_below_a_failed_table_is_not_run_and_says_which_table_failed() -> None:
    company = Company(failing(A))
    company.take_down({RAW: Future(Completed)})
    assert company.because == {
        A: [],
        B: [A],
        C: [A],
        OTHER: [],
    }


def test_a_failed_ingest_stops_what_reads_it_only() -> None:
    upstream = {**UPSTREAM, OTHER: [TableName.parse("raw_s.sound")]}
    company = Company()
    take_down(upstream, company, {RAW: Future(lambda: Failed(message="the database is away"))})
    assert {name for name, because in company.because.items() if because} == {A, B, C}


def test_two_causes_are_both_named() -> None:
    company = Company(failing(A, OTHER))
    take_down({A: [], OTHER: [], B: [A, OTHER]}, company, {})
    assert company.because[B] == [A, OTHER]


def test_tables_outside_the_selection_are_taken_as_they_are_published() -> None:
    company = Company()
    take_down({C: [B, RAW]}, company, {})
    assert company.above == {C: []}


def test_a_slow_table_does_not_hold_up_another_branch() -> None:
    c_is_running = Event()

    def work(name: TableName) -> State[Any]:
        if name == OTHER:
            assert c_is_running.wait(timeout=10), "c waited for a table that it does not read"
        if name == C:
            c_is_running.set()
        return Completed()

    futures = Company(work).take_down({RAW: Future(Completed)})
    assert futures[OTHER].state.is_completed()


def test_nothing_more_is_submitted_after_an_interrupt() -> None:
    submitted = []

    def submit(name: TableName, above: list[Any], because: list[TableName]) -> Any:
        submitted.append(name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_down(UPSTREAM, submit, {RAW: Future(Completed)})  # type: ignore[dict-item]
    assert len(submitted) == 1
