"""DuckDB over the lake's Parquet: one instance in memory for a process, a cursor for every statement.

Each session has a catalog of its own inside the instance, so builds at work at the same time read the versions that
they pinned. Decides nothing about what is published; needs no extension.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar
from weakref import WeakSet, ref

import duckdb

from connectors.engine import ColumnStats, Journal, Staged
from connectors.engines.duckdb_errors import translated
from connectors.engines.duckdb_functions import install
from connectors.engines.duckdb_tables import select_files, select_nothing, stored_type
from connectors.engines.turns import Turns
from transforms.analysis import Compiled
from transforms.column import Column
from transforms.dialect.macros import catches
from transforms.dialect.types import duckdb_type, text
from transforms.errors import DataError, Problem, Refused
from transforms.lake_types import Type
from transforms.names import TableName, quoted
from transforms.query_stats import QueryStats
from transforms.snapshot import WHOLE, Part, Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

_Result = TypeVar("_Result")
BATCH_ROWS = 65_536
IDLE = 4
"""How many cursors a session keeps for its next statements."""
PATIENCE_S = 10
"""How long a statement that writes waits for its turn."""
SMALL_BYTES = 4 << 20
"""A statement whose inputs are smaller, as Parquet, keeps no core busy for long."""
_PARQUET = (
    "format parquet",
    "compression zstd",
    "compression_level 1",
    "parquet_version v2",
    "dictionary_size_limit 2000",
)
"""Delta encodings make what zstd has left to do less, and a table by a tenth smaller; its first level does it."""
_COUNTED = "set enable_progress_bar=true; set enable_progress_bar_print=false"
"""Without it DuckDB does not count how far a statement is; it must not draw a bar of its own."""
_OPTIMIZER = "common_subexpressions"
"""It computes what stands twice before the TRY in which it stands, where it may fail; it saves 3 % of a build."""
_PLAIN_COLUMN = re.compile(r'"((?:[^"]|"")*)"')


class _Instance:
    """The one DuckDB of a process, and what all sessions share in it."""

    def __init__(self, root: Path, spill: Path, memory_limit: str, threads: int | None) -> None:
        self.root = root
        self.lock = Lock()
        self.numbers = count(1)
        self.macros: set[str] = set()
        self.catches = False
        self.types: dict[str, str] = {}
        self.turns = Turns(max(1, (os.cpu_count() or 2) // 2))
        self._running: dict[int, ref[duckdb.DuckDBPyConnection]] = {}
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
        }
        if threads:
            config["threads"] = threads
        with translated():
            self.connection = duckdb.connect(":memory:", config=config)
            self.connection.execute("set TimeZone='UTC'")

    def watch(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """From now on until it is closed or forgotten the cursor counts for progress and is interrupted."""
        number = id(cursor)
        self._running[number] = ref(cursor, lambda _: self._running.pop(number, None))

    def forget(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """The cursor is at its end."""
        self._running.pop(id(cursor), None)

    @property
    def running(self) -> list[duckdb.DuckDBPyConnection]:
        """The cursors that may be at work."""
        return [cursor for known in list(self._running.values()) if (cursor := known()) is not None]

    def name_of(self, type_: str) -> str:
        """DuckDB's own spelling of a type, as DESCRIBE writes it."""
        if type_ not in self.types:
            row = self.connection.cursor().execute(f"select typeof(cast(null as {type_}))").fetchone()
            assert row
            self.types[type_] = row[0]
        return self.types[type_]


class DuckdbEngine:
    """See `connectors.engine.Engine`."""

    def __init__(
        self,
        root: Path,
        spill: Path,
        memory_limit: str = "4GB",
        threads: int | None = None,
    ) -> None:
        """`root` is the lake's folder; `spill` takes what does not fit into memory, its parent must exist by then."""
        self._open(_Instance(root, spill, memory_limit, threads), 0, first=True)

    def _open(self, instance: _Instance, urgency: int, *, first: bool) -> None:
        self._instance = instance
        self._first = first
        self._urgency = urgency
        self._lock = Lock()
        self._attached: dict[TableName, object] = {}
        self._views: dict[TableName, Compiled] = {}
        self._databases: set[str] = set()
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._unoptimized: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()
        self._reads = 0
        self._name = f"_s{next(instance.numbers)}"
        with translated():
            instance.connection.cursor().execute(f"attach ':memory:' as {self._name}")

    def session(self, urgency: int = 0) -> Self:
        """An engine on the same instance with tables of its own."""
        engine = object.__new__(type(self))
        engine._open(self._instance, urgency, first=False)
        return engine

    def close(self) -> None:
        """Forget the session's tables; rows that are still streaming keep what they need."""
        while self._idle:
            self._idle.pop().close()
        with suppress(duckdb.Error):
            self._instance.connection.cursor().execute(f"detach {self._name}")
        if self._first:
            self._instance.connection.close()

    def attach(self, snapshots: Iterable[Snapshot], columns: Mapping[TableName, tuple[Column, ...]]) -> None:
        """Make published tables readable under their names, each at exactly this version."""
        for snapshot in snapshots:
            expected = columns.get(snapshot.table, snapshot.columns)
            key = (snapshot.version, snapshot.parts, expected)
            self._attach(snapshot.table, key, lambda s=snapshot, e=expected: select_files(self._instance.root, s, e))
            self._reads += sum(part.bytes for part in snapshot.parts.values())

    def attach_empty(self, name: TableName, columns: tuple[Column, ...]) -> None:
        """Make a table that was never published readable: typed, without rows."""
        self._attach(name, ("empty", columns), lambda: select_nothing(columns))

    def attach_view(self, name: TableName, compiled: Compiled) -> None:
        """Make a view readable; what it reads is attached before."""
        self._need(compiled)
        self._attach(name, ("view", compiled.duckdb), lambda: compiled.duckdb)
        self._views[name] = compiled

    def attach_rows(self, name: TableName, columns: tuple[Column, ...], rows: Sequence[Mapping[str, Any]]) -> None:
        """Make typed rows readable as a table; values as Arrow takes them."""
        import pyarrow as pa  # a third of a second that a build does not pay

        from connectors.arrow_types import arrow_schema

        schema = arrow_schema(columns)
        table = pa.table({field.name: pa.array([r.get(field.name) for r in rows], field.type) for field in schema})
        items = ", ".join(f"cast({quoted(c.name)} as {duckdb_type(c.type)}) as {quoted(c.name)}" for c in columns)
        with self._lock, self._cursor() as cursor, translated():
            self._make_database(cursor, name.database)
            cursor.register("rows_of_case", table)
            cursor.execute(f"create or replace table {_sql(name)} as select {items} from rows_of_case")
            cursor.unregister("rows_of_case")
            self._attached[name] = object()

    def rows(self, compiled: Compiled) -> list[dict[str, Any]]:
        """The rows of a query that has few of them, by column name."""
        self._need(compiled)
        with self._cursor() as cursor, self._translated(compiled):
            found = self._run(cursor, compiled.duckdb, lambda sql: cursor.execute(sql).fetchall())
        return [dict(zip((column.name for column in compiled.columns), row, strict=True)) for row in found]

    def counts(self, asked: Sequence[tuple[Snapshot, Compiled]]) -> list[list[int]]:
        """One after the other: each with its snapshot attached."""
        found = []
        for snapshot, compiled in asked:
            self.attach([snapshot], {})
            (row,) = self.rows(compiled)
            found.append([int(count) for count in row.values()])
        return found

    def query(self, compiled: Compiled) -> pa.RecordBatchReader:
        """Run a query; rows stream. Raises Rejected when the statement fails at run time as Athena's would."""
        import pyarrow as pa

        self._need(compiled)
        with self._translated(compiled):
            cursor = self._take_cursor()
            reader = self._run(cursor, compiled.duckdb, lambda sql: cursor.sql(sql).to_arrow_reader(BATCH_ROWS))
        return pa.RecordBatchReader.from_batches(reader.schema, self._batches(cursor, reader, compiled))

    def stage(self, compiled: Compiled, location: str, partition: str | None, journal: Journal | None = None) -> Staged:
        """Write the rows as zstd Parquet under a fresh location; see the protocol."""
        self._need(compiled)
        items = ", ".join(
            f"cast({quoted(c.name)} as {stored_type(c.type)}) as {quoted(c.name)}" for c in compiled.columns
        )
        target = self._instance.root / location
        options = [*_PARQUET, "return_stats true"]
        if partition:
            options += [f"partition_by ({quoted(partition)})", "overwrite_or_ignore true"]
        else:
            target /= "data_0.parquet"
        copy = f"copy (select {items} from ({compiled.duckdb})) to {text(str(target))} ({', '.join(options)})"
        with self._turn(), self._cursor() as cursor, self._translated(compiled):
            self._require_types(cursor, compiled)
            written = self._run(cursor, copy, lambda sql: cursor.execute(sql).fetchall())
        return self._staged(written, partition)

    @property
    def ran(self) -> Sequence[QueryStats]:
        """None: they cost nothing."""
        return ()

    def progress(self) -> float | None:
        """How far the running statements are, 0 to 1; None when nothing is known."""
        known = []
        for cursor in self._instance.running:
            with suppress(duckdb.Error):
                known.append(cursor.query_progress())
        known = [done for done in known if done >= 0]
        return sum(known) / len(known) / 100 if known else None

    def interrupt(self) -> None:
        """Stop every running statement of all sessions, from another thread."""
        for cursor in self._instance.running:
            cursor.interrupt()

    def _turn(self) -> AbstractContextManager[object]:
        """A statement keeps every core busy: several at once only cost more, 3 of 17 CPU-s on 2 cores.

        One that reads few bytes does not wait, and nobody waits for ever behind a long one.
        """
        small = self._reads <= SMALL_BYTES
        return nullcontext() if small else self._instance.turns.turn(self._urgency, PATIENCE_S)

    @contextmanager
    def _translated(self, compiled: Compiled) -> Iterator[None]:
        """What DuckDB raises, at its place in the texts of which the statement was made."""
        made_of = self._made_of(compiled)
        with translated(compiled.duckdb, [each.origin for each in made_of if each.origin is not None]):
            yield

    def _made_of(self, compiled: Compiled) -> list[Compiled]:
        """The query and the views that it reads."""
        views = {name: self._views[name] for name in compiled.inputs if name in self._views}
        return [compiled, *(each for view in views.values() for each in self._made_of(view))]

    def _attach(self, name: TableName, key: object, select: Any) -> None:
        with self._lock:
            if self._attached.get(name) == key:
                return
            with self._cursor() as cursor, translated():
                self._make_database(cursor, name.database)
                cursor.execute(f"create or replace view {_sql(name)} as {select()}")
            self._attached[name] = key

    def _make_database(self, cursor: duckdb.DuckDBPyConnection, database: str) -> None:
        if database not in self._databases:
            cursor.execute(f"create schema if not exists {quoted(database)}")
            self._databases.add(database)

    def _need(self, compiled: Compiled) -> None:
        """Makes ready what the statement calls, and the instance for its TRY, if there is one."""
        instance = self._instance
        if not instance.macros.issuperset(compiled.macros):
            with instance.lock, translated():
                install(instance.connection.cursor(), compiled.macros, instance.macros)
        if not instance.catches and catches(compiled.duckdb, compiled.macros):
            with instance.lock, translated():
                instance.connection.cursor().execute(f"set disabled_optimizers='{_OPTIMIZER}'")
                instance.catches = True

    def _run(self, cursor: duckdb.DuckDBPyConnection, sql: str, run: Callable[[str], _Result]) -> _Result:
        """What `run` makes of the statement; without the optimizer, which may fail, where the optimizer fails.

        It computes constants, some of them outside of the TRY or the CASE in which they stand.
        """
        try:
            return run(sql)
        except duckdb.Error:
            if _planned(cursor, sql):
                raise
            self._unoptimized.add(cursor)
            cursor.execute("pragma disable_optimizer")
            return run(sql)

    def _take_cursor(self) -> duckdb.DuckDBPyConnection:
        """One that is not at work; to set up a new one costs as much as a small statement."""
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = self._instance.connection.cursor()
            cursor.execute(f"set search_path='{self._name}.main,memory.main'; {_COUNTED}")
        self._instance.watch(cursor)
        return cursor

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._take_cursor()
        with self._returned(cursor):
            yield cursor

    @contextmanager
    def _returned(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """A cursor that has done its work can do other work; what has failed or was left half read is closed."""
        done = False
        try:
            yield
            done = True
        finally:
            self._instance.forget(cursor)
            if done and len(self._idle) < IDLE and cursor not in self._unoptimized:
                self._idle.append(cursor)
            else:
                cursor.close()

    def _batches(
        self, cursor: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader, compiled: Compiled
    ) -> Iterator[pa.RecordBatch]:
        with self._returned(cursor), self._translated(compiled):
            yield from reader

    def _require_types(self, cursor: duckdb.DuckDBPyConnection, compiled: Compiled) -> None:
        """Parquet must hold exactly the lake's types: Trino reads the same files."""
        found = cursor.execute(f"describe {compiled.duckdb}").fetchall()
        problems = []
        for (_, type_, *_), column in zip(found, compiled.columns, strict=True):
            wanted = self._instance.name_of(duckdb_type(column.type))
            if type_ not in (wanted, self._instance.name_of(stored_type(column.type))):
                problems.append(_wrong_type(column.name, column.type, type_))
        if problems:
            raise Refused(problems)

    def _staged(self, written: list[tuple[Any, ...]], partition: str | None) -> Staged:
        root = self._instance.root
        files: dict[str, list[tuple[str, int, int]]] = {}
        for name, rows, size, _, _, keys, *_ in written:
            value = keys[partition] if partition else WHOLE
            if value is None:
                raise DataError(f"{partition} is NULL in {rows} rows; every row needs a {partition}")
            if rows:
                files.setdefault(value, []).append((Path(name).relative_to(root).as_posix(), rows, size))
            else:
                Path(name).unlink()
        parts = {
            value: Part(
                tuple(sorted(f for f, _, _ in found)), sum(n for _, n, _ in found), sum(b for *_, b in found), ""
            )
            for value, found in files.items()
        }
        return Staged(parts, _column_stats([row[4] for row in written if row[1]]))


def _column_stats(written: Sequence[Mapping[str, Mapping[str, str]]]) -> dict[str, ColumnStats]:
    """The statistics that COPY returned for each file, together; those of fields inside a column are left out."""
    found: dict[str, ColumnStats] = {}
    for file in written:
        for spelled, stats in file.items():
            name = _PLAIN_COLUMN.fullmatch(spelled)
            if name is None or "null_count" not in stats:
                continue
            key, nulls = name[1].replace('""', '"'), int(stats["null_count"])
            empty = nulls == int(stats["num_values"])
            one = ColumnStats(nulls, _bound(stats, "min", empty), _bound(stats, "max", empty))
            found[key] = found[key].and_of(one) if key in found else one
    return found


def _bound(stats: Mapping[str, str], which: str, empty: bool) -> tuple[str, ...] | None:
    if empty:
        return ()
    return (stats[which],) if stats.get(f"{which}_is_exact") == "true" and which in stats else None


def _wrong_type(name: str, type_: Type, found: str) -> Problem:
    what = f"column {name} is {type_} on Athena, but {found.lower()} on DuckDB"
    return Problem(None, 0, 0, what, "both must be the same", f"cast(.. as {type_}) as {name}")


def _sql(name: TableName) -> str:
    return f"{quoted(name.database)}.{quoted(name.table)}"


def _planned(cursor: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether DuckDB has a plan for a statement; it does not run."""
    try:
        cursor.execute(f"explain {sql}")
    except duckdb.Error:
        return False
    return True
