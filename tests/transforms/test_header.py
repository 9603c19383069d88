"""The header of a table or view is read, or told what is wrong with it and what to write."""

from __future__ import annotations

from datetime import time
from textwrap import dedent

import pytest

from transforms.errors import Problem
from transforms.header import query_below, read_header, read_relation
from transforms.names import TableName
from transforms.relation import Kind, Relation
from transforms.slo import Slo

NAME = TableName("core_ads", "campaign_daily")
PATH = "transforms/tables/core_ads/campaign_daily.sql"


def read(text: str, kind: Kind = "table") -> tuple[Relation, list[Problem]]:
    text = dedent(text).lstrip("\n")
    return read_relation(NAME, kind, text, read_header(text, PATH))


def faults(header: str, kind: Kind = "table") -> list[str]:
    text = f"/*\ndescription: D\nowner: ads\n{dedent(header).strip()}\n*/\nselect 1 as x\n"
    return [str(problem).removeprefix(f"{PATH}:") for problem in read(text, kind)[1]]


def test_a_whole_header_is_read() -> None:
    relation, problems = read("""
        -- a comment of one line may come first
        /*
        description: Revenue per campaign and day, net of refunds.
        owner: ads
        partition: day
        key: [day, campaign_id]
        lookback: 3 days
        checks:
          - unique: [day, campaign_id]
          - at_least: {revenue_jpy: 0}
            severity: warn
        slo: {fresh_by: "09:00", days_met: 99%}
        readers: growth
        tags: [kpi, money]
        schedule: "0 6 * * 1-5"
        deprecated: use core_ads.other
        */
        select 1
    """)
    assert problems == []
    assert (relation.description, relation.owner, relation.partition, relation.key, relation.lookback_days) == (
        "Revenue per campaign and day, net of refunds.",
        "ads",
        "day",
        ("day", "campaign_id"),
        3,
    )
    assert [(check.kind, check.arguments, check.severity, check.line) for check in relation.checks] == [
        ("unique", ["day", "campaign_id"], "error", 9),
        ("at_least", {"revenue_jpy": 0}, "warn", 10),
    ]
    assert (relation.slo, relation.readers, relation.tags) == (
        Slo(fresh_by=time(9), days_met=0.99),
        ("growth",),
        ("kpi", "money"),
    )
    assert (relation.schedule, relation.deprecated) == ("0 6 * * 1-5", "use core_ads.other")
    assert relation.lines["owner"] == 4
    assert relation.text.endswith("select 1\n")


@pytest.mark.parametrize(
    "text", ["select 1", "", "-- description: x\nselect 1 /* owner: ads */", "select /* a: 1 */ 1"]
)
def test_without_a_header_the_lines_to_write_are_told(text: str) -> None:
    (problem,) = read(text)[1]
    assert str(problem) == (
        f"{PATH}:1: there is no header; write above the query: /* {{description: What a row is, owner: your team}} */"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "-- first\n\n/*\ndescription: D\nowner: ads\nselect 1 as x",
            "3: the comment that begins here has no end; write */ on a line below the header",
        ),
        (
            "-- first\n\ndescription: D\nowner: ads\n*/\nselect 1 as x",
            "3: the header has no beginning; write /* on a line above it",
        ),
    ],
)
def test_a_header_without_its_beginning_or_end_is_told_with_its_line(text: str, message: str) -> None:
    assert query_below(text).strip() == "select 1 as x"
    assert [str(problem) for problem in read(text)[1]] == [f"{PATH}:{message}"]
    assert read(text)[0].text.count("\n") == text.count("\n")


def test_a_first_comment_without_keys_is_not_a_header() -> None:
    (problem,) = read("/* Revenue of ads */\nselect 1")[1]
    what, _, told = str(problem).partition("; write above the query: ")
    assert what == f"{PATH}:1: the first comment is not a header"
    assert read(f"{told}\nselect 1")[1] == []


def test_missing_keys_are_told_with_the_line_to_write() -> None:
    problems = read("/*\ntags: [kpi]\n*/\nselect 1")[1]
    assert [str(problem) for problem in problems] == [
        f"{PATH}:2: description is missing; write description: What a row is",
        f"{PATH}:2: owner is missing; write owner: your team",
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "ownr: ads",
            '4: unknown key "ownr"; keys are description, owner, partition, key, lookback, checks, slo, '
            'readers, tags, schedule and deprecated; did you mean "owner"?',
        ),
        ("partition: 1", "4: partition must be a text, not 1; write partition: day"),
        ("partition: day\nlookback: 3", "5: lookback must be a length of time, not 3; write lookback: 3 days"),
        ("partition: day\nlookback: 2h", '5: lookback must be whole days, not "2h"; write lookback: 3 days'),
        ("lookback: 3 days", "4: lookback needs days; write partition: day, or remove lookback"),
        ("key: {a: 1}", "4: key must be a word or a list of words; write key: [day, id]"),
        ("key: [a, a]", "4: key names something twice; write key: [day, id]"),
        ("tags: [1]", "4: tags must be a word or a list of words; write tags: [kpi]"),
        ("checks: {unique: a}", "4: checks must be a list; write   - not_null: [id]"),
        ("checks:\n  - unique", "5: a check is one kind with its arguments; write - not_null: [id]"),
        (
            "checks:\n  - unique: a\n    not_null: a",
            "5: a check is one kind with its arguments; write - not_null: [id]",
        ),
        (
            "checks:\n  - unique: a\n    severity: wrn",
            '6: severity cannot be "wrn"; it is error or warn; did you mean "warn"?',
        ),
        ("slo: {fresh_by: 9:00}", '4: "9:00" is not a time of day; write fresh_by: "09:00"'),
        ("slo: {fresh_by: '25:00'}", '4: "25:00" is not a time of day; write fresh_by: "09:00"'),
        (
            "slo: {fresh_by: '09:00', days_met: 101%}",
            '4: days_met must be a percentage from 0% to 100%, not "101%"; write days_met: 1%',
        ),
        (
            "slo: 09:00",
            '4: slo must have keys of its own, not be "09:00"; write slo: {fresh_by: "09:00", days_met: 99%}',
        ),
        ("schedule: hourly", '4: "hourly" is not a cron schedule; write schedule: "0 6 * * *"'),
        ("schedule: 0 6 * * mon!", '4: "0 6 * * mon!" is not a cron schedule; write schedule: "0 6 * * *"'),
        (
            "deprecated: [x]",
            '4: deprecated must be a text, not a list; write deprecated: "use core_ads.campaign_daily"',
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_line(header: str, message: str) -> None:
    assert faults(header) == [message]


@pytest.mark.parametrize("schedule", ["0 6 * * *", "0-59/15 * * * 1-5", "0,30 6-9 1 1,7 0", "59 23 31 12 7"])
def test_a_schedule_is_five_fields_of_cron(schedule: str) -> None:
    assert faults(f'schedule: "{schedule}"') == []


@pytest.mark.parametrize(
    "schedule", ["60 6 * * *", "0 24 * * *", "0 6 0 * *", "0 6 * 13 *", "0 6 * * 8", "0 6 * *", "0-59/0 * * * *"]
)
def test_a_schedule_that_never_comes_is_told(schedule: str) -> None:
    assert faults(f'schedule: "{schedule}"') == [f'4: "{schedule}" is not a cron schedule; write schedule: "0 6 * * *"']


def test_a_header_that_ends_inside_quotes_says_why() -> None:
    assert faults('schedule: "*/15 * * * *"') == [
        "4: the header ends inside quotes: */ ends it, in quotes too; close the quotes; in a schedule write "
        "0-59/15 for */15"
    ]


def test_all_problems_of_a_header_are_told_at_once() -> None:
    assert len(faults("tags: 1\nlookbak: 3 days\nchecks: 5\nslo: {}")) == 4


def test_a_view_stores_nothing() -> None:
    assert faults("partition: day", "view") == [
        "4: a view has no partition: it stores nothing; put it on the table that it reads"
    ]
