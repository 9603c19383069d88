"""A small shop: one raw table by day, a table by day, a whole table, a view. Rows are landed by hand."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.arrow_types import arrow_schema
from connectors.content import open_content
from connectors.lake import Lake, lake_at
from connectors.location import Location
from transforms.names import TableName
from transforms.snapshot import Part, Snapshot

ORDERS = TableName("raw_shop", "orders")
DAILY = TableName("core_shop", "daily")
TOTALS = TableName("core_shop", "totals")
NOW = datetime(2024, 5, 20, 3, tzinfo=UTC)

FEW = f"accepted: {{orders: {list(range(200))}}}"
"""A check of core_shop.daily that only its rows answer: what the footers of files say proves its others."""

_FILES = {
    "transforms/teams.yaml": 'shop: {description: The shop, contact: "#shop"}\n',
    "connectors/targets.yaml": "laptop: {engine: duckdb, timezone: Asia/Tokyo, connections: {shop: SHOP_URL}}\n",
    "connectors/sources/shop.yaml": """
        kind: postgres
        owner: shop
        description: Orders of the shop.
        connection: shop
        tables:
          orders: {mode: append, key: id, cursor: id, day: ordered_on}
        """,
    "connectors/sources/shop.schema.yaml": """
        orders:
          id: {type: bigint, description: Number of the order}
          amount_jpy: {type: bigint, description: "Amount, yen"}
          email: {type: string, description: Customer, personal: true}
          ordered_on: {type: date, description: Calendar day}
        """,
    "transforms/tables/core_shop/daily.sql": """
        /*
        description: Orders per day.
        owner: shop
        partition: day
        checks:
          - unique: day
          - not_null: [orders]
          - at_least: {revenue_jpy: 0}
        */
        select
          count(*) as orders,               -- Orders
          sum(amount_jpy) as revenue_jpy,   -- Revenue, yen
          day                               -- Calendar day
        from raw_shop.orders
        where day between :start and :end
        group by day
        """,
    "transforms/tables/core_shop/totals.sql": """
        /*
        description: Orders in all.
        owner: shop
        checks: [row_count: {min: 1, max: 1}]
        */
        select
          sum(orders) as orders,            -- Orders
          sum(revenue_jpy) as revenue_jpy   -- Revenue, yen
        from core_shop.daily
        """,
    "transforms/views/shop/best.sql": """
        /*
        description: The best days of the shop.
        owner: shop
        */
        select
          day,          -- Calendar day
          revenue_jpy   -- Revenue, yen
        from core_shop.daily
        where revenue_jpy >= 100
        """,
}


def write(home: Path, path: str, text: str) -> None:
    """One file of the home."""
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    (home / path).write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def make_home(home: Path) -> Path:
    """The shop's declarations."""
    for path, text in _FILES.items():
        write(home, path, text)
    return home


def edit(home: Path, path: str, old: str, new: str) -> None:
    """Changes one file; the text must be there."""
    text = (home / path).read_text(encoding="utf-8")
    assert old in text
    (home / path).write_text(text.replace(old, new), encoding="utf-8")


def make_home_whose_rows_are_asked(home: Path) -> Path:
    """The shop's declarations where an engine is asked by statements: one more checks each build."""
    make_home(home)
    edit(home, "transforms/tables/core_shop/daily.sql", "- not_null: [orders]", f"- not_null: [orders]\n  - {FEW}")
    return home


def open_shop(home: Path, root: Path | None = None, now: datetime = NOW) -> Lake:
    """The shop's lake, at a fixed time; every declaration must be right."""
    content = open_content(home)
    assert content.problems == (), "\n".join(map(str, content.problems))
    return replace(lake_at(root or home / "lake", content), clock=lambda: now)


def land(lake: Lake, orders: Mapping[str, Sequence[int]], run: str | None = None) -> Snapshot:
    """Publishes days of orders, given as their amounts; other days stay as they are."""
    run = run or lake.new_run()
    columns = lake.content.columns(ORDERS)
    stored = [column for column in columns if column.name != "day"]
    current = lake.catalog.own(ORDERS)
    parts = dict(current.parts) if current else {}
    with Location.create(lake.storage, ORDERS, run, lake.now()) as location:
        for day, amounts in orders.items():
            rows = [_order(day, number, amount) for number, amount in enumerate(amounts)]
            file = location.path / f"day={day}" / "data_0.parquet"
            file.parent.mkdir()
            pq.write_table(pa.Table.from_pylist(rows, arrow_schema(stored)), file)
            name = file.relative_to(lake.root).as_posix()
            parts[day] = Part((name,), len(rows), file.stat().st_size, f"{run}/{day}")
        location.sync(file for day in orders for file in parts[day].files)
        new = Snapshot(ORDERS, 0, run, lake.now(), columns, "day", parts)
        with location.publishing():
            return lake.catalog.commit(ORDERS, current.version if current else None, new)


def _order(day: str, number: int, amount: int) -> dict[str, Any]:
    at = date.fromisoformat(day)
    identity = at.toordinal() * 1000 + number
    return {"id": identity, "amount_jpy": amount, "email": f"customer{number}@example.com", "ordered_on": at}


def rows(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    _, reader = lake.query(sql)
    return [tuple(row.values()) for row in reader.read_all().to_pylist()]
