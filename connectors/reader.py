"""The protocol of a reader: one kind of system that rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from connectors.storage import Storage
from transforms.column import Column
from transforms.source import Source, SourceTable
from transforms.window import Window

MOMENT = "moment"
"""Where the state remembers when it was read, by the system's own count: a later one alone is no change of a table."""


@dataclass(frozen=True)
class Reject:
    """A row that could not be held: where it stood, why, and its original bytes."""

    file: str
    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Batch:
    """Rows as the lake's Arrow types, with the rows that could not be held.

    `day` is set when all rows belong to one partition (files in dated folders). `rows` may lack columns of the
    table: they are NULL. Readers of files add `_file` and `_line`. `bytes` is what was read from the source.
    `keys`: no rows, but some of the keys of all rows that the source has; those of no such batch are gone there.
    """

    rows: pa.RecordBatch
    rejects: tuple[Reject, ...] = ()
    day: date | None = None
    bytes: int = 0
    keys: bool = False


def no_rows() -> pa.RecordBatch:
    """For batches of nothing but rejects."""
    return pa.RecordBatch.from_arrays([], names=[])


@dataclass(frozen=True)
class Again:
    """Rows that this reading asked for a second time, because late ones may stand among them.

    Rows whose `cursor` lies from `since` to `until` (values of the lake's column) may be in the table already.
    With a `key` equal keys are the same row; without one, equal rows are. `until` is None where no cursor was met yet:
    then rows without one alone may be in it.
    """

    cursor: str
    since: Any
    until: Any
    key: tuple[str, ...]


@dataclass
class Reading:
    """What one read of a source table yields. `state` and the lists are complete once `batches` is exhausted.

    `replaces` are the days whose old rows the batches replace (restated days); `replaced_files` are the files
    whose old rows the batches replace (files that changed). `new_columns` were met in the source and are not in
    the schema file; they are landed and reported. `missing_columns` are no longer in the source: NULL from now on.
    `widened_columns` are declared ones with a wider type that the source has by now; `warnings` tell of them.
    `whole`: the batches are all that the table is to have, and nothing of what stands stays.
    `unique`: the source itself guarantees that a key occurs once, and that `primary` does, which may name no column.
    `unchanged`: there is nothing to read.
    `rejects_again`: the rejects that stand are read again, and those that still are rejects are among the batches'.
    `expected_rows` and `expected_bytes` say about how much there is to read; 0 where nobody knows.
    `warnings` tell what a person did not expect.
    `close` lets go of the system; it may be called at any time and more than once. `cancel`, called from another
    thread, stops what the system does for it: the batches then raise.
    """

    batches: Iterator[Batch]
    state: dict[str, Any] = field(default_factory=dict)
    replaces: Window | None = None
    new_columns: list[Column] = field(default_factory=list)
    widened_columns: list[Column] = field(default_factory=list)
    missing_columns: list[str] = field(default_factory=list)
    replaced_files: set[str] = field(default_factory=set)
    again: Again | None = None
    whole: bool = False
    unique: bool = False
    primary: tuple[str, ...] = ()
    unchanged: bool = False
    warnings: list[str] = field(default_factory=list)
    rejects_again: bool = False
    expected_rows: int = 0
    expected_bytes: int = 0
    close: Callable[[], None] = lambda: None
    cancel: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Asked:
    """What a reader is asked for: a table of a source, at an address, from `state` (of the reading before) on.

    `storage` is the lake's, whose credentials read sources on AWS too. `now` is the company's clock, with its zone;
    `last` is when the table was last read to its end, None when nobody knows. `full`: what was read already is read
    again and replaces itself; a database or an API is asked from an empty state then. `secret` tells what is held under
    a name, for a line of the source; it raises ContentError. `home` is the folder of the declarations.
    `run`: tables of one run are read as of one moment, where a system can. `primary` is the address of what a replica
    follows, when `address` is that of one.
    """

    source: Source
    table: SourceTable
    address: str
    state: Mapping[str, Any]
    storage: Storage
    now: datetime
    secret: Callable[[str, int], str]
    home: Path
    last: datetime | None = None
    full: bool = False
    run: str = ""
    primary: str = ""


class Reader(Protocol):
    """Of one kind of system: a module or package of `connectors/readers`."""

    def read(self, asked: Asked) -> Reading:
        """The rows that are new since `state`. Raises OutsideError when the system cannot be reached."""

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Rejects that all have `file`, as it would read their bytes now; the system is not asked."""
