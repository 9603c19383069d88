"""What footers of Parquet files tell of staged rows: only what holds for every row of every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from math import nan
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.engine import ColumnStats, Staged
from connectors.engines.footers import staged_of
from transforms.errors import DataError


def staged(*files: tuple[str, Mapping[str, Sequence[Any]]], days: str | None = None, rows_a_group: int = 2) -> Staged:
    """Of files with these columns."""
    found = []
    for name, columns in files:
        content = BytesIO()
        pq.write_table(pa.table(dict(columns)), content, row_group_size=rows_a_group)
        found.append((name, content.tell(), pq.read_metadata(content)))
    return staged_of(found, days)


def test_bounds_are_those_of_all_files_and_row_groups() -> None:
    numbers = {"a": [3, None, -5], "d": [Decimal("1.50"), Decimal("-2.25"), None], "on": [date(1969, 12, 31)] * 3}
    more = {"a": [9], "d": [Decimal("7.00")], "on": [date(2024, 5, 1)]}
    found = staged(("t/one", numbers), ("t/two", more))
    assert found.columns == {
        "a": ColumnStats(1, ("3", "-5", "9"), ("3", "-5", "9")),
        "d": ColumnStats(1, ("-2.25", "7.00"), ("1.50", "7.00")),
        "on": ColumnStats(0, ("1969-12-31", "1969-12-31", "2024-05-01"), ("1969-12-31", "1969-12-31", "2024-05-01")),
    }
    assert found.parts[""].rows == 4


def test_a_column_without_values_is_within_all_bounds() -> None:
    assert staged(("t/one", {"a": pa.array([None, None], pa.int64())})).columns["a"] == ColumnStats(2, (), ())


@pytest.mark.parametrize("values", [[0.5, nan], ["a", "b"], [True, False]], ids=str)
def test_types_whose_bounds_may_leave_a_value_out_have_none(values: list[Any]) -> None:
    assert staged(("t/one", {"a": values})).columns["a"] == ColumnStats(0, None, None)


def test_what_one_file_does_not_tell_is_not_known() -> None:
    assert staged(("t/one", {"a": [1]}), ("t/two", {"b": [1]})).columns == {}
    assert staged(("t/one", {"a": [1]}), ("t/two", {"a": [0.5]})).columns["a"] == ColumnStats(0, None, None)


def test_rows_are_told_by_day_and_every_row_needs_one() -> None:
    one, other = ("t/day=2024-05-01/x", {"a": [1, 2]}), ("t/day=2024-05-02/x", {"a": [3]})
    assert {day: part.rows for day, part in staged(one, other, days="day").parts.items()} == {
        "2024-05-01": 2,
        "2024-05-02": 1,
    }
    with pytest.raises(DataError, match="day is NULL in 1 rows"):
        staged(one, ("t/day=__HIVE_DEFAULT_PARTITION__/x", {"a": [3]}), days="day")
