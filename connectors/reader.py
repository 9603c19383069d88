"""The protocol of a reader: one kind of system that rows come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa

from transforms.column import Column
from transforms.source import Source, SourceTable
from transforms.window import Window


@dataclass(frozen=True)
class Rejected:
    """A row that could not be held: where it stood, why, and its original bytes."""

    file: str
    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Batch:
    """Rows as the lake's Arrow types, with the rows that could not be held.

    `day` is set when all rows belong to one partition (files in dated folders).
    """

    rows: pa.RecordBatch
    rejects: tuple[Rejected, ...] = ()
    day: date | None = None


@dataclass
class Reading:
    """What one read of a source table yields. `state` is complete once `batches` is exhausted.

    `replaces` are the days whose old rows the batches replace (restated days).
    `new_columns` were met in the source and are not in the schema file; they are landed and reported.
    """

    batches: Iterator[Batch]
    state: dict[str, Any] = field(default_factory=dict)
    replaces: Window | None = None
    new_columns: list[Column] = field(default_factory=list)


class Reader(Protocol):
    """One module per kind, in `connectors/readers`."""

    def read(
        self, source: Source, table: SourceTable, address: str, state: Mapping[str, Any], now: datetime
    ) -> Reading:
        """The rows that are new since `state`. Raises OutsideError when the system cannot be reached."""
