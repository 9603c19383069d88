"""What stands of a table while rows arrive: which of them it may have already, and what its parts are with them.

Nothing stands of a table that is new, or that every reading replaces whole. Never decides which rows are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from connectors.landing import fingerprint
from connectors.location import Location
from connectors.merging import KnownRows
from connectors.reader import Again
from connectors.readers.database.agreement import TYPES
from connectors.rejects import known_rejects
from connectors.retyping import retyped
from connectors.storage import Storage
from transforms.column import Column
from transforms.errors import SchemaChanged
from transforms.lake_types import DOUBLE
from transforms.names import TableName
from transforms.snapshot import Part, Snapshot
from transforms.source import DAY, SourceTable
from transforms.window import Window


@dataclass(frozen=True)
class Standing:
    """`storage` is the lake's; the rest is the current snapshot's, or empty when nothing stands."""

    storage: Storage
    parts: Mapping[str, Part] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    rejects: tuple[str, ...] = ()
    reject_rows: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, storage: Storage, table: SourceTable, current: Snapshot | None, *, whole: bool) -> Standing:
        """`whole`: nothing of it stays. Raises SchemaChanged when the table stands split otherwise than declared."""
        if current is None or table.mode == "snapshot":
            return cls(storage)
        if (current.partition is None) != (table.day is None):
            stands, write = ("with", f"write `day: {DAY}`") if current.partition else ("without", "leave `day:` out")
            raise SchemaChanged(
                f"{table.name} stands {stands} days, and its declaration says otherwise; "
                f"{write} as before, or give the table a new name, under which it lands anew"
            )
        if whole:
            return cls(storage)
        _require_no_lost_digits(table, current)
        return cls(storage, current.parts, current.columns, current.rejects, current.reject_rows, current.state)

    def typed(self, location: Location, table: TableName, columns: Sequence[Column], stem: str = "stood-") -> Standing:
        """The same with the types of these columns, in files that Athena reads as such. Raises SchemaChanged.

        `stem` keeps files of several such changes in one location apart.
        """
        parts = retyped(location, table, self.parts, self.columns, columns, stem)
        return replace(self, parts=parts, columns=as_stood(self.columns, columns))

    def known_rows(self, again: Again | None, columns: Sequence[Column], *, by_key: bool) -> KnownRows | None:
        """The rows that may be among those that are read again; None when there are none. See KnownRows."""
        if again is None or not self.parts:
            return None
        present = {file for part in self.parts.values() for file in part.files}
        recent = [file for _, files in self._recent(self.state.get("since")) for file in files]
        files = recent if present.issuperset(recent) else sorted(present)
        local = self.storage.local
        every = partial(map, local, sorted(present))
        return KnownRows(again, [local(file) for file in files], columns, by_key=by_key, every=every)

    def known_rejects(self) -> frozenset[bytes]:
        """Digests of the rejects that may be read again."""
        return known_rejects(self.storage.local(file) for file in self.rejects)

    def next_state(self, read: Mapping[str, Any], written: Sequence[str]) -> dict[str, Any]:
        """What the reading remembers, and with a cursor `recent`: which runs wrote the rows that may be read again.

        `written` are the files of this run. Each of `recent` is the greatest cursor of a run, and its files.
        """
        if "cursor" not in read:
            return dict(read)
        recent = self._recent(read.get("since"))
        return {**read, "recent": [*recent, [read["cursor"], sorted(written)]] if written else recent}

    def _recent(self, since: Any) -> list[list[Any]]:
        """Runs whose files may hold rows from `since` on."""
        runs = self.state.get("recent", [])
        return [[until, files] for until, files in runs if since is None or until >= since]

    def with_days(self, window: Window, staged: Mapping[str, Part]) -> dict[str, Part]:
        """The parts when the days of the window are what was staged of them, and nothing else."""
        parts = dict(self.parts)
        for value, part in self.parts.items():
            if part.rows and value not in staged and date.fromisoformat(value) in window:
                parts[value] = Part((), 0, 0, fingerprint("empty", value))
        for value, part in staged.items():
            if value not in parts or parts[value].fingerprint != part.fingerprint:
                parts[value] = part
        return parts

    def with_rows(self, staged: Mapping[str, Part], rewritten: Mapping[str, Part], place: str) -> dict[str, Part]:
        """The parts with what was staged beside them; `rewritten` are those that lost rows, in the location `place`."""
        parts = {**self.parts, **rewritten}
        for value in rewritten.keys() | staged.keys():
            new = staged.get(value, Part((), 0, 0, place))
            if value in self.parts:
                kept, print_ = parts[value], fingerprint(self.parts[value].fingerprint, new.fingerprint)
                new = Part((*kept.files, *new.files), kept.rows + new.rows, kept.bytes + new.bytes, print_)
            parts[value] = new
        return parts


def _require_no_lost_digits(table: SourceTable, current: Snapshot) -> None:
    """A double of the source that was declared as float stands with fewer digits than it has: 0.1 would be another."""
    stood = {column.name: column.type for column in current.columns}
    for column in table.columns:
        narrow = column.type == DOUBLE and column.name in stood and stood[column.name].name == "real"
        if narrow and current.state.get(TYPES, {}).get(column.name) == DOUBLE.hive:
            raise SchemaChanged(
                f"{table.name}: {column.name} stands as float, with fewer digits than the source's double has; "
                f"nothing was published; write `{column.name}: float` as before, or baikal run {table.name} --full"
            )


def as_stood(stood: Sequence[Column], columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that stand, with the types that they have by now."""
    types = {column.name: column.type for column in columns}
    return tuple(replace(column, type=types.get(column.name, column.type)) for column in stood)
