"""How fast requests to one system follow each other: at most so many a second, evenly, none while it asks for quiet.

Holds for all processes that share a lake: each reserves the moments of its next requests in a small file of it. Of a
process that asks often these are up to a second's, so that the file is read once a second.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

LOOK_S = 1.0
"""How long what others left is believed, and the most that is reserved at once."""
FAR_S = 3600.0
"""A reservation or a quiet that is further away was made by a clock that goes wrong."""


Swap = Callable[[Callable[[bytes], bytes]], None]
"""Changes what all who share a rate keep, in one step."""


class Memory:
    """Where nobody else shares it."""

    def __init__(self) -> None:
        self._kept = b""

    def swap(self, change: Callable[[bytes], bytes]) -> None:
        """See Swap; its only caller holds a lock."""
        self._kept = change(self._kept)


class Rate:
    """`rate` is of a second; None is as fast as it goes. Safe to use from several threads."""

    def __init__(
        self,
        swap: Swap,
        rate: float | None,
        sleep: Callable[[float], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._swapped, self._sleep, self._clock = swap, sleep, clock
        self._step = 1 / rate if rate else 0.0
        self._most = max(1, int(LOOK_S * rate)) if rate else 0
        self._lock = Lock()
        self._reserved: deque[float] = deque()
        self._asked = 1
        self._quiet = self._looked = 0.0

    def quiet(self, heard: float = 0.0) -> float:
        """Seconds for which nothing may be asked, because the system said so, to whichever process.

        `heard` is a moment until which the caller has waited.
        """
        with self._lock:
            now = self._clock()
            if now - self._looked >= LOOK_S:
                self._swap(now, 0, 0.0)
            return max(0.0, self._quiet - now) if self._quiet > heard else 0.0

    def hush(self, seconds: float) -> float:
        """The system asks for quiet, and all processes are told. The moment at which it ends, for `quiet`."""
        with self._lock:
            now = self._clock()
            self._reserved.clear()
            self._swap(now, 0, now + min(seconds, FAR_S))
            return self._quiet

    def wait(self) -> None:
        """Until the next request may be sent, as far as the rate goes."""
        if not self._step:
            return
        with self._lock:
            now = self._clock()
            begins = self._next(now)
        if begins > now:
            self._sleep(begins - now)

    def _next(self, now: float) -> float:
        lapsed = 0
        while self._reserved and self._reserved[0] < now - self._step:
            self._reserved.popleft()
            lapsed += 1
        if lapsed:
            self._asked = max(1, self._asked - lapsed)
        if not self._reserved:
            self._swap(now, self._asked, 0.0)
            self._asked = min(self._most, 2 * self._asked)
        return self._reserved.popleft()

    def _swap(self, now: float, count: int, quiet: float) -> None:
        """Reserves so many moments, tells of a quiet, and hears of those that others were asked for."""

        def change(old: bytes) -> bytes:
            following, known = _read(old)
            limit = now + FAR_S + 100 * self._step
            known = max(known if known < limit else 0.0, quiet)
            begins = max(now, known, following if following < limit else 0.0)
            self._reserved = deque(begins + number * self._step for number in range(count)) if count else self._reserved
            self._quiet, self._looked = known, now
            if not count and not quiet:
                return old
            after = begins + count * self._step if count else following
            return json.dumps({"next": after, "quiet": known, "by": secrets.token_hex(8)}).encode()

        self._swapped(change)


def _read(content: bytes) -> tuple[float, float]:
    try:
        state = json.loads(content)
        return float(state["next"]), float(state["quiet"])
    except (ValueError, KeyError, TypeError):
        return 0.0, 0.0
