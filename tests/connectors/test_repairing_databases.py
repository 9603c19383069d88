"""Rejects of databases and of Parquet files can be mended as those of lines can: by a declaration, and by a text."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_place import Place
from test_deletes import Sql, shop

from connectors.rejects import read_rejects
from connectors.repairing import read_texts
from transforms.errors import UsageError

__all__ = ["shop"]
TYPES = {
    "sqlite": ("datetime", "blob", "x'00ff'"),
    "duckdb": ("timestamp", "blob", "from_hex('00ff')"),
    "postgres": ("timestamp(6)", "bytea", "'\\x00ff'"),
    "mysql": ("datetime(6)", "varbinary(9)", "x'00ff'"),
}
COLUMNS = ("id", "name", "amount_jpy", "share", "day_on", "picture", "came")
SCHEMA = (
    '{0}: {{id: bigint, name: string, amount_jpy: "decimal(10,2)", share: double, day_on: date, picture: binary, '
    "came: timestamp}}\n"
)


def raws(place: Place, table: str = "t") -> list[dict[str, Any]]:
    return [json.loads(row["raw"]) for row in place.rejects(table)]


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_a_declaration_that_was_corrected_takes_in_what_it_refused(shop: tuple[Place, Sql, str], mode: str) -> None:
    place, run, kind = shop
    moment, binary, value = TYPES[kind]
    run(
        f"create table v (id bigint primary key, name varchar(20), amount_jpy decimal(10,2), share double precision,"
        f" day_on date, picture {binary}, came {moment})",
        f"insert into v values (1, 'a', 1.5, 0.5, '2024-05-01', {value}, '2024-05-10 00:00:00')",
        f"insert into v values (2, '雪', 12.25, 0.1, '2024-05-01', {value}, '2024-05-10 00:00:01.123456')",
        "insert into v (id, came) values (3, '2024-05-10 00:00:02.000001')",
    )
    words = f"mode: {mode}, key: id, cursor: came, table: v, rejects: 100%"
    words = words if mode == "upsert" else words.replace("key: id, ", "")
    place.declare(kind, f"t: {{{words}}}", SCHEMA.format("t"))
    assert (place.ingest().rows, len(place.rejects())) == (1, 2)
    assert place.repair().unchanged, "nothing was corrected"
    both = f"t: {{{words}, timestamps: truncate}}\nu: {{{words}, timestamps: truncate}}"
    place.declare(kind, both, SCHEMA.format("t") + SCHEMA.format("u"))
    landed = place.repair()
    assert (landed.rows, landed.rejects, place.rejects()) == (2, 0, [])
    place.ingest("u")
    assert place.rows("t", *COLUMNS) == place.rows("u", *COLUMNS), "as if they had been read so"
    assert place.ingest().unchanged, "rows within the margin are those that were repaired"


def test_a_text_that_was_mended_stands_for_its_row(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    run(f"create table v (id bigint primary key, name varchar(9), came {TYPES[kind][0]})")
    run("insert into v values (1, 'a', '2024-05-10 00:00:00.1234')", "insert into v values (2, 'b', '2024-05-10')")
    place.declare(
        kind,
        "t: {mode: upsert, key: id, cursor: came, table: v, rejects: 100%, columns: {name: title}}",
        "t: {id: bigint, title: string, came: timestamp}",
    )
    place.ingest()
    (reject,) = place.rejects()
    where = (reject["_file"], reject["_line"])
    still = reject["raw"].decode().replace("1234", "99999")
    landed = place.repair({where: still})
    assert (landed.rows, landed.unchanged) == (0, False)
    (reject,) = place.rejects()
    assert reject["raw"].decode() == still, "the text that a person wrote is kept, and why it is none"
    assert "99999" in reject["reason"]
    unknown = still[:-1] + ', "nmae": 7}'
    place.repair({where: unknown})
    assert place.rejects()[0]["reason"] == '"nmae" is no column of the table'
    for text, reason in (
        ('{"id": %s}' % ("[" * 200_000 + "]" * 200_000), "nested deeper than 100 levels"),
        ('{"id": 1, "id": 2}', 'not JSON: "id" stands twice in one object'),
    ):
        place.repair({where: text})
        assert place.rejects()[0]["reason"] == reason
    landed = place.repair({where: still.replace("99999", "500").replace('"a"', '"x"')})
    assert (landed.rows, landed.rejects) == (1, 0)
    assert place.rows("t", "id", "title", "came") == [
        (1, "x", datetime(2024, 5, 10, 0, 0, 0, 500000)),
        (2, "b", datetime(2024, 5, 10)),
    ]


def test_rejects_of_one_place_are_told_apart(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    run(f"create table v (id bigint primary key, came {TYPES[kind][0]})")
    run("insert into v values (1, '2024-05-10 00:00:00.0001')")
    words = "mode: append, cursor: id, margin: 1, table: v, rejects: 100%"
    place.declare(kind, f"t: {{{words}}}", "t: {id: bigint, came: timestamp}")
    place.ingest()
    run("insert into v values (10, '2024-05-10 00:00:00')")
    place.ingest()
    run("insert into v values (20, '2024-05-10 00:00:00.0002')", "delete from v where id < 20")
    place.ingest()
    assert [(row["_file"], row["_line"]) for row in place.rejects()] == [("v", 1), ("v", 1)]
    with pytest.raises(UsageError, match=r"raw_place\.t has 2 rejects at v:1; leave in what baikal show"):
        place.repair({("v", 1): "{}"})
    lake = place.lake()
    snapshot = lake.catalog.get(lake.content.sources["place"].tables[0].name)
    assert snapshot
    shown = [{**one, "raw": one["raw"].replace(".0002", ".5")} for one in read_rejects(lake.storage, snapshot)]
    texts = read_texts(json.dumps({"rejects": shown}), "mended.json")
    assert (place.repair(texts).rows, len(place.rejects())) == (1, 1)
    assert place.rows("t", "id", "came")[-1] == (20, datetime(2024, 5, 10, 0, 0, 0, 500000))
    with pytest.raises(UsageError, match=r"raw_place\.t has no such reject at v:1"):
        place.repair(texts)


def test_a_row_of_a_restated_day_that_was_mended_at_the_source_comes_once(shop: tuple[Place, Sql, str]) -> None:
    """Its reject stays, and the key tells that it is the same row; rows without a key are no other's."""
    place, run, kind = shop
    run(
        f"create table v (id bigint, came {TYPES[kind][0]}, day_on date)",
        "insert into v values (1, '2024-05-09 00:00:00', '2024-05-09'), (null, '2024-05-09 00:00:00', '2024-05-09')",
        "insert into v values (2, '2024-05-09 00:00:00.0001', '2024-05-09')",
        "insert into v values (null, '2024-05-09 00:00:00.0002', '2024-05-09')",
    )
    words = "mode: append, key: id, cursor: day_on, day: day_on, restate: 3 days, table: v, rejects: 100%"
    schema = "t: {id: bigint, came: timestamp, day_on: date}"
    place.declare(kind, f"t: {{{words}}}", schema)
    assert (place.ingest().rows, len(place.rejects())) == (2, 2)
    run("update v set came = '2024-05-09 07:00:00' where id = 2")
    place.ingest()
    assert (place.rows("t", "id"), len(place.rejects())) == ([1, 2, None], 2)
    place.declare(kind, f"t: {{{words}, timestamps: truncate}}", schema)
    landed = place.repair()
    assert (landed.rows, place.rejects(), place.rows("t", "id")) == (1, [], [1, 2, None, None])
    assert landed.warnings == ("raw_place.t: 1 repaired row has a key of which a newer row is there, and was left out",)
    assert (2, datetime(2024, 5, 9, 7)) in place.rows("t", "id", "came")


def test_an_append_keeps_rows_without_a_cursor_aside(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    run(f"create table v (id bigint primary key, came {TYPES[kind][0]})", "insert into v values (1, '2024-05-10')")
    run("insert into v values (2, null)")
    place.declare(kind, "t: {mode: append, cursor: came, table: v, rejects: 100%}", "t: {id: bigint, came: timestamp}")
    place.ingest()
    assert place.repair().unchanged
    assert [row["reason"] for row in place.rejects()] == ["came is the cursor and NULL"]


def test_a_row_without_its_day_joins_those_of_another_day(shop: tuple[Place, Sql, str]) -> None:
    place, run, kind = shop
    moment, binary, value = TYPES[kind]
    run(
        f"create table v (id bigint primary key, share double precision, picture {binary}, came {moment}, paid date)",
        f"insert into v values (1, 0.5, {value}, '2024-05-10 10:00:00', '2024-05-09')",
        f"insert into v values (2, 0.1, {value}, '2024-05-10 10:00:00.5', null)",
    )
    words = "mode: upsert, key: id, cursor: came, table: v, rejects: 100%"
    schema = "t: {id: bigint, share: double, picture: binary, came: timestamp, paid: date}"
    place.declare(kind, f"t: {{{words}, day: paid}}", schema)
    assert (place.ingest().rows, place.repair().rows, len(place.rejects())) == (1, 0, 1)
    assert place.rejects()[0]["reason"] == "paid is NULL, so the day of the row is not known"
    place.declare(kind, f"t: {{{words}, day: came}}", schema)
    landed = place.repair()
    assert (landed.rows, landed.rejects) == (1, 0)
    found = [(1, 0.5, b"\x00\xff", "2024-05-09"), (2, 0.1, b"\x00\xff", "2024-05-10")]
    assert place.rows("t", "id", "share", "picture", "day") == found


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A SQLite file whose values are odd, each in a row of its own."""
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.db"))
    with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as file:
        file.execute("create table t (id integer primary key, n, name text, picture blob, share real)")
        file.execute("insert into t values (1, 1, 'a', x'00', 0.5)")
        file.execute("insert into t values (2, 'many', 'b', x'', 9e999)")
        file.execute("insert into t values (3, '70', 'c', x'6162', 1e300)")
        file.execute("insert into t values (4, 4, cast(x'ff' as text), x'ff', 1.0)")
        file.execute("insert into t values (5, 5, x'6162', 'no bytes', 'high')")
        file.execute("insert into t values (6, 2.0, '\\xff', x'ff', null)")
        file.execute("create table texts (code text primary key, n, picture, at text)")
        file.execute("insert into texts values ('a', 1, x'00', '2024-05-01')")
        file.execute("insert into texts values ('b', '070', 'x''6162''', '2024-05-01')")
    schema = "t: {id: bigint, n: bigint, name: string, picture: binary, share: double}"
    place.declare("sqlite", "t: {mode: append, cursor: id, rejects: 100%}", schema)
    return place


def test_values_of_sqlite_come_back_as_what_they_were(odd: Place) -> None:
    odd.ingest()
    assert [row["id"] for row in raws(odd)] == [2, 3, 4, 5, 6]
    assert raws(odd)[2:4] == [
        {"id": 4, "n": 4, "name": {"text": "ff"}, "picture": {"bytes": "ff"}, "share": 1.0},
        {"id": 5, "n": 5, "name": {"bytes": "6162"}, "picture": "no bytes", "share": "high"},
    ]
    assert odd.repair().unchanged, "no text became a number, no blob a text"
    of_texts = "texts: {code: string, n: bigint, picture: binary, at: timestamp}"
    odd.declare("sqlite", "texts: {mode: upsert, key: code, cursor: at, rejects: 100%}", of_texts)
    odd.ingest("texts")
    assert raws(odd, "texts") == [{"code": "b", "n": "070", "picture": "x'6162'", "at": "2024-05-01"}]
    assert odd.repair().unchanged, "nor of a row that is of texts only"
    schema = "t: {id: bigint, n: string, name: string, picture: binary, share: double}"
    words = "{mode: append, cursor: id, rejects: 100%}"
    with closing(sqlite3.connect(odd.home / "shop.db", isolation_level=None)) as file:
        file.execute("delete from t where id = 1")
    odd.declare("sqlite", f"t: {words}\nu: {{table: t, {words[1:]}", f"{schema}\n{schema.replace('t:', 'u:', 1)}")
    odd.ingest("u")
    lake_rows = odd.rows("u", "id", "n", "name", "picture", "share")
    assert lake_rows == [
        (2, "many", "b", b"", float("inf")),
        (3, "70", "c", b"ab", 1e300),
        (6, "2.0", "\\xff", b"\xff", None),
    ]


@pytest.mark.postgres
def test_what_postgresql_cannot_say_in_json_is_kept_and_stays_a_reject(postgres: Place, sql: Sql) -> None:
    sql(
        "create table t (id int primary key, tags int[], deep text[], d float8, at timestamp, day_on date, n numeric)",
        "insert into t values (1, '{1}', '{a}', 1, '2024-05-01', '2024-05-01', 1)",
        "insert into t (id, tags) values (2, '{{1,2},{3,4}}')",
        "insert into t (id, d) values (3, 'NaN')",
        "insert into t (id, at) values (4, 'infinity')",
        "insert into t (id, day_on) values (5, '-infinity')",
        "insert into t (id, d, at, n) values (6, 'Infinity', '2024-05-01 00:00:00.000001', 3)",
        "insert into t (id, deep, n) values (7, '{\"a,b\",NULL}', 1e-12)",
        "insert into t (id, n) values (8, 0.12345678901234567891)",
    )
    schema = "t: {id: int, tags: array<int>, deep: array<string>, d: double, at: timestamp, day_on: date, n: double}"
    words = "mode: append, cursor: id, rejects: 100%"
    postgres.declare("postgres", f"t: {{{words}}}", schema)
    postgres.ingest()
    found = {row["id"]: row for row in raws(postgres)}
    assert (found[2]["tags"], found[3]["d"], found[4]["at"]) == ("{{1,2},{3,4}}", "NaN", "infinity")
    assert (found[5]["day_on"], found[6]["d"]) == ("-infinity", "Infinity")
    assert {name for row in found.values() for name in row} == set(found[2]), "and no other names"
    assert postgres.repair().rows == 0
    postgres.declare("postgres", f"t: {{{words}, timestamps: truncate}}", schema)
    assert postgres.repair().rows == 1
    assert postgres.rows("t", "id", "d", "n") == [(1, 1.0, 1.0), (6, float("inf"), 3.0), (7, None, 1e-12)]
    assert postgres.repair().unchanged
    assert sorted(row["id"] for row in raws(postgres)) == [2, 3, 4, 5, 8]


@pytest.mark.mariadb
def test_what_mysql_sends_as_texts_is_judged_as_when_it_came(mariadb_place: Place, mariadb_sql: Sql) -> None:
    mariadb_sql(
        """create table t (id int primary key, b tinyint(1), d date, dt datetime(6), ts timestamp(6) null,
          f double, c varchar(9) character set sjis, raw varbinary(9))""",
        "set time_zone = '+09:00'",
        "insert into t values (1, 1, '2024-05-01', '2024-05-01 09:00:00', '2024-05-01 09:00:00', 1.5, 'a', x'00')",
        "insert into t values (2, 2, '0000-00-00', '2024-05-01 09:00:00', '2024-05-01 09:00:00', 0.1, 'b', x'ff')",
        "insert into t values (3, 0, '2024-05-01', '2024-05-01 09:00:00.000001', null, 0.1, x'8540413F', 'ab')",
        "set time_zone = default",
    )
    words = "mode: append, cursor: id, rejects: 100%, timezone: Asia/Tokyo"
    schema = "t: {id: int, b: boolean, d: date, dt: timestamp, ts: timestamp, f: double, c: string, raw: binary}"
    mariadb_place.declare("mysql", f"t: {{{words}}}", schema)
    assert mariadb_place.ingest().rejects == 2
    assert [row["c"] for row in raws(mariadb_place)] == ["b", {"bytes": "8540413F"}]
    assert mariadb_place.repair().rows == 0
    assert mariadb_place.repair().unchanged
    schema = schema.replace("b: boolean", "b: tinyint").replace("c: string", "c: binary")
    mariadb_place.declare("mysql", f"t: {{{words}, zero_dates: as_null, timestamps: truncate}}", schema)
    moment = datetime(2024, 5, 1)
    landed = mariadb_place.repair()
    assert landed.rows == 2
    rows = mariadb_place.rows("t", "id", "d", "dt", "ts", "f", "raw")
    assert rows[1:] == [(2, None, moment, moment, 0.1, b"\xff"), (3, moment.date(), moment, None, 0.1, b"ab")]


def test_rejects_of_duckdb_keep_lists_structs_and_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.db"))
    with closing(duckdb.connect(str(tmp_path / "shop.db"))) as file:
        file.execute(
            "create table t (id int, s struct(a int, b decimal(4,2)[]), m map(varchar, double), came timestamp_ns)"
        )
        file.execute("insert into t values (1, {'a': 1, 'b': [1.5]}, map {'x': 1.5}, '2024-05-01 00:00:00.123456789')")
    words, schema = "mode: append, cursor: id, rejects: 100%", "{id: int, s: 'struct<a:int,b:array<decimal(4,2)>>', "
    schema += "m: 'map<string,double>', came: timestamp}"
    place.declare("duckdb", f"t: {{{words}}}", f"t: {schema}")
    place.ingest()
    assert place.repair().unchanged
    both = f"t: {{{words}, timestamps: truncate}}\nu: {{table: t, {words}, timestamps: truncate}}"
    place.declare("duckdb", both, f"t: {schema}\nu: {schema}")
    place.ingest("u")
    assert place.repair().rows == 1
    assert place.rows("t", "id", "s", "m", "came") == place.rows("u", "id", "s", "m", "came")
    assert place.rows("t", "s") == [{"a": 1, "b": [Decimal("1.50")]}]


def test_rejects_of_parquet_files_are_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    (place.files / "2024-05-01").mkdir()
    columns = {
        "User ID": pa.array([1, 2, 3]),
        "at": pa.array([0, 1_123_456_789, 5], pa.timestamp("ns")),
        "noon": pa.array([0, 43_200_000_000, None], pa.time64("us")),
        "x": pa.array([1.0, float("inf"), float("nan")]),
        "raw": pa.array([b"", b"\xff", None]),
    }
    pq.write_table(pa.table(columns), place.files / "2024-05-01/a.parquet")
    words = '{mode: append, path: "{day}/*.parquet", rejects: 100%, columns: {"User ID": id}'
    schema = "t: {id: bigint, at: timestamp, noon: string, x: double, raw: binary}"
    place.declare("parquet", f"t: {words}}}", schema)
    place.ingest()
    assert [row["_line"] for row in place.rejects()] == [2, 3]
    assert place.repair().unchanged
    both = f"t: {words}, timestamps: truncate}}\nu: {words}, timestamps: truncate}}"
    place.declare("parquet", both, f"{schema}\n{schema.replace('t:', 'u:', 1)}")
    assert place.repair().rows == 1
    place.ingest("u")
    names = ("id", "at", "noon", "x", "raw", "_file", "_line", "day")
    assert place.rows("t", *names) == place.rows("u", *names)
    (reject,) = place.rejects()
    assert json.loads(reject["raw"])["x"] == "NaN"
    document = {"file": reject["_file"], "line": 3, "raw": reject["raw"].decode().replace('"NaN"', "0.5")}
    assert place.repair(read_texts(json.dumps(document), "mended.json")).rows == 1
    assert place.rows("t", "id", "x")[-1] == (3, 0.5)


def test_a_sheet_is_read_whole_and_so_are_its_rejects(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.declare("sheets", "t: {mode: snapshot}", "t: {id: bigint}", top="service_account: place_key\n")
    with pytest.raises(UsageError, match=r"raw_place\.t is read whole each time, its rejects too; write baikal run"):
        place.repair()
