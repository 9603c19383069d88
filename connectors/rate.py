"""How fast requests follow each other: at most so many a second, evenly."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic


class Rate:
    """`rate` is of a second; None is as fast as it goes. Safe to use from several threads."""

    def __init__(self, rate: float | None, sleep: Callable[[float], object]) -> None:
        self._step = 1 / rate if rate else 0.0
        self._sleep, self._lock, self._next = sleep, Lock(), 0.0

    def wait(self) -> None:
        """Until the next request may be sent."""
        if not self._step:
            return
        with self._lock:
            now = monotonic()
            begins = max(now, self._next)
            self._next = begins + self._step
        if begins > now:
            self._sleep(begins - now)
