"""What a plain Trino is asked in place of Athena's text, and which columns may rightly differ."""

from __future__ import annotations

import pytest

from transforms.analyzer.unfixed import unfixed_columns
from transforms.column import Column, Schema
from transforms.dialect import trino_text
from transforms.lake_types import Type
from transforms.names import TableName

SCHEMA: Schema = {
    TableName("raw_app", "carts"): (
        Column("items", Type.parse("array(row(sku varchar, price double))")),
        Column("tags", Type.parse("array(varchar)")),
    )
}


@pytest.mark.parametrize(
    ("athena", "trino"),
    [
        ("unnest(items) as t(item)", "unnest(transform(items, e -> row(e))) as t(item)"),
        ("unnest(tags, c.items) as t(tag, item)", "unnest(tags, transform(c.items, e -> row(e))) as t(tag, item)"),
        ("unnest(tags) as t(tag)", "unnest(tags) as t(tag)"),
        (
            "unnest( filter(items, i -> i.price > 1.5) ) with ordinality as t(item, n)",
            "unnest( transform(filter(items, i -> i.price > 1.5E0), e -> row(e))) with ordinality as t(item, n)",
        ),
        (
            "unnest(tags) as a(tag), unnest(array[row(1)]) as b(r)",
            "unnest(tags) as a(tag), unnest(transform(array[row(1)], e -> row(e))) as b(r)",
        ),
    ],
)
def test_arrays_of_rows_are_unnested_into_one_column(athena: str, trino: str) -> None:
    head = "select 1 as x from raw_app.carts c cross join "
    assert trino_text.trino_text(head + athena, SCHEMA) == head + trino


def test_a_subquery_has_its_own_unnest() -> None:
    text = (
        "select (select max(v.price) from unnest(c.items) as w(v)) as x, tag from raw_app.carts c, unnest(tags) t(tag)"
    )
    assert "unnest(transform(c.items, e -> row(e)))" in trino_text.trino_text(text, SCHEMA)
    assert "unnest(tags)" in trino_text.trino_text(text, SCHEMA)


def test_what_athena_rejects_stays_as_it_is() -> None:
    assert trino_text.trino_text("select unnest(1.5", {}) == "select unnest(1.5E0"


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select a, row_number() over (order by b) as n from t", {"n": "row_number"}),
        ("select array_agg(a) as l, array_agg(a order by b) as m from t", {"l": "array_agg"}),
        ("select n + 1 as m, k from (select lag(a) over (order by b) as n, k from t) as s", {"m": "lag"}),
        ("select current_timestamp as at, a from t", {"at": "current_timestamp"}),
        ("select sum(a) as s from t", {}),
    ],
)
def test_columns_that_may_differ_are_known_with_the_reason(sql: str, columns: dict[str, str]) -> None:
    assert unfixed_columns(sql) == columns


def test_what_an_input_leaves_open_stays_open() -> None:
    assert unfixed_columns("select y, z from v", ["y"]) == {"y": "an input"}
