"""Extreme values of every type of PostgreSQL, beside the text that PostgreSQL itself writes of them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from landing_place import Place, types
from running_postgres import Sql

pytestmark = pytest.mark.postgres
MAKE = (
    "create type mood as enum ('glad', 'so-so, or \"worse\"')",
    "create domain positive as int check (value > 0)",
    "create domain small_positive as positive check (value < 100)",
    "create domain tags as text[]",
    "create type pair as (a int, b text)",
    "create extension if not exists vector",
)
EXACT: dict[str, tuple[str, list[str]]] = {
    "boolean": ("bool", ["true", "false"]),
    "smallint": ("int2", ["-32768", "32767"]),
    "int": ("int4", ["-2147483648", "2147483647"]),
    "bigint": ("int8", ["-9223372036854775808", "9223372036854775807"]),
    "oid": ("oid", ["0", "4294967295"]),
    "decimal(38,0)": ("numeric(38,0)", ["9" * 38, "-" + "9" * 38, "0"]),
    "decimal(38,38)": ("numeric(38,38)", ["0." + "9" * 38, "-0." + "0" * 37 + "1"]),
    "decimal(38,9)": ("numeric", ["9" * 29 + "." + "9" * 9, "-0.000000001", "0", "1e28"]),
    "decimal(12,2)": ("numeric(12,2)", ["-9999999999.99", "0.00", "0.01"]),
    "real": ("float4", ["3.4028235e+38", "1e-45", "-0", "Infinity", "-Infinity", "0.1"]),
    "double": ("float8", ["1.7976931348623157e+308", "5e-324", "-0", "Infinity", "-Infinity", "0.1"]),
    "date": ("date", ["0001-01-01", "9999-12-31", "1582-10-10", "2024-02-29"]),
    "timestamp": ("timestamp", ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999", "1969-12-31 23:59:59.001"]),
    "timestamptz": ("timestamptz", ["0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999+00"]),
    "time": ("time", ["00:00:00", "24:00:00", "23:59:59.999999"]),
    "timetz": ("timetz", ["23:59:59.999999-15:59", "00:00:00+15:59"]),
    "text": ("text", ["", " ", "雪\n\t\\N 👩‍👩‍👧", "\u200b", "x" * 300_000, "NULL"]),
    "varchar": ("varchar(5)", ["", "äöüß€"]),
    "char": ("char(4)", ["ab", "", "abcd"]),
    "bytea": ("bytea", ["\\x", "\\x" + bytes(range(256)).hex()]),
    "uuid": ("uuid", ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
    "json": ("json", ['{"a" : 1.10, "a": [ ]}', "null", '"\\u00e9"']),
    "jsonb": ("jsonb", ['{"a": [1e400, "\\u00e9"]}', "null"]),
    "inet": ("inet", ["10.0.0.1", "::ffff:1.2.3.4", "10.0.0.0/8"]),
    "cidr": ("cidr", ["10.0.0.0/8", "2001:db8::/32"]),
    "macaddr": ("macaddr", ["08:00:2b:01:02:03"]),
    "mood": ("mood", ["glad", 'so-so, or "worse"']),
    "positive": ("positive", ["1", "2147483647"]),
    "small_positive": ("small_positive", ["99"]),
    "int4range": ("int4range", ["[1,5)", "empty", "(,)", "[7,)"]),
    "numrange": ("numrange", ["[1.10,2.200]"]),
    "tstzrange": ("tstzrange", ['["2024-01-01 00:00:00+00",infinity]']),
    "int8range": ("int8range", ["[-9223372036854775808,9223372036854775807)", "empty", "(,)"]),
    "daterange": ("daterange", ["[0001-01-01,infinity)", "[2024-02-29,2024-03-01)", "(,5874897-12-31)"]),
    "tsrange": ("tsrange", ['["0001-01-01 00:00:00.000001","9999-12-31 23:59:59.999999"]', "(-infinity,infinity)"]),
    "tstzmultirange": ("tstzmultirange", ['{["2024-01-01 00:00:00+00","2024-01-02 00:00:00+00")}']),
    "interval": (
        "interval",
        ["178000000 years", "-178000000 years", "1 mon -1 day +00:00:00.000001", "-00:00:00.000001", "0"],
    ),
    "int4multirange": ("int4multirange", ["{[1,2),[5,7)}", "{}"]),
    "bit": ("bit(3)", ["101"]),
    "varbit": ("varbit", ["", "1" * 70]),
    "tsvector": ("tsvector", ["'a':1 'b c':2"]),
    "point": ("point", ["(1.5,-1e-300)", "(Infinity,NaN)"]),
    "line": ("line", ["{1,-0.1,1e+300}"]),
    "lseg": ("lseg", ["[(0,0.1),(1,-1)]"]),
    "box": ("box", ["(1,1),(0,0)", "(1e+300,0),(-0.1,-5)"]),
    "path": ("path", ["[(0,0),(1,1.5)]", "((0,0),(1,1),(2,0))"]),
    "polygon": ("polygon", ["((0,0),(1,1e-05),(2,0))"]),
    "circle": ("circle", ["<(0.1,-2),3.5>"]),
    "macaddr8": ("macaddr8", ["08:00:2b:01:02:03:04:05"]),
    "tsquery": ("tsquery", ["'a' & !'b c' <-> 'd'"]),
    "jsonpath": ("jsonpath", ['$."a"[*]?(@ > 1)']),
    "txid_snapshot": ("txid_snapshot", ["10:20:10,14"]),
    "regclass": ("regclass", ["pg_class"]),
    "tid": ("tid", ["(4294967295,65535)"]),
    "xid": ("xid", ["4294967295"]),
    "one letter": ('"char"', ["a", ""]),
    "vector": ("vector(3)", ["[1,-0.1,3.4028235e+38]"]),
    "money": ("money", ["-$92,233,720,368,547,758.08"]),
    "pg_lsn": ("pg_lsn", ["FFFFFFFF/FFFFFFFF"]),
    "name": ("name", ["n" * 63]),
}
ARRAYS = {
    "int4[]": ["{}", "{1,NULL,-2147483648}"],
    "text[]": ["{}", '{"",NULL,"NULL","a,b","{\\"}"}'],
    "float8[]": ["{0.1,Infinity}"],
    "numeric(6,2)[]": ["{1.50,NULL,-9999.99}"],
    "date[]": ["{0001-01-01,9999-12-31}"],
    "bool[]": ["{t,f,NULL}"],
    "uuid[]": ["{00000000-0000-0000-0000-000000000000}"],
    "mood[]": ['{glad,"so-so, or \\"worse\\""}'],
    "tags": ["{a,NULL}"],
    "positive[]": ["{1,2}"],
    "interval[]": ['{"1 mon",NULL,"-1 day -00:00:00.000001"}'],
    "int8range[]": ['{"[1,5)",empty}'],
    "point[]": ['{"(1.5,-2)"}'],
    "timestamptz[]": ['{"2024-05-01 00:00:00.001+00"}'],
}


def _float(size: str) -> Callable[[Any, str], bool]:
    def same(value: Any, text: str) -> bool:
        expected = struct.unpack(size, struct.pack(size, float(text)))[0]
        return bool(value == expected and math.copysign(1, value) == math.copysign(1, expected))

    return same


def _moment(value: Any, text: str) -> bool:
    return bool(value == datetime.fromisoformat(text.removesuffix("+00")))


SAME: dict[str, Callable[[Any, str], bool]] = {
    "boolean": lambda value, text: str(value).lower() == text,
    "real": _float("f"),
    "double": _float("d"),
    "date": lambda value, text: bool(value == date.fromisoformat(text)),
    "timestamp": _moment,
    "timestamptz": _moment,
    "decimal(38,38)": lambda value, text: f"{value:f}" == text,
    "decimal(38,9)": lambda value, text: bool(value == Decimal(text)),
    "bytea": lambda value, text: bool("\\x" + value.hex() == text),
}


def texts(sql: Sql, table: str) -> list[str]:
    return [row[0] for row in sql(f"select v::text from {table} order by n")]


@pytest.mark.parametrize("name", EXACT)
def test_a_value_is_the_one_that_postgres_writes(postgres: Place, sql: Sql, name: str) -> None:
    type_, values = EXACT[name]
    quoted = [value.replace("'", "''") for value in values]
    sql(*MAKE, f"create table t (n int, v {type_})", "set timezone = 'UTC'", "set intervalstyle = 'iso_8601'")
    sql(*(f"insert into t values ({n}, '{value}')" for n, value in enumerate(quoted)))
    postgres.declare("postgres", "t: {mode: snapshot, rejects: 0%}", "t: {n: int}")
    landed = postgres.ingest()
    assert (landed.rows, landed.rejects) == (len(values), 0)
    held = {row["n"]: row["v"] for row in postgres.rows()}
    same = SAME.get(name, lambda value, text: str(value) == text)
    if name.startswith("decimal"):
        assert types(landed)["v"] == name
        assert all(isinstance(value, Decimal) for value in held.values())
    for n, text in enumerate(texts(sql, "t")):
        assert same(held[n], text), (held[n], text)


def test_xml_is_the_text_that_postgres_writes(postgres: Place, sql: Sql) -> None:
    """The tests' PostgreSQL has no parser of XML, but the type: its values are made of texts, whose bytes they have."""
    values = ["<a b='1'>雪 &amp; <!-- c --></a>", "text <b/>", ""]
    sql(
        "create function as_xml(text) returns xml language internal immutable strict as 'textsend'",
        "create table t (n int, v xml)",
        *(f"insert into t values ({n}, as_xml($${value}$$))" for n, value in enumerate(values)),
    )
    postgres.declare("postgres", "t: {mode: snapshot, rejects: 0%}", "t: {n: int}")
    assert types(postgres.ingest()) == {"v": "string"}
    assert [row["v"] for row in sorted(postgres.rows(), key=lambda row: row["n"])] == texts(sql, "t") == values


@pytest.mark.parametrize("type_", ARRAYS)
def test_an_array_has_the_elements_that_postgres_tells(postgres: Place, sql: Sql, type_: str) -> None:
    values = [value.replace("'", "''") for value in ARRAYS[type_]]
    sql(*MAKE, f"create table t (n int, v {type_})", "set timezone = 'UTC'", "set intervalstyle = 'iso_8601'")
    sql(*(f"insert into t values ({n}, '{value}')" for n, value in enumerate(values)))
    postgres.declare("postgres", "t: {mode: snapshot, rejects: 0%}", "t: {n: int}")
    landed = postgres.ingest()
    assert (landed.rows, landed.rejects) == (len(values), 0)
    assert types(landed)["v"].startswith("array<")
    for row in postgres.rows():
        told = sql(f"select e::text from t, unnest(v) with ordinality as u(e, o) where n = {row['n']} order by o")
        assert [_spelled(value) for value in row["v"]] == [_read(row["v"], text) for (text,) in told]


def _spelled(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}" if isinstance(value, datetime) else _plain(value)


def _plain(value: Any) -> Any:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _read(values: list[Any], text: str | None) -> Any:
    if text is None:
        return None
    return str(float(text)) if isinstance(values[0], float) else text.removesuffix("+00")


def test_composites_are_json_in_rows_and_in_arrays(postgres: Place, sql: Sql) -> None:
    values = """row(1, 'a "b"')::pair, array[row(2, null)::pair]"""
    sql(*MAKE, "create table t (p pair, ps pair[])", f"insert into t values ({values})")
    postgres.declare("postgres", "t: snapshot", "t: {}")
    assert types(postgres.ingest()) == {"p": "string", "ps": "array<string>"}
    assert postgres.rows("t", "p", "ps") == [('{"a":1,"b":"a \\"b\\""}', ["(2,)"])]


def test_partitions_views_and_generated_columns_are_read_whole(postgres: Place, sql: Sql) -> None:
    sql(
        "create table t (id int generated always as identity, d date, twice int generated always as (2 * 21) stored) "
        "partition by range (d)",
        "create table t1 partition of t for values from ('2024-01-01') to ('2024-02-01')",
        "create table t2 partition of t default",
        "insert into t (d) select date '2024-01-01' + i from generate_series(0, 99) i",
        "create view v as select id, d from t where id <= 10",
        "create materialized view m as select * from v",
    )
    postgres.declare(
        "postgres", "t: {mode: snapshot, ranges: 4}\nv: snapshot\nm: snapshot", "t: {id: int}\nv: {}\nm: {}"
    )
    assert [postgres.ingest(name).rows for name in ("t", "v", "m")] == [100, 10, 10]
    assert set(postgres.rows("t", "twice")) == {42}
