"""How many tables are read from one source at once: its database is somebody's production database.

A flow run keeps the limit itself: with Prefect's limits by tag, a server on SQLite locks itself out for a minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from transforms.source import Source, SourceTable

P = ParamSpec("P")
T = TypeVar("T")
AT_ONCE = 2


class Gates:
    """One gate for each source; work waits there until fewer than AT_ONCE are inside."""

    def __init__(self) -> None:
        self._gates: dict[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(AT_ONCE))

    def behind(self, source: str, work: Callable[P, T]) -> Callable[P, T]:
        """The same work, once it is let in. To be called from one thread."""
        gate = self._gates[source]

        def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
            with gate:
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
