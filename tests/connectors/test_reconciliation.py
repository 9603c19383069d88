"""After each load the rows that were read are accounted for: by the files, and by the database's own count of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from landing_place import Place
from running_postgres import Sql

import connectors.readers.mysql.transaction as mysql
import connectors.readers.postgres.transaction as postgres_
from connectors.parquet_parts import PartWriter
from connectors.readers.sqlite.file import SqliteFile
from transforms.errors import DataError

TABLES = {"whole": "t: snapshot", "from a cursor": "t: {mode: append, cursor: id}"}
SCHEMA = "t: {id: bigint, text: string}"
LOST = r"t: \d+ rows came, and the database has [1-9]\d* of them in the same snapshot; nothing was published"


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A home whose source is a SQLite file of three rows."""
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.db"))
    with sqlite3.connect(tmp_path / "shop.db") as file:
        file.execute("create table t (id integer primary key, text text)")
        file.executemany("insert into t values (?, ?)", [(1, "a"), (2, "b"), (3, "c")])
    file.close()
    return Place(tmp_path)


def forgetful(stream: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """The same stream without its first rows, where there are more than one."""

    def less(*args: Any) -> Iterator[Any]:
        for rows in stream(*args):
            yield rows[1:] if isinstance(rows, list) else rows.slice(1)

    return less


def require_noticed(place: Place, kind: str, table: str, owner: type, monkeypatch: pytest.MonkeyPatch) -> None:
    place.declare(kind, table, SCHEMA)
    place.ingest()
    with monkeypatch.context() as patch:
        patch.setattr(owner, "stream", forgetful(owner.stream))  # type: ignore[attr-defined]  # both have one
        with pytest.raises(DataError, match=LOST):
            place.ingest()
    assert place.ingest().unchanged
    assert place.rows("t", "id") == [1, 2, 3]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_rows_that_sqlite_has_and_that_do_not_come_are_noticed(
    sqlite: Place, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = SqliteFile.stream

    def less(self: SqliteFile, sql: str, *more: Any) -> Iterator[list[tuple[Any, ...]]]:
        return (rows[1:] if 'from "t"' in sql and "count" not in sql else rows for rows in stream(self, sql, *more))

    sqlite.declare("sqlite", table, SCHEMA)
    sqlite.ingest()
    with monkeypatch.context() as patch:
        patch.setattr(SqliteFile, "stream", less)
        with pytest.raises(DataError, match=LOST):
            sqlite.ingest()
    assert sqlite.ingest().unchanged


@pytest.mark.postgres
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_rows_that_postgres_has_and_that_do_not_come_are_noticed(
    postgres: Place, sql: Sql, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql("create table t as select i::bigint as id, 'x' as text from generate_series(1, 3) i")
    require_noticed(postgres, "postgres", table, postgres_.Transaction, monkeypatch)


@pytest.mark.mariadb
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_rows_that_mariadb_has_and_that_do_not_come_are_noticed(
    mariadb_place: Place, mariadb_sql: Sql, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mariadb_sql("create table t as select cast(seq as signed) as id, 'x' as text from seq_1_to_3")
    require_noticed(mariadb_place, "mysql", table, mysql.Transaction, monkeypatch)


def test_rows_that_no_file_holds_are_noticed(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    write = PartWriter.write
    sqlite.declare("sqlite", TABLES["whole"], SCHEMA)
    with monkeypatch.context() as patch:
        patch.setattr(PartWriter, "write", lambda self, value, rows: write(self, value, rows.slice(1)))
        with pytest.raises(DataError, match="3 rows were read, and the files hold 2 and 0 rejects, beside 0 that need"):
            sqlite.ingest()
    assert sqlite.rows() == []


@pytest.mark.postgres
def test_what_postgres_counts_otherwise_than_it_gives_is_no_alarm(postgres: Place, sql: Sql) -> None:
    sql(
        "create table t (id bigint, text text) partition by range (id)",
        "create table t1 partition of t for values from (0) to (50)",
        "create table t2 partition of t for values from (50) to (200)",
        "insert into t select i, 'x' from generate_series(1, 100) i",
        "create table old (id bigint, text text)",
        "create table older () inherits (old)",
        "insert into old values (1, 'a')",
        "insert into older values (2, 'b')",
        "create view even as select * from t where id % 2 = 0",
        "create table alone (id bigint primary key)",
        "insert into alone select i from generate_series(1, 20000) i",
    )
    names = {"t": 100, "old": 2, "even": 50, "alone": 20000}
    postgres.declare(
        "postgres", "\n".join(f"{name}: snapshot" for name in names), "\n".join(f"{n}: {{id: bigint}}" for n in names)
    )
    assert {name: postgres.ingest(name).rows for name in names} == names
