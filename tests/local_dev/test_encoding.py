"""Values in JSON as Trino's client protocol writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from local_dev.encoding import encoded, encoded_rows
from transforms.lake_types import BIGINT, VARCHAR, Type

MAY_FIRST = 1714557600_123456
CASES: list[tuple[str, pa.Array, list[Any]]] = [
    ("bigint", pa.array([2**63 - 1, None]), [2**63 - 1, None]),
    ("boolean", pa.array([True, None]), [True, None]),
    ("decimal(10,2)", pa.array([Decimal("1.50"), Decimal("-0.05")]), ["1.50", "-0.05"]),
    ("decimal(38,30)", pa.array([Decimal("1E-30")], pa.decimal128(38, 30)), ["0.000000000000000000000000000001"]),
    ("real", pa.array([0.1, float("nan")], pa.float32()), [0.1, "NaN"]),
    ("double", pa.array([1.5, float("inf"), float("-inf")]), [1.5, "Infinity", "-Infinity"]),
    ("varchar", pa.array(["東京🗼", None]), ["東京🗼", None]),
    ("char(3)", pa.array(["a"]), ["a  "]),
    ("varbinary", pa.array([b"\x00\xff", b""]), ["AP8=", ""]),
    ("date", pa.array([19844, 2932897, None], pa.int32()).cast(pa.date32()), ["2024-05-01", "+10000-01-01", None]),
    ("timestamp(3)", pa.array([MAY_FIRST], pa.timestamp("us")), ["2024-05-01 10:00:00.123"]),
    ("timestamp(3)", pa.array([-1], pa.timestamp("ms")), ["1969-12-31 23:59:59.999"]),
    ("timestamp(6)", pa.array([999_500], pa.timestamp("us")), ["1970-01-01 00:00:01.000"]),
    ("timestamp(3) with time zone", pa.array([0], pa.timestamp("us", "UTC")), ["1970-01-01 00:00:00.000 UTC"]),
    ("time(3)", pa.array([36_672_500_000], pa.time64("us")), ["10:11:12.500"]),
    ("interval day to second", pa.array([(0, 2, 3_004_000_000)], pa.month_day_nano_interval()), ["2 00:00:03.004"]),
    ("interval day to second", pa.array([(0, 0, -1_000_000)], pa.month_day_nano_interval()), ["-0 00:00:00.001"]),
    ("interval year to month", pa.array([(-14, 0, 0)], pa.month_day_nano_interval()), ["-1-2"]),
    ("array(date)", pa.array([[0, None], None, []], pa.list_(pa.date32())), [["1970-01-01", None], None, []]),
    (
        "map(bigint, varchar)",
        pa.array([[(1, "a"), (2, None)], None], pa.map_(pa.int64(), pa.string())),
        [{"1": "a", "2": None}, None],
    ),
    ("map(boolean, bigint)", pa.array([[(True, 1)]], pa.map_(pa.bool_(), pa.int64())), [{"true": 1}]),
    ("row(a bigint, b decimal(3,1))", pa.array([{"a": 1, "b": Decimal("2.5")}, None]), [[1, "2.5"], None]),
    (
        "map(double, bigint)",
        pa.array([[(1e10, 1), (float("nan"), 2)]], pa.map_(pa.float64(), pa.int64())),
        [{"1.0E10": 1, "NaN": 2}],
    ),
    (
        "map(array(integer), bigint)",
        pa.array([[([1, 2], 1)]], pa.map_(pa.list_(pa.int32()), pa.int64())),
        [{"[1, 2]": 1}],
    ),
    ("array(row(a bigint))", pa.array([[{"a": 1}, None]]), [[[1], None]]),
    ("unknown", pa.nulls(2), [None, None]),
]


@pytest.mark.parametrize(("type_", "column", "wanted"), CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_a_value_is_written_as_trino_writes_it(type_: str, column: pa.Array, wanted: list[Any]) -> None:
    assert encoded(column, Type.parse(type_)) == wanted


@pytest.mark.parametrize(("type_", "column", "wanted"), CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_a_slice_of_a_column_is_read_from_its_own_rows(type_: str, column: pa.Array, wanted: list[Any]) -> None:
    assert encoded(column.slice(len(column) - 1), Type.parse(type_)) == wanted[-1:]


def test_a_zone_is_that_of_every_instant_inside() -> None:
    moments = pa.array([[0], None], pa.list_(pa.timestamp("us", "UTC")))
    rows = encoded_rows(
        pa.record_batch({"a": moments}), [Type.parse("array(timestamp(3) with time zone)")], ["Asia/Tokyo"]
    )
    assert rows == [[["1970-01-01 09:00:00.000 Asia/Tokyo"]], [None]]


@pytest.mark.parametrize(
    ("zone", "seconds", "wanted"),
    [
        ("Asia/Tokyo", 253_402_300_799, "+10000-01-01 08:59:59.000 Asia/Tokyo"),
        ("America/New_York", 253_417_680_000, "+10000-06-26 20:00:00.000 America/New_York"),
        ("+09:00", -62_167_219_200, "0000-01-01 09:00:00.000 +09:00"),
    ],
)
def test_a_zone_is_known_in_years_that_python_has_not(zone: str, seconds: int, wanted: str) -> None:
    column = pa.array([seconds * 1_000_000], pa.timestamp("us", "UTC"))
    assert encoded(column, Type.parse("timestamp(3) with time zone"), zone) == [wanted]


def test_rows_keep_two_fields_of_one_name_apart() -> None:
    column = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert encoded(column, Type.parse("row(a bigint, a bigint)")) == [[1, 2]]


def test_a_batch_becomes_lists() -> None:
    batch = pa.record_batch([pa.array([1, 2]), pa.array(["a", None])], names=["n", "n"])
    assert encoded_rows(batch, [BIGINT, VARCHAR]) == [[1, "a"], [2, None]]


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [
        ("Asia/Tokyo", "2024-05-01 19:00:00.123 Asia/Tokyo"),
        ("America/New_York", "2024-05-01 06:00:00.123 America/New_York"),
        ("-05:30", "2024-05-01 04:30:00.123 -05:30"),
        (None, "2024-05-01 10:00:00.123 UTC"),
    ],
)
def test_an_instant_is_shown_in_its_zone(zone: str | None, wanted: str) -> None:
    batch = pa.record_batch([pa.array([MAY_FIRST, None], pa.timestamp("us", "UTC"))], names=["t"])
    assert encoded_rows(batch, [Type.parse("timestamp(3) with time zone")], [zone]) == [[wanted], [None]]
