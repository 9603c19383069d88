"""Whose statement works next: a few at once, of those that wait the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from heapq import heapify, heappush
from itertools import count
from threading import Condition


class Turns:
    """`places` statements at once."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: list[tuple[int, int]] = []
        self._numbers = count()
        self._changed = Condition()

    @contextmanager
    def turn(self, urgency: int, patience_s: float) -> Iterator[None]:
        """Waits for a place; whoever has lost patience works without one."""
        mine = self._wait((-urgency, next(self._numbers)), patience_s)
        try:
            yield
        finally:
            if mine:
                self._change(1)

    def _wait(self, me: tuple[int, int], patience_s: float) -> bool:
        with self._changed:
            heappush(self._waiting, me)
            mine = self._changed.wait_for(lambda: self._free > 0 and self._waiting[0] == me, patience_s)
            self._waiting.remove(me)
            heapify(self._waiting)
        self._change(-1 if mine else 0)
        return mine

    def _change(self, places: int) -> None:
        with self._changed:
            self._free += places
            self._changed.notify_all()
