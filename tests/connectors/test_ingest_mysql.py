"""MariaDB, a real one: modes, late commits, rights, errors, and queries that nobody waits for any more."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import pymysql
import pytest
from kill_ingest import UPSERT, UPSERT_SCHEMA
from landing_place import Place, types
from test_kill_ingest import require_nothing_lost, walk

from connectors.introspect import introspect
from connectors.landing import Landing
from connectors.live import Access
from connectors.readers.mysql.live import live
from local_dev.mariadb_server import PASSWORD, MariaDb
from transforms.errors import OutsideError, SchemaChanged

pytestmark = pytest.mark.mariadb
Sql = Callable[..., list[tuple[Any, ...]]]


def shop(sql: Sql) -> None:
    """Nine rows, created every 8 hours from 2024-05-01 in UTC on, all changed on the tenth."""
    sql(
        "create table t (id bigint primary key, amount bigint, created_at datetime, updated_at datetime)",
        "insert into t select seq, seq, '2024-05-01' + interval 8 * seq hour, '2024-05-10' from seq_1_to_9",
    )


def connected(server: MariaDb, **words: Any) -> pymysql.Connection:
    return pymysql.connect(
        host="127.0.0.1", port=server.port, database="shop", **{"user": "root", "password": PASSWORD, **words}
    )


def test_an_equal_snapshot_is_not_published_again(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        "create table t (id int primary key, v text)",
        "insert into t select seq, repeat(char(65 + seq % 26), 200) from seq_1_to_50000",
    )
    mariadb_place.declare("mysql", "t: snapshot", "t: {id: int, v: string}")
    assert mariadb_place.ingest().rows == 50000
    assert mariadb_place.ingest().unchanged
    mariadb_sql("update t set v = 'other' where id = 49999")
    assert not mariadb_place.ingest().unchanged
    rows = dict(mariadb_place.rows("t", "id", "v"))
    assert (len(rows), rows[49999]) == (50000, "other")
    assert all(text == chr(65 + id_ % 26) * 200 for id_, text in rows.items() if id_ != 49999)


def test_upsert_replaces_rows_by_key(mariadb_place: Place, mariadb_sql: Sql) -> None:
    shop(mariadb_sql)
    mariadb_place.declare("mysql", UPSERT, UPSERT_SCHEMA)
    mariadb_place.ingest()
    mariadb_sql(
        "update t set amount = 100, updated_at = '2024-05-11' where id = 2",
        "insert into t values (10, 10, '2024-05-09', '2024-05-11')",
    )
    assert mariadb_place.ingest().rows == 2
    rows = dict(mariadb_place.rows("t", "id", "amount"))
    assert rows == {**{n: n for n in range(1, 11)}, 2: 100}
    assert mariadb_place.ingest().unchanged


def test_append_adds_ties_and_rows_that_were_committed_late(
    mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb
) -> None:
    shop(mariadb_sql)
    mariadb_place.declare("mysql", UPSERT.replace("mode: upsert, key: id", "mode: append"), UPSERT_SCHEMA)
    mariadb_place.ingest()
    mariadb_sql("insert into t select 20, 20, created_at, updated_at from t where id = 9")
    assert mariadb_place.ingest().rows == 1
    with connected(mariadb) as other, other.cursor() as cursor:
        cursor.execute("insert into t select 21, 21, created_at, updated_at from t where id = 9")
        mariadb_sql("insert into t select 22, 22, created_at, updated_at + interval 30 minute from t where id = 9")
        assert mariadb_place.ingest().rows == 1
        other.commit()
    assert mariadb_place.ingest().rows == 1
    assert mariadb_place.ingest().unchanged
    assert mariadb_place.rows("t", "id") == sorted([*range(1, 10), 20, 21, 22], key=repr)


def test_the_place_to_read_from_waits_for_an_old_transaction(
    mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is old after a second here."""
    monkeypatch.setattr("connectors.readers.mysql.transaction.OLD_TRANSACTION_S", 0)
    shop(mariadb_sql)
    mariadb_place.declare("mysql", UPSERT.replace("mode: upsert, key: id", "mode: append"), UPSERT_SCHEMA)
    mariadb_place.ingest()
    with connected(mariadb) as other, other.cursor() as cursor:
        cursor.execute("insert into t values (21, 21, '2024-05-09', '2024-05-10 00:30:00')")
        time.sleep(1.1)
        mariadb_sql("insert into t values (22, 22, '2024-05-09', '2024-05-15')")
        assert mariadb_place.ingest().rows == 1
        other.commit()
    assert mariadb_place.ingest().rows == 1
    assert mariadb_place.rows("t", "id") == sorted([*range(1, 10), 21, 22], key=repr)


def test_a_cursor_of_unsigned_numbers_begins_below_zero(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql("create table t (id bigint unsigned primary key)", "insert into t values (0), (7)")
    mariadb_place.declare("mysql", "t: {mode: append, cursor: id}", "t: {id: bigint}")
    assert mariadb_place.ingest().rows == 2
    mariadb_sql("insert into t values (3), (8)")
    assert mariadb_place.ingest().rows == 2
    assert mariadb_place.rows("t", "id") == [0, 3, 7, 8]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_cursor_of_a_declared_zone_misses_nothing(mariadb_place: Place, mariadb_sql: Sql, zone: str) -> None:
    mariadb_sql(
        "create table t (id int primary key, at datetime)",
        "insert into t values (1, '2024-11-03 00:59:00'), (2, '2024-11-03 04:00:00')",
    )
    tables = f"t: {{mode: append, cursor: at, margin: 1m, timezone: {zone}}}"
    mariadb_place.declare("mysql", tables, "t: {id: int, at: timestamp}")
    mariadb_place.ingest()
    mariadb_sql("insert into t values (3, '2024-11-03 03:59:30'), (4, '2024-11-03 04:00:00')")
    assert mariadb_place.ingest().rows == 2
    assert mariadb_place.ingest().unchanged


def test_a_margin_over_clocks_that_are_put_back_brings_no_row_twice(mariadb_place: Place, mariadb_sql: Sql) -> None:
    """It begins at 01:00 in New York, an hour before the clocks are put back; rows of 00:59 are asked for as well."""
    mariadb_sql(
        "create table t (id int primary key, at datetime)",
        "insert into t values (1, '2024-11-03 00:59:00'), (2, '2024-11-03 04:00:00')",
    )
    tables = "t: {mode: append, cursor: at, margin: 4h, timezone: America/New_York}"
    mariadb_place.declare("mysql", tables, "t: {id: int, at: timestamp}")
    mariadb_place.now = datetime(2024, 11, 20, tzinfo=UTC)
    mariadb_place.ingest()
    assert mariadb_place.ingest().unchanged
    assert mariadb_place.rows("t", "id") == [1, 2]


def test_new_columns_are_added_and_removed_ones_are_null(mariadb_place: Place, mariadb_sql: Sql) -> None:
    shop(mariadb_sql)
    mariadb_place.declare("mysql", UPSERT, UPSERT_SCHEMA)
    mariadb_place.ingest()
    mariadb_sql("alter table t add note text, drop amount")
    mariadb_sql("update t set note = 'n', updated_at = '2024-05-12' where id = 1")
    landed = mariadb_place.ingest()
    assert (types(landed), landed.missing_columns) == ({"note": "string"}, ("amount",))
    assert (1, None, "n") in mariadb_place.rows("t", "id", "amount", "note")


def test_generated_columns_views_and_odd_names_are_read(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        "create table `Order Items` (`id` int, `Unit ¥` int, `a``b` int as (`Unit ¥` * 2) stored, v int as (id + 1))",
        "insert into `Order Items` (id, `Unit ¥`) values (1, 50)",
        "create view seen as select id, `a``b` as twice from `Order Items`",
    )
    mariadb_place.declare(
        "mysql",
        't: {mode: snapshot, table: "Order Items", columns: {"Unit ¥": unit, "a`b": twice}}\nseen: snapshot',
        "t: {id: int}\nseen: {id: int, twice: int}",
    )
    mariadb_place.ingest()
    mariadb_place.ingest("seen")
    assert mariadb_place.rows("t", "id", "unit", "twice", "v") == [(1, 50, 100, 2)]
    assert mariadb_place.rows("seen", "id", "twice") == [(1, 100)]


def test_one_read_is_one_instant(mariadb_place: Place, mariadb_sql: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    mariadb_sql(
        "create table t (id int primary key, v longtext)",
        "insert into t select seq, repeat('x', 2000) from seq_1_to_20000",
    )
    mariadb_place.declare("mysql", "t: snapshot", "t: {id: int, v: string}")
    changed = []

    def change(*_: object) -> None:
        if not changed:
            changed.append(True)
            mariadb_sql("delete from t where id > 10000", "update t set v = 'y' where id = 9999")

    assert mariadb_place.ingest(progress=change).rows == 20000
    assert changed
    assert set(mariadb_place.rows("t", "v")) == {"x" * 2000}


ERRORS = {
    "a wrong password": (
        "mysql://root:s3cr3t@127.0.0.1:{port}/shop",
        "cannot connect to place: Access denied for user",
    ),
    "no such host": ("mysql://root:s3cr3t@nohost.invalid/shop", "cannot connect to place: Can't connect to MySQL"),
    "no such database": ("mysql://root:p%40ss@127.0.0.1:{port}/shoq", "cannot connect to place: Unknown database"),
    "nobody listens": ("mysql://root:s3cr3t@127.0.0.1:1/shop", "Connection refused"),
    "an unknown parameter": ("mysql://root:s3cr3t@127.0.0.1:{port}/shop?tls=1", "a parameter tls; parameters are ssl-"),
    "an unknown mode": ("mysql://root:s3cr3t@127.0.0.1:{port}/shop?ssl-mode=on", "ssl-mode ON; modes are DISABLED"),
    "tls that the server lacks": ("mysql://root:p%40ss@127.0.0.1:{port}/shop?ssl-mode=REQUIRED", "cannot connect to"),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_errors_name_the_source_and_never_the_password(
    mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    address, message = ERRORS[fault]
    mariadb_sql("create table t (id int)")
    mariadb_place.declare("mysql", "t: snapshot", "t: {id: int}")
    monkeypatch.setenv("PLACE_URL", address.format(port=mariadb.port))
    with pytest.raises(OutsideError) as raised:
        mariadb_place.ingest()
    assert str(raised.value).startswith("connectors/sources/place.yaml: ")
    assert message in str(raised.value)
    assert "s3cr3t" not in str(raised.value)
    assert "p%40ss" not in str(raised.value)
    assert PASSWORD not in str(raised.value)


def test_a_table_that_is_not_there_and_one_without_a_right(
    mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    mariadb_sql(
        "create table orders (id int)",
        "create table secrets (id int)",
        "create or replace user reader@127.0.0.1 identified by 'r3ad'",
        "grant select on shop.orders to reader@127.0.0.1",
    )
    monkeypatch.setenv("PLACE_URL", f"mysql://reader:r3ad@127.0.0.1:{mariadb.port}/shop")
    mariadb_place.declare(
        "mysql",
        "order: snapshot\nsecrets: snapshot\norders: snapshot",
        "order: {id: int}\nsecrets: {id: int}\norders: {id: int}",
    )
    assert mariadb_place.ingest("orders").rows == 0
    with pytest.raises(OutsideError, match=r'for table `shop`.`order`; did you mean "orders"\?'):
        mariadb_place.ingest("order")
    with pytest.raises(OutsideError, match=r"cannot read place: SELECT command denied to user 'reader'@.*`secrets`$"):
        mariadb_place.ingest("secrets")
    monkeypatch.setenv("PLACE_URL", mariadb.address("shop"))
    with pytest.raises(SchemaChanged, match=r'raw_place.order: the source has no table order; did you mean "orders"\?'):
        mariadb_place.ingest("order")


def running(sql: Sql) -> list[str]:
    """The queries of others that go on."""
    return [
        str(row[0])
        for row in sql(
            "select info from information_schema.processlist where command = 'Query' and id <> connection_id()"
        )
    ]


def test_a_landing_that_fails_halfway_leaves_no_query_behind(
    mariadb_place: Place, mariadb_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    mariadb_sql("create table t (id int)", "insert into t values (1)")
    mariadb_sql("create view v as select seq as id, repeat('x', 2000) as text from seq_1_to_100000000")
    mariadb_place.declare("mysql", "v: snapshot", "v: {id: bigint, text: string}")

    def full(*_: object) -> None:
        raise OutsideError("the disk is full")

    monkeypatch.setattr(Landing, "add", full)
    with pytest.raises(OutsideError, match="the disk is full"):
        mariadb_place.ingest("v")
    assert running(mariadb_sql) == []
    assert [thread.name for thread in threading.enumerate() if thread.name == "mysql"] == []


def test_a_query_that_sends_nothing_yet_is_ended_too(
    mariadb_place: Place, mariadb_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    mariadb_sql("create view v as select sleep(60) as slept")
    mariadb_place.declare("mysql", "v: {mode: snapshot, statement_timeout: 1s}", "v: {slept: int}")
    began = time.monotonic()
    with pytest.raises(OutsideError, match=r"cannot read place: .*max_statement_time exceeded"):
        mariadb_place.ingest("v")
    assert time.monotonic() - began < 20
    assert running(mariadb_sql) == []


def test_a_server_that_goes_away_is_told(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql("create view v as select seq as id, repeat('x', 2000) as text from seq_1_to_1000000")
    mariadb_place.declare("mysql", "v: snapshot", "v: {id: bigint, text: string}")

    def kill(*_: object) -> None:
        for (number,) in mariadb_sql(
            "select id from information_schema.processlist where command = 'Query' and id <> connection_id()"
        ):
            mariadb_sql(f"kill connection {number}")

    with pytest.raises(OutsideError, match="cannot read place: "):
        mariadb_place.ingest("v", progress=kill)
    assert mariadb_place.rows("v") == []


def test_a_proposed_source_is_read_without_a_change(mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb) -> None:
    mariadb_sql(
        """create table `Users` (id bigint unsigned auto_increment primary key, email varchar(100) comment 'Where to
          write to', active tinyint(1) default 1, born date not null default '0000-00-00',
          created_at datetime(6)) comment 'People who pay'""",
        "insert into `Users` (email, born, created_at) values ('a@b.jp', '2000-01-01', now(6)), ('c@d.jp', 0, now(6))",
        "create table events (id int primary key, at timestamp(3) not null, kind enum('a','b'))",
        "insert into events select seq, now(), 'a' from seq_1_to_150000",
        "analyze table events",
        "create view latest as select * from events",
    )
    found = introspect("mysql", Access(mariadb.address("shop")), "place", owner="team", connection="place")
    assert found.views == ("latest",)
    assert "kind: mysql\n" in found.source
    assert "timestamps: truncate" in found.source
    assert "zero_dates: as_null  # the database has 0000-00-00" in found.source
    assert "users: {mode: snapshot, description: People who pay, table: Users}" in found.source
    assert "events: {mode: append, cursor: id}" in found.source
    assert "email: {type: string, description: Where to write to, personal: true}" in found.schema
    assert "active: {type: boolean}" in found.schema
    _, _, tables = found.source.partition("tables:\n")
    mariadb_place.declare("mysql", tables, found.schema, top="timestamps: truncate\nzero_dates: as_null\n")
    assert (mariadb_place.ingest("users").rows, mariadb_place.ingest("events").rows) == (2, 150000)


def test_a_table_of_another_database_is_looked_at_too(mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb) -> None:
    mariadb_sql("create or replace database other", "create table other.orders (id int primary key, n int)")
    mariadb_place.declare("mysql", "orders: {mode: snapshot, table: other.orders}", "orders: {id: int}")
    with closing(live(mariadb_place.lake().content.sources["place"], Access(mariadb.address("shop")))) as looked:
        assert [column.name for column in looked.table("other.orders").columns] == ["id", "n"]
        assert looked.table("other.gone").columns == ()
    mariadb_sql("drop database other")


def test_zero_dates_are_found_in_the_rows(mariadb_place: Place, mariadb_sql: Sql, mariadb: MariaDb) -> None:
    mariadb_sql(
        "create table t (id int primary key, d date, at datetime)",
        "insert into t values (1, '2024-05-01', '2024-05-01'), (2, null, null)",
    )

    def proposed() -> str:
        return introspect("mysql", Access(mariadb.address("shop")), "place", owner="team", connection="place").source

    assert "zero_dates" not in proposed()
    mariadb_sql("insert into t values (3, '2024-05-02', '0000-00-00')")
    assert "zero_dates: as_null" in proposed()


INGEST = """
import sys
from pathlib import Path
from landing_place import Place
from peak_memory import peak_mb
place = Place(Path(sys.argv[1]))
rows = [place.ingest(table).rows for table in sys.argv[2:]]
print(*rows, peak_mb())
"""


def test_memory_does_not_grow_with_the_rows(
    mariadb_place: Place, mariadb_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in (("small", 1_000), ("large", 300_000)):
        mariadb_sql(f"create view {name} as select seq as id, repeat('x', 1000) as text from seq_1_to_{count}")
    mariadb_place.declare(
        "mysql",
        "small: snapshot\nlarge: snapshot",
        "small: {id: bigint, text: string}\nlarge: {id: bigint, text: string}",
    )
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))

    def peak(*tables: str) -> list[int]:
        command = [sys.executable, "-c", INGEST, str(mariadb_place.home), *tables]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        return [*map(int, done.stdout.split())]

    small, before = peak("small")
    large, after = peak("large")
    assert (small, large) == (1_000, 300_000)
    assert after - before < 150, f"MB for 300 MB of rows, beside {before} MB for 1 MB"


@pytest.mark.long
def test_upserts_are_whole_wherever_a_run_dies(mariadb_place: Place, mariadb_sql: Sql) -> None:
    shop(mariadb_sql)
    home = mariadb_place.home
    origin = Place(home / "walk" / "origin")
    origin.declare("mysql", UPSERT, UPSERT_SCHEMA)
    origin.ingest()
    mariadb_sql(
        "update t set amount = 100, updated_at = '2024-05-11' where id = 2",
        "insert into t values (10, 10, '2024-05-09', '2024-05-11')",
    )
    days = {n: str(date(2024, 5, 1 + (8 * n + 9) // 24)) for n in range(1, 10)} | {10: "2024-05-09"}
    rows = [[n, 100 if n == 2 else n, day] for n, day in days.items()]
    require_nothing_lost(walk(home / "walk", "mysql"), [sorted(rows, key=lambda row: repr(tuple(row))), 0])
