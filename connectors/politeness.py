"""What a source bears, over all processes that share a lake: so many connections or requests at once, so many a second.

Decides where this is kept, and how much a source bears that says nothing. Never decides what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from connectors.rate import Memory, Rate
from connectors.seats import Seats
from transforms.api_words import read_rate
from transforms.source import Source

if TYPE_CHECKING:
    from connectors.lake import Lake
    from connectors.storage import Storage

FOLDER = "_sources"
CONNECTIONS = 8
"""Of a database that says nothing: it is somebody's production database."""
TABLES_AT_ONCE = 2
"""That one run reads of a source which may keep it waiting."""
_SERVERS = ("postgres", "mysql")


def keeps_waiting(source: Source) -> bool:
    """Whether it is a system that may not answer, and not files that are there or not."""
    return source.kind in (*_SERVERS, "sheets") or source.shape == "api"


def connections(storage: Storage, source: Source) -> Seats | None:
    """The connections to a database; None for what is no server."""
    if source.kind not in _SERVERS:
        return None
    return storage.seats(
        f"{FOLDER}/{source.connection}/connections", int(source.options.get("connections", CONNECTIONS))
    )


@contextmanager
def connected(lake: Lake, source: Source) -> Iterator[None]:
    """While inside, the first connection of a reading may be open; waits for it. Raises Stopped."""
    seats = connections(lake.storage, source)
    if seats is None:
        yield
        return
    seat = seats.take(lake.stopped)
    try:
        yield
    finally:
        seat.give_back()


def requests(storage: Storage | None, source: Source) -> Seats | None:
    """The requests that an API answers at once; None where its declaration does not say how many, or without a lake."""
    count = source.options.get("concurrency")
    return None if storage is None or not count else storage.seats(f"{FOLDER}/{source.connection}/requests", int(count))


def rate(storage: Storage | None, source: Source, sleep: Callable[[float], object]) -> Rate:
    """How fast requests to an API follow each other; without a lake, those of this process."""
    declared = source.options.get("rate")
    swap = partial(storage.swap, f"{FOLDER}/{source.connection}/rate.json") if storage else Memory().swap
    return Rate(swap, read_rate(str(declared)) if declared else None, sleep)
