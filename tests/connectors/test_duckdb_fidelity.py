"""Extreme values of every type of DuckDB, beside the text that DuckDB itself writes of them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from landing_place import Place, types

from transforms.names import TableName

EXACT: dict[str, tuple[str, list[str]]] = {
    "boolean": ("boolean", ["true", "false"]),
    "tinyint": ("tinyint", ["-128", "127"]),
    "smallint": ("smallint", ["-32768", "32767"]),
    "integer": ("int", ["-2147483648", "2147483647"]),
    "bigint": ("bigint", ["-9223372036854775808", "9223372036854775807"]),
    "utinyint": ("smallint", ["0", "255"]),
    "usmallint": ("int", ["0", "65535"]),
    "uinteger": ("bigint", ["0", "4294967295"]),
    "ubigint": ("decimal(20,0)", ["0", "18446744073709551615"]),
    "hugeint": ("string", ["-170141183460469231731687303715884105728", "170141183460469231731687303715884105727"]),
    "uhugeint": ("string", ["0", "340282366920938463463374607431768211455"]),
    "bignum": ("string", ["0", "-" + "9" * 200]),
    "float": ("float", ["3.4028235e+38", "1e-45", "-0.0", "0.1", "16777217", "inf", "-inf"]),
    "double": ("double", ["1.7976931348623157e+308", "5e-324", "-0.0", "0.1", "1e22", "inf", "-inf"]),
    "decimal(4,1)": ("decimal(4,1)", ["-999.9", "0.1"]),
    "decimal(9,9)": ("decimal(9,9)", ["0.999999999", "-0.000000001"]),
    "decimal(18,3)": ("decimal(18,3)", ["-999999999999999.999"]),
    "decimal(38,38)": ("decimal(38,38)", ["0." + "9" * 38]),
    "date": ("date", ["0001-01-01", "9999-12-31", "1582-10-10", "2024-02-29"]),
    "timestamp": ("timestamp", ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999", "1969-12-31 23:59:59.001"]),
    "timestamp_s": ("timestamp", ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "1969-12-31 23:59:59"]),
    "timestamp_ms": ("timestamp", ["0001-01-01 00:00:00.001", "9999-12-31 23:59:59.999", "1969-12-31 23:59:59.001"]),
    "timestamp_ns": ("timestamp", ["1677-09-22 00:00:00", "2262-04-11 23:47:16.854", "1969-12-31 23:59:59.001"]),
    "timestamptz": ("timestamp", ["0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999+00", "2024-05-01 09:00:00+09"]),
    "time": ("string", ["00:00:00", "24:00:00", "23:59:59.999999"]),
    "timetz": ("string", ["23:59:59.999999-15:59", "00:00:00+15:59", "12:00:00+00"]),
    "time_ns": ("string", ["23:59:59.999999999", "00:00:00.000000001"]),
    "interval": ("string", ["1 month 2 days 03:04:05.000006", "-178956970 years", "1000000 days", "-00:00:00.000001"]),
    "varchar": ("string", ["", " ", "雪\n\t\\N 👩‍👩‍👧", "x" * 300_000, "NULL", "a\x00b"]),
    "blob": ("binary", ["", "\\x00\\xFF\\x0A\\x22", "ab\\x5C"]),
    "bit": ("string", ["1", "0", "0101" * 40]),
    "uuid": ("string", ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
    "json": ("string", ['{"a" : 1.10, "a": [ ]}', "null", '"\\u00e9"', "123456789012345678901234567890"]),
    "enum('glad', 'so-so, or \"worse\"', '')": ("string", ["glad", 'so-so, or "worse"', ""]),
}
BUILT: dict[str, tuple[str, list[str]]] = {
    "union(n integer, t varchar)": (
        "string",
        ["union_value(n := 7)", "union_value(t := 'a, b')", "union_value(t := '')"],
    ),
    "integer[]": ("array<int>", ["[]", "[1, null, -2147483648]"]),
    "varchar[]": ("array<string>", ["['', null, 'NULL', 'a, b', '\"']"]),
    "double[2]": ("array<double>", ["[0.1, null]", "[1e22, -0.0]"]),
    "struct(v float[2])": ("struct<v:array<float>>", ["{'v': [0.1, 1e-45]}"]),
    "utinyint[]": ("array<smallint>", ["[255, null]"]),
    "timestamp_s[]": ("array<timestamp>", ["['2024-05-01 00:00:00'::timestamp_s]"]),
    "integer[][]": ("array<array<int>>", ["[[1], [], null]"]),
    "struct(a integer, b varchar[])": (
        "struct<a:int,b:array<string>>",
        ["{'a': 1, 'b': ['x']}", "{'a': null, 'b': null}"],
    ),
    "struct(u uuid, n usmallint)": ("string", ["{'u': '00000000-0000-0000-0000-000000000000', 'n': 65535}"]),
    "map(varchar, decimal(4,1))": ("map<string,decimal(4,1)>", ["map {'a': 1.5, '': null}", "map {}"]),
    "interval[]": ("string", ["[interval 1 month, null]"]),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.duckdb"))
    return Place(tmp_path)


def texts(file: duckdb.DuckDBPyConnection, table: str) -> list[str | None]:
    """What DuckDB writes of the values of a table, moments in UTC."""
    file.execute("set timezone = 'UTC'")
    return [text for (text,) in file.sql(f"select v::varchar from {table} order by n").fetchall()]


@pytest.mark.parametrize("type_", [*EXACT, *BUILT])
def test_a_value_is_the_one_that_duckdb_writes(place: Place, type_: str) -> None:
    hive, values = (EXACT | BUILT)[type_]
    place.declare("duckdb", "t: {mode: snapshot, rejects: 0%}", "t: {n: int}")
    with duckdb.connect(place.home / "shop.duckdb") as file:
        file.execute(f"create table t (n integer, v {type_})")
        for n, value in enumerate([*values, None]):
            if type_ in BUILT and value is not None:
                file.execute(f"insert into t values ({n}, {value})")
            else:
                file.execute(f"insert into t values (?, cast(?::varchar as {type_}))", [n, value])
        told = texts(file, "t")
    landed = place.ingest()
    assert (landed.rows, landed.rejects, types(landed)) == (len(values) + 1, 0, {"v": hive})
    snapshot = place.lake().catalog.get(TableName("raw_place", "t"))
    assert snapshot is not None
    files = [str(place.lake().root / name) for part in snapshot.parts.values() for name in part.files]
    with duckdb.connect() as lake:
        found = texts(lake, f"read_parquet({files})")
    zone = "+00" if type_ == "timestamptz" else ""
    assert [text and text + zone for text in found] == told
