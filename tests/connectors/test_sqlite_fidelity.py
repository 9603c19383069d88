"""Extreme values of every type of SQLite, beside what SQLite itself writes of them, and of what the lake has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from landing_place import Place, types

EXACT: dict[str, tuple[str, str, list[str]]] = {
    "integer": ("bigint", "quote(v)", ["-9223372036854775808", "9223372036854775807", "0", "'12'", "7.0"]),
    "int primary key": ("bigint", "quote(v)", ["-1", "9223372036854775807"]),
    "tinyint": ("bigint", "quote(v)", ["300"]),
    "real": ("double", "quote(v)", ["1.7976931348623157e308", "5e-324", "-0.0", "0.1", "1e22", "9e999", "-9e999", "7"]),
    "double precision": ("double", "quote(v)", ["0.30000000000000004", "'1.5'"]),
    "text": (
        "string",
        "hex(v)",
        ["''", "' '", "'雪' || char(10) || char(9) || '👩‍👩‍👧'", "'a' || char(0) || 'b'", "12", "1.50"],
    ),
    "varchar(3)": ("string", "hex(v)", ["'longer than that'", "printf('%.*c', 300000, 'x')"]),
    "": ("string", "hex(v)", ["'untyped'", "-5"]),
    "blob": ("binary", "hex(v)", ["x''", "x'00ff0a22'", "randomblob(70000)"]),
    "boolean": ("boolean", "quote(v)", ["0", "1", "true", "false"]),
    "date": ("date", "date(v)", ["'0001-01-01'", "'9999-12-31'", "'1582-10-10'", "'2024-02-29'"]),
    "datetime": (
        "timestamp",
        "strftime('%Y-%m-%d %H:%M:%f', v)",
        [
            "'0001-01-01 00:00:00'",
            "'9999-12-31 23:59:59.999'",
            "'2024-05-01T09:00:00+09:00'",
            "'2024-05-01 09:00:00.125Z'",
            "'2024-05-01 09:00'",
            "current_timestamp",
        ],
    ),
    "decimal(20,2)": ("decimal(20,2)", "printf('%.2f', v)", ["1.25", "-7", "123456789012.34", "0.1"]),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.db"))
    return Place(tmp_path)


def given(value: Any, type_: str) -> Any:
    """A value of the lake as it is given to SQLite, so that it writes it itself."""
    if type_ == "timestamp":
        return str(value.isoformat(" ", "milliseconds"))
    return str(value) if type_.startswith(("date", "decimal")) else value


@pytest.mark.parametrize("type_", EXACT)
def test_a_value_is_the_one_that_sqlite_writes(place: Place, type_: str) -> None:
    hive, text, values = EXACT[type_]
    place.declare("sqlite", "t: {mode: snapshot, rejects: 0%}", "t: {n: bigint}")
    with closing(sqlite3.connect(place.home / "shop.db")) as file, file:
        file.execute(f"create table t (n integer, v {type_})")
        for n, value in enumerate(values):
            file.execute(f"insert into t values ({n}, {value})")
        told = [one for (one,) in file.execute(f"select {text} from t order by n")]
    landed = place.ingest()
    assert (landed.rows, landed.rejects, types(landed)) == (len(values), 0, {"v": hive})
    held = [given(row["v"], hive) for row in sorted(place.rows(), key=lambda row: row["n"])]
    with closing(sqlite3.connect(":memory:")) as other:
        found = [other.execute(f"select {text} from (select ? as v)", [value]).fetchone()[0] for value in held]
    assert found == told
    assert None not in told
