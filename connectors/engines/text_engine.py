"""What Athena and Trino have in common: they receive the author's own text, with relations in the place of names.

Each session knows what stands for which name. Decides nothing about what is published.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.engines.relations import all_counts, no_rows, read_counts
from transforms.analysis import Compiled
from transforms.column import Column
from transforms.errors import UsageError
from transforms.names import TableName
from transforms.query_stats import Purpose, QueryKind
from transforms.renaming import one_line
from transforms.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa


class TextEngine(ABC):
    """See `connectors.engine.Engine`. `owners` are told with the cost of the tables' queries."""

    def __init__(self, owners: Mapping[TableName, str]) -> None:
        self._owners = owners
        self._relations: dict[TableName, str] = {}

    @abstractmethod
    def query(self, compiled: Compiled) -> pa.RecordBatchReader:
        """Run a query; rows stream."""

    @abstractmethod
    def _relation(self, snapshot: Snapshot, expected: Sequence[Column]) -> str:
        """The rows of exactly this version, published or not, with the columns that queries expect."""

    @abstractmethod
    def _text(self, compiled: Compiled, relations: Mapping[TableName, str]) -> str:
        """The author's text as the engine reads it, with these relations in the place of names."""

    @abstractmethod
    def _row(self, sql: str, purpose: Purpose) -> Sequence[Any]:
        """The one row of a statement."""

    def attach(self, snapshots: Iterable[Snapshot], columns: Mapping[TableName, tuple[Column, ...]]) -> None:
        """Make published tables, and staged rows, readable under their names, each at exactly this version."""
        for snapshot in snapshots:
            expected = columns.get(snapshot.table, snapshot.columns)
            self._relations[snapshot.table] = self._relation(snapshot, expected)

    def attach_empty(self, name: TableName, columns: tuple[Column, ...]) -> None:
        """A typed relation without rows, in the place of the name."""
        self._relations[name] = no_rows(columns)

    def attach_view(self, name: TableName, compiled: Compiled) -> None:
        """The view's own query, in the place of its name; what it reads is attached before."""
        self._relations[name] = f"({one_line(self._sql(compiled))})"

    def attach_rows(self, name: TableName, columns: tuple[Column, ...], rows: Sequence[Mapping[str, Any]]) -> None:
        """Raises UsageError: test cases run on the laptop, without any account or cluster."""
        raise UsageError("cases are run on DuckDB; leave --target out")

    def rows(self, compiled: Compiled) -> list[dict[str, Any]]:
        """The rows of a query that has few of them, by column name."""
        found: list[dict[str, Any]] = self.query(compiled).read_all().to_pylist()
        return found

    def counts(self, asked: Sequence[tuple[Snapshot, Compiled]]) -> list[list[int]]:
        """All of them in one statement, which reads the staged rows for what it needs of them and no more."""
        if not asked:
            return []
        queries: list[str] = []
        for snapshot, compiled in asked:
            self._relations[snapshot.table] = self._relation(snapshot, snapshot.columns)
            queries.append(self._sql(compiled))
        row = self._row(all_counts(queries), self._for("audit", asked[0][0].table))
        return read_counts(row, (compiled for _, compiled in asked))

    def progress(self) -> float | None:
        """None: neither tells how far a statement is."""
        return None

    def _sql(self, compiled: Compiled) -> str:
        relations = {name: self._relations[name] for name in compiled.inputs if name in self._relations}
        return self._text(compiled, relations)

    def _for(self, kind: QueryKind, table: TableName) -> Purpose:
        return Purpose(kind, table, self._owners.get(table))
