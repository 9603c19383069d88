"""Walking tables by dependency: order, failures, threads."""

from __future__ import annotations

import threading
import time

import pytest

from local_dev.lanes import Lanes
from local_dev.walk import WalkOutcome, walk
from transforms.names import TableName

A, B, C, D, E = (TableName("core_x", name) for name in "abcde")
DIAMOND = {A: (), B: (A,), C: (A,), D: (B, C), E: ()}


def nothing(outcome: WalkOutcome[str]) -> None:
    """Whoever does not want to be told."""


def test_everything_is_worked_on_after_what_it_needs() -> None:
    done: list[TableName] = []
    outcomes = walk(DIAMOND, lambda name: done.append(name) or str(name), threads=3, ended=nothing)
    assert sorted(done) == [A, B, C, D, E]
    assert all(done.index(above) < done.index(name) for name, needs in DIAMOND.items() for above in needs)
    assert outcomes[D].value == "core_x.d"


def test_a_failure_skips_what_is_below_it_and_nothing_else() -> None:
    def work(name: TableName) -> str:
        if name == B:
            raise ValueError("broken")
        return str(name)

    told: list[TableName] = []
    outcomes = walk(DIAMOND, work, threads=2, ended=lambda outcome: told.append(outcome.name))
    assert str(outcomes[B].error) == "broken"
    assert outcomes[D].skipped_for == B
    assert [outcomes[name].value for name in (A, C, E)] == ["core_x.a", "core_x.c", "core_x.e"]
    assert sorted(told) == [A, B, C, D, E]


def test_a_long_chain_below_a_failure_is_skipped_for_the_table_that_failed() -> None:
    def work(name: TableName) -> None:
        raise ValueError

    chain = [TableName("core_x", f"t{i}") for i in range(2000)]
    outcomes = walk({name: chain[max(i - 1, 0) : i] for i, name in enumerate(chain)}, work, threads=2, ended=nothing)
    assert {outcomes[name].skipped_for for name in chain[1:]} == {chain[0]}


def test_tables_that_need_nothing_of_each_other_run_at_once() -> None:
    both = threading.Barrier(2, timeout=5)
    outcomes = walk({A: (), B: ()}, lambda _: both.wait(), threads=2, ended=nothing)
    assert [outcome.error for outcome in outcomes.values()] == [None, None]


def test_never_more_threads_than_allowed() -> None:
    lock, running, most = threading.Lock(), [0], [0]

    def work(_: TableName) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1

    walk({TableName("core_x", f"t{i}"): () for i in range(8)}, work, threads=2, ended=nothing)
    assert most == [2]


def test_work_that_waits_for_a_silent_source_keeps_no_thread_from_others_and_no_place_but_its_lanes() -> None:
    silent = {TableName("a_source", f"t{i}"): "x" for i in range(6)}
    others = {A, B, C}
    lanes, answers, inside, most = Lanes(silent, most=2), threading.Event(), list[TableName](), list[int]()

    def work(name: TableName) -> str:
        if name not in silent:
            return str(name)
        inside.append(name)
        most.append(len(inside))
        assert answers.wait(5)
        lanes.arrived(name)
        inside.remove(name)
        return str(name)

    def told(outcome: WalkOutcome[str]) -> None:
        ended.append(outcome.name)
        if len(ended) == len(others):
            answers.set()

    ended: list[TableName] = []
    outcomes = walk(dict.fromkeys([*silent, *others], ()), work, threads=1, ended=told, lanes=lanes)
    assert inside == []
    assert set(ended[:3]) == others, "all others were done while the source was silent"
    assert max(most) == 2
    assert all(outcome.value for outcome in outcomes.values())
    assert (len(outcomes), lanes.waiting) == (9, 0)


def test_the_longest_chain_goes_first() -> None:
    done: list[TableName] = []
    walk({A: (), E: (), B: (E,), C: (B,)}, done.append, threads=1, ended=nothing)
    assert done[0] == E


def test_tables_that_wait_for_each_other_are_worked_on_all_the_same() -> None:
    outcomes = walk({A: (C,), B: (A,), C: (B,), D: (B,), E: ()}, str, threads=2, ended=nothing)
    assert {name: outcome.value for name, outcome in outcomes.items()} == {name: str(name) for name in (A, B, C, D, E)}


def test_needs_outside_the_walk_are_taken_as_done() -> None:
    assert walk({B: (A,)}, str, threads=1, ended=nothing)[B].value == "core_x.b"


def test_an_interrupt_is_raised_and_nothing_new_begins() -> None:
    begun: list[TableName] = []

    def told(_: WalkOutcome[None]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk({A: (), B: (A,)}, begun.append, threads=1, ended=told)
    assert begun == [A]
