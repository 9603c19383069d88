"""Compiled queries that are remembered: the same as compiled anew, or not believed."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import orjson
import pytest

from connectors.compile_cache import CACHE_FILE, CompileCache
from transforms import compile as compiler
from transforms.column import Column
from transforms.compile import compile_sql
from transforms.errors import Rejected
from transforms.lake_types import BIGINT, VARCHAR
from transforms.names import TableName
from transforms.window import Window

ORDERS = TableName("raw_shop", "orders")
SCHEMA = {ORDERS: (Column("amount", BIGINT), Column("note", VARCHAR))}
SQL = """
select sum(o.amount) as total, json_extract_scalar(o.note, '$.a') as a, :end as day from raw_shop.orders o group by 2
"""
DAY = Window(date(2024, 5, 1), date(2024, 5, 2))


def lines(home: Path) -> list[bytes]:
    return (home / CACHE_FILE).read_bytes().splitlines()


def test_what_is_remembered_is_what_the_compiler_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY)
    monkeypatch.setattr(compiler, "compile_template", None)
    again = CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY)
    assert first == again == compile_sql(SQL, SCHEMA, window=DAY)


def test_one_entry_serves_every_window(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path, SCHEMA)
    days = [Window(date(2024, 5, day), date(2024, 5, day)) for day in (1, 2, 3)]
    found = [cache.compiled(SQL, day) for day in days]
    assert [compiled.duckdb for compiled in found] == [compile_sql(SQL, SCHEMA, window=day).duckdb for day in days]
    assert [f"DATE '{day.end}'" in compiled.athena for day, compiled in zip(days, found, strict=True)] == [True] * 3
    assert len(lines(tmp_path)) == 1


def test_a_query_with_days_is_rejected_without_a_window_also_when_it_is_known(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path, SCHEMA)
    for _ in range(2):
        with pytest.raises(Rejected, match="no value here"):
            cache.compiled(SQL)
        cache.compiled(SQL, DAY)


def test_other_columns_of_an_input_are_another_query(tmp_path: Path) -> None:
    CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY)
    wider = {ORDERS: (Column("amount", VARCHAR), Column("note", VARCHAR))}
    with pytest.raises(Rejected):
        CompileCache(tmp_path, wider).compiled(SQL, DAY)


def test_a_query_that_fails_is_not_remembered(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(Rejected, match="amuont"):
            CompileCache(tmp_path, SCHEMA).compiled("select amuont from raw_shop.orders")
    assert not (tmp_path / CACHE_FILE).exists()


@pytest.mark.parametrize("spoil", [lambda line: line[: len(line) // 2], lambda line: b"[1]", lambda line: b"\xff\n\n"])
def test_torn_and_foreign_lines_are_passed_over(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    first = CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY)
    (line,) = lines(tmp_path)
    (tmp_path / CACHE_FILE).write_bytes(spoil(line))
    assert CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY) == first
    assert CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY) == first


def test_what_other_code_compiled_is_not_believed(tmp_path: Path) -> None:
    first = CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY)
    entry = orjson.loads(lines(tmp_path)[0]) | {"platform": "older", "duckdb": "select 1"}
    (tmp_path / CACHE_FILE).write_bytes(orjson.dumps(entry) + b"\n")
    assert CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY) == first


def test_a_home_that_cannot_be_written_has_no_cache(tmp_path: Path) -> None:
    (tmp_path / ".baikal").write_text("in the way")
    assert CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY) == compile_sql(SQL, SCHEMA, window=DAY)


@pytest.mark.river
def test_a_remembered_query_brings_its_macros_without_the_rules(tmp_path: Path) -> None:
    """In a process of its own, where nothing has imported them; a rare row does."""
    CompileCache(tmp_path, SCHEMA).compiled(SQL, DAY)
    found = subprocess.run([sys.executable, "-c", LATER, tmp_path, SQL], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["False [(1, 'b0'), (1, 'b1')]", "True [(1, 'c0'), (1, 'c1')]"]


LATER = '''
import sys
from datetime import date
from pathlib import Path

import duckdb

from connectors.compile_cache import CompileCache
from connectors.engines.duckdb_functions import install
from transforms.column import Column
from transforms.lake_types import BIGINT, VARCHAR
from transforms.names import TableName
from transforms.window import Window

schema = {TableName("raw_shop", "orders"): (Column("amount", BIGINT), Column("note", VARCHAR))}
compiled = CompileCache(Path(sys.argv[1]), schema).compiled(sys.argv[2], Window(date(2024, 5, 1), date(2024, 5, 2)))
connection = duckdb.connect()
connection.execute("set enable_progress_bar=false")
install(connection, compiled.macros, set())
connection.execute("create schema raw_shop")
for note in ("""'{"a": "b' || i || '"}'""", """'{"a": "c' || i || '",}'"""):
    rows = f"select 1::bigint as amount, {note} as note from range(2) t(i)"
    connection.execute(f"create or replace table raw_shop.orders as {rows}")
    found = connection.execute(compiled.duckdb).fetchall()
    print("sqlglot" in sys.modules, sorted(row[:2] for row in found))
'''
