"""Which rows reach the part of a filter that fails: as a Trino 476 computed it over files (`dialect/filters.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.engines.duckdb import DuckdbEngine
from transforms.column import Column
from transforms.compile import compile_sql
from transforms.errors import Rejected
from transforms.lake_types import Type
from transforms.names import TableName

TABLE = TableName("core", "t")
COLUMNS = tuple(Column(name, Type.parse(kind)) for name, kind in (("i", "int"), ("b", "boolean"), ("s", "string")))
ROWS: list[dict[str, Any]] = [
    {"i": 1, "b": True, "s": "a"},
    {"i": 0, "b": False, "s": "b"},
    {"i": 2, "b": None, "s": "a"},
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckdbEngine]:
    folder: Path = tmp_path_factory.mktemp("filters")
    engine = DuckdbEngine(folder, folder / "spill", threads=1)
    engine.attach_rows(TABLE, COLUMNS, ROWS)
    yield engine
    engine.close()


def chosen(engine: DuckdbEngine, condition: str, source: str = "core.t") -> list[int]:
    compiled = compile_sql(f"select i from {source} where {condition} order by i", {TABLE: COLUMNS})
    return [row["i"] for row in engine.query(compiled).read_all().to_pylist()]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("10 / i > 1 and s = 'a'", [1, 2]),
        ("10 / i > 1 and s like 'a%'", [1, 2]),
        ("10 / i > 1 and i <> 0", [1, 2]),
        ("10 / i > 1 and i between 1 and 5 and length(s) = 1", [1, 2]),
        ("length(s) = 2 and 10 / i > 1", []),
        ("10 / i > 1 and element_at(cast(null as array(boolean)), 5)", []),
        ("10 / i > 1 and (s = 'a' or s = 'c')", [1, 2]),
        ("10 / i > 1 and cast(i as bigint) > 0", [1, 2]),
        ("10 / i > 1 and s is not null and i > 0", [1, 2]),
        ("(10 / i > 1 and element_at(cast(null as array(boolean)), 5)) or s = 'x'", []),
        ("10 / i > 1 and s in ('a', 'x') and 20 / i > 10", [1]),
    ],
)
def test_what_bounds_a_column_is_computed_first(engine: DuckdbEngine, condition: str, rows: list[int]) -> None:
    assert chosen(engine, condition) == rows


@pytest.mark.parametrize(
    "condition",
    [
        "10 / i > 1 and length(s) = 2",
        "10 / i > 1 and s like '%a'",
        "10 / i > 1 and i + 0 <> 0",
        "b and 10 / (i - 2) > 1",
        "length(s) = 1 and 10 / i > 1 and s like '%a'",
        "10 / i > 1 and (s = 'a' or b)",
        "10 / i > 1 and i + 1 > 1",
        "(10 / i > 1 and i <> 0) or s = 'x'",
        "not (10 / i > 1 and i <> 0)",
    ],
)
def test_nothing_behind_a_part_that_fails_hides_its_failure(engine: DuckdbEngine, condition: str) -> None:
    with pytest.raises(Rejected, match="Division by zero"):
        chosen(engine, condition)


def test_null_compared_with_any_of_nothing_is_false_and_not_null(engine: DuckdbEngine) -> None:
    nothing = "cast(null as integer) = any (select i from core.t where i > 9)"
    assert chosen(engine, f"not ({nothing}) and 20 / (i + 1) > 1") == [0, 1, 2]


COMPUTED = "(select i, upper(s) || '' as s from core.t)"


def test_a_filter_of_what_is_computed_from_a_table_reads_the_table(engine: DuckdbEngine) -> None:
    assert chosen(engine, "i > 0 and 10 / i > 1 and s = 'A'", COMPUTED) == [1, 2]
    with pytest.raises(Rejected, match="Division by zero"):
        chosen(engine, "10 / i > 1 and s = 'A'", COMPUTED)


def groups(engine: DuckdbEngine, condition: str, keys: str = "i") -> int:
    compiled = compile_sql(f"select count(*) as n from core.t group by {keys} having {condition}", {TABLE: COLUMNS})
    return engine.query(compiled).read_all().num_rows


@pytest.mark.parametrize(
    "condition",
    [
        "10 / max(i) > 1 and count(*) = 2",
        "count(*) = 2 and 10 / max(i) = 1",
        "count(*) > 2 and 10 / max(i) > 1",
        "10 / max(i) > 1 and i > 5",
        "10 / max(i) > 1 and count(*) in (2)",
        "10 / max(i) > 1 and not (count(*) <> 2)",
        "10 / max(i) > 1 and (count(*) = 2 and max(i) > 0)",
        "10 / max(i) > 1 and max(i) + 1 = 7",
        "10 / max(i) > 1 and count(*) = 2 and 10 / min(i) = 1",
    ],
)
def test_in_having_keys_and_equalities_come_first(engine: DuckdbEngine, condition: str) -> None:
    assert groups(engine, condition) == 0


@pytest.mark.parametrize(
    "condition",
    [
        "10 / max(i) = 1 and count(*) = 2",
        "count(*) > 2 and 10 / max(i) = 1",
        "10 / max(i) > 1 and count(*) in (2, 3)",
        "10 / max(i) > 1 and count(*) between 2 and 2",
        "(10 / max(i) > 1 and count(*) = 2) or count(*) = 5",
        "10 / i > 1 and count(*) = 2",
        "10 / max(i) > 1 and 10 / min(i) = 1 and count(*) = 2",
    ],
)
def test_nothing_behind_hides_a_failure_in_having(engine: DuckdbEngine, condition: str) -> None:
    with pytest.raises(Rejected, match="Division by zero"):
        groups(engine, condition)
