"""What one ingest of a source table tells at its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from transforms.column import Column
from transforms.ledger import TableEntry, stretches
from transforms.names import TableName


@dataclass(frozen=True)
class Landed:
    """What one ingest did. `rows` were added or replaced, `rejects` could not be held, `deleted` are those that the
    source deleted. `bytes` are those of the files that came, `days` those of which rows did.

    `new_columns` are in the source but not in the schema file; `missing_columns` the other way round.
    `unchanged`: nothing new, so nothing was published and `version` is the one that stood before.
    """

    table: TableName
    rows: int
    rejects: int
    new_columns: tuple[Column, ...]
    seconds: float
    version: int
    unchanged: bool
    missing_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    bytes: int = 0
    deleted: int = 0

    def noted(self, entry: TableEntry) -> TableEntry:
        """For the run ledger."""
        if self.unchanged:
            return replace(entry, outcome="fresh")
        return replace(
            entry,
            version=self.version,
            days=stretches(self.days),
            rows=self.rows,
            bytes=self.bytes,
            rejects=self.rejects,
            seconds=round(self.seconds, 3),
        )
