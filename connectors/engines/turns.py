"""Whose statement works next: a few at once, of those that wait the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Condition


class Turns:
    """`places` statements at once. Of equal urgency, who came first goes first."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: set[tuple[int, int]] = set()
        self._numbers = count()
        self._changed = Condition()

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    @contextmanager
    def turn(self, urgency: int, patience_s: float) -> Iterator[bool]:
        """Waits for a place, and gives it back; whoever has lost patience works without one. Gives whether it has."""
        has_place = self._wait((-urgency, next(self._numbers)), patience_s)
        try:
            yield has_place
        finally:
            if has_place:
                with self._changed:
                    self._free += 1
                    self._changed.notify_all()

    def _wait(self, me: tuple[int, int], patience_s: float) -> bool:
        """Whether a place was taken. In one hold of the lock: nobody else may take the same one in between."""
        with self._changed:
            self._waiting.add(me)
            try:
                found = self._changed.wait_for(lambda: self._free > 0 and min(self._waiting) == me, patience_s)
                self._free -= found
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
        return found
