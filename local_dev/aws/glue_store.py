"""Databases, tables, their versions and partitions, in one SQLite file; every change is one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

Document = dict[str, Any]
_TABLES = """
create table if not exists catalog_database (name text primary key, document text) without rowid;
create table if not exists catalog_table (
  database text, name text, version integer, document text, primary key (database, name)
) without rowid;
create table if not exists table_version (
  database text, name text, version integer, document text, primary key (database, name, version)
) without rowid;
create table if not exists partition (
  database text, name text, spec text, document text, primary key (database, name, spec)
) without rowid;
create table if not exists statistic (
  database text, name text, part text, col text, document text, primary key (database, name, part, col)
) without rowid;
"""
_OF_A_TABLE = ("catalog_table", "table_version", "partition", "statistic")


class GlueStore:
    """Documents as Glue returns them. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma cache_size = -256")  # KiB: the file itself is in the system's cache
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Give back the file."""
        self._connection.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """All of it or nothing, and nobody else between. One inside of another is a part of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def databases(self) -> list[Document]:
        """By name."""
        return self._documents("select document from catalog_database order by name")

    def database(self, name: str) -> Document | None:
        """None when there is none."""
        return self._document("select document from catalog_database where name = ?", name)

    def put_database(self, document: Document) -> None:
        """New, or in the place of the one of this name."""
        self._run("insert or replace into catalog_database values (?, ?)", document["Name"], json.dumps(document))

    def delete_database(self, name: str) -> None:
        """With all that is in it."""
        self._run("delete from catalog_database where name = ?", name)
        for table in _OF_A_TABLE:
            self._run(f"delete from {table} where database = ?", name)

    def tables(self, database: str) -> list[Document]:
        """By name."""
        return self._documents("select document from catalog_table where database = ? order by name", database)

    def table(self, database: str, name: str) -> Document | None:
        """None when there is none; its version is in it."""
        return self._document("select document from catalog_table where database = ? and name = ?", database, name)

    def put_table(self, database: str, document: Document, archived: Document | None) -> None:
        """Make this the table; `archived` is kept as an older version."""
        if archived is not None:
            sql = "insert or replace into table_version values (?, ?, ?, ?)"
            self._run(sql, database, archived["Name"], int(archived["VersionId"]), json.dumps(archived))
        sql = "insert or replace into catalog_table values (?, ?, ?, ?)"
        self._run(sql, database, document["Name"], int(document["VersionId"]), json.dumps(document))

    def delete_table(self, database: str, name: str) -> None:
        """With its versions, partitions and statistics."""
        for table in _OF_A_TABLE:
            self._run(f"delete from {table} where database = ? and name = ?", database, name)

    def versions(self, database: str, name: str) -> list[Document]:
        """The older ones, newest first."""
        sql = "select document from table_version where database = ? and name = ? order by version desc"
        return self._documents(sql, database, name)

    def delete_version(self, database: str, name: str, version: str) -> bool:
        """Whether there was one."""
        sql = "delete from table_version where database = ? and name = ? and version = ?"
        return self._run(sql, database, name, int(version) if version.isdigit() else -1) > 0

    def partitions(self, database: str, name: str, after: str = "") -> list[tuple[str, Document]]:
        """Each with what `after` is to be for those behind it."""
        sql = "select spec, document from partition where database = ? and name = ? and spec > ? order by spec"
        with self._lock:
            rows = self._connection.execute(sql, (database, name, after)).fetchall()
        return [(spec, json.loads(document)) for spec, document in rows]

    def partition(self, database: str, name: str, values: Sequence[str]) -> Document | None:
        """None when there is none."""
        sql = "select document from partition where database = ? and name = ? and spec = ?"
        return self._document(sql, database, name, _spec(values))

    def put_partition(self, database: str, name: str, document: Document) -> None:
        """New, or in the place of the one of these values."""
        sql = "insert or replace into partition values (?, ?, ?, ?)"
        self._run(sql, database, name, _spec(document["Values"]), json.dumps(document))

    def delete_partition(self, database: str, name: str, values: Sequence[str]) -> bool:
        """Whether there was one; its statistics go too."""
        self._run("delete from statistic where database = ? and name = ? and part = ?", database, name, _part(values))
        sql = "delete from partition where database = ? and name = ? and spec = ?"
        return self._run(sql, database, name, _spec(values)) > 0

    def statistics(self, database: str, name: str, values: Sequence[str] | None) -> dict[str, Document]:
        """Those of a partition, or of the table, by column."""
        sql = "select document from statistic where database = ? and name = ? and part = ?"
        return {each["ColumnName"].lower(): each for each in self._documents(sql, database, name, _part(values))}

    def put_statistics(
        self, database: str, name: str, values: Sequence[str] | None, column: str, document: Document
    ) -> None:
        """New, or in the place of those of this column."""
        sql = "insert or replace into statistic values (?, ?, ?, ?, ?)"
        self._run(sql, database, name, _part(values), column, json.dumps(document))

    def delete_statistics(self, database: str, name: str, values: Sequence[str] | None, column: str) -> None:
        """No error when there are none."""
        sql = "delete from statistic where database = ? and name = ? and part = ? and col = ?"
        self._run(sql, database, name, _part(values), column)

    def _run(self, sql: str, *values: object) -> int:
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def _document(self, sql: str, *values: object) -> Document | None:
        return next(iter(self._documents(sql, *values)), None)

    def _documents(self, sql: str, *values: object) -> list[Document]:
        with self._lock:
            return [json.loads(text) for (text,) in self._connection.execute(sql, values).fetchall()]


def _spec(values: Sequence[str]) -> str:
    """Partition values as one key that sorts as they do."""
    return "\x1f".join(values)


def _part(values: Sequence[str] | None) -> str:
    """What statistics are of; the table has no values."""
    return "" if values is None else json.dumps(list(values))
