"""One repeatable-read transaction of a PostgreSQL: small results, streams of COPY batches, what its catalog says.

Errors never show the address. Decides nothing about which rows are read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from typing import Any

import adbc_driver_manager
import pyarrow as pa

from connectors.address import CONNECT, cannot
from connectors.readers.database.ahead import ahead
from connectors.readers.postgres.connection import connect, disconnect
from connectors.readers.postgres.types import SourceColumn, literal, quoted_table
from transforms.errors import OutsideError, Stopped
from transforms.fields import read_span
from transforms.source import Source

BATCH_BYTES = 8 << 20
OLD_TRANSACTION = "1 minute"

_COLUMNS = """
select a.attname, b.typname, coalesce(b.modifier, a.atttypmod), coalesce(e.typname, ''), b.typtype = 'c',
  coalesce(col_description(a.attrelid, a.attnum), '')
from pg_attribute a cross join lateral (
  with recursive based as (
    select t.*, null::int as modifier from pg_type t where t.oid = a.atttypid
    union all
    select t.*, case when d.typtypmod >= 0 then d.typtypmod else coalesce(d.modifier, -1) end
    from based d join pg_type t on t.oid = d.typbasetype where d.typtype = 'd')
  select * from based where typtype <> 'd') b
left join pg_type e on b.typcategory = 'A' and e.oid = b.typelem
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
    "set local idle_in_transaction_session_timeout = 0",
    "set local tcp_keepalives_idle = 60",
    "set local tcp_keepalives_interval = 10",
    "set local tcp_keepalives_count = 6",
    "select set_config(name, case name when 'tcp_user_timeout' then '60s' else '10s' end, true) from pg_settings "
    "where name in ('client_connection_check_interval', 'tcp_user_timeout')",
)
"""The last ones end the query of a process that was killed, which would be heard only when the rows are sent, and the
transaction of a machine that is gone. Servers before 14 and 12 have no such settings.
"""
CONNECT_S = 10
_OF_DRIVER = re.compile(r"\A[A-Z_]+: (\[libpq\] )?(Failed to connect: )?")
_OF_SERVER = re.compile(r"\A.*\b(ERROR|FATAL):\s+", re.DOTALL)
_BEHIND = re.compile(r"(\nLINE \d+: .*)?(\s*\. SQLSTATE: \w+)?\s*\Z", re.DOTALL)


class Transaction:
    """One connection in one repeatable-read transaction. Errors never show the address.

    `late_writers`: whether, before it began, a transaction that writes was open for so long that its rows may come
    after newer ones; nobody looks where it joins the moment of another one.
    """

    def __init__(self, source: Source, address: str, first: str = "") -> None:
        """`first` is a statement that must come before any other, by which it joins a moment."""
        self._source, self._address, self._closed, self._cancelled = source, address, False, False
        self._streams: list[Generator[pa.RecordBatch, None, None]] = []
        self._place = _patient(address)
        with self._outside(CONNECT):
            self._connection = connect(self._place)
        try:
            self.late_writers = not first and bool(self.rows(_OPEN)[0][0])
            self.execute(*filter(None, (_OPENING[0], first, *_OPENING[1:], _timeout(source))))
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A small result."""
        with self._outside("read"), self._statement(sql) as statement, _opened(statement) as stream:
            return list(zip(*(column.to_pylist() for column in stream.read_all().columns), strict=True))

    def rows_within(self, seconds: float, sql: str) -> list[tuple[Any, ...]] | None:
        """A small result; None when the server does not have it in this time. The transaction goes on."""
        self.execute("savepoint within", f"set local statement_timeout = {max(1, round(seconds * 1000))}")
        try:
            with self._statement(sql) as statement, _opened(statement) as stream:
                found = list(zip(*(column.to_pylist() for column in stream.read_all().columns), strict=True))
        except (adbc_driver_manager.Error, OSError) as error:
            if self._cancelled or "statement timeout" not in str(error):
                raise self._failure("read", error) from None
            found = None
        self.execute("rollback to savepoint within")
        return found

    def execute(self, *statements: str) -> None:
        """Statements without a result."""
        with self._outside("read"):
            for sql in statements:
                with self._statement(sql) as statement:
                    statement.execute_update()

    def columns(self, table: str) -> list[SourceColumn]:
        """The columns of a table as the database describes them; empty when there is no such table."""
        return [SourceColumn(*row) for row in self.rows(_COLUMNS.format(table=literal(quoted_table(table))))]

    def unique_keys(
        self, table: str, names: Mapping[str, str] | None = None
    ) -> tuple[tuple[str, ...], list[frozenset[str]]]:
        """The primary key (empty if none), and every set of columns that a unique index covers.

        `names` are those that columns have in the lake, where they differ.
        """
        found = self.rows(_UNIQUE.format(table=literal(quoted_table(table))))
        keys = [(is_primary, [(names or {}).get(name, name) for name in columns]) for is_primary, columns in found]
        primary = next((tuple(columns) for is_primary, columns in keys if is_primary), ())
        return primary, [frozenset(columns) for _, columns in keys]

    def about_rows(self, table: str) -> int:
        """How many rows the server believes that a table has; 0 when it has not counted them yet."""
        name = literal(quoted_table(table))
        found = self.rows(f"select greatest(reltuples, 0)::bigint from pg_class where oid = to_regclass({name})")
        return sum(int(row[0]) for row in found)

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Batches; the next ones are fetched while the caller works on one. `close` ends it."""
        self._streams.append(self._streamed(sql))
        return self._streams[-1]

    def _streamed(self, sql: str) -> Generator[pa.RecordBatch, None, None]:
        with self._outside("read"), closing(ahead(self._fetched(sql), "postgres")) as batches:
            try:
                yield from batches
            except GeneratorExit:
                self.cancel()  # the server may be at work for long before the next row
                raise

    def _fetched(self, sql: str) -> Generator[pa.RecordBatch, None, None]:
        with self._statement(sql) as statement:
            statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
            with _opened(statement) as stream:
                yield from stream

    def cancel(self) -> None:
        """From another thread: ends the statement that runs, and lets none begin."""
        self._cancelled = True
        if not self._closed:
            with suppress(adbc_driver_manager.Error, OSError):  # there may be none
                self._connection.cancel()

    def close(self) -> None:
        """Ends the transaction."""
        if self._closed:
            return
        self._closed = True
        for stream in self._streams:
            stream.close()
        with self._outside("disconnect from"):
            disconnect(self._place, self._connection)

    def _statement(self, sql: str) -> adbc_driver_manager.AdbcStatement:
        """ADBC without its dbapi module, whose import of polars costs more than most ingests."""
        if self._cancelled:
            raise Stopped(f"{self._source.path}: stopped while {self._source.connection} was read")
        statement = adbc_driver_manager.AdbcStatement(self._connection)
        statement.set_sql_query(sql)
        return statement

    @contextmanager
    def _outside(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
            raise self._failure(doing, error) from None

    def _failure(self, doing: str, error: Exception) -> OutsideError:
        if self._cancelled:
            return Stopped(f"{self._source.path}: stopped while {self._source.connection} was read")
        return cannot(doing, self._source, _said(error), self._address)


def _said(error: Exception) -> str:
    """The server's own words, or libpq's, without those of the driver around them."""
    text = str(error).split("\n\nQuery was:")[0]
    text = _OF_SERVER.sub("", _OF_DRIVER.sub("", text))
    return _BEHIND.sub("", text)


def _patient(address: str) -> str:
    """The address with a limit to how long a connection is waited for, where it says none."""
    if "connect_timeout" in address or "PGCONNECT_TIMEOUT" in os.environ:
        return address
    if "://" not in address:
        return f"{address} connect_timeout={CONNECT_S}"
    return f"{address}{'&' if '?' in address else '?'}connect_timeout={CONNECT_S}"


def _timeout(source: Source) -> str:
    span = read_span(source.options.get("statement_timeout"))
    return f"set local statement_timeout = {span // timedelta(milliseconds=1)}" if span else ""


def _opened(statement: adbc_driver_manager.AdbcStatement) -> pa.RecordBatchReader:
    handle, _ = statement.execute_query()
    return pa.RecordBatchReader.from_stream(handle)
