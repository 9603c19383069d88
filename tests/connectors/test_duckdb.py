"""DuckDB over the lake's files: types as Athena has them, pinned versions, streams, errors."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import _duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.engines.duckdb import DuckdbEngine
from transforms.analysis import Compiled
from transforms.column import Column, OutputColumn
from transforms.compile import compile_sql
from transforms.errors import BaikalError, DataError, OutsideError, Refused, Rejected
from transforms.lake_types import Type
from transforms.names import TableName
from transforms.snapshot import Part, Snapshot

TABLE = TableName("core_ads", "daily")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckdbEngine]:
    engine = DuckdbEngine(tmp_path, tmp_path / "_tmp" / "duckdb", memory_limit="500MB", threads=2)
    yield engine
    engine.close()


def columns(**types: str) -> tuple[Column, ...]:
    return tuple(Column(name, Type.parse(type_)) for name, type_ in types.items())


def compiled(sql: str, **types: str) -> Compiled:
    return Compiled("", sql, tuple(OutputColumn(c.name, c.type) for c in columns(**types)), ())


def snapshot(
    parts: dict[str, Part], cols: tuple[Column, ...], partition: str | None = None, version: int = 1
) -> Snapshot:
    return Snapshot(TABLE, version, "r", datetime(2024, 5, 1, tzinfo=UTC), cols, partition, parts)


def rows(engine: DuckdbEngine, sql: str) -> list[dict[str, Any]]:
    return engine.query(compiled(sql)).read_all().to_pylist()


def test_parquet_holds_exactly_the_types_of_a_hive_table(engine: DuckdbEngine, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    query = compiled(
        "select timestamp '2024-05-01 01:02:03.456' as at, 1.5::decimal(10,2) as price, 7::smallint as small,"
        " [{'at': timestamp '2024-05-01 00:00:00', 'n': 1::tinyint}] as visits, map {'a': 1.5::float} as scores,"
        " '\\x01'::blob as raw, 'x' as name, date '2024-05-01' as day",
        at="timestamp(3)",
        price="decimal(10,2)",
        small="smallint",
        visits="array(row(at timestamp(3), n tinyint))",
        scores="map(varchar, real)",
        raw="varbinary",
        name="varchar",
        day="date",
    )
    staged = engine.stage(query, "run", "day")
    (file,) = staged.parts["2024-05-01"].files
    schema = pq.ParquetFile(tmp_path / file).schema_arrow
    assert file == "run/day=2024-05-01/data_0.parquet"
    assert schema.field("at").type == pa.timestamp("ms")
    assert schema.field("price").type == pa.decimal128(10, 2)
    assert schema.field("small").type == pa.int16()
    assert schema.field("visits").type.value_type.field("at").type == pa.timestamp("ms")
    assert "day" not in schema.names
    engine.attach([snapshot(staged.parts, tuple(c.column for c in query.columns), "day")], {})
    assert rows(engine, "select * from core_ads.daily") == [
        {
            "at": datetime(2024, 5, 1, 1, 2, 3, 456000),
            "price": Decimal("1.50"),
            "small": 7,
            "visits": [{"at": datetime(2024, 5, 1), "n": 1}],
            "scores": [("a", 1.5)],
            "raw": b"\x01",
            "name": "x",
            "day": date(2024, 5, 1),
        }
    ]


def test_a_type_that_differs_from_athenas_is_refused_by_name(engine: DuckdbEngine, tmp_path: Path) -> None:
    with pytest.raises(
        Refused, match=r"column n is bigint on Athena, but integer on DuckDB.*cast\(.. as bigint\) as n"
    ):
        engine.stage(compiled("select 1 as n", n="bigint"), "run", None)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_result_has_no_files(engine: DuckdbEngine, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    staged = engine.stage(compiled("select 1::bigint as n where false", n="bigint"), "run", None)
    assert staged.parts == {}
    assert list((tmp_path / "run").iterdir()) == []


def test_a_table_without_files_is_typed_and_empty(engine: DuckdbEngine) -> None:
    engine.attach([snapshot({}, columns(n="bigint", label="varchar"))], {})
    result = engine.query(compiled("select * from core_ads.daily")).read_all()
    assert (result.num_rows, result.schema.types) == (0, [pa.int64(), pa.string()])


def test_a_row_without_a_day_is_an_error(engine: DuckdbEngine, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    query = compiled("select 1::bigint as n, null::date as day", n="bigint", day="date")
    with pytest.raises(DataError, match="day is NULL in 1 rows"):
        engine.stage(query, "run", "day")


def test_columns_added_later_are_null_in_older_files(engine: DuckdbEngine, tmp_path: Path) -> None:
    old, new = columns(n="bigint", day="date"), columns(n="bigint", label="varchar", day="date")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = engine.stage(
        compiled("select 1::bigint as n, date '2024-05-01' as day", n="bigint", day="date"), "a", "day"
    )
    sql = "select 2::bigint as n, 'x' as label, date '2024-05-02' as day"
    second = engine.stage(compiled(sql, n="bigint", label="varchar", day="date"), "b", "day")
    published = Snapshot(
        TABLE, 2, "r", datetime(2024, 5, 1, tzinfo=UTC), new, "day", {**first.parts, **second.parts}, evolved=True
    )
    engine.attach([published], {})
    assert rows(engine, "select n, label from core_ads.daily order by n") == [
        {"n": 1, "label": None},
        {"n": 2, "label": "x"},
    ]
    engine.attach([snapshot(first.parts, old, "day")], {TABLE: new})
    assert rows(engine, "select n, label from core_ads.daily") == [{"n": 1, "label": None}]


def test_a_value_without_a_place_in_a_newly_declared_type_names_the_column(
    engine: DuckdbEngine, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    sql = "select unnest(['1.5', 'abc', null]) as price, 1::bigint as n"
    staged = engine.stage(compiled(sql, price="varchar", n="bigint"), "run", None)
    stood = snapshot(staged.parts, columns(price="varchar", n="bigint"))
    engine.attach([stood], {TABLE: columns(price="double", n="integer")})
    assert rows(engine, "select n from core_ads.daily where n = 1 limit 1") == [{"n": 1}]
    with pytest.raises(Rejected, match=r"core_ads.daily: price is string in the lake, .* no place in double; write"):
        rows(engine, "select price from core_ads.daily")


def test_sessions_read_the_versions_that_they_pinned(engine: DuckdbEngine) -> None:
    one, other = engine.session(), engine.session()
    one.attach_rows(TABLE, columns(n="bigint"), [{"n": 1}])
    other.attach_rows(TABLE, columns(n="bigint"), [{"n": 2}])
    assert rows(one, "select n from core_ads.daily") == [{"n": 1}]
    assert rows(other, "select n from core_ads.daily") == [{"n": 2}]
    one.close()
    with pytest.raises(OutsideError, match="daily"):
        rows(engine, "select n from core_ads.daily")


def test_what_the_optimizer_fails_to_compute_is_caught_by_its_try(engine: DuckdbEngine) -> None:
    types = columns(s="varchar")
    engine.attach_rows(TABLE, types, [{"s": "a"}])
    caught = compile_sql(
        "select try(is_json_scalar(coalesce(' pad ', s))) as found from core_ads.daily", {TABLE: types}
    )
    assert engine.rows(caught) == [{"found": None}]
    assert engine.query(caught).read_all().to_pylist() == [{"found": None}]
    assert rows(engine, "select s from core_ads.daily") == [{"s": "a"}]


def test_what_the_optimizer_forgets_of_an_empty_prefix_is_kept(engine: DuckdbEngine) -> None:
    types = columns(s="varchar")
    engine.attach_rows(TABLE, types, [{"s": "a"}, {"s": "b"}, {"s": None}])
    sql = "select s from core_ads.daily where starts_with(nullif(s, 'b'), '')"
    assert engine.query(compile_sql(sql, {TABLE: types})).read_all().to_pylist() == [{"s": "a"}]


def test_typed_rows_are_a_table(engine: DuckdbEngine) -> None:
    types = columns(at="timestamp(3)", tags="array(varchar)", price="decimal(10,2)", scores="map(varchar, integer)")
    given = {"at": datetime(2024, 5, 1, 9), "tags": ["a", None], "price": Decimal("1.50"), "scores": [("a", 1)]}
    engine.attach_rows(TABLE, types, [given, {}])
    assert rows(engine, "select * from core_ads.daily") == [given, dict.fromkeys(given)]


@pytest.mark.parametrize(
    ("sql", "error", "message"),
    [
        ("select 1 // 0 as n", Rejected, "Division by zero"),
        ("select (select * from range(2)) as n", Rejected, "^a subquery that stands for one value .* limit 1 in it$"),
        ("select cast(i as tinyint) as n from range(1000, 1001) t(i)", Rejected, "^Out of range for tinyint: 1000$"),
        ("select strptime('x', '%Y') as n", Rejected, "^Invalid format: x; write the pattern of these texts, or try"),
        ("select cast('a' as int) as n", Rejected, "^Cannot cast 'a' to integer; write try_cast"),
        ("select cast('Value 12 is out of range' as boolean) as n", Rejected, "Value 12 is out of range"),
        ("select cast('This is not portable' as boolean) as n", Refused, "^This is not portable$"),
        (
            "select 9223372036854775807 + i as n from range(3) t(i)",
            Rejected,
            "^bigint addition overflow: 9223372036854775807",
        ),
        ("select * from nowhere", OutsideError, "DuckDB failed: Catalog Error"),
        (
            "select cast(case when i = 90000 then 'x' else '1' end as int) from range(100000) t(i)",
            Rejected,
            "'x' to integer",
        ),
    ],
)
def test_errors_of_a_statement(engine: DuckdbEngine, sql: str, error: type[BaikalError], message: str) -> None:
    with pytest.raises(error, match=message):
        rows(engine, sql)


def test_a_row_function_is_there_for_the_statement_that_needs_it(engine: DuckdbEngine) -> None:
    sql = """select json_extract_scalar(x, '$.a') as a from (values ('{"a":1.50}'), ('{"a":"x" ..')) as t(x)"""
    athena = compile_sql(sql, {})
    assert engine.query(athena).read_all().to_pylist() == [{"a": "1.50"}, {"a": "x"}]
    with ThreadPoolExecutor(2) as threads:
        others = [threads.submit(rows_of, engine.session(), "select json_parse('[1.5e0]') as a") for _ in range(2)]
        assert [other.result() for other in others] == [[{"a": "[1.5]"}]] * 2
    assert rows_of(engine, "select try(json_parse('x')) as a") == [{"a": None}]
    with pytest.raises(Rejected, match=r"^1:8: Cannot convert value to JSON: x; write try"):
        rows_of(engine, "select json_parse('x') as a")


def rows_of(engine: DuckdbEngine, athena: str) -> list[dict[str, Any]]:
    return engine.rows(compile_sql(athena, {}))


def test_an_unfinished_result_blocks_nobody(engine: DuckdbEngine) -> None:
    stream = engine.query(compiled("select i from range(1000000) t(i)"))
    assert stream.read_next_batch().num_rows > 0
    assert rows(engine, "select 1 as n") == [{"n": 1}]
    stream.close()


def test_running_statements_tell_how_far_they_are_and_can_be_stopped(engine: DuckdbEngine) -> None:
    engine.attach_rows(TABLE, columns(i="bigint"), [{"i": i} for i in range(200_000)])
    slow = "select sum(hash(a.i + b.i) % 7) as n from core_ads.daily a, range(20000) b(i)"
    assert engine.progress() is None
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(rows, engine, slow)
        known = None
        try:
            deadline = time.monotonic() + 20
            while known is None and time.monotonic() < deadline:
                time.sleep(0.02)
                known = engine.progress()
        finally:
            engine.interrupt()
        with pytest.raises(OutsideError, match="interrupted"):
            running.result(timeout=20)
    assert known is not None
    assert 0 <= known < 1
    assert rows(engine, "select 1 as n") == [{"n": 1}]


def test_a_result_that_nobody_reads_is_forgotten(engine: DuckdbEngine) -> None:
    for _ in range(3):
        engine.query(compiled("select i from range(1000000) t(i)"))
    gc.collect()
    assert engine._instance.running == []


def test_duckdb_reads_the_variable_by_which_it_keeps_memory() -> None:
    assert "dirty_decay_ms" in os.environ["DUCKDB_JE_MALLOC_CONF"]
    with Path(_duckdb.__file__).open("rb") as library, mmap(library.fileno(), 0, access=ACCESS_READ) as code:
        assert (code.find(b"DUCKDB_JE_MALLOC_CONF\0") >= 0) == (sys.platform == "linux")
