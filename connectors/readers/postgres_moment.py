"""One moment of a database that several transactions see: of the tables that a run reads at the same time, and of the
ranges of one table.

Decides which readings share a moment. Never an older one than what a table has already seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from threading import Lock
from typing import Any

from connectors.reader import MOMENT, Asked
from connectors.readers.postgres_transaction import Transaction
from connectors.readers.postgres_types import literal

_EXPORT = "select pg_export_snapshot(), txid_snapshot_xmax(txid_current_snapshot())"
_OPEN: dict[tuple[str, str], Moment] = {}
_LOCK = Lock()


class Moment:
    """Kept by a transaction of its own, until all who joined it have left. `number` grows from moment to moment.

    `late_writers` is asked before it: a transaction that ends in between is seen by one of both.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked, self._joined = asked, 0
        with closing(Transaction(asked.source, asked.address)) as before:
            self.late_writers = before.has_late_writers()
        self._holder = Transaction(asked.source, asked.address)
        try:
            ((self._name, self.number),) = self._holder.rows(_EXPORT)
        except BaseException:
            self._holder.close()
            raise

    @classmethod
    def join(cls, asked: Asked) -> Moment:
        """The run's moment, or one of its own for a table that stands as of a later one."""
        key = asked.address, asked.run
        with _LOCK:
            found = _OPEN.get(key) if asked.run else None
            if found is None or found.number < _seen(asked.state):
                fresh = cls(asked)
                if found is None and asked.run:
                    _OPEN[key] = fresh
                found = fresh
            found._joined += 1
        return found

    def transaction(self, asked: Asked) -> Transaction:
        """Another one that sees the same rows."""
        return Transaction(asked.source, asked.address, f"set transaction snapshot {literal(self._name)}")

    def leave(self) -> None:
        """To be called once by each who joined."""
        with _LOCK:
            self._joined -= 1
            if self._joined:
                return
            for key in [key for key, one in _OPEN.items() if one is self]:
                del _OPEN[key]
        self._holder.close()


def _seen(state: Mapping[str, Any]) -> int:
    return int(state.get(MOMENT, 0))
