"""A home with one of everything, small enough to run in a blink: logs of orders, two tables, a view, test cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILES = {
    "connectors/targets.yaml": "laptop: {engine: duckdb, timezone: Asia/Tokyo, connections: {shop: SHOP_URL}}\n",
    "transforms/teams.yaml": 'shop: {description: Sells things, contact: "#shop"}\n',
    "connectors/sources/shop.yaml": """\
kind: jsonl
owner: shop
description: Orders of a small shop.
connection: shop
tables:
  orders: {mode: append, path: "orders/dt={day}/*.jsonl", rejects: 30%}
""",
    "connectors/sources/shop.schema.yaml": """\
orders:
  id: {type: bigint, description: Number of the order}
  item: {type: string, description: What was ordered}
  email: {type: string, description: Who ordered, personal: true}
  amount_jpy: {type: "decimal(10,2)", description: Price}
""",
    "transforms/tables/core_shop/orders.sql": """\
/*
description: Every order once.
owner: shop
partition: day
checks:
  - unique: [id]
  - at_least: {amount_jpy: 0}
*/
select
  o.id,            -- Number of the order
  o.item,          -- What was ordered
  o.email,         -- Who ordered
  o.amount_jpy,    -- Price
  o.day            -- Calendar day
from raw_shop.orders o
where o.day between :start and :end
""",
    "transforms/tables/core_shop/items.sql": """\
/*
description: What every item brought in.
owner: shop
key: [item]
tags: [money]
*/
select
  o.item,                         -- What was ordered
  sum(o.amount_jpy) as sales_jpy  -- All sales, yen
from core_shop.orders o
group by o.item
""",
    "transforms/views/shop/best.sql": """\
/*
description: The items that brought in most.
owner: shop
*/
select
  i.item,      -- What was ordered
  i.sales_jpy  -- All sales, yen
from core_shop.items i
where i.sales_jpy > 100
""",
    "transforms/tables/core_shop/items.test.yaml": """\
- name: sales of an item are added up
  given:
    core_shop.orders:
      - {id: 1, item: pen, amount_jpy: 1.5}
      - {id: 2, item: pen, amount_jpy: 2}
      - {id: 3, item: ink, amount_jpy: 7}
  expect:
    - {item: pen, sales_jpy: 3.5}
    - {item: ink, sales_jpy: 7}
""",
}
ORDERS = {
    "2024-05-01": [
        {"id": 1, "item": "pen", "email": "a@example.com", "amount_jpy": 100},
        {"id": 2, "item": "ink", "email": "b@example.com", "amount_jpy": 450.5},
    ],
    "2024-05-02": [{"id": 3, "item": "pen", "email": "a@example.com", "amount_jpy": 120}],
}


def write_home(folder: Path, logs: Path) -> None:
    """The declarations in one folder, the shop's logs in another."""
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    for day, orders in ORDERS.items():
        write_orders(logs, day, orders)


def write_orders(logs: Path, day: str, orders: list[dict[str, Any]], name: str = "a") -> None:
    """One file of the shop's logs."""
    file = logs / "orders" / f"dt={day}" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(order) + "\n" for order in orders))
