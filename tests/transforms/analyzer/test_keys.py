"""Keys that the form of a query shows to be unique, and forms that show nothing."""

from __future__ import annotations

import pytest

from transforms.column import Column
from transforms.compile import analyze
from transforms.lake_types import BIGINT, VARCHAR
from transforms.names import TableName

SCHEMA = {TableName("raw_shop", "orders"): (Column("id", BIGINT), Column("kind", VARCHAR), Column("at", BIGINT))}
NUMBERED = "select o.*, row_number() over (partition by o.id, o.kind order by o.at) as nth from raw_shop.orders o"


@pytest.mark.parametrize(
    ("sql", "keys"),
    [
        ("select o.kind, count(*) as n from raw_shop.orders o group by o.kind", {("kind",)}),
        ("select upper(o.kind) as k, count(*) as n from raw_shop.orders o group by upper(o.kind)", {("k",)}),
        ("select o.kind, count(*) as n from raw_shop.orders o group by 1", {("kind",)}),
        ("select distinct o.kind, o.id from raw_shop.orders o", {("id", "kind")}),
        (f"select n.id, n.kind as k from ({NUMBERED}) n where n.nth = 1 and n.at > 5", {("id", "k")}),
        ("select count(*) as n from raw_shop.orders o group by o.kind", set()),
        ("select upper(o.kind) as kind from raw_shop.orders o group by o.kind", set()),
        ("select o.kind, count(*) as n from raw_shop.orders o group by rollup (o.kind)", set()),
        ("select o.kind, o.id, count(*) as n from raw_shop.orders o group by cube (o.kind, o.id)", set()),
        (f"select n.id, n.kind from ({NUMBERED}) n where n.nth = 2 or n.nth = 1", set()),
        (f"select n.id, n.kind from ({NUMBERED}) n where n.nth <= 1", set()),
        (f"select n.id from ({NUMBERED}) n where n.nth = 1", set()),
        (f"select n.id + 1 as id, n.kind from ({NUMBERED}) n where n.nth = 1", set()),
        (f"select n.id, n.kind from ({NUMBERED}) n cross join raw_shop.orders o where n.nth = 1", set()),
        (f"select n.id, n.kind from ({NUMBERED}) n cross join unnest(array[1, 2]) as t(x) where n.nth = 1", set()),
        ("select o.kind from raw_shop.orders o group by o.kind union all select 'x'", set()),
        ("select o.id, o.kind from raw_shop.orders o", set()),
    ],
)
def test_only_what_certainly_holds_is_told(sql: str, keys: set[tuple[str, ...]]) -> None:
    analysis = analyze(sql, SCHEMA)
    assert analysis.errors == ()
    assert set(analysis.unique) == keys
