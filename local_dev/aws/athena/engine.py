"""The DuckDB of the local Athena: a session for each statement, which writes its rows and can be stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import duckdb

from connectors.engines.duckdb import DuckdbEngine
from connectors.engines.duckdb_errors import translated
from local_dev.aws.athena.failures import at_run_time
from local_dev.aws.athena.texts import csv_line, text_query
from transforms.analysis import Compiled
from transforms.dialect.macros import named_in
from transforms.dialect.types import text
from transforms.errors import OutsideError, Rejected
from transforms.names import TableName, quoted

_OPTIMIZERS = ("common_subexpressions", "late_materialization")
"""What is not to be done: the first computes what stands in a TRY outside of it."""
_SMALL = """
set async_threads=1;
set allocator_flush_threshold='1MB';
set allocator_bulk_deallocation_flush_threshold='1MB'
"""
"""What a statement does not need any more goes back at once: a service that waits is to be small."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that a statement has written; `values` are those of its partition, None for NULL."""

    path: Path
    rows: int
    values: tuple[str | None, ...]


class StatementEngine(DuckdbEngine):
    """Tables are attached as what DuckDB selects for them: the catalog knows files, not snapshots."""

    profiles: list[dict[str, Any]]
    """What DuckDB tells of each statement that has written rows."""
    _at_work: duckdb.DuckDBPyConnection | None = None
    _stopped = False

    def __init__(self, root: Path, spill: Path, memory_limit: str) -> None:
        """See `DuckdbEngine`. Of a scan that reads in two passes the second would be counted again."""
        super().__init__(root, spill, memory_limit)
        self._instance.connection.execute(f"set disabled_optimizers='{','.join(_OPTIMIZERS)}'")
        self._instance.connection.execute(_SMALL)
        self._instance.catches = True

    def session(self, urgency: int = 0) -> Self:
        """An engine on the same instance, for one statement."""
        session = super().session(urgency)
        session.profiles = []
        return session

    def attach_select(self, name: TableName, select: str) -> None:
        """Make the rows of a SELECT of DuckDB's own readable under a name."""
        self._attach(name, ("select", select), lambda: select)

    def ask(self, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement of DuckDB's own."""
        with self._cursor() as cursor, translated():
            return cursor.execute(sql, values).fetchall()

    def plan(self, compiled: Compiled, form: str) -> str:
        """How a query would be computed, in a format of DuckDB's."""
        self._need(compiled)
        with self._cursor() as cursor, self._translated(compiled):
            found = cursor.execute(f"explain (format {form}) {compiled.duckdb}").fetchall()
            return "\n".join(text for _, text in found)

    def write_csv(self, compiled: Compiled, target: Path) -> int:
        """The rows as Athena's result file has them: every value in quotes, NULL without; returns how many."""
        texts = text_query(compiled)
        made = tuple(dict.fromkeys((*compiled.macros, *named_in(texts))))
        header = csv_line(column.name for column in compiled.columns)
        options = f"format csv, header false, prefix {text(header)}, suffix '\n', force_quote *, nullstr ''"
        [(count,)] = self._copy(replace(compiled, duckdb=texts, macros=made), target, options)
        if not count:  # the suffix is the end of the last row
            target.write_text(header)
        written: int = count
        return written

    def write_parquet(
        self, compiled: Compiled, items: Sequence[str], folder: Path, keys: Sequence[str], codec: str
    ) -> list[StagedFile]:
        """The rows as files; `items` make the stored columns of c0, c1, ..; those named in `keys` make folders."""
        names = ", ".join(f"c{index}" for index, _ in enumerate(compiled.columns))
        sql = f"select {', '.join(items)} from (\n{compiled.duckdb}\n) as r({names})"
        options = f"format parquet, compression {codec}, return_stats true"
        target = folder / "data.parquet"
        if keys:
            target, options = (
                folder,
                f"{options}, partition_by ({', '.join(map(quoted, keys))}), overwrite_or_ignore true",
            )
        made = tuple(dict.fromkeys((*compiled.macros, *named_in(sql))))
        written = self._copy(replace(compiled, duckdb=sql, macros=made), target, options)
        return [StagedFile(Path(row[0]), row[1], tuple(row[5][key] for key in keys)) for row in written]

    def stop(self) -> None:
        """End the statement that is at work or will be, from another thread; it raises OutsideError."""
        self._stopped = True
        cursor = self._at_work
        if cursor is not None:
            with suppress(duckdb.Error):
                cursor.interrupt()

    def _copy(self, compiled: Compiled, target: Path, options: str) -> list[tuple[Any, ...]]:
        self._need(compiled)
        with self._cursor() as cursor, self._translated(compiled):
            self._at_work = cursor
            try:
                if self._stopped:
                    raise OutsideError("the statement was interrupted")
                cursor.execute("pragma enable_profiling='no_output'")
                written = cursor.execute(f"copy ({compiled.duckdb}) to {text(str(target))} ({options})").fetchall()
                self.profiles.append(json.loads(cursor.get_profiling_information(format="json")))
                return written
            finally:
                self._at_work = None

    @contextmanager
    def _translated(self, compiled: Compiled) -> Iterator[None]:
        """What fails with some value is told in Athena's words."""
        try:
            with super()._translated(compiled):
                yield
        except Rejected as error:
            raise at_run_time(error) from error
