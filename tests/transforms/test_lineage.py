"""A column is followed one step up and down across tables and views."""

from __future__ import annotations

import pytest

from transforms.analysis import Analysis
from transforms.column import Column, ColumnRef
from transforms.compile import analyze
from transforms.lake_types import Type
from transforms.lineage import Analyses, readers_of, sources_of
from transforms.names import TableName

EVENTS = TableName("raw_app", "events")
RAW, KINDS, VIEW = (
    ColumnRef(table, "kind") for table in (EVENTS, TableName("core_app", "kinds"), TableName("kpi", "kinds"))
)


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


def test_a_column_comes_from_columns_of_the_tables_that_its_query_reads(analyses: Analyses) -> None:
    assert sources_of(analyses, VIEW) == (KINDS,)
    assert sources_of(analyses, KINDS) == (ColumnRef(TableName("core_app", "events"), "kind"),)
    assert sources_of(analyses, RAW) == ()


def test_who_computes_from_a_column_is_the_same_seen_from_its_other_end(analyses: Analyses) -> None:
    readers = readers_of(analyses)
    assert readers[KINDS] == (VIEW,)
    assert {(ref, source) for source, refs in readers.items() for ref in refs} == {
        (ref, source)
        for table, analysis in analyses.items()
        for ref in (ColumnRef(table, column.name) for column in analysis.columns)
        for source in sources_of(analyses, ref)
    }


def test_a_count_comes_from_no_column(analyses: Analyses) -> None:
    count, last = (sources_of(analyses, ColumnRef(KINDS.table, name)) for name in ("n", "last"))
    assert (count, last) == ((), (ColumnRef(TableName("core_app", "events"), "user_id"),))
