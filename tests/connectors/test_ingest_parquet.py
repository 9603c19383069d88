"""Parquet files of somebody else's lake: exact types, wrong files refused by name, values without a place set aside."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from landing_place import Place, types

from connectors.arrow_types import arrow_type
from connectors.readers.database.typed_values import held
from connectors.readers.file_types import natural, takes
from transforms.errors import DataError, SchemaChanged
from transforms.lake_types import Type

SCHEMA = """
    t:
      id: bigint
      price: decimal(12,2)
      at: timestamp
      user: struct<name:string,scores:array<double>>
    """
DAILY = 't: {mode: append, path: "{day}/*.parquet", rejects: 90%}'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("parquet", DAILY, SCHEMA)
    return place


def put(place: Place, name: str, columns: dict[str, Any], **options: Any) -> None:
    path = place.files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, **options)


def test_narrower_types_are_widened_and_rows_are_numbered(place: Place) -> None:
    columns = {
        "ID": pa.array([1, 2], pa.int32()),
        "price": pa.array([Decimal("1.5"), None], pa.decimal128(5, 1)),
        "at": pa.array([datetime(2024, 5, 1, 3), None], pa.timestamp("s", "Asia/Tokyo")),
        "user": pa.array([{"Scores": [1.5], "name": "雪"}, None]),
    }
    put(place, "2024-05-01/a.parquet", columns)
    landed = place.ingest()
    assert (landed.rows, landed.rejects, types(landed)) == (2, 0, {})
    assert place.rows("t", "id", "price", "at", "user", "_line", "day")[0] == (
        1,
        Decimal("1.50"),
        datetime(2024, 5, 1, 3),
        {"name": "雪", "scores": [1.5]},
        1,
        "2024-05-01",
    )


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (pa.array(["1"]), "id"),
        (pa.array([1.0]), "id"),
        (pa.array([Decimal("1.234")], pa.decimal128(12, 3)), "price"),
        (pa.array([1.5]), "price"),
        (pa.array([1]), "at"),
        (pa.array([date(2024, 5, 1)]), "at"),
        (pa.array([{"name": "x", "more": 1}]), "user"),
    ],
)
def test_a_file_of_another_type_is_refused_by_its_name(place: Place, values: pa.Array, column: str) -> None:
    put(place, "2024-05-01/good.parquet", {"id": pa.array([1])})
    place.ingest()
    put(place, "2024-05-02/wrong.parquet", {column: values})
    with pytest.raises(
        SchemaChanged, match=rf"{column} is no longer .* but .*2024-05-02/wrong\.parquet.* write `{column}: "
    ):
        place.ingest()
    assert place.rows("t", "id") == [1]


@pytest.mark.parametrize("size", [0, 3, 200])
def test_a_file_that_is_cut_is_refused_by_its_name(place: Place, size: int) -> None:
    put(place, "2024-05-01/a.parquet", {"id": pa.array([1])})
    whole = (place.files / "2024-05-01/a.parquet").read_bytes()
    (place.files / "2024-05-01/a.parquet").write_bytes(whole[:size])
    with pytest.raises(DataError, match=r"2024-05-01/a\.parquet is no whole Parquet file.*settle: 1m"):
        place.ingest()
    (place.files / "2024-05-01/a.parquet").write_bytes(whole)
    assert place.ingest().rows == 1


def test_values_without_a_place_are_rejects(place: Place) -> None:
    place.declare(
        "parquet", DAILY, "t: {id: bigint, x: double, at: timestamp, on: date, deep: array<struct<y:double>>}"
    )
    moments = [datetime(2024, 5, 1, 0, 0, 0, 1000), datetime(2024, 5, 1, 0, 0, 0, 1), None, None, None]
    columns = {
        "id": pa.array([1, 2, 3, 4, 5]),
        "x": pa.array([0.5, 1.0, float("nan"), 1.0, float("inf")]),
        "at": pa.array(moments, pa.timestamp("ns")),
        "on": pa.array([0, 0, 0, 9_000_000, None], pa.int32()).cast(pa.date32()),
        "deep": pa.array([[{"y": 1.0}], None, None, None, [{"y": 1.0}, {"y": float("nan")}]]),
    }
    put(place, "2024-05-01/a.parquet", columns)
    assert place.ingest().rejects == 4
    assert place.rows("t", "id", "_line") == [(1, 1)]
    reasons = {row["_line"]: row["reason"] for row in place.rejects()}
    assert reasons[2].startswith("at: 2024-05-01 00:00:00.000001000 has digits under a millisecond")
    assert reasons[3] == "x: NaN, which the lake does not hold"
    assert reasons[4] == "on: a day outside the years 1 to 9999, or infinity"
    assert reasons[5] == "deep: an element is y is NaN, which the lake does not hold"
    assert json.loads(place.rejects()[1]["raw"])["id"] == 3


def test_new_columns_have_their_natural_types_and_names_are_mapped(place: Place) -> None:
    place.declare("parquet", f'{DAILY[:-1]}, columns: {{"User ID": id}}}}', "t: {id: bigint}")
    columns = {
        "User ID": pa.array([7]),
        "u8": pa.array([255], pa.uint8()),
        "u64": pa.array([2**64 - 1], pa.uint64()),
        "word": pa.array(["a"]).dictionary_encode(),
        "half": pa.array([np.float16(1.5)], pa.float16()),
        "clock": pa.array([time(1, 2, 3)], pa.time64("us")),
        "nothing": pa.nulls(1),
        "tags": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
    }
    put(place, "2024-05-01/a.parquet", columns)
    assert types(place.ingest()) == {
        "u8": "smallint",
        "u64": "decimal(20,0)",
        "word": "string",
        "half": "float",
        "clock": "string",
        "nothing": "string",
        "tags": "map<string,int>",
    }
    assert place.rows("t", "id", "u8", "u64", "word", "half", "clock", "nothing", "tags") == [
        (7, 255, Decimal(2**64 - 1), "a", 1.5, "01:02:03.000000", None, [("a", 1)])
    ]


def test_a_column_that_a_file_lacks_is_null_and_told(place: Place) -> None:
    put(place, "2024-05-01/a.parquet", {"id": pa.array([1])})
    assert place.ingest().missing_columns == ("price", "at", "user")


def test_two_columns_of_one_name_are_refused(place: Place) -> None:
    put(place, "2024-05-01/a.parquet", {"id": pa.array([1]), "ID": pa.array([2])})
    with pytest.raises(SchemaChanged, match=r'columns id and ID, .*write columns: \{"ID": another_name\}'):
        place.ingest()


def test_a_large_row_group_comes_in_batches(place: Place) -> None:
    place.declare("parquet", DAILY, "t: {id: bigint}")
    put(place, "2024-05-01/a.parquet", {"id": pa.array(range(100_000))}, row_group_size=100_000)
    sizes: list[int] = []
    assert place.ingest(progress=lambda advance: sizes.append(advance.rows)).rows == 100_000
    assert max(sizes) <= 32_000


def test_times_of_hive_are_read(place: Place) -> None:
    columns = {"id": pa.array([1]), "at": pa.array([datetime(1, 1, 1)], pa.timestamp("us"))}
    put(place, "2024-05-01/a.parquet", columns)
    put(
        place, "2024-05-02/b.parquet", {"at": pa.array([datetime(2024, 5, 1, 1)])}, use_deprecated_int96_timestamps=True
    )
    place.ingest()
    assert place.rows("t", "at") == [datetime(1, 1, 1), datetime(2024, 5, 1, 1)]


WORDS = (
    "boolean tinyint smallint int bigint real double decimal(5,2) decimal(38,0) decimal(38,9) varchar varbinary date "
    "timestamp array(bigint) array(double)"
)
LAKE_TYPES = list(map(Type.parse, WORDS.split()))
FILE_TYPES = {
    pa.bool_(): st.booleans(),
    pa.int8(): st.integers(-128, 127),
    pa.uint8(): st.integers(0, 255),
    pa.int16(): st.integers(-(2**15), 2**15 - 1),
    pa.uint32(): st.integers(0, 2**32 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(allow_nan=False, width=32),
    pa.float64(): st.floats(allow_nan=False),
    pa.decimal128(4, 1): st.decimals(-999, 999, places=1),
    pa.string(): st.text(),
    pa.large_binary(): st.binary(),
    pa.date32(): st.dates(),
    pa.timestamp("ms"): st.datetimes().map(lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000)),
    pa.large_list(pa.int32()): st.lists(st.integers(-(2**31), 2**31 - 1)),
    pa.list_(pa.float64(), 2): st.lists(st.floats(allow_nan=False), min_size=2, max_size=2),
}


@given(st.data())
def test_whatever_a_type_takes_it_holds_exactly(data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(list(FILE_TYPES)))
    values = data.draw(st.lists(st.none() | FILE_TYPES[found], max_size=4))
    for declared in (type_ for type_ in [*LAKE_TYPES, natural(found)] if type_ and takes(found, type_)):
        array, bad = held(pa.array(values, found), declared, False)
        assert not bad
        assert array.type == arrow_type(declared)
        assert array.to_pylist() == values
