"""Checks run on the staged rows: what the files' statistics prove is not read, what fails is shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop_lake import DAILY, edit, land, make_home, open_shop, rows, write

from connectors.audit import proven
from connectors.build import build
from connectors.compile_cache import CACHE_FILE
from connectors.engine import ColumnStats
from connectors.lake import Lake
from transforms.analysis import Compiled
from transforms.checks import Rule
from transforms.column import OutputColumn
from transforms.errors import CheckFailed
from transforms.lake_types import Type
from transforms.names import TableName
from transforms.relation import Check

SQL = "transforms/tables/core_shop/daily.sql"
CHECKS = "  - unique: day\n  - not_null: [orders]\n  - at_least: {revenue_jpy: 0}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


def built(home: Path, checks: str, orders: dict[str, list[int]]) -> Lake:
    """The shop with these checks on its daily table, built from these orders."""
    edit(home, SQL, CHECKS, "".join(f"  - {check}\n" for check in checks.split("; ")))
    lake = open_shop(home)
    land(lake, orders)
    build(lake, DAILY, run=lake.new_run())
    return lake


def failure(lake: Lake) -> str:
    with pytest.raises(CheckFailed) as failed:
        build(lake, DAILY, run=lake.new_run())
    return str(failed.value)


def test_all_failures_are_told_at_once(home: Path) -> None:
    lake = built(home, "at_most: {revenue_jpy: 10}; accepted: {orders: [1, 2]}", {"2024-05-01": [1]})
    land(lake, {"2024-05-02": [50, 1, 1]})
    said = failure(lake)
    assert said.startswith("core_shop.daily was not published: 2 checks failed")
    assert f"{SQL}:6: revenue_jpy: 1 row over 10\n  orders=3, revenue_jpy=52, day=2024-05-02" in said
    assert f"{SQL}:7: orders: 1 row with none of 1, 2" in said
    assert rows(lake, "select count(*) from core_shop.daily") == [(1,)]


def test_only_staged_rows_are_checked(home: Path) -> None:
    lake = built(home, "at_most: {revenue_jpy: 10}", {"2024-05-01": [1]})
    edit(home, SQL, "at_most: {revenue_jpy: 10}", "at_most: {revenue_jpy: 10, orders: 100}")
    land(lake, {"2024-05-02": [2]})
    build(lake, DAILY, run=lake.new_run())
    assert rows(lake, "select count(*) from core_shop.daily") == [(2,)]


def test_a_key_without_the_day_is_unique_over_the_whole_table(home: Path) -> None:
    lake = built(home, "unique: [revenue_jpy]", {"2024-05-01": [7]})
    land(lake, {"2024-05-02": [7]})
    assert "revenue_jpy: 1 key occurs more than once\n  revenue_jpy=7, rows_with_it=2" in failure(lake)


def test_rows_are_compared_with_the_same_weekday(home: Path) -> None:
    weeks = {"2024-05-01": [1], "2024-05-08": [1]}
    lake = built(home, "row_count: {min: 1, within: 50%}", weeks)
    land(lake, {"2024-05-15": []})
    assert "2024-05-15: 0 rows, fewer than 1" in failure(lake)


def test_references_and_bad_rows_of_a_query_look_other_tables_up(home: Path) -> None:
    good = """
        /*
        description: Good days.
        owner: shop
        checks: [not_null: day]
        */
        select
          ordered_on as day   -- Calendar day
        from raw_shop.orders
        where amount_jpy > 0
        """
    write(home, "transforms/tables/core_shop/good.sql", good)
    bad = "select day, orders from core_shop.daily where orders > (select count(*) from core_shop.good)\n"
    write(home, "transforms/tables/core_shop/daily.many.check.sql", bad)
    edit(home, SQL, CHECKS, "  - references: {day: core_shop.good.day}\n  - sql: daily.many.check.sql\n")
    lake = open_shop(home)
    land(lake, {"2024-05-01": [1], "2024-05-02": [0, 0, 0]})
    build(lake, TableName("core_shop", "good"), run=lake.new_run())
    said = failure(lake)
    assert "day: 1 row without a match in core_shop.good.day\n  orders=3, revenue_jpy=0, day=2024-05-02" in said
    assert "daily.many.check.sql: 1 bad row\n  day=2024-05-02, orders=3" in said


def test_a_check_with_the_clock_in_it_is_not_remembered(home: Path) -> None:
    lake = built(home, "fresh: {day: 4 days}; at_most: {revenue_jpy: 9}", {"2024-05-17": [1]})
    assert "max(" not in (lake.content.home / CACHE_FILE).read_text()
    assert "revenue_jpy" in (lake.content.home / CACHE_FILE).read_text()


def test_old_rows_are_not_fresh(home: Path) -> None:
    lake = built(home, "fresh: {day: 4 days}", {"2024-05-17": [1]})
    land(lake, {"2024-05-16": [2]})
    build(lake, DAILY, run=lake.new_run())
    edit(home, SQL, "4 days", "2 days")
    assert "day: nothing from the last 2 days" in failure(open_shop(home))


@pytest.mark.parametrize(
    ("kind", "type_", "value", "stats", "holds"),
    [
        ("not_null", "bigint", None, ColumnStats(0), True),
        ("not_null", "bigint", None, ColumnStats(1), False),
        ("not_null", "bigint", None, None, False),
        ("at_least", "bigint", 0, ColumnStats(0, ("0", "5"), ("9", "9")), True),
        ("at_least", "bigint", 0, ColumnStats(0, ("0", "-1"), ("9", "9")), False),
        ("at_least", "bigint", 0, ColumnStats(0, None, ("9",)), False),
        ("at_most", "decimal(10,2)", 1.5, ColumnStats(0, ("0.10",), ("1.50",)), True),
        ("at_most", "double", 1, ColumnStats(0, ("0.1",), ("inf",)), False),
        ("at_least", "date", "2024-05-01", ColumnStats(0, ("2024-05-01",), ("2024-05-09",)), True),
        ("at_least", "date", "2024-05-01", ColumnStats(0, ("0012-05-01 (BC)",), ("2024-05-09",)), False),
        ("at_least", "timestamp", "2024-05-01", ColumnStats(0, ("2024-05-01 00:00:00",), ()), False),
        ("unique", "bigint", None, ColumnStats(0), False),
    ],
)
def test_what_statistics_prove(kind: str, type_: str, value: Any, stats: ColumnStats | None, holds: bool) -> None:
    rule = Rule(Check(kind, value, "error", 1), ("x",), Type.parse(type_), value)
    assert proven(rule, {"x": stats} if stats else {}, 10, None) is holds


def test_values_written_by_the_engine_are_what_the_proof_reads(home: Path) -> None:
    lake = open_shop(home)
    land(lake, {"2024-05-01": [3, 4]})
    session = lake.engine.session()
    values = "x::decimal(10,2) as price, x::double as share, date '2024-05-01' + x::int as at"
    sql = f"select {values} from (values (1), (2)) t(x)"
    types = {"price": "decimal(10,2)", "share": "double", "at": "date"}
    columns = tuple(OutputColumn(name, Type.parse(type_)) for name, type_ in types.items())
    (lake.root / "core_shop" / "x").mkdir(parents=True)
    stats = session.stage(Compiled("", sql, columns, ()), "core_shop/x", None).columns
    assert [Decimal(low) for low in stats["price"].lows or ()] == [Decimal("1.00")]
    assert [float(high) for high in stats["share"].highs or ()] == [2.0]
    assert [date.fromisoformat(low) for low in stats["at"].lows or ()] == [date(2024, 5, 2)]
    session.close()
