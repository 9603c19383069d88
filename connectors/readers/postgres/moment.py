"""One moment of a database that several transactions see: of the tables that a run reads at the same time, and of the
ranges of one table.

Decides which readings share a moment. Never an older one than what a table has already seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from connectors.reader import MOMENT, Asked
from connectors.readers.postgres.replica import first_transaction, read_source
from connectors.readers.postgres.transaction import Transaction
from connectors.readers.postgres.types import literal

_EXPORT = "select pg_export_snapshot(), txid_snapshot_xmax(txid_current_snapshot())"
_Key = tuple[str, str]
_OPEN: dict[_Key, Moment] = {}
_LOCKS: dict[_Key, Lock] = {}
"""One for each database and run: a database that does not answer must not keep others waiting."""


class Moment:
    """Seen by those who joined it, and by more for as long as one of them is there. `number` grows from moment to
    moment.

    `late_writers` is looked for before it: a transaction that ends in between is seen by one of both.
    """

    def __init__(self, asked: Asked, key: _Key) -> None:
        self._key = key
        self._there: dict[Transaction, str] = {}
        first = first_transaction(asked)
        self.late_writers = first.late_writers
        self.number = self._exported(first)

    @classmethod
    def join(cls, asked: Asked) -> tuple[Moment, Transaction]:
        """The run's moment, or one of its own for a table that stands as of a later one; and a transaction of it."""
        key = asked.address, asked.run
        with _LOCKS.setdefault(key, Lock()):
            found = _OPEN.get(key) if asked.run else None
            if found is not None and found.number >= _seen(asked.state):
                transaction = found.another(asked, next(iter(found._there)))
                found._exported(transaction)
                return found, transaction
            fresh = cls(asked, key)
            if found is None and asked.run:
                _OPEN[key] = fresh
            return fresh, next(iter(fresh._there))

    def another(self, asked: Asked, beside: Transaction) -> Transaction:
        """One more that sees the same rows as one of those who joined, who stays until then."""
        first = f"set transaction snapshot {literal(self._there[beside])}"
        return Transaction(read_source(asked), asked.address, first)

    def leave(self, transaction: Transaction) -> None:
        """Ends the transaction of one who joined."""
        with _LOCKS[self._key]:
            del self._there[transaction]
            if not self._there and _OPEN.get(self._key) is self:
                del _OPEN[self._key]
        transaction.close()

    def _exported(self, transaction: Transaction) -> int:
        """Tells others how to join it there: whoever is left at last keeps the moment. Its number."""
        try:
            ((name, number),) = transaction.rows(_EXPORT)
        except BaseException:
            transaction.close()
            raise
        self._there[transaction] = name
        return int(number)


def _seen(state: Mapping[str, Any]) -> int:
    return int(state.get(MOMENT, 0))
