"""SQLite files: every value looked at by itself, one moment for a table, new rows by a cursor."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from landing_place import Place

from connectors.introspect import introspect
from connectors.live import Access
from connectors.readers.sqlite.file import FileColumn
from transforms.errors import ContentError, OutsideError, SchemaChanged


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.db"))
    place = Place(tmp_path)
    place.declare("sqlite", "t: snapshot", "t: {id: bigint}")
    return place


def write(place: Place, *statements: str, values: tuple[Any, ...] = ()) -> None:
    with closing(sqlite3.connect(place.home / "shop.db")) as file, file:
        for statement in statements:
            file.execute(statement, values)


@pytest.mark.parametrize(
    ("hive", "value", "expected"),
    [
        ("bigint", -(2**63), -(2**63)),
        ("int", 2**31 - 1, 2**31 - 1),
        ("double", 0.1, 0.1),
        ("double", 7, 7.0),
        ("float", 3.14, struct.unpack("f", struct.pack("f", 3.14))[0]),
        ("float", 2.0**-140, 2.0**-140),
        ("float", float("inf"), float("inf")),
        ("decimal(20,2)", "123456789012345678.91", Decimal("123456789012345678.91")),
        ("decimal(4,2)", 1.25, Decimal("1.25")),
        ("decimal(4,0)", 12, Decimal(12)),
        ("boolean", 1, True),
        ("boolean", "FALSE", False),
        ("string", "東京\u0000", "東京\u0000"),
        ("string", 12, "12"),
        ("binary", b"\xff\x00", b"\xff\x00"),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("timestamp", "2024-05-01 09:00:00.125", datetime(2024, 5, 1, 9, 0, 0, 125000)),
        ("timestamp", "2024-05-01T09:00:00+09:00", datetime(2024, 5, 1)),
    ],
)
def test_values_land_exactly(place: Place, hive: str, value: Any, expected: Any) -> None:
    place.declare("sqlite", "t: snapshot", f"t: {{v: '{hive}'}}")
    write(place, "create table t (v)")
    write(place, "insert into t values (?), (null)", values=(value,))
    place.ingest()
    assert sorted(place.rows("t", "v"), key=lambda one: one is None) == [expected, None]


@pytest.mark.parametrize(
    ("hive", "value", "said"),
    [
        ("bigint", "12", "v: 12 is not bigint"),
        ("int", 2**31, "v: 2147483648 is not int"),
        ("bigint", 1.5, "v: 1.5 is not bigint"),
        ("double", 2**53 + 1, "v: 9007199254740993 is not double"),
        ("double", "12345678901234567890.1234567891", "v: 12345678901234567890.1234567891 is not double"),
        ("float", 0.123456789, "v: 0.123456789 is not float"),
        ("float", 1e300, "v: 1e+300 is not float"),
        ("decimal(4,2)", 1.255, "v: "),
        ("decimal(4,2)", "much", "v: much is not decimal(4,2)"),
        ("boolean", 2, "v: 2 is not boolean"),
        ("boolean", b"true", "v: x'74727565' is not boolean"),
        ("string", b"\xff", "v: x'ff' is not string"),
        ("date", "2024-02-30", "v: 2024-02-30 is not date"),
        ("date", 1714521600, "v: 1714521600 is not date"),
        ("timestamp", "yesterday", "v: yesterday is not timestamp"),
        ("timestamp", "2024-05-01 09:00:00.123456", "digits under a millisecond"),
    ],
)
def test_what_does_not_fit_is_a_reject(place: Place, hive: str, value: Any, said: str) -> None:
    place.declare("sqlite", "t: {mode: snapshot, rejects: 60%}", f"t: {{v: '{hive}'}}")
    write(place, "create table t (v)")
    write(place, "insert into t values (null), (?)", values=(value,))
    place.ingest()
    assert place.rows("t", "v") == [None]
    assert [said in reject["reason"] for reject in place.rejects()] == [True]


def test_new_rows_are_read_from_a_margin_before_the_cursor_on(place: Place) -> None:
    words = "t: {mode: upsert, key: id, cursor: changed, margin: 1h, rejects: 50%}"
    place.declare("sqlite", words, "t: {id: bigint, changed: timestamp, name: string}")
    write(place, "create table t (id integer primary key, changed text, name text)")
    write(place, "insert into t values (1, '2024-05-01 10:00:00', 'a'), (2, '2024-05-02T10:00:00+09:00', 'b')")
    assert place.ingest().rows == 2
    write(place, "insert into t values (3, '2024-05-02 00:30:00', 'late'), (4, 77, 'no time')")
    write(place, "update t set name = 'A', changed = '2024-05-03 00:00:00' where id = 1")
    landed = place.ingest()
    assert (landed.rows, landed.rejects) == (2, 1)
    assert place.rows("t", "id", "name") == [(1, "A"), (2, "b"), (3, "late")]
    assert place.ingest().unchanged


@pytest.mark.parametrize(
    ("type_", "margin", "late", "found"),
    [
        ("timestamp", "2 weeks", "2024-05-01 10:00:00", True),
        ("timestamp", "2 weeks", "2024-05-01 09:59:59", False),
        ("timestamp", "30s", "2024-05-15 09:59:30", True),
        ("timestamp", "30s", "2024-05-15 09:59:29", False),
        ("date", "2 hours", "2024-05-14", True),
        ("date", "2 weeks", "2024-05-01", True),
    ],
)
def test_a_margin_is_as_long_as_it_says(place: Place, type_: str, margin: str, late: str, found: bool) -> None:
    place.declare("sqlite", f"t: {{mode: append, cursor: at, margin: {margin}}}", f"t: {{id: bigint, at: {type_}}}")
    write(place, "create table t (id integer primary key, at text)")
    write(place, f"insert into t values (1, '2024-05-15{' 10:00:00' if type_ == 'timestamp' else ''}')")
    place.ingest()
    write(place, "insert into t values (2, ?)", values=(late,))
    place.ingest()
    assert place.rows("t", "id") == ([1, 2] if found else [1])


@pytest.mark.parametrize(
    ("type_", "margin", "said"),
    [
        ("timestamp", "5", "t: margin: is a number, and the cursor at is timestamp; write margin: 1h"),
        ("bigint", "1h", "t: margin: is a length of time, and the cursor at is bigint; write margin: 10000"),
    ],
)
def test_a_margin_of_another_kind_than_the_cursor_is_refused(place: Place, type_: str, margin: str, said: str) -> None:
    place.declare("sqlite", f"t: {{mode: append, cursor: at, margin: {margin}}}", f"t: {{at: {type_}}}")
    write(place, "create table t (at)")
    with pytest.raises(SchemaChanged, match=said):
        place.ingest()


def test_a_whole_number_is_a_cursor_of_an_append(place: Place) -> None:
    place.declare("sqlite", "t: {mode: append, cursor: id}", "t: {id: bigint}")
    write(place, "create table t (id integer primary key)", "insert into t values (1), (2)")
    place.ingest()
    write(place, "insert into t values (3)")
    assert place.ingest().rows == 1
    assert place.rows("t", "id") == [1, 2, 3]


def test_columns_come_and_go_and_tables_are_named(place: Place) -> None:
    place.declare("sqlite", "t: {mode: snapshot, table: Orders, columns: {ID: id}}", "t: {id: bigint, gone: string}")
    write(place, 'create table Orders ("ID" integer, more real)', "insert into Orders values (1, 2.5)")
    landed = place.ingest()
    assert [column.name for column in landed.new_columns] == ["more"]
    assert landed.missing_columns == ("gone",)
    place.declare("sqlite", "t: {mode: snapshot, table: Order}", "t: {id: bigint}")
    with pytest.raises(SchemaChanged, match='the source has no table Order; did you mean "Orders"'):
        place.ingest()


@pytest.mark.parametrize(
    ("old", "new", "declared", "line"),
    [
        ("text", "integer", "string", "bigint"),
        ("text", "datetime", "string", "timestamp"),
        ("decimal(10,2)", "real", "decimal(12,2)", "double"),
        ("datetime", "date", "string", "date"),
    ],
)
def test_a_type_that_became_another_is_refused(place: Place, old: str, new: str, declared: str, line: str) -> None:
    tables = "t: {mode: append, cursor: id}"
    place.declare("sqlite", tables, f"t: {{id: bigint, v: '{declared}'}}")
    write(place, f"create table t (id integer primary key, v {old})", "insert into t (id) values (1)")
    place.ingest()
    write(place, "drop table t", f"create table t (id integer primary key, v {new})", "insert into t (id) values (1)")
    with pytest.raises(SchemaChanged, match=f"v is no longer .* write `v: {line}` under `t:` .* raw_place.t --full"):
        place.ingest()
    place.ingest(full=True)
    assert place.ingest().unchanged


def test_a_type_that_grew_under_a_wider_one_is_read_on(place: Place) -> None:
    place.declare("sqlite", "t: snapshot", "t: {v: 'decimal(12,2)', w: string}")
    write(place, "create table t (v decimal(8,2), w)", "insert into t values (1.5, 2)")
    place.ingest()
    write(place, "drop table t", "create table t (v decimal(10,2), w text)", "insert into t values (1.5, 2)")
    assert place.ingest().unchanged is False
    assert place.rows("t", "v") == [Decimal("1.50")]


def test_a_file_that_is_missing_or_something_else_is_told(place: Place) -> None:
    with pytest.raises(OutsideError, match=r"place\.yaml:4: the file of place is not there"):
        place.ingest()
    (place.home / "shop.db").write_bytes(b"no database" * 100)
    with pytest.raises(OutsideError, match="SQLite: file is not a database"):
        place.ingest()
    with pytest.raises(OutsideError, match=r"^the file of place is not there"):
        introspect("sqlite", Access(str(place.home / "no.db")), "place", owner="team", connection="place")
    place.declare("duckdb", "t: snapshot", "t: {id: bigint}")
    (place.home / "shop.db").unlink()
    write(place, "create table t (id integer)")
    with pytest.raises(ContentError, match=r"place\.yaml:4: the file of place is one of sqlite; write kind: sqlite"):
        place.ingest()


@pytest.mark.parametrize(
    ("written", "hive"),
    [
        ("INTEGER", "bigint"), ("unsigned big int", "bigint"), ("VARCHAR(20)", "string"), ("BOOLEAN", "boolean"),
        ("DECIMAL(10, 2)", "decimal(10,2)"), ("numeric(5)", "decimal(5,0)"), ("NUMERIC", "decimal(38,9)"),
        ("DATETIME", "timestamp"), ("date", "date"), ("DOUBLE PRECISION", "double"), ("BLOB", "binary"), ("", "string"),
        ("DECIMAL(50,2)", "string"), ("POINT", "bigint"), ("JSON", "string"),
    ],
)  # fmt: skip
def test_a_declared_type_has_its_place_in_the_lake(written: str, hive: str) -> None:
    assert FileColumn("c", written).lake_type.hive == hive


def test_a_source_is_written_from_a_file(place: Place) -> None:
    write(
        place,
        "create table orders (id integer primary key, email text, paid boolean, at datetime)",
        "create view v as select 1 as one",
        "insert into orders values (1, 'a@example.com', 1, '2024-05-01 00:00:00')",
    )
    proposal = introspect("sqlite", Access(str(place.home / "shop.db")), "place", owner="team", connection="place")
    assert "orders: snapshot" in proposal.source
    assert "email: {type: string, personal: true}" in proposal.schema
    assert proposal.views == ("v",)


@pytest.mark.parametrize("mode", ["upsert, key: id, cursor: id", "append, cursor: at, day: at, restate: 1 days"])
def test_a_boolean_becomes_no_text_by_a_declaration(place: Place, mode: str) -> None:
    write(place, "create table t (id integer primary key, at date, vip)", "insert into t values (1, '2024-05-01', 1)")
    place.declare("sqlite", f"t: {{mode: {mode}}}", "t: {id: bigint, at: date, vip: boolean}")
    place.ingest()
    write(place, "insert into t values (2, '2024-05-19', 'yes')")
    place.declare("sqlite", f"t: {{mode: {mode}}}", "t: {id: bigint, at: date, vip: string}")
    with pytest.raises(SchemaChanged, match="vip is boolean in the lake, with values that have no place in string"):
        place.ingest()
    place.ingest(full=True)
    assert place.rows("t", "vip") == ["1", "yes"]


def test_a_float_becomes_no_double_beside_the_digits_that_it_lost(place: Place) -> None:
    words = "t: {mode: upsert, key: id, cursor: id}"
    write(place, "create table t (id integer primary key, v real)", "insert into t values (1, 0.1)")
    place.declare("sqlite", words, "t: {id: bigint, v: float}")
    place.ingest()
    place.declare("sqlite", words, "t: {id: bigint, v: double}")
    with pytest.raises(SchemaChanged, match=r"v stands as float, .* or baikal run raw_place.t --full"):
        place.ingest()
    place.ingest(full=True)
    assert place.rows("t", "v") == [0.1]
