"""The DuckDB of the local Athena: a session for each statement, which writes its rows and can be stopped."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from connectors.engines.duckdb import DuckdbEngine
from connectors.engines.duckdb_errors import translated
from local_dev.aws.athena.texts import csv_line, text_query
from transforms.analysis import Compiled
from transforms.dialect.macros import named_in
from transforms.dialect.types import text
from transforms.errors import OutsideError
from transforms.names import TableName


class StatementEngine(DuckdbEngine):
    """Tables are attached as what DuckDB selects for them: the catalog knows files, not snapshots."""

    _at_work: duckdb.DuckDBPyConnection | None = None
    _stopped = False

    def attach_select(self, name: TableName, select: str) -> None:
        """Make the rows of a SELECT of DuckDB's own readable under a name."""
        self._attach(name, ("select", select), lambda: select)

    def ask(self, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement of DuckDB's own."""
        with self._cursor() as cursor, translated():
            return cursor.execute(sql, values).fetchall()

    def write_csv(self, compiled: Compiled, target: Path) -> int:
        """The rows as Athena's result file has them: every value in quotes, NULL without; returns how many."""
        texts = text_query(compiled)
        made = tuple(dict.fromkeys((*compiled.macros, *named_in(texts))))
        header = csv_line(column.name for column in compiled.columns)
        options = f"format csv, header false, prefix {text(header)}, suffix '\n', force_quote *, nullstr ''"
        count = self._copied(replace(compiled, duckdb=texts, macros=made), target, options)
        if not count:  # the suffix is the end of the last row
            target.write_text(header)
        return count

    def stop(self) -> None:
        """End the statement that is at work or will be, from another thread; it raises OutsideError."""
        self._stopped = True
        cursor = self._at_work
        if cursor is not None:
            with suppress(duckdb.Error):
                cursor.interrupt()

    def _copied(self, compiled: Compiled, target: Path, options: str) -> int:
        self._need(compiled)
        with self._cursor() as cursor, self._translated(compiled):
            self._at_work = cursor
            try:
                if self._stopped:
                    raise OutsideError("the statement was interrupted")
                row = cursor.execute(f"copy ({compiled.duckdb}) to {text(str(target))} ({options})").fetchone()
            finally:
                self._at_work = None
        assert row
        count: int = row[0]
        return count
