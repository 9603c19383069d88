"""Reads PostgreSQL: a stream of COPY batches inside one repeatable-read transaction for each table.

Decides which rows are read again because late ones may stand among them. Never holds more than a few batches.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import adbc_driver_manager
import adbc_driver_postgresql
import pyarrow as pa
import pyarrow.compute as pc

from connectors.reader import Again, Batch, Reading, Rejected
from connectors.readers.misfits import changed
from connectors.readers.postgres_types import SourceColumn, quoted, quoted_table
from connectors.readers.postgres_values import Bad, held
from connectors.readers.words import truncates
from connectors.rejects import row_bytes
from transforms.column import Column
from transforms.errors import OutsideError, SchemaChanged, did_you_mean
from transforms.lake_types import INTEGERS
from transforms.source import Source, SourceTable

BATCH_BYTES = 8 << 20
AHEAD = 2
MARGINS: Mapping[str, Any] = {"timestamp": timedelta(hours=1), "date": timedelta(days=1)}
INTEGER_MARGIN = 10_000
"""How far before the greatest cursor rows are read again: they may have been committed late."""
OLD_TRANSACTION = "1 minute"
"""While a writing transaction is open for longer, the place to read from does not move."""
_EPOCH = datetime(1970, 1, 1)
_LEAST: Mapping[str, Any] = {
    "timestamp": datetime(1, 1, 1),
    "date": date(1, 1, 1),
    "bigint": -(1 << 63),
    "integer": -(1 << 31),
    "smallint": -(1 << 15),
}

_COLUMNS = """
select a.attname, coalesce(b.typname, t.typname), case when t.typtype = 'd' then t.typtypmod else a.atttypmod end,
  coalesce(e.typname, ''), coalesce(b.typtype, t.typtype) = 'c', coalesce(col_description(a.attrelid, a.attnum), '')
from pg_attribute a join pg_type t on t.oid = a.atttypid
left join pg_type b on t.typtype = 'd' and b.oid = t.typbasetype
left join pg_type e on coalesce(b.typcategory, t.typcategory) = 'A' and e.oid = coalesce(b.typelem, t.typelem)
where a.attrelid = to_regclass({table}) and a.attnum > 0 and not a.attisdropped order by a.attnum"""
_UNIQUE = """
select i.indisprimary, array_agg(a.attname::text order by array_position(i.indkey::int2[], a.attnum))
from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
where i.indrelid = to_regclass({table}) and i.indisunique and i.indpred is null and i.indexprs is null
  and i.indisvalid group by i.indexrelid, i.indisprimary"""
_OPEN = f"""
select count(*) from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
  and datname = current_database() and xact_start < now() - interval '{OLD_TRANSACTION}'"""

_OPENING = (
    "begin isolation level repeatable read, read only",
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO'",
    "set local intervalstyle = 'iso_8601'",
    "set local synchronize_seqscans = off",
)


class PostgresReader:
    """One table a call; `table:` names it when it is not called as in the lake."""

    def read(
        self, source: Source, table: SourceTable, address: str, state: Mapping[str, Any], now: datetime
    ) -> Reading:
        """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on."""
        session = Session(source, address)
        try:
            return _reading(session, source, table, state)
        except BaseException:
            session.close()
            raise


def reader() -> PostgresReader:
    """The reader of this kind."""
    return PostgresReader()


class Session:
    """One connection in one repeatable-read transaction. Errors never show the address."""

    def __init__(self, source: Source, address: str) -> None:
        self._source, self._address, self._closed = source, address, False
        self._streams: list[Generator[pa.RecordBatch, None, None]] = []
        with self._outside("connect to"):
            self._database = adbc_driver_postgresql.connect(address)
            self._connection = adbc_driver_manager.AdbcConnection(self._database)
        with self._outside("read"):
            for sql in _OPENING:
                with self._statement(sql) as statement:
                    statement.execute_update()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A small result."""
        with self._outside("read"), self._statement(sql) as statement, _opened(statement) as stream:
            return list(zip(*(column.to_pylist() for column in stream.read_all().columns), strict=True))

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Batches; the next ones are fetched while the caller works on one. `close` ends it."""
        self._streams.append(self._streamed(sql))
        return self._streams[-1]

    def _streamed(self, sql: str) -> Generator[pa.RecordBatch, None, None]:
        batches: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(AHEAD)
        stop = threading.Event()
        worker = threading.Thread(target=self._fetch, args=(sql, batches, stop), name="postgres", daemon=True)
        worker.start()
        try:
            while (item := batches.get()) is not None:
                if isinstance(item, BaseException):
                    with self._outside("read"):
                        raise item
                yield item
        finally:
            stop.set()
            while worker.is_alive():
                with _empty():
                    batches.get_nowait()
                worker.join(0.02)

    def _fetch(self, sql: str, batches: queue.Queue[Any], stop: threading.Event) -> None:
        try:
            with self._statement(sql) as statement:
                statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
                with _opened(statement) as stream:
                    while not stop.is_set():
                        batches.put(stream.read_next_batch())
        except StopIteration:
            batches.put(None)
        except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
            batches.put(error)

    def close(self) -> None:
        """Ends the transaction."""
        if self._closed:
            return
        self._closed = True
        for stream in self._streams:
            stream.close()
        with self._outside("disconnect from"):
            self._connection.close()
            self._database.close()

    def _statement(self, sql: str) -> adbc_driver_manager.AdbcStatement:
        """ADBC without its dbapi module, whose import of polars costs more than most ingests."""
        statement = adbc_driver_manager.AdbcStatement(self._connection)
        statement.set_sql_query(sql)
        return statement

    @contextmanager
    def _outside(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
            reason = without_secrets(str(error).split("\n\nQuery was:")[0], self._address).strip()
            raise OutsideError(f"{self._source.path}: cannot {doing} {self._source.connection}: {reason}") from None


def _opened(statement: adbc_driver_manager.AdbcStatement) -> pa.RecordBatchReader:
    handle, _ = statement.execute_query()
    return pa.RecordBatchReader.from_stream(handle)


@contextmanager
def _empty() -> Iterator[None]:
    try:
        yield
    except queue.Empty:
        return


def without_secrets(text: str, address: str) -> str:
    """The text without the address and its password, in any spelling."""
    secrets = {address}
    for found in (re.search(r"://[^:/@]*:([^@]+)@", address), re.search(r"password=([^&\s]+)", address)):
        if found:
            secrets |= {found[1], unquote(found[1])}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if secret else text
    return text


def table_columns(session: Session, table: str) -> list[SourceColumn]:
    """The columns of a table as the catalog describes them; empty when there is no such table."""
    rows = session.rows(_COLUMNS.format(table=_literal(quoted_table(table))))
    return [SourceColumn(*row) for row in rows]


def unique_keys(session: Session, table: str) -> tuple[tuple[str, ...], list[frozenset[str]]]:
    """The primary key (empty if none), and every set of columns that a unique index covers."""
    rows = session.rows(_UNIQUE.format(table=_literal(quoted_table(table))))
    primary = next((tuple(columns) for is_primary, columns in rows if is_primary), ())
    return primary, [frozenset(columns) for _, columns in rows]


@dataclass(frozen=True)
class _Plan:
    """What one read selects. `bad_arrays` are flag columns that are not empty where an array has two dimensions."""

    columns: tuple[Column, ...]
    sql: str
    bad_arrays: Mapping[str, str]
    truncate: bool
    cursor: str | None


def _reading(session: Session, source: Source, table: SourceTable, state: Mapping[str, Any]) -> Reading:
    name = str(table.options.get("table", table.name.table))
    live = {column.name: column for column in table_columns(session, name)}
    if not live:
        raise _no_table(session, source, table, name)
    columns, new, missing = _agreed(source, table, live)
    primary, unique = unique_keys(session, name)
    cursor = _cursor(source, table, columns) if table.mode != "snapshot" else None
    since, until = state.get("since"), state.get("cursor")
    plan = _plan(source, table, name, live, columns, cursor, since)
    reading = Reading(iter(()), dict(state), new_columns=new, missing_columns=missing)
    reading.close = session.close
    reading.unique = frozenset(table.key) in unique if table.key else True
    if cursor and until is not None:
        first = _LEAST[cursor.type.name] if since is None else _value(since, cursor)
        reading.again = Again(cursor.name, first, _value(until, cursor), table.key or primary)
    waits = bool(cursor) and session.rows(_OPEN)[0][0] > 0
    reading.batches = _batches(session, plan, name, reading, table, waits)
    return reading


def _agreed(
    source: Source, table: SourceTable, live: Mapping[str, SourceColumn]
) -> tuple[tuple[Column, ...], list[Column], list[str]]:
    """The columns to read, those among them that nobody declared, and those that are gone."""
    declared = {column.name: column for column in table.columns}
    for column in table.columns:
        found = live.get(column.name)
        if found is not None and not found.takes(column.type):
            raise changed(
                source, table, column.name, column.type, found.lake_type, f"but {found.written} in the source"
            )
    new = [Column(c.name, c.lake_type, c.comment) for c in live.values() if c.name not in declared]
    for column in new:
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", column.name):
            raise SchemaChanged(
                f"{source.path}:{table.line}: {table.name}: the source has a column {column.name!r}, a name that "
                "the lake does not take; lower case letters, digits and underscores are allowed; "
                "write a view in the database that renames it, and its name as `table:`"
            )
    kept = tuple(column for column in table.columns if column.name in live)
    return (*kept, *new), new, [column.name for column in table.columns if column.name not in live]


def _cursor(source: Source, table: SourceTable, columns: Sequence[Column]) -> Column:
    cursor = next((column for column in columns if column.name == table.cursor), None)
    where = f"{source.path}:{table.line}: {table.name}"
    if cursor is None:
        hint = did_you_mean(table.cursor or "", [column.name for column in columns])
        raise SchemaChanged(
            f"{where}: the source has no column {table.cursor}, which is the cursor; {hint}".rstrip("; ")
        )
    if cursor.type.name not in (*INTEGERS, "timestamp", "date"):
        raise SchemaChanged(
            f"{where}: the cursor {cursor.name} is {cursor.type.hive}; "
            "a cursor is a whole number, a date or a timestamp"
        )
    return cursor


def _plan(
    source: Source,
    table: SourceTable,
    name: str,
    live: Mapping[str, SourceColumn],
    columns: tuple[Column, ...],
    cursor: Column | None,
    since: Any,
) -> _Plan:
    selected = [live[column.name].select(column.type) for column in columns]
    flags = {f"bad {number}": column.name for number, column in enumerate(columns) if column.type.name == "array"}
    for flag, column_name in flags.items():
        own = quoted(column_name)
        selected.append(f"case when array_ndims({own}) > 1 then {own}::text end as {quoted(flag)}")
    sql = f"select {', '.join(selected)} from {quoted_table(name)}"
    if cursor and since is not None:
        own = quoted(cursor.name)
        sql += f" where {own} >= {_literal(str(since))}::{live[cursor.name].type} or {own} is null"
    return _Plan(columns, sql, flags, truncates(source, table), cursor.name if cursor else None)


def _batches(
    session: Session, plan: _Plan, name: str, reading: Reading, table: SourceTable, waits: bool
) -> Iterator[Batch]:
    greatest: Any = None
    number = 1
    try:
        for raw in session.stream(plan.sql):
            if plan.cursor:
                greatest = _greatest(greatest, raw.column(plan.cursor))
            yield _batch(raw, plan, name, number, table.mode == "append")
            number += raw.num_rows
    finally:
        session.close()
    if plan.cursor and greatest is not None:
        cursor = next(column for column in plan.columns if column.name == plan.cursor)
        _advance(reading, cursor, greatest, table.options.get("margin"), waits)


def _batch(raw: pa.RecordBatch, plan: _Plan, name: str, first: int, appends: bool) -> Batch:
    arrays, bad = [], Bad()
    for column in plan.columns:
        values, reasons = held(raw.column(column.name), column.type, plan.truncate)
        arrays.append(values)
        for row, reason in reasons.items():
            bad.setdefault(row, f"{column.name}: {'a value that does not fit' if column.personal else reason}")
    for flag, column_name in plan.bad_arrays.items():
        texts = raw.column(flag)
        for row in pc.indices_nonzero(pc.is_valid(texts)).to_pylist() if texts.null_count < len(texts) else ():
            bad.setdefault(row, f"{column_name}: an array of more than one dimension")
    if appends and plan.cursor:
        cursor = raw.column(plan.cursor)
        for row in pc.indices_nonzero(pc.is_null(cursor)).to_pylist() if cursor.null_count else ():
            bad.setdefault(row, f"{plan.cursor} is the cursor and NULL")
    rows = pa.RecordBatch.from_arrays(arrays, names=[column.name for column in plan.columns])
    if not bad:
        return Batch(rows, bytes=raw.nbytes)
    wrong = raw.take(pa.array(sorted(bad)))
    rejects = tuple(
        Rejected(name, first + row, bad[row], row_bytes(_plain(wrong, position)))
        for position, row in enumerate(sorted(bad))
    )
    keep = pa.array([row not in bad for row in range(raw.num_rows)])
    return Batch(rows.filter(keep), rejects, bytes=raw.nbytes)


def _plain(rows: pa.RecordBatch, position: int) -> dict[str, object]:
    """A row as it came; days and times that Python cannot hold stay numbers."""
    result: dict[str, object] = {}
    for field in rows.schema:
        values = rows.column(field.name)
        values = values.storage if isinstance(values, pa.ExtensionArray) else values
        try:
            result[field.name] = values[position].as_py()
        except (ValueError, OverflowError):
            result[field.name] = values[position].value
    return {key: value for key, value in result.items() if not key.startswith("bad ") or value is not None}


def _greatest(before: Any, values: pa.Array) -> Any:
    """The greatest cursor so far, as a number; infinity does not count."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("us")).cast(pa.int64())
        values = values.filter(pc.less_equal(values, 253402300799999999))
    elif pa.types.is_date(values.type):
        values = values.cast(pa.int32())
        values = values.filter(pc.less_equal(values, 2932896))
    found = pc.max(values).as_py()
    return found if before is None else before if found is None else max(before, found)


def _advance(reading: Reading, cursor: Column, greatest: int, margin: Any, waits: bool) -> None:
    """Moves the place where the next read begins; it never moves back."""
    if cursor.type.name == "timestamp":
        value: Any = _EPOCH + timedelta(microseconds=greatest)
    elif cursor.type.name == "date":
        value = _EPOCH.date() + timedelta(days=greatest)
    else:
        value = greatest
    old = reading.state.get("cursor")
    newest = value if old is None else max(value, _value(old, cursor))
    since = newest - _margin(margin, cursor)
    if waits:
        since = _value(reading.state["since"], cursor) if reading.state.get("since") is not None else None
    reading.state["cursor"] = _text(newest)
    reading.state["since"] = None if since is None else _text(since)


def _margin(margin: Any, cursor: Column) -> Any:
    if cursor.type.name in INTEGERS:
        return margin if isinstance(margin, int) else INTEGER_MARGIN
    found = re.fullmatch(r"(\d+) ?(m|h|d)[a-z]*", str(margin or ""))
    if not found:
        return MARGINS[cursor.type.name]
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return timedelta(**{unit: int(found[1])})


def _value(text: Any, cursor: Column) -> Any:
    if cursor.type.name == "timestamp":
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if cursor.type.name == "date" else int(text)


def _text(value: Any) -> Any:
    return (
        value.isoformat(timespec="microseconds")
        if isinstance(value, datetime)
        else value
        if isinstance(value, int)
        else str(value)
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _no_table(session: Session, source: Source, table: SourceTable, name: str) -> SchemaChanged:
    rows = session.rows(
        "select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f') "
        "and n.nspname not in ('pg_catalog', 'information_schema') order by 1"
    )
    tables = [str(row[0]) for row in rows]
    hint = did_you_mean(name, tables) or f"tables are {', '.join(tables[:20]) or 'none'}"
    return SchemaChanged(f"{source.path}:{table.line}: {table.name}: the source has no table {name}; {hint}")
