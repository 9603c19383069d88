"""Whose statement works next, and that a place is never lost nor given twice."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from connectors.engines.turns import Turns


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that interrupt each other as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def has_place(turns: Turns) -> bool:
    """Whether a statement would find a place at once."""
    with turns.turn(0, 0) as found:
        return found


def test_of_those_that_wait_the_most_urgent_goes_first() -> None:
    turns, order = Turns(1), list[int]()

    def work(urgency: int) -> None:
        with turns.turn(urgency, 60):
            order.append(urgency)

    with ThreadPoolExecutor(4) as threads, turns.turn(0, 60):
        for number, urgency in enumerate((1, 3, 0, 2), 1):
            threads.submit(work, urgency)
            while turns.waiting < number:
                time.sleep(0.001)
    assert order == [3, 2, 1, 0]


def test_never_more_at_once_than_there_are_places(hasty: None) -> None:
    turns, inside, most = Turns(1), list[int](), list[int]()

    def work(number: int) -> None:
        for _ in range(300):
            with turns.turn(0, 60):
                inside.append(number)
                time.sleep(0)
                most.append(len(inside))
                inside.remove(number)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))
    assert max(most) == 1


def test_who_has_no_patience_left_works_without_a_place_and_gives_none_back() -> None:
    turns = Turns(1)
    with turns.turn(0, 60) as first:
        with turns.turn(5, 0.01) as second:
            assert (first, second, turns.waiting) == (True, False, 0)
        assert not has_place(turns)
    assert has_place(turns)


def test_a_place_is_given_back_after_an_error() -> None:
    turns = Turns(1)
    with suppress(ValueError), turns.turn(0, 60):
        raise ValueError
    assert has_place(turns)
