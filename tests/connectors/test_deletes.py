"""Rows that a source deleted leave the table: marked ones by `deleted_at:`, others because their keys are gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from landing_place import NOW, Place

from transforms.errors import DataError, SchemaChanged

Sql = Callable[..., Any]
SCHEMA = "t: {id: bigint, amount: bigint, day_on: date, updated_at: timestamp, deleted_at: timestamp}"
TABLE = "t: {{mode: upsert, key: id, cursor: updated_at, day: day_on, {words}}}"
COMPARED, MARKED = TABLE.format(words="deletes: compare"), TABLE.format(words="deleted_at: deleted_at")
CREATE = "create table t (id bigint primary key, amount bigint, day_on date, updated_at {0}, deleted_at {0})"
ROWS = "insert into t values " + ", ".join(
    f"({n}, {n}, '2024-05-0{1 + n % 3}', '2024-05-10 00:00:0{n}', null)" for n in range(1, 10)
)
NEW = "insert into t values ({0}, {0}, '2024-05-01', '2024-05-{1} 00:00:00', {2})"


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("duckdb", marks=pytest.mark.slow),
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mariadb),
    ]
)
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Place, Sql, str]:
    """A home with nine rows of three days in a database of each kind, what runs statements there, and the kind."""
    kind: str = request.param
    types = {"sqlite": "datetime", "duckdb": "timestamp", "postgres": "timestamp(3)", "mysql": "datetime(3)"}
    if kind in ("postgres", "mysql"):
        places = {"postgres": ("postgres", "sql"), "mysql": ("mariadb_place", "mariadb_sql")}
        place, run = map(request.getfixturevalue, places[kind])
    else:
        place, run = Place(tmp_path), lambda *statements: _on_file(kind, tmp_path / "shop.db", statements)
        monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.db"))
    run(CREATE.format(types[kind]), ROWS)
    return place, run, kind


def _on_file(kind: str, path: Path, statements: tuple[str, ...]) -> None:
    import duckdb

    connection: Any = sqlite3.connect(path, isolation_level=None) if kind == "sqlite" else duckdb.connect(str(path))
    with closing(connection):
        for statement in statements:
            connection.execute(statement)


def versions(place: Place) -> int:
    current = place.lake().catalog.get(place.lake().content.sources["place"].tables[0].name)
    assert current
    return current.version


def test_rows_whose_keys_are_gone_leave_the_table(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, COMPARED, SCHEMA)
    assert (place.ingest().rows, place.ingest().unchanged) == (9, True)
    run("delete from t where id in (3, 4)", NEW.format(10, 11, "null"))
    landed = place.ingest()
    assert (landed.rows, landed.deleted, len(landed.days)) == (1, 2, 2)
    assert place.rows("t", "id") == [1, 10, 2, 5, 6, 7, 8, 9]
    assert place.ingest().unchanged
    run("delete from t where id = 10", NEW.format(3, 12, "null"))
    assert (place.ingest().deleted, place.rows("t", "id")) == (1, [1, 2, 3, 5, 6, 7, 8, 9])
    run("delete from t")
    assert (place.ingest().deleted, place.rows("t", "id")) == (8, [])
    assert place.ingest().unchanged
    run(ROWS)
    landed = place.ingest()
    assert landed.unchanged, "they have old times"
    assert "9 rows of the source are neither in the table nor among its rejects: their updated_at" in landed.warnings[0]
    run("update t set updated_at = '2024-05-12 00:00:00'")
    assert (place.ingest().rows, len(place.rows()), place.ingest().warnings) == (9, 9, ())


def test_rows_that_are_marked_leave_the_table_and_come_back(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, MARKED, SCHEMA)
    run(NEW.format(20, 10, "'2024-05-10'"))
    assert (place.ingest().rows, place.ingest().unchanged) == (9, True)
    marked = "update t set deleted_at = '2024-05-11', updated_at = '2024-05-11 00:00:00' where id in (2, 9)"
    run(marked, NEW.format(21, 11, "'2024-05-11'"))
    assert place.ingest().deleted == 2
    assert place.rows("t", "id") == [1, 3, 4, 5, 6, 7, 8]
    before = versions(place)
    assert place.ingest().unchanged, "they are read again within the margin"
    assert versions(place) == before
    run("update t set deleted_at = null, updated_at = '2024-05-12 00:00:00' where id = 9")
    assert (place.ingest().rows, place.rows("t", "id")) == (1, [1, 3, 4, 5, 6, 7, 8, 9])


def test_a_key_that_is_not_unique_is_deleted_by_its_newest_row(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    run(
        "create table u as select * from t",
        "insert into u select id, -1, day_on, '2024-05-11', '2024-05-11' from t where id < 3",
    )
    place.declare(kind, MARKED.replace("t: {", "t: {table: u, "), SCHEMA)
    place.ingest()
    assert place.rows("t", "id") == [3, 4, 5, 6, 7, 8, 9]


def test_keys_of_text_and_of_several_columns_are_compared(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    run(
        "create table p (shop varchar(9), number int, day_on date, primary key (shop, number))",
        "insert into p values ('a', 1, '2024-05-01'), ('a', 2, '2024-05-01'), ('b', 1, '2024-05-01')",
        "insert into p values ('猫', 1, '2024-05-01')",
    )
    words = "mode: upsert, key: [shop, number], cursor: day_on, deletes: compare"
    place.declare(kind, f"p: {{{words}}}", "p: {shop: string, number: int, day_on: date}")
    place.ingest("p")
    run("delete from p where shop = 'a' and number = 1", "delete from p where shop = '猫'")
    assert place.ingest("p").deleted == 2
    assert place.rows("p", "shop", "number") == [("a", 2), ("b", 1)]


def test_daily_compares_in_the_first_run_of_a_day(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, COMPARED.replace("compare", "daily"), SCHEMA)
    place.ingest()
    run("delete from t where id = 1")
    assert place.ingest().unchanged
    place.now = NOW + timedelta(days=1)
    assert place.ingest().deleted == 1


def test_a_mark_that_the_source_lost_is_refused(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    place.declare(kind, MARKED, SCHEMA)
    place.ingest()
    run("alter table t drop column deleted_at")
    with pytest.raises(SchemaChanged, match="the source has no column deleted_at, by which deleted rows are known"):
        place.ingest()


@pytest.mark.postgres
def test_keys_that_are_lost_on_the_way_delete_nothing(
    postgres: Place, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.readers.postgres.transaction import Transaction

    sql(CREATE.format("timestamp(3)"), ROWS)
    postgres.declare("postgres", COMPARED, SCHEMA)
    postgres.ingest()
    stream = Transaction.stream

    def less(self: Transaction, statement: str) -> Iterator[Any]:
        return (rows.slice(1) if "amount" not in statement else rows for rows in stream(self, statement))

    monkeypatch.setattr(Transaction, "stream", less)
    with pytest.raises(DataError, match="8 rows came, and the database has 9 of them"):
        postgres.ingest()
    assert len(postgres.rows()) == 9
