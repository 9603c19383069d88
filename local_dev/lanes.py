"""Work that waits for a system outside: at most so much at once of each system, and of no thread until rows come.

So a source that does not answer delays its own tables, and nothing else. Knows nothing of what the work is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock

from transforms.names import TableName


class Lanes:
    """`of` tells the lane of each table that has one; at most `most` of one lane are inside. Safe with threads."""

    def __init__(self, of: Mapping[TableName, str] | None = None, most: int = 1) -> None:
        self._of, self._most = of or {}, most
        self._inside: Counter[str] = Counter()
        self._waiting: set[TableName] = set()
        self._lock = Lock()

    @property
    def places(self) -> int:
        """How many may be inside of all lanes together."""
        return self._most * len(set(self._of.values()))

    @property
    def waiting(self) -> int:
        """How many are inside whose rows have not come."""
        return len(self._waiting)

    def lane(self, name: TableName) -> str | None:
        """The table's, None when it has none."""
        return self._of.get(name)

    def enter(self, name: TableName) -> bool:
        """Whether there was room; a table without a lane has always."""
        lane = self._of.get(name)
        if lane is None:
            return True
        with self._lock:
            if self._inside[lane] >= self._most:
                return False
            self._inside[lane] += 1
            self._waiting.add(name)
            return True

    def arrived(self, name: TableName) -> None:
        """The first rows have come: from here on it works as others do."""
        with self._lock:
            self._waiting.discard(name)

    def leave(self, name: TableName) -> None:
        """To be called once by each that entered."""
        lane = self._of.get(name)
        if lane is not None:
            with self._lock:
                self._inside[lane] -= 1
                self._waiting.discard(name)
