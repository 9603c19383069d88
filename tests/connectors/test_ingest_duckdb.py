"""DuckDB files: every type exactly, one moment for a table, new rows by a cursor."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_place import Place

from connectors.introspect import introspect
from connectors.live import Access
from transforms.errors import OutsideError, SchemaChanged


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.duckdb"))
    return Place(tmp_path)


def write(place: Place, *statements: str) -> None:
    with duckdb.connect(place.home / "shop.duckdb") as file:
        for statement in statements:
            file.execute(statement)


@pytest.mark.parametrize(
    ("value", "hive", "expected"),
    [
        ("(-128)::tinyint", "tinyint", -128),
        ("18446744073709551615::ubigint", "decimal(20,0)", Decimal(18446744073709551615)),
        ("170141183460469231731687303715884105727::hugeint", "string", "170141183460469231731687303715884105727"),
        ("99999999999999999999999999999999999.999::decimal(38,3)", "decimal(38,3)", Decimal("9" * 35 + ".999")),
        ("'東京'::varchar", "string", "東京"),
        ("'\\xFF\\x00'::blob", "binary", b"\xff\x00"),
        ("date '0001-01-01'", "date", date(1, 1, 1)),
        ("timestamp '9999-12-31 23:59:59.999'", "timestamp", datetime(9999, 12, 31, 23, 59, 59, 999000)),
        ("timestamptz '2024-05-01 09:00:00+09'", "timestamp", datetime(2024, 5, 1)),
        ("time '01:02:03'", "string", "01:02:03"),
        ("'7f3b1c9e-0000-4000-8000-000000000001'::uuid", "string", "7f3b1c9e-0000-4000-8000-000000000001"),
        ("'a'::enum('a', 'b')", "string", "a"),
        ("[1, null, 3]", "array<int>", [1, None, 3]),
        ("{'x': 1, 'y': [true]}", "struct<x:int,y:array<boolean>>", {"x": 1, "y": [True]}),
        ("map {'a': 1.5::double}", "map<string,double>", [("a", 1.5)]),
    ],
)
def test_values_land_exactly(place: Place, value: str, hive: str, expected: Any) -> None:
    place.declare("duckdb", "t: snapshot", f"t: {{v: '{hive}'}}")
    write(place, f"create table t as select {value} as v union all select null")
    place.ingest()
    assert sorted(place.rows("t", "v"), key=lambda one: one is None) == [expected, None]


def test_values_without_a_place_are_rejects(place: Place) -> None:
    place.declare("duckdb", "t: {mode: snapshot, rejects: 90%}", "t: {id: int, v: double, seen: timestamp}")
    write(
        place,
        "create table t (id integer, v double, seen timestamp)",
        "insert into t values (1, 'nan', null), (2, 1, 'infinity'), (3, 1, '2024-05-01 00:00:00.000001'), (4, 2, null)",
    )
    place.ingest()
    assert place.rows("t", "id") == [4]
    assert len(place.rejects()) == 3


def test_new_rows_are_read_from_a_margin_before_the_cursor_on(place: Place) -> None:
    words = "t: {mode: upsert, key: id, cursor: changed, margin: 1h}"
    place.declare("duckdb", words, "t: {id: int, changed: timestamp, name: string}")
    write(
        place,
        "create table t (id integer primary key, changed timestamptz, name varchar)",
        "insert into t values (1, '2024-05-01 10:00:00Z', 'a'), (2, '2024-05-02 01:00:00Z', 'b')",
    )
    assert place.ingest().rows == 2
    write(place, "insert into t values (3, '2024-05-02 00:30:00Z', 'late')", "update t set name = 'B' where id = 2")
    assert place.ingest().rows == 2
    assert place.rows("t", "id", "name") == [(1, "a"), (2, "B"), (3, "late")]
    assert place.ingest().unchanged


def test_a_narrower_declaration_is_refused_and_a_missing_table_told(place: Place) -> None:
    place.declare("duckdb", "t: snapshot", "t: {v: int}")
    write(place, "create table t (v varchar)")
    with pytest.raises(SchemaChanged, match="v: string"):
        place.ingest()
    place.declare("duckdb", "t: {mode: snapshot, table: other.x}", "t: {v: int}")
    with pytest.raises(SchemaChanged, match=r"the source has no table other\.x; tables are t"):
        place.ingest()
    (place.home / "shop.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(OutsideError, match="DuckDB: "):
        place.ingest()


def test_fields_may_grow_and_come_under_a_wider_type(place: Place) -> None:
    place.declare("duckdb", "t: snapshot", "t: {v: 'array<struct<a:bigint,b:string,c:int>>'}")
    write(place, "create table t as select [{'a': 1::smallint}] as v")
    place.ingest()
    write(place, "create or replace table t as select [{'a': 1::integer, 'b': 'x'}] as v")
    place.ingest()
    assert place.rows("t", "v") == [[{"a": 1, "b": "x", "c": None}]]
    write(place, "create or replace table t as select [{'a': 1::smallint, 'b': 'x'}] as v")
    with pytest.raises(SchemaChanged, match=r"which had .* before; .* write `v: array<struct<a:smallint,b:string>>`"):
        place.ingest()


def test_a_source_is_written_from_a_file(place: Place) -> None:
    write(
        place,
        "create table orders (id integer primary key, email varchar, seen timestamp)",
        "comment on column orders.id is 'Number of the order'",
        "create view v as select 1 as one",
        "create schema billing",
        "create table billing.bills (id bigint)",
    )
    proposal = introspect("duckdb", Access(str(place.home / "shop.duckdb")), "place", owner="team", connection="place")
    assert "orders: snapshot" in proposal.source
    assert "table: billing.bills" in proposal.source
    assert "id: {type: int, description: Number of the order}" in proposal.schema
    assert proposal.views == ("v",)
