"""One consistent snapshot of a MySQL or MariaDB: small results, streams of rows, what information_schema says.

Errors never show the address. Decides nothing about which rows are read.
"""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pymysql
from pymysql.cursors import SSCursor

from connectors.address import CONNECT, cannot
from connectors.readers.database.ahead import ahead
from connectors.readers.mysql.connection import connect
from connectors.readers.mysql.types import SourceColumn, quoted_table
from connectors.readers.mysql.wire import ServerError, blocks
from transforms.errors import Stopped, did_you_mean
from transforms.source import Source

OLD_TRANSACTION_S = 60
_SESSION = (
    "set session transaction isolation level repeatable read",
    "set session time_zone = '+00:00'",
    "set session net_write_timeout = 3600",  # the server waits while rows are written to the lake
    "set session lock_wait_timeout = 60",  # an ALTER TABLE that goes on
)
_LATE = """
select count(*) from information_schema.innodb_trx
where trx_rows_modified > 0 and trx_started < now() - interval %s second"""
_TABLES = """
select table_name, table_rows, table_comment, table_type from information_schema.tables
where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') order by table_name"""
_COLUMNS = """
select table_name, column_name, data_type, column_type, coalesce(character_set_name, ''), column_comment,
  coalesce(column_default, '')
from information_schema.columns where table_schema = coalesce(%s, database()) and table_name = %s
order by ordinal_position"""
_UNIQUE = """
select table_name, index_name, column_name from information_schema.statistics
where table_schema = coalesce(%s, database()) and table_name = %s and non_unique = 0
order by index_name, seq_in_index"""
_ABOUT = """
select table_name, coalesce(table_rows, 0) from information_schema.tables
where table_schema = coalesce(%s, database()) and table_name = %s"""
_UNKNOWN = (1049, 1109, 1146)
"""Errors that say that there is no such database or table."""
_DENIED_PROCESS = 1227
Fields = list[tuple[Any, ...]]


class Transaction:
    """One connection, whose reads are all of one moment, and of which none takes longer than `timeout`.

    `late_writers`: whether a transaction that writes is open for so long that its rows may come after newer ones.
    """

    def __init__(self, source: Source, address: str, timeout: timedelta | None = None) -> None:
        self._source, self._address, self._closed, self._cancelled = source, address, False, False
        self._unfinished, self._streams = False, list[Generator[pa.RecordBatch, None, None]]()
        with self._outside(CONNECT):
            try:
                self._connection = connect(address)
            except ValueError as error:
                raise cannot(CONNECT, source, str(error), address) from None
        with self._outside("read"), self._open_or_closed():
            self.late_writers = self._has_late_writers()
            for sql in _SESSION:
                self._query(sql)
            if timeout is not None:
                self._query(self._timeout(timeout))
            self._query("start transaction with consistent snapshot, read only")

    def _has_late_writers(self) -> bool:
        """Asked before the snapshot: a transaction that ends in between is seen by one of both.

        Without the right PROCESS nobody sees any.
        """
        try:
            return bool(self._query("set session time_zone = 'SYSTEM'") or self._query(_LATE, OLD_TRANSACTION_S)[0][0])
        except pymysql.err.MySQLError as error:
            if error.args[:1] != (_DENIED_PROCESS,):
                raise
            return False

    def _timeout(self, timeout: timedelta) -> str:
        if "MariaDB" in self._connection.get_server_info():
            return f"set session max_statement_time = {timeout.total_seconds():f}"
        return f"set session max_execution_time = {timeout // timedelta(milliseconds=1)}"

    def rows(self, sql: str, *values: Any) -> Fields:
        """A small result."""
        with self._outside("read"):
            return self._query(sql, *values)

    def tables(self) -> Fields:
        """The tables and views that may be read: name, about how many rows, comment, `VIEW` for a view."""
        return self.rows(_TABLES)

    def has(self, table: str) -> bool:
        """Whether there is such a table, whose columns stay from now on. Raises OutsideError without a right.

        A server does not tell those who may not read a table whether it is there: a name that is near is told to them.
        """
        with self._outside("read"):
            try:
                self._query(f"select 1 from {quoted_table(table)} limit 0")
            except pymysql.err.MySQLError as error:
                if error.args[:1] and error.args[0] in _UNKNOWN:
                    return False
                hint = did_you_mean(table, [str(row[0]) for row in self.tables()])
                raise type(error)(error.args[0], "; ".join(filter(None, (error.args[1], hint)))) from None
        return True

    def columns(self, table: str) -> list[SourceColumn]:
        """The columns of a table that may be read, as the server describes them."""
        return [SourceColumn(*map(str, row)) for row in self._described(_COLUMNS, table)]

    def unique_keys(
        self, table: str, names: Mapping[str, str] | None = None
    ) -> tuple[tuple[str, ...], list[frozenset[str]]]:
        """The primary key (empty if none), and every set of columns that a unique index covers.

        `names` are those that columns have in the lake, where they differ.
        """
        keys: dict[str, list[str]] = {}
        for index, column in self._described(_UNIQUE, table):
            keys.setdefault(index, []).append((names or {}).get(column, column))
        return tuple(keys.get("PRIMARY", ())), [frozenset(columns) for columns in keys.values()]

    def _described(self, sql: str, table: str) -> Fields:
        """Of the table of exactly this name, where the server has others that differ only in case."""
        database, dot, name = table.rpartition(".")
        rows = self.rows(sql, database if dot else None, name)
        return [row[1:] for row in rows if row[0] == name] or [row[1:] for row in rows]

    def sent_rows(self) -> int:
        """How many rows the server sent of the last stream, which has ended."""
        return int(self.rows("select found_rows()")[0][0])

    def about_rows(self, table: str) -> int:
        """How many rows the server believes that a table has; 0 for a view."""
        return sum(int(row[0]) for row in self._described(_ABOUT, table)[:1])

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Batches of binary columns, texts as the server writes them; the next ones are fetched while the caller works
        on one. `close` ends it.
        """
        self._streams.append(self._streamed(sql))
        return self._streams[-1]

    def _streamed(self, sql: str) -> Generator[pa.RecordBatch, None, None]:
        with self._outside("read"), closing(ahead(self._fetched(sql), "mysql")) as batches:
            yield from batches

    def _fetched(self, sql: str) -> Generator[pa.RecordBatch, None, None]:
        """Reads the socket itself: PyMySQL makes every value an object, which takes ten times as long."""
        self._require_leave()
        cursor, self._unfinished = self._connection.cursor(SSCursor), True
        try:
            cursor.execute(sql)
            names = [str(column[0]) for column in cursor.description]
            for block in blocks(self._connection._rfile.read1):
                yield pa.RecordBatch.from_arrays(block.columns(len(names)), names=names)
            self._unfinished = False
        except ServerError as error:
            self._unfinished = False
            pymysql.err.raise_mysql_exception(error.packet)
        finally:
            if cursor._result is not None:
                cursor._result.unbuffered_active = False  # nothing is left for PyMySQL to read

    def cancel(self) -> None:
        """From another thread: ends the query that runs, and lets none begin."""
        if not self._cancelled:
            self._cancelled = True
            if not self._closed:
                self._kill()

    def close(self) -> None:
        """Ends the transaction, and a query that goes on."""
        if self._closed:
            return
        self._closed = True
        if self._unfinished:
            self._kill()
        for stream in self._streams:
            stream.close()
        with suppress(pymysql.err.MySQLError, OSError):
            self._connection.close()

    def _kill(self) -> None:
        """Ends the query on the server, which would notice that nobody listens only when it next has a row to send."""
        with suppress(pymysql.err.MySQLError, OSError), closing(connect(self._address)) as other:
            other.cursor().execute(f"kill query {self._connection.thread_id()}")
        if (held := self._connection._sock) is not None:  # PyMySQL lets go of one that failed
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)  # the thread that waits for rows ends

    def _require_leave(self) -> None:
        if self._cancelled:
            raise self._stopped()

    def _stopped(self) -> Stopped:
        return Stopped(f"{self._source.path}: stopped while {self._source.connection} was read")

    def _query(self, sql: str, *values: Any) -> Fields:
        self._require_leave()
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    @contextmanager
    def _open_or_closed(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    @contextmanager
    def _outside(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (pymysql.err.MySQLError, OSError) as error:
            self._require_leave()
            reason = error.args[1] if isinstance(error, pymysql.err.MySQLError) and len(error.args) > 1 else error
            raise cannot(doing, self._source, str(reason), self._address) from None
