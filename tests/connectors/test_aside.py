"""What is done aside: in order, one thing ahead at most, its failures told."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from connectors.aside import Aside


def test_things_are_done_in_order_and_the_caller_waits_for_the_one_before() -> None:
    aside, done, go = Aside("test"), list[int](), Event()

    def slow() -> None:
        go.wait(10)
        done.append(1)

    aside.do(slow)
    second = Thread(target=lambda: aside.do(lambda: done.append(2)))
    second.start()
    second.join(0.02)
    assert second.is_alive(), "nothing is put behind what waits"
    go.set()
    second.join()
    aside.close()
    assert done == [1, 2]


def test_what_fails_is_raised_at_the_next_call_and_what_is_stopped_is_not() -> None:
    def fails() -> None:
        raise OSError("full")

    aside = Aside("test")
    aside.do(fails)
    with pytest.raises(OSError, match="full"):
        aside.do(lambda: None)
    aside.do(fails)
    aside.stop()
