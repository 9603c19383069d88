"""A column is followed up and down across tables and views."""

from __future__ import annotations

import pytest

from transforms.analysis import Analysis
from transforms.column import Column, ColumnRef
from transforms.compile import analyze
from transforms.lake_types import Type
from transforms.lineage import Analyses, downstream, sources_of, upstream
from transforms.names import TableName

EVENTS = TableName("raw_app", "events")
RAW, VIEW = ColumnRef(EVENTS, "kind"), ColumnRef(TableName("kpi", "kinds"), "kind")


@pytest.fixture
def analyses() -> Analyses:
    events = {"user_id": "bigint", "kind": "varchar", "day": "date"}
    schema = {EVENTS: tuple(Column(name, Type.parse(type_)) for name, type_ in events.items())}
    found: dict[TableName, Analysis] = {}
    for name, sql in (
        ("core_app.events", "select user_id, kind, day from raw_app.events"),
        ("core_app.kinds", "select kind, count(*) as n, max(user_id) as last from core_app.events group by kind"),
        ("kpi.kinds", "select upper(kind) as kind, n from core_app.kinds"),
    ):
        table = TableName.parse(name)
        found[table] = analyze(sql, schema)
        schema[table] = tuple(column.column for column in found[table].columns)
    return found


def test_upstream_goes_to_the_raw_tables(analyses: Analyses) -> None:
    assert [str(ref) for ref in upstream(analyses, VIEW)] == [
        "kpi.kinds.kind",
        "core_app.kinds.kind",
        "core_app.events.kind",
        "raw_app.events.kind",
    ]


def test_downstream_is_the_way_back(analyses: Analyses) -> None:
    assert list(downstream(analyses, RAW)) == list(reversed(upstream(analyses, VIEW)))


def test_a_count_comes_from_no_column(analyses: Analyses) -> None:
    kinds, seen = TableName("core_app", "kinds"), ColumnRef(TableName("kpi", "kinds"), "n")
    assert sources_of(analyses, seen) == (ColumnRef(kinds, "n"),)
    assert list(upstream(analyses, seen)) == [seen, ColumnRef(kinds, "n")]
