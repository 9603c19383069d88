"""How far one ingest is, for people: rows, bytes, how many a second, and when it is expected to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_S = 2.0
"""Before that an expected end would be a guess."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What was read since the last one. `done` is the share of all that is read by now; None when nobody knows."""

    rows: int
    bytes: int
    done: float | None = None


Progress = Callable[[Advance], None]


@dataclass
class Pace:
    """The sum of what was told since it was made. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    rows: int = 0
    bytes: int = 0
    done: float | None = None
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def add(self, advance: Advance) -> None:
        """More was read."""
        self.rows += advance.rows
        self.bytes += advance.bytes
        self.done = advance.done

    @property
    def told(self) -> str:
        """`1,200,000 rows, 240.0 MB, 130,000 rows/s, 40 s left`; empty while nothing was read."""
        if not self.rows and not self.bytes:
            return ""
        seconds = self.clock() - self.began
        facts = [f"{self.rows:,} row{'s' * (self.rows != 1)}"]
        if self.bytes:
            facts.append(f"{self.bytes / 1e6:,.1f} MB")
        if seconds >= FIRST_S:
            facts.append(f"{self.rows / seconds:,.0f} rows/s")
            if self.done:
                facts.append(f"{_span(seconds * (1 - min(self.done, 1.0)) / self.done)} left")
        return ", ".join(facts)


def _span(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
