"""The recorded types and rejections, asked of a live Trino server again."""

from __future__ import annotations

import pytest
from analyzer_company import SCHEMA, pairs

from local_dev.trino import ask

pytestmark = pytest.mark.trino


@pytest.fixture(scope="module")
def company(trino: None) -> None:
    for table, columns in SCHEMA.items():
        listed = ", ".join(f"{column.name} {column.type}" for column in columns)
        for statement in (
            f"create schema if not exists {table.database}",
            f"create table if not exists {table} ({listed})",
        ):
            assert ask(statement).error is None


def test_trino_gives_every_expression_its_recorded_type(company: None) -> None:
    """The join makes one row of NULL of none, so that nothing is computed and nothing fails at run time."""
    for expression, type_ in pairs("types"):
        query = f"with t as (select * from app.t) select {expression} as x from t"
        answer = ask(f"select typeof(x) from ({query}) right join (values 1) on true")
        assert answer.error is None, (expression, answer.error)
        assert answer.rows[0][0] == type_, expression


def test_trino_rejects_every_recorded_statement(company: None) -> None:
    accepted = [sql for sql, _ in pairs("rejections") if ask(sql).error is None]
    assert accepted == []
