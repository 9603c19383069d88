"""Of every kind of source a run tells rows, bytes and how much is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_place import Place

from connectors.pace import Advance
from local_dev.mariadb_server import MariaDb

ROWS = 300


def in_sqlite(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "shop.db")) as file, file:
        file.execute("create table t (id bigint)")
        file.executemany("insert into t values (?)", [(n,) for n in range(ROWS)])
    return folder / "shop.db"


def in_duckdb(folder: Path) -> Path:
    with duckdb.connect(folder / "shop.duckdb") as file:
        file.execute(f"create table t as select i::bigint as id from range({ROWS}) r(i)")
    return folder / "shop.duckdb"


def in_csv(folder: Path) -> Path:
    (folder / "t").write_text("id\n" + "".join(f"{n}\n" for n in range(ROWS)))
    return folder


def in_json_lines(folder: Path) -> Path:
    (folder / "t").write_text("".join(f'{{"id": {n}}}\n' for n in range(ROWS)))
    return folder


def in_parquet(folder: Path) -> Path:
    duckdb.sql(f"copy (select i::bigint as id from range({ROWS}) r(i)) to '{folder / 't'}' (format parquet)")
    return folder


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        ("sqlite", in_sqlite),
        ("duckdb", in_duckdb),
        ("csv", in_csv),
        ("jsonl", in_json_lines),
        ("parquet", in_parquet),
    ],
)
def test_how_far_a_reading_is_can_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, write: Callable[[Path], Path]
) -> None:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(write(place.files)))
    of_files = kind in ("csv", "jsonl", "parquet")
    place.declare(kind, f"t: {{mode: snapshot{', path: t' if of_files else ''}}}", "t: {id: bigint}")
    told: list[Advance] = []
    landed = place.ingest(progress=told.append)
    require_told(told)
    assert landed.bytes > 0


@pytest.mark.mariadb
def test_how_far_a_reading_of_mariadb_is_can_be_told(mariadb_place: Place, mariadb: MariaDb, mariadb_sql: Any) -> None:
    mariadb_sql(
        f"create table t as select seq as id from seq_1_to_{ROWS}",
        "analyze table t",
    )
    mariadb_place.declare("mysql", "t: snapshot", "t: {id: bigint}")
    told: list[Advance] = []
    mariadb_place.ingest(progress=told.append)
    require_told(told)


def require_told(told: list[Advance]) -> None:
    """All rows, bytes of them, and at the end that all is read."""
    assert sum(one.rows for one in told) == ROWS
    assert sum(one.bytes for one in told) > 0
    done = told[-1].done
    assert done is not None
    assert done > 0.9
