"""What checks may say, and the line to write for what they may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from transforms.analysis import Analysis, Input
from transforms.checks import Rule, read_checks, tables_of
from transforms.column import Column
from transforms.content import CheckQuery
from transforms.lake_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, Type, decimal
from transforms.names import TableName
from transforms.relation import Check, Relation

NAME, CAMPAIGNS = TableName("core_ads", "daily"), TableName("core_ads", "campaigns")
COLUMNS = {
    "id": BIGINT,
    "campaign_id": BIGINT,
    "kind": VARCHAR,
    "revenue_jpy": decimal(14, 2),
    "share": DOUBLE,
    "valid": BOOLEAN,
    "at": TIMESTAMP,
    "tags": Type("array", (), (VARCHAR,)),
    "day": DATE,
}
SCHEMA = {
    CAMPAIGNS: (Column("id", BIGINT), Column("name", VARCHAR)),
    TableName("ads", "campaigns"): (Column("id", BIGINT),),
    NAME: tuple(Column(name, type_) for name, type_ in COLUMNS.items()),
}
NET = "transforms/tables/core_ads/daily.net.check.sql"
QUERIES = {NET: CheckQuery(NET, "select 1", Analysis((), (Input(NAME), Input(CAMPAIGNS)), "f"))}
RELATION = Relation(NAME, "table", "transforms/tables/core_ads/daily.sql", "", "D", "ads", partition="day")


def read(kind: str, arguments: Any, relation: Relation = RELATION) -> tuple[tuple[Rule, ...], list[str]]:
    checked = replace(relation, checks=(Check(kind, arguments, "error", 7),))
    found = read_checks(checked, COLUMNS, SCHEMA, QUERIES)
    return found.rules, [str(problem).removeprefix(f"{RELATION.path}:7: ") for problem in found.problems]


def test_a_check_on_several_columns_is_one_rule_each() -> None:
    rules, problems = read("not_null", ["id", "day"])
    assert ([rule.columns for rule in rules], problems) == ([("id",), ("day",)], [])


def test_a_key_is_unique_and_never_null() -> None:
    found = read_checks(replace(RELATION, key=("id", "day"), lines={"key": 4}), COLUMNS, SCHEMA, QUERIES)
    assert [(rule.kind, rule.columns, rule.fatal, rule.check.line) for rule in found.rules] == [
        ("unique", ("id", "day"), True, 4),
        ("not_null", ("id",), True, 4),
        ("not_null", ("day",), True, 4),
    ]


def test_a_key_that_is_also_checked_is_counted_once() -> None:
    keyed = replace(RELATION, key=("id",))
    assert [rule.kind for rule in read("unique", "id", keyed)[0]] == ["unique", "not_null"]


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("unique", ["day", "id"]),
        ("accepted", {"kind": ["click", "view"], "valid": [True], "id": [1, 2]}),
        ("at_least", {"revenue_jpy": 0, "share": 0.5, "day": "2024-01-01", "at": "2024-01-01"}),
        ("at_most", {"share": 1}),
        ("matches", {"kind": "^[a-z]+$"}),
        ("references", {"campaign_id": "core_ads.campaigns.id"}),
        ("row_count", {"min": 1, "max": 10, "within": "50%"}),
        ("fresh", {"day": "2 days", "at": "3 hours"}),
        ("sql", "daily.net.check.sql"),
    ],
)
def test_every_kind_of_check_is_read(kind: str, arguments: Any) -> None:
    rules, problems = read(kind, arguments)
    assert problems == []
    assert len(rules) == (len(arguments) if kind not in ("unique", "row_count", "sql") else 1)


def test_values_are_typed() -> None:
    ((count,), _), ((fresh,), _) = read("row_count", {"min": 1, "within": "50%"}), read("fresh", {"at": "3h"})
    assert (count.least, count.most, count.within, fresh.value) == (1, None, 0.5, timedelta(hours=3))


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (
            "not_nul",
            "id",
            'unknown check "not_nul"; checks are not_null, unique, accepted, at_least, at_most, matches, '
            'references, row_count, fresh and sql; did you mean "not_null"?',
        ),
        ("not_null", None, "not_null needs column names; write - not_null: [id]"),
        ("not_null", [], "not_null needs column names; write - not_null: [id]"),
        ("unique", [1], "unique needs column names; write - unique: [day, id]"),
        (
            "unique",
            ["campain_id"],
            'unique names "campain_id", which is no column; columns are id, campaign_id, kind, '
            'revenue_jpy, share, valid, at, tags and day; did you mean "campaign_id"?',
        ),
        (
            "accepted",
            {"kind": "click"},
            'accepted of kind (string) cannot be "click"; it needs a list of string values; '
            "write - accepted: {kind: [click]}",
        ),
        (
            "accepted",
            {"id": ["1"]},
            "accepted of id (bigint) cannot be a list; it needs a list of bigint values; write - accepted: {id: [0]}",
        ),
        ("at_least", 0, "at_least needs columns with their values; write - at_least: {revenue_jpy: 0}"),
        (
            "at_least",
            {"kind": 0},
            "at_least needs a column of numbers, dates or timestamps, and kind is string; "
            "such columns are id, campaign_id, revenue_jpy, share, at and day",
        ),
        (
            "at_most",
            {"id": 1.5},
            "at_most of id (bigint) cannot be 1.5; it needs a value of the column's type to compare with; "
            "write - at_most: {id: 0}",
        ),
        (
            "at_most",
            {"day": "2024-02-30"},
            'at_most of day (date) cannot be "2024-02-30"; it needs a value of the column\'s type to compare with; '
            'write - at_most: {day: "2024-05-01"}',
        ),
        (
            "matches",
            {"id": "x"},
            "matches needs a column of text, and id is bigint; such columns are kind",
        ),
        (
            "matches",
            {"kind": 3},
            "matches of kind (string) cannot be 3; it needs a regular expression; write - matches: {kind: '.+@.+'}",
        ),
        (
            "references",
            {"campaign_id": "campaigns.id"},
            'references needs database.table.column, not "campaigns.id"; write '
            "- references: {campaign_id: core_ads.campaigns.campaign_id}",
        ),
        (
            "references",
            {"id": "core_ads.campaigns"},
            'references needs database.table.column, not "core_ads.campaigns"; '
            "write - references: {id: core_ads.campaigns.id}",
        ),
        (
            "references",
            {"campaign_id": "core_ads.campains.id"},
            'there is no table core_ads.campains; did you mean "core_ads.campaigns"?',
        ),
        (
            "references",
            {"campaign_id": "core_ads.campaigns.idd"},
            'core_ads.campaigns has no column "idd"; columns are id and name; did you mean "id"?',
        ),
        (
            "references",
            {"campaign_id": "core_ads.campaigns.name"},
            "references cannot compare bigint with string; write columns of the same type",
        ),
        (
            "references",
            {"campaign_id": "ads.campaigns.id"},
            "ads.campaigns is a view, and tables never read views; name a table",
        ),
        (
            "row_count",
            5,
            "row_count needs min, max (whole numbers) or within (a percentage); write - row_count: {min: 1, "
            "within: 50%}",
        ),
        ("row_count", {"minimum": 1}, 'row_count has no "minimum"; it has min, max and within; did you mean "min"?'),
        (
            "row_count",
            {"min": -1},
            "row_count needs min, max (whole numbers) or within (a percentage); write - row_count: "
            "{min: 1, within: 50%}",
        ),
        (
            "row_count",
            {"min": 3, "max": 2},
            "row_count: no number is at least 3 and at most 2; write - row_count: {min: 1, within: 50%}",
        ),
        (
            "row_count",
            {"within": 0.5},
            "within must be a percentage above 0%, not 0.5; write - row_count: {min: 1, within: 50%}",
        ),
        (
            "fresh",
            {"day": "2 hours"},
            'fresh of day cannot be "2 hours"; day is a date, so that it needs whole days; '
            "write - fresh: {day: 2 days}",
        ),
        (
            "fresh",
            {"at": 2},
            "fresh of at (timestamp) cannot be 2; it needs a length of time; write - fresh: {at: 2 days}",
        ),
        (
            "fresh",
            {"id": "2 days"},
            "fresh needs a column of dates or timestamps, and id is bigint; such columns are at and day",
        ),
        (
            "sql",
            "net.sql",
            "sql needs the name of a file beside this one that ends with .check.sql; write - sql: "
            "campaign_daily.refunds.check.sql",
        ),
        (
            "sql",
            "../x.check.sql",
            "sql needs the name of a file beside this one that ends with .check.sql; write - sql: "
            "campaign_daily.refunds.check.sql",
        ),
        (
            "sql",
            "daily.nt.check.sql",
            'there is no file transforms/tables/core_ads/daily.nt.check.sql; did you mean "daily.net.check.sql"?',
        ),
    ],
)
def test_what_makes_no_sense_is_told_with_the_line_to_write(kind: str, arguments: Any, message: str) -> None:
    assert read(kind, arguments) == ((), [message])


def test_a_table_without_days_has_no_same_weekday() -> None:
    assert read("row_count", {"within": "50%"}, replace(RELATION, partition=None))[1] == [
        "within compares a day with the same weekdays before it, and this table has no days; write "
        "partition: day, or min "
        "and max"
    ]


def test_what_checks_look_up_must_be_built_before() -> None:
    for kind, arguments in (("references", {"id": "core_ads.campaigns.id"}), ("sql", "daily.net.check.sql")):
        assert tables_of(replace(RELATION, checks=(Check(kind, arguments, "error", 7),)), QUERIES) == {CAMPAIGNS}


def test_of_a_table_whose_columns_are_not_known_no_column_is_called_missing() -> None:
    checked = replace(RELATION, checks=(Check("not_null", ["anything"], "error", 7),))
    assert read_checks(checked, {}, SCHEMA, QUERIES).problems == ()
