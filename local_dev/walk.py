"""Walks tables by dependency with threads: each is worked on once everything that it needs is done.

What is below a failure is skipped, everything else goes on. Knows nothing of what the work is.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

from local_dev.lanes import Lanes
from transforms.names import TableName

T = TypeVar("T")
THREADS = "baikal-worker"
BLINK_S = 0.5
"""A signal that another thread receives is acted on when the main thread runs: an endless wait would not see it."""


@dataclass(frozen=True)
class WalkOutcome(Generic[T]):
    """One of: a value, an error, or the table above whose failure kept this one from being worked on."""

    name: TableName
    value: T | None = None
    error: BaseException | None = None
    skipped_for: TableName | None = None


def walk(
    needs: Mapping[TableName, Collection[TableName]],
    work: Callable[[TableName], T],
    *,
    threads: int,
    ended: Callable[[WalkOutcome[T]], None],
    lanes: Lanes | None = None,
) -> dict[TableName, WalkOutcome[T]]:
    """Work on every key of `needs`, at most `threads` at once; needs that are not keys are taken as done.

    Longest chains first, of a lane no more than it takes. `ended` is told of every outcome, on the caller's thread. An
    interrupt starts nothing new and is raised at once; what is being worked on ends by itself.
    """
    lanes = lanes or Lanes()
    walker = _Walk(needs, ended, lanes)
    pool = ThreadPoolExecutor(max_workers=max(1, threads) + lanes.places, thread_name_prefix=THREADS)
    running: dict[Future[T], TableName] = {}
    try:
        while walker.ready or running or walker.untie():
            while len(running) - lanes.waiting < threads and (entered := walker.enter()) is not None:
                running[pool.submit(work, entered)] = entered
            for future in wait(running, timeout=BLINK_S, return_when=FIRST_COMPLETED).done:
                name, error = running.pop(future), future.exception()
                walker.leave(name)
                walker.end(WalkOutcome(name, error=error) if error else WalkOutcome(name, future.result()))
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()  # DuckDB wants threads to end before its engine does
    return walker.outcomes


def working() -> bool:
    """Whether a worker of any walk is still alive."""
    return any(thread.name.startswith(THREADS) for thread in threading.enumerate())


class _Walk(Generic[T]):
    """What is waiting, ready and ended. `held` is what is ready and has no room in its lane."""

    def __init__(
        self, needs: Mapping[TableName, Collection[TableName]], ended: Callable[[WalkOutcome[T]], None], lanes: Lanes
    ) -> None:
        self.ended, self.lanes = ended, lanes
        self.held: dict[str | None, list[tuple[int, TableName]]] = defaultdict(list)
        self.outcomes: dict[TableName, WalkOutcome[T]] = {}
        self.waiting = {name: {above for above in needs[name] if above in needs} for name in needs}
        self.below: dict[TableName, list[TableName]] = {name: [] for name in needs}
        for name, above in self.waiting.items():
            for upper in above:
                self.below[upper].append(name)
        self.height: dict[TableName, int] = {}
        order = self._order()
        for name in reversed([*order, *(set(needs) - set(order))]):
            self.height[name] = 1 + max((self.height.get(lower, 0) for lower in self.below[name]), default=0)
        self.ready = [(-self.height[name], name) for name, above in self.waiting.items() if not above]
        heapify(self.ready)

    def enter(self) -> TableName | None:
        """The next to work on; None when there is none."""
        while self.ready:
            entry = heappop(self.ready)
            if self.lanes.enter(entry[1]):
                return entry[1]
            heappush(self.held[self.lanes.lane(entry[1])], entry)
        return None

    def leave(self, name: TableName) -> None:
        """Its place is the next one's of its lane."""
        self.lanes.leave(name)
        if held := self.held[self.lanes.lane(name)]:
            heappush(self.ready, heappop(held))

    def end(self, outcome: WalkOutcome[T]) -> None:
        """Record an outcome; release what waited for it, or skip all that is below it."""
        ended = [outcome]
        while ended:
            outcome = ended.pop()
            self.outcomes[outcome.name] = outcome
            self.ended(outcome)
            cause = outcome.name if outcome.error else outcome.skipped_for
            for lower in self.below[outcome.name]:
                self.waiting[lower].discard(outcome.name)
                if cause is not None and lower not in self.outcomes:
                    self.outcomes[lower] = WalkOutcome(lower, skipped_for=cause)
                    ended.append(self.outcomes[lower])
                elif lower not in self.outcomes and not self.waiting[lower]:
                    heappush(self.ready, (-self.height[lower], lower))

    def untie(self) -> bool:
        """Tables that wait for each other are not waited for any more, one at a time; whether there was one."""
        name = min((name for name in self.waiting if name not in self.outcomes), default=None)
        if name is not None:
            heappush(self.ready, (0, name))
        return name is not None

    def _order(self) -> list[TableName]:
        """Every name after what it needs."""
        left = {name: len(above) for name, above in self.waiting.items()}
        order = [name for name, count in left.items() if not count]
        for name in order:
            for lower in self.below[name]:
                left[lower] -= 1
                if not left[lower]:
                    order.append(lower)
        return order
