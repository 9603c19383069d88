"""Parquet files whose columns became wider: the lake's grow as those of a database, and each run tells the lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_place import Place, types

from connectors.landed import Landed
from connectors.verifying import verify
from transforms.errors import BaikalError
from transforms.names import TableName

GREW = 't: {id: int, ratio: float, price: "decimal(8,2)"}'
WIDE = 't: {id: bigint, ratio: double, price: "decimal(12,4)"}'
NARROW = {"id": pa.int32(), "ratio": pa.float32(), "price": pa.decimal128(8, 2)}
WIDER = {"id": pa.int64(), "ratio": pa.float64(), "price": pa.decimal128(12, 4)}
LINES = [
    f"write `{line}` under `t:` in connectors/sources/place.schema.yaml"
    for line in ("id: bigint", "ratio: double", "price: decimal(12,4)")
]
GROWN = ["bigint", "double", "decimal(12,4)"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    return place


def put(place: Place, name: str, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table(columns), place.files / name)


def row(place: Place, name: str, types: dict[str, pa.DataType], number: int, ratio: float, price: str) -> None:
    values = {"id": number, "ratio": ratio, "price": Decimal(price)}
    put(place, name, {column: pa.array([values[column]], type_) for column, type_ in types.items()})


def held(place: Place) -> list[str]:
    snapshot = place.lake().catalog.get(TableName("raw_place", "t"))
    return [column.type.hive for column in snapshot.columns][:3] if snapshot else []


def told(landed: Landed) -> list[str]:
    return [warning.rpartition("; ")[2] for warning in landed.warnings]


@pytest.mark.parametrize("mode", ["append", "upsert, key: id", "snapshot"])
def test_a_type_that_grew_is_read_on_before_and_after_it_is_written(place: Place, mode: str) -> None:
    tables = f't: {{mode: {mode}, path: "*.parquet"}}'
    place.declare("parquet", tables, GREW)
    row(place, "a.parquet", NARROW, 1, 0.5, "1.25")
    assert (told(place.ingest()), held(place)) == ([], ["int", "float", "decimal(8,2)"])
    row(place, "b.parquet", NARROW, 2, 0.1, "2.25")
    row(place, "c.parquet", WIDER, 1 << 40, 0.1, "3.1234")
    row(place, "d.parquet", NARROW, 4, 0.25, "4.25")
    landed = place.ingest()
    assert (told(landed), held(place), landed.rejects) == (LINES, GROWN, 0)
    rows = [
        (1, 0.5, Decimal("1.2500")),
        (1 << 40, 0.1, Decimal("3.1234")),
        (2, float(np.float32(0.1)), Decimal("2.2500")),
        (4, 0.25, Decimal("4.2500")),
    ]
    assert place.rows("t", "id", "ratio", "price") == sorted(rows, key=repr)
    again = place.ingest()
    assert (again.unchanged, told(again)) == (True, LINES)
    row(place, "e.parquet", NARROW, 5, 5.5, "5.25")
    assert (told(place.ingest()), held(place), len(place.rows())) == (LINES, GROWN, 5)
    place.declare("parquet", tables, WIDE)
    row(place, "f.parquet", NARROW, 6, 6.5, "6.25")
    assert (place.ingest().warnings, held(place)) == ((), GROWN)
    _, reader = place.lake().query("select count(*) as n, sum(price) as total, max(id) as last from raw_place.t")
    assert [tuple(map(str, one.values())) for one in reader.read_all().to_pylist()] == [("6", "22.3734", str(1 << 40))]
    assert place.ingest().unchanged


def test_what_is_declared_is_read_until_the_wider_type_is_written(place: Place) -> None:
    place.declare("parquet", 't: {mode: append, path: "*.parquet"}', "t: {id: int}")
    put(place, "a.parquet", {"id": pa.array([1, 2], pa.int64())})
    place.ingest()
    _, reader = place.lake().query("select sum(id) as n from raw_place.t")
    assert reader.read_all().to_pylist() == [{"n": 3}]
    put(place, "b.parquet", {"id": pa.array([1 << 40], pa.int64())})
    assert place.ingest().rows == 1
    with pytest.raises(BaikalError, match="id is bigint in the lake, with values that have no place in int; write big"):
        place.lake().query("select sum(id) as n from raw_place.t")[1].read_all()


def test_a_column_that_is_declared_otherwise_since_it_grew_is_what_is_declared(place: Place) -> None:
    tables = 't: {mode: append, path: "*.parquet"}'
    place.declare("parquet", tables, "t: {id: int, n: smallint}")
    put(place, "a.parquet", {"id": pa.array([1], pa.int64()), "n": pa.array([1], pa.int32())})
    place.ingest()
    place.declare("parquet", tables, 't: {id: "decimal(20,0)", n: smallint}')
    put(place, "b.parquet", {"id": pa.array([2], pa.uint64()), "n": pa.array([2], pa.int64())})
    landed = place.ingest()
    assert [line.rpartition("; ")[2].split("`")[1] for line in landed.warnings[-1:]] == ["n: bigint"]
    assert held(place)[:2] == ["decimal(20,0)", "bigint"]
    assert place.rows("t", "id", "n") == [(Decimal(1), 1), (Decimal(2), 2)]
    assert [file for file in place.orphans() if place.runs[-1] in file] == []


def test_a_key_that_grew_still_finds_the_rows_that_it_replaces(place: Place) -> None:
    place.declare("parquet", 't: {mode: upsert, key: id, path: "*.parquet"}', "t: {id: bigint, v: string}")
    put(place, "a.parquet", {"id": pa.array([1, 2]), "v": pa.array(["old", "kept"])})
    place.ingest()
    put(place, "b.parquet", {"id": pa.array([1, 2**64 - 1], pa.uint64()), "v": pa.array(["new", "far"])})
    place.ingest()
    rows = [(Decimal(1), "new"), (Decimal(2), "kept"), (Decimal(2**64 - 1), "far")]
    assert place.rows("t", "id", "v") == sorted(rows, key=repr)


def test_a_column_that_nobody_declared_grows_too_and_narrower_files_fit_it(place: Place) -> None:
    place.declare("parquet", 't: {mode: append, path: "*.parquet"}', "t: {id: bigint}")
    for number, type_ in enumerate((pa.int16(), pa.int32(), pa.int8())):
        put(place, f"{number}.parquet", {"id": pa.array([number]), "n": pa.array([number], type_)})
    assert types(place.ingest()) == {"n": "int"}
    put(place, "3.parquet", {"id": pa.array([3]), "n": pa.array([1 << 40], pa.int64())})
    place.ingest()
    assert place.rows("t", "id", "n") == [(0, 0), (1, 1), (2, 2), (3, 1 << 40)]
    place.ingest(full=True)
    source = place.lake().content.sources["place"]
    assert verify(place.lake(), source, source.tables[0]).agrees
