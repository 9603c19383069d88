"""The protocol of an engine: what the platform asks of DuckDB, Athena or Trino."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from transforms.analysis import Compiled
from transforms.column import Column
from transforms.names import TableName
from transforms.query_stats import QueryStats
from transforms.snapshot import Part, Snapshot

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ColumnStats:
    """What the written files say of a column without being read again.

    `lows` and `highs` bound the values of each file, in the engine's spelling; None where there is no bound of all of
    them. A NaN is in neither.
    """

    nulls: int
    lows: tuple[str, ...] | None = ()
    highs: tuple[str, ...] | None = ()

    def and_of(self, other: ColumnStats) -> ColumnStats:
        """Those of both files together."""
        lows = None if self.lows is None or other.lows is None else self.lows + other.lows
        highs = None if self.highs is None or other.highs is None else self.highs + other.highs
        return ColumnStats(self.nulls + other.nulls, lows, highs)


@dataclass(frozen=True, slots=True)
class Staged:
    """What `stage` wrote: parts by partition value with an empty fingerprint, and the statistics of their columns."""

    parts: dict[str, Part]
    columns: dict[str, ColumnStats] = field(default_factory=dict)

    def and_of(self, other: Staged) -> Staged:
        """Both together: files of disjoint days. What only one has statistics of is not known of both."""
        if not self.parts or not other.parts:
            return self if self.parts else other
        shared = self.columns.keys() & other.columns.keys()
        stats = {name: self.columns[name].and_of(other.columns[name]) for name in shared}
        return Staged({**self.parts, **other.parts}, stats)


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement that stages rows, as it is sent to an engine that may outlive this process.

    To send it again with its token gives the same query. `folder` is where its rows go; `id` is the engine's own, once
    it has one.
    """

    token: str
    sql: str
    folder: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """`left` is what a run that died had sent for the very same rows; `note` keeps what is sent, None: nothing."""

    left: Sent | None
    note: Callable[[Sent | None], None]


class Engine(Protocol):
    """Safe to use from several threads at once."""

    def session(self, urgency: int = 0) -> Engine:
        """An engine with tables of its own: what one attaches, the other does not see. To be closed.

        Of statements that wait for each other, those of the most urgent session go first.
        """

    def attach(self, snapshots: Iterable[Snapshot], columns: Mapping[TableName, tuple[Column, ...]]) -> None:
        """Make published tables readable under their names, each at exactly this version.

        `columns` are those that queries expect, where they differ from the snapshot's: a column that the files lack
        is NULL.
        """

    def attach_empty(self, name: TableName, columns: tuple[Column, ...]) -> None:
        """Make a table that was never published readable: typed, without rows."""

    def attach_view(self, name: TableName, compiled: Compiled) -> None:
        """Make a view readable; what it reads is attached before."""

    def attach_rows(self, name: TableName, columns: tuple[Column, ...], rows: Sequence[Mapping[str, Any]]) -> None:
        """Make typed rows readable as a table: for test cases, in a session of their own."""

    def rows(self, compiled: Compiled) -> list[dict[str, Any]]:
        """The rows of a query that has few of them, by column name; raises as `query` does."""

    def counts(self, asked: Sequence[tuple[Snapshot, Compiled]]) -> list[list[int]]:
        """The one row of whole numbers of each query, with its snapshot in the place of that table.

        An engine on which a query costs money asks them all at once.
        """

    def query(self, compiled: Compiled) -> pa.RecordBatchReader:
        """Run a query; rows stream. Raises Rejected when the statement fails at run time as Athena's would."""

    def stage(self, compiled: Compiled, location: str, partition: str | None, journal: Journal | None = None) -> Staged:
        """Write the rows as zstd Parquet under a fresh location, relative to the lake's root.

        With a partition column (always a date, always last), one part per value that occurs.
        An engine whose statements outlive a process keeps a journal of them, and goes on with what is left there.
        Raises Refused when the engine's type of a column is not the one that Athena has.
        """

    @property
    def ran(self) -> Sequence[QueryStats]:
        """The queries of all sessions that have ended, where a service runs them; else none."""

    def progress(self) -> float | None:
        """How far the running statements are, 0 to 1; None when nothing is known."""

    def interrupt(self) -> None:
        """Stop every running statement, from another thread; they raise OutsideError."""

    def close(self) -> None:
        """Give back what the session holds; the first session, which made the engine, ends the engine."""
