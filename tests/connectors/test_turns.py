from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from connectors.engines.turns import Turns


def waiting(turns: Turns) -> int:
    return len(turns._waiting)


def test_of_those_that_wait_the_most_urgent_goes_first() -> None:
    turns, order, free = Turns(1), list[int](), Event()

    def first() -> None:
        with turns.turn(0, 60):
            free.wait(60)

    def other(urgency: int) -> None:
        with turns.turn(urgency, 60):
            order.append(urgency)

    with ThreadPoolExecutor(5) as threads:
        threads.submit(first)
        while turns._free:
            time.sleep(0.001)
        for number, urgency in enumerate((1, 3, 0, 2)):
            threads.submit(other, urgency)
            while waiting(turns) <= number:
                time.sleep(0.001)
        free.set()
    assert order == [3, 2, 1, 0]


def test_who_has_no_patience_left_works_without_a_place_and_gives_none_back() -> None:
    turns = Turns(1)
    with turns.turn(0, 60), turns.turn(5, 0.01):
        assert (turns._free, waiting(turns)) == (0, 0)
    assert turns._free == 1


def test_a_place_is_given_back_after_an_error() -> None:
    turns = Turns(1)
    for _ in range(3):
        try:
            with turns.turn(0, 60):
                raise ValueError
        except ValueError:
            pass
    assert turns._free == 1
