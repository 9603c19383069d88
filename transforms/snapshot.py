"""What a published table is: parts with their files, and the fingerprints that they were built from.

Pure data and its JSON; where it is stored and how it is swapped is the catalog's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from transforms.column import Column
from transforms.lake_types import Type
from transforms.names import TableName

WHOLE = ""
"""The partition value of the one part of a table without days."""


@dataclass(frozen=True, slots=True)
class Part:
    """The files of one partition, or of a whole table.

    `files` are paths relative to the lake's root. `fingerprint` says what the rows were computed from: equal
    fingerprints mean equal rows. A part without files has no rows, but was built.
    """

    files: tuple[str, ...]
    rows: int
    bytes: int
    fingerprint: str

    def to_json(self) -> list[Any]:
        """Plain JSON; `from_json` reads it back."""
        return [list(self.files), self.rows, self.bytes, self.fingerprint]

    @staticmethod
    def from_json(data: Sequence[Any]) -> Part:
        """Raises ValueError on anything that `to_json` did not write."""
        files, rows, size, fingerprint = data
        return Part(tuple(files), rows, size, fingerprint)


@dataclass(frozen=True)
class Snapshot:
    """One version of a table. `parts` maps partition values (`2024-05-01`, or WHOLE) to parts.

    `state` is what ingest remembers with the rows: cursors, files already read. It swaps together with them.
    `rejects` are files of rows that could not be held, in the table's rejects layout.
    `evolved` tells that some files lack some of the columns (or hold them in an older type).
    """

    table: TableName
    version: int
    run: str
    published_at: datetime
    columns: tuple[Column, ...]
    partition: str | None
    parts: Mapping[str, Part]
    rejects: tuple[str, ...] = ()
    reject_rows: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    evolved: bool = False

    def moved(self, folder: str) -> Snapshot:
        """The same, its files named from elsewhere: with `folder` before their names."""
        parts = {
            value: replace(part, files=tuple(f"{folder}{file}" for file in part.files))
            for value, part in self.parts.items()
        }
        return replace(self, parts=parts, rejects=tuple(f"{folder}{file}" for file in self.rejects))

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.parts.values())

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(part.bytes for part in self.parts.values())

    @property
    def days(self) -> dict[date, str]:
        """The fingerprint of each day; empty for a table without days."""
        if self.partition is None:
            return {}
        return {date.fromisoformat(value): part.fingerprint for value, part in self.parts.items()}

    def header(self) -> dict[str, Any]:
        """Everything but the parts, as plain JSON; `from_header` reads it back."""
        return {
            "table": str(self.table),
            "version": self.version,
            "run": self.run,
            "published_at": self.published_at.isoformat(),
            "columns": [[c.name, str(c.type), c.description, c.personal] for c in self.columns],
            "partition": self.partition,
            "rejects": list(self.rejects),
            "reject_rows": self.reject_rows,
            "state": dict(self.state),
            "evolved": self.evolved,
        }

    @staticmethod
    def from_header(data: Mapping[str, Any], parts: Mapping[str, Part]) -> Snapshot:
        """Raises KeyError or ValueError on anything that `header` did not write."""
        return Snapshot(
            table=TableName.parse(data["table"]),
            version=data["version"],
            run=data["run"],
            published_at=datetime.fromisoformat(data["published_at"]),
            columns=tuple(Column(n, Type.parse(t), d, p) for n, t, d, p in data["columns"]),
            partition=data["partition"],
            parts=parts,
            rejects=tuple(data["rejects"]),
            reject_rows=data["reject_rows"],
            state=data["state"],
            evolved=data["evolved"],
        )

    def to_json(self) -> dict[str, Any]:
        """The whole snapshot as plain JSON; `from_json` reads it back."""
        return {**self.header(), "parts": {value: part.to_json() for value, part in self.parts.items()}}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Snapshot:
        """Raises KeyError or ValueError on anything that `to_json` did not write."""
        return Snapshot.from_header(data, {value: Part.from_json(part) for value, part in data["parts"].items()})
