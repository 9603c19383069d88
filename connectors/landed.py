"""What one ingest of a source table tells at its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from transforms.column import Column
from transforms.ledger import TableEntry, shortened, stretches
from transforms.names import TableName
from transforms.personal import holds_personal, looks_personal
from transforms.source import Source


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
        entry = replace(
            entry,
            deleted=self.deleted,
            new_columns=tuple(column.name for column in self.new_columns),
            missing_columns=self.missing_columns,
            warnings=shortened(self.warnings),
        )
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

    def surprises(self, source: Source) -> Iterator[str]:
        """What a person did not expect: columns that only the source or only its schema file has, and what readers
        say.
        """
        for column in self.new_columns:
            place = f"under {self.table.table}: in {source.schema_path}"
            is_personal = looks_personal(column.name) or holds_personal(column.name, column.type)
            words = f"type: {column.type.hive}, description: ..{', personal: true' if is_personal else ''}"
            line = f"{column.name}: {{{words}}}"
            yield f"{self.table} has a new column; to read it, write {line} {place}"
        for column_name in self.missing_columns:
            yield f"{self.table}: the source has no column {column_name} any more; it is NULL from now on"
        yield from self.warnings
