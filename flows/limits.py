"""How many tables are read from one source at once, and how many are built: others wait, each in a thread of its own.

What a source bears over all flow runs is `connectors.politeness`'s. A flow run keeps these limits itself: with limits
by tag of Prefect's, a server on SQLite locks itself out for a minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore, Event
from typing import ParamSpec, TypeVar

from transforms.errors import Stopped
from transforms.source import Source, SourceTable

P = ParamSpec("P")
T = TypeVar("T")
BUILDS_AT_ONCE = 6
"""DuckDB makes a machine work; sources only make tasks wait."""


class Gates:
    """A gate for each name; work waits there until fewer than `most` are inside. Once `stopped`, nobody gets in."""

    def __init__(self, most: int, stopped: Event) -> None:
        self._gates: dict[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(most))
        self._stopped = stopped

    def behind(self, name: str, work: Callable[P, T]) -> Callable[P, T]:
        """The same work, once it is let in. To be called from one thread."""
        gate = self._gates[name]

        def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
            with gate:
                if self._stopped.is_set():
                    raise Stopped("stopped before it began")
                return work(*args, **kwargs)

        return waiting


def in_turns(tables: Iterable[tuple[Source, SourceTable]]) -> list[tuple[Source, SourceTable]]:
    """The first table of every source, then the second ones: so that few threads wait at the same gate."""
    turns: dict[str, int] = defaultdict(int)
    numbered = []
    for source, table in tables:
        numbered.append((turns[source.name], source, table))
        turns[source.name] += 1
    return [(source, table) for _, source, table in sorted(numbered, key=lambda one: one[0])]
