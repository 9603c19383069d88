"""The SQL of checks finds exactly the bad rows, run on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.engines.duckdb import DuckdbEngine
from transforms.audit import Finding, Table, literal, row_findings
from transforms.checks import read_checks
from transforms.column import Column
from transforms.compile import analyze, compile_sql
from transforms.content import CheckQuery
from transforms.lake_types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, REAL, TIMESTAMP, VARCHAR, decimal
from transforms.names import TableName
from transforms.relation import Check, Relation

NAME, CAMPAIGNS = TableName("core_ads", "daily"), TableName("core_ads", "campaigns")
COLUMNS = (
    Column("id", BIGINT),
    Column("kind", VARCHAR),
    Column("email", VARCHAR, personal=True),
    Column("revenue_jpy", decimal(14, 2)),
    Column("share", DOUBLE),
    Column("at", TIMESTAMP),
    Column("day", DATE),
)
SCHEMA = {NAME: COLUMNS, CAMPAIGNS: (Column("id", BIGINT),)}
RELATION = Relation(NAME, "table", "transforms/tables/core_ads/daily.sql", "", "D", "ads", partition="day")
NET = "transforms/tables/core_ads/daily.net.check.sql"
NET_SQL = "-- rows that cannot be\nselect id, email from core_ads.daily where revenue_jpy > 1000 -- much\n;"
NOW, TODAY = datetime(2024, 5, 4, 3, 0, tzinfo=UTC), date(2024, 5, 4)
ROWS: list[dict[str, Any]] = [
    {"id": 1, "kind": "click", "email": "a@x.jp", "revenue_jpy": Decimal("10.00"), "share": 0.5},
    {"id": 2, "kind": "clik", "email": "b", "revenue_jpy": Decimal("-0.01"), "share": 1.0},
    {"id": 2, "kind": None, "email": None, "revenue_jpy": None, "share": 1.25},
    {"id": None, "kind": "view", "email": "it's", "revenue_jpy": Decimal("2000.00"), "share": None},
]
STAMP = {"at": datetime(2024, 5, 3, 12, 0), "day": date(2024, 5, 3)}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckdbEngine]:
    root = tmp_path_factory.mktemp("lake")
    engine = DuckdbEngine(root, root / "spill")
    engine.attach_rows(NAME, COLUMNS, [row | STAMP for row in ROWS])
    engine.attach_rows(CAMPAIGNS, SCHEMA[CAMPAIGNS], [{"id": 1}, {"id": None}])
    yield engine
    engine.close()


@dataclass
class Audited:
    findings: list[Finding]
    samples: list[list[tuple[Any, ...]]]
    statements: int
    whole: list[bool]

    @property
    def messages(self) -> list[str]:
        return [finding.message for finding in self.findings]


def audit(engine: DuckdbEngine, checks: Mapping[str, Any], newest: bool = True) -> Audited:
    """Run the checks as a build does: each statement once, samples only of what failed."""
    query = CheckQuery(NET, NET_SQL, analyze(NET_SQL, SCHEMA))
    relation = RELATION
    declared = tuple(Check(kind, arguments, "error", 5) for kind, arguments in checks.items())
    relation = Relation(NAME, "table", RELATION.path, "", "D", "ads", partition="day", checks=declared)
    read = read_checks(relation, {column.name: column.type for column in COLUMNS}, SCHEMA, {NET: query})
    assert read.problems == ()
    table = Table(NAME, COLUMNS, "day", {NET: query})
    statements = table.statements(read.rules, NOW, TODAY, newest)
    findings: list[Finding] = []
    for statement in statements:
        (counts,) = rows(engine, statement.sql)
        findings += statement.findings(counts)
    samples = [rows(engine, sql) for finding in findings if (sql := table.sample(finding.rule))]
    return Audited(findings, samples, len(statements), [statement.whole for statement in statements])


def rows(engine: DuckdbEngine, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in engine.query(compile_sql(sql, SCHEMA)).read_all().to_pylist()]


@pytest.mark.parametrize(
    ("kind", "arguments", "messages"),
    [
        ("not_null", ["id", "share", "day"], ["id: 1 row without a value", "share: 1 row without a value"]),
        ("accepted", {"kind": ["click", "view"]}, ["kind: 1 row with none of click, view"]),
        ("accepted", {"id": [1]}, ["id: 2 rows with none of 1"]),
        ("at_least", {"revenue_jpy": 0, "share": 0.5}, ["revenue_jpy: 1 row under 0"]),
        ("at_most", {"share": 1, "revenue_jpy": 1999.99}, ["share: 1 row over 1", "revenue_jpy: 1 row over 1999.99"]),
        ("at_most", {"day": "2024-05-02"}, ["day: 4 rows over 2024-05-02"]),
        ("at_least", {"at": "2024-05-03"}, []),
        ("matches", {"email": "@"}, ["email: 2 rows not matching @"]),
        ("matches", {"email": "^(b|it's|a@.*)$"}, []),
        ("unique", "id", ["id: 1 key occurs more than once"]),
        ("unique", ["id", "kind"], []),
        ("references", {"id": "core_ads.campaigns.id"}, ["id: 2 rows without a match in core_ads.campaigns.id"]),
        ("fresh", {"day": "1 day", "at": "15 hours"}, []),
        ("fresh", {"at": "14 hours"}, ["at: nothing from the last 14 hours"]),
        ("sql", "daily.net.check.sql", ["daily.net.check.sql: 1 bad row"]),
    ],
)
def test_bad_rows_are_counted(engine: DuckdbEngine, kind: str, arguments: Any, messages: list[str]) -> None:
    assert audit(engine, {kind: arguments}).messages == messages


def test_all_checks_of_single_rows_are_one_statement(engine: DuckdbEngine) -> None:
    checks = {"not_null": ["id", "day"], "at_least": {"share": 0}, "matches": {"kind": "."}, "fresh": {"day": "2 days"}}
    assert audit(engine, checks).statements == 1


def test_only_what_spans_days_reads_the_whole_table(engine: DuckdbEngine) -> None:
    assert audit(engine, {"unique": ["day", "id"]}).whole == [False]
    assert audit(engine, {"unique": "id"}).whole == [True]


def test_rows_of_old_days_say_nothing_about_freshness(engine: DuckdbEngine) -> None:
    assert audit(engine, {"fresh": {"at": "1 hour"}}, newest=False).statements == 0


def test_samples_are_bad_rows_without_personal_columns(engine: DuckdbEngine) -> None:
    found = audit(engine, {"matches": {"email": "@"}, "unique": ["id"], "sql": "daily.net.check.sql"})
    by_row, by_key, by_query = found.samples
    assert sorted(by_row, key=str) == [
        (2, "clik", Decimal("-0.01"), 1.0, datetime(2024, 5, 3, 12, 0), date(2024, 5, 3)),
        (None, "view", Decimal("2000.00"), None, datetime(2024, 5, 3, 12, 0), date(2024, 5, 3)),
    ]
    assert by_key == [(2, 2)]
    assert by_query == [(None,)]


def test_a_key_of_personal_columns_is_shown_by_its_count_only(engine: DuckdbEngine) -> None:
    table = Table(NAME, COLUMNS, "day", {})
    relation = Relation(NAME, "table", "d.sql", "", "D", "ads", checks=(Check("unique", ["email"], "error", 1),))
    (rule,) = read_checks(relation, {"email": VARCHAR}, SCHEMA, {}).rules
    sample = table.sample(rule)
    assert sample is not None
    assert compile_sql(sample, SCHEMA).columns[0].name == "rows_with_it"


def day_rule(**arguments: Any) -> Any:
    relation = Relation(
        NAME, "table", "d.sql", "", "D", "ads", "day", checks=(Check("row_count", arguments, "error", 1),)
    )
    return read_checks(relation, {"day": DATE}, SCHEMA, {}).rules


def messages(rules: Any, built: Mapping[str, int], before: Mapping[str, int] | None = None) -> list[str]:
    return [finding.message for finding in row_findings(rules, built, before or {})]


def test_rows_are_counted_for_each_day() -> None:
    assert messages(day_rule(min=2, max=5), {"2024-05-01": 1, "2024-05-02": 3, "2024-05-03": 9}) == [
        "2024-05-01: 1 row, fewer than 2",
        "2024-05-03: 9 rows, more than 5",
    ]


def test_a_fault_of_many_days_is_one_sentence() -> None:
    april = {f"2024-04-{day:02}": 10 + day % 7 for day in range(1, 31)}
    assert messages(day_rule(min=100), april) == ["30 of 30 days: rows fewer than 100, lowest 10 on 2024-04-07"]
    assert messages(day_rule(min=12, max=14), april) == [
        "9 of 30 days: rows fewer than 12, lowest 10 on 2024-04-07",
        "8 of 30 days: rows more than 14, highest 16 on 2024-04-06",
    ]
    before = {"2024-04-24": 100, "2024-04-25": 100, "2024-04-26": 100}
    assert messages(day_rule(within="50%"), {"2024-05-01": 49, "2024-05-02": 20, "2024-05-03": 100}, before) == [
        "2 of 3 days: rows not within 50% of the median of the same weekday in the 4 weeks before, such as 20 "
        "instead of 100 on 2024-05-02"
    ]


def test_rows_are_counted_for_a_table_without_days() -> None:
    assert messages(day_rule(min=2), {"": 0}) == ["0 rows, fewer than 2"]


def test_a_table_begins_with_its_first_day_that_has_rows() -> None:
    assert messages(day_rule(min=1), {"2024-04-29": 0, "2024-04-30": 0, "2024-05-01": 3, "2024-05-02": 0}) == [
        "2024-05-02: 0 rows, fewer than 1"
    ]
    assert messages(day_rule(min=1), {"2024-05-01": 0}) == ["2024-05-01: 0 rows, fewer than 1"]


def test_a_day_is_compared_with_the_same_weekday_of_earlier_weeks() -> None:
    before = {"2024-05-01": 100, "2024-05-08": 120, "2024-05-15": 1000, "2024-05-21": 1}
    assert messages(day_rule(within="50%"), {"2024-05-22": 60, "2024-05-23": 1}, before) == []
    assert messages(day_rule(within="50%"), {"2024-05-22": 59}, before) == [
        "2024-05-22: 59 rows, not within 50% of 120, the median of the same weekday in the 4 weeks before"
    ]


@pytest.mark.parametrize(
    ("value", "type_", "written"),
    [
        (7, INTEGER, "7"),
        (0.1, decimal(3, 2), "decimal '0.1'"),
        (1e-7, DOUBLE, "0.0000001e0"),
        (2, REAL, "cast(2e0 as real)"),
        (True, BOOLEAN, "true"),
        ("it's", VARCHAR, "'it''s'"),
        ("2024-05-01", DATE, "date '2024-05-01'"),
        ("2024-05-01", TIMESTAMP, "timestamp '2024-05-01 00:00:00.000'"),
    ],
)
def test_values_become_literals_of_the_column_s_type(value: Any, type_: Any, written: str) -> None:
    assert literal(value, type_) == written
    assert compile_sql(f"select {written} as x", {}).columns[0].type.name == type_.name
