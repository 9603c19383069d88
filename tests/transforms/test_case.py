"""The cases of a `.test.yaml`: what is read, what is refused, and how rows are compared."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from transforms.case import differences, read_cases
from transforms.case_value import value_of
from transforms.column import Column
from transforms.lake_types import BIGINT, DATE, VARCHAR, Type, decimal
from transforms.names import TableName
from transforms.window import Window

CLICKS = TableName("raw_ads", "clicks")
INPUTS = {CLICKS: (Column("campaign_id", BIGINT), Column("kind", VARCHAR), Column("day", DATE))}
OUTPUT = (Column("campaign_id", BIGINT), Column("revenue_jpy", decimal(10, 2)), Column("day", DATE))
GOOD = """
- name: refunds are subtracted
  given:
    raw_ads.clicks:
      - {campaign_id: 1, kind: click, day: 2024-05-01}
      - {campaign_id: 2, day: 2024-05-02}
  expect:
    - {campaign_id: 1, revenue_jpy: 1.5}
"""


def problems(text: str, partition: str | None = None) -> list[str]:
    return list(map(str, read_cases(text, "a.test.yaml", inputs=INPUTS, output=OUTPUT, partition=partition).problems))


def test_a_case_has_typed_rows_and_compares_the_columns_that_it_names() -> None:
    (found,) = read_cases(GOOD, "a.test.yaml", inputs=INPUTS, output=OUTPUT).cases
    assert (found.name, found.line, found.window) == ("refunds are subtracted", 2, None)
    assert found.given[CLICKS][0] == {"campaign_id": 1, "kind": "click", "day": date(2024, 5, 1)}
    assert found.expect == ({"campaign_id": 1, "revenue_jpy": Decimal("1.50")},)
    assert [column.name for column in found.columns] == ["campaign_id", "revenue_jpy"]


def test_an_expected_row_without_a_column_that_another_row_names_expects_null() -> None:
    (found,) = read_cases(GOOD + "    - {campaign_id: 2}\n", "a", inputs=INPUTS, output=OUTPUT).cases
    assert [column.name for column in found.columns] == ["campaign_id", "revenue_jpy"]
    assert found.expect[1].get("revenue_jpy") is None


def test_inputs_that_are_left_out_are_empty_and_no_expected_rows_compare_all_columns() -> None:
    (found,) = read_cases("- {name: nothing, expect: []}", "a", inputs=INPUTS, output=OUTPUT).cases
    assert found.given == {CLICKS: ()}
    assert len(found.columns) == 3


def test_the_days_to_build_are_those_of_the_expected_rows_or_else_of_the_given_ones() -> None:
    (found,) = read_cases(GOOD, "a", inputs=INPUTS, output=OUTPUT, partition="day").cases
    assert found.window == Window(date(2024, 5, 1), date(2024, 5, 2))
    named = GOOD.replace("revenue_jpy: 1.5", "day: 2024-05-02")
    (found,) = read_cases(named, "a", inputs=INPUTS, output=OUTPUT, partition="day").cases
    assert found.window == Window(date(2024, 5, 2), date(2024, 5, 2))
    (found,) = read_cases(GOOD + "  start: 2024-04-30\n", "a", inputs=INPUTS, output=OUTPUT, partition="day").cases
    assert found.window == Window(date(2024, 4, 30), date(2024, 5, 2))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("name: x", "a.test.yaml:1: cases are a list; write"),
        ("", "a.test.yaml:1: cases are a list; write"),
        ("- [", "a.test.yaml:"),
        ("- x", "a.test.yaml:1: a case is a mapping; write"),
        ("- {expect: []}", "a.test.yaml:1: a case has no name; write"),
        ("- {name: x}", "a.test.yaml:1: a case has no expect; write"),
        ("- {name: x, expcet: [], expect: []}", 'did you mean "expect"?'),
        ("- {name: x, expect: []}\n- {name: x, expect: []}", 'a.test.yaml:2: two cases have the name "x"'),
        ("- name: x\n  expect: []\n  given:\n    raw_ads.click: []", "a.test.yaml:4: the SQL does not read"),
        ("- name: x\n  expect: []\n  given:\n    raw_ads.click: []", 'did you mean "raw_ads.clicks"?'),
        ("- name: x\n  expect: []\n  given: [1]", "a.test.yaml:3: given is a mapping"),
        ("- name: x\n  expect:\n  - {revenue_yen: 1}", 'there is no column "revenue_yen"'),
        (
            "- name: x\n  expect:\n  - {day: May}",
            'a.test.yaml:3: day: "May" is not a value of type date; write 2024-05-01',
        ),
        ("- name: x\n  expect: {day: May}", "a.test.yaml:2: rows are a list"),
        ("- name: x\n  expect: [1]", "a.test.yaml:2: a row is a mapping"),
        ("- name: x\n  expect:\n  - {}", "a.test.yaml:3: an expected row names no column; write the columns"),
        ("- {name: x, expect: [], start: May}", "start: May is not a day"),
    ],
)
def test_a_fault_is_told_with_its_line_and_what_to_write(text: str, wanted: str) -> None:
    assert any(wanted in problem for problem in problems(text)), problems(text)


def test_days_that_nothing_tells_are_asked_for() -> None:
    assert problems("- {name: x, expect: []}", "day") == [
        "a.test.yaml:1: the days to build are not known; write start: 2024-05-01 and end: 2024-05-01"
    ]


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("bigint", 2**63 - 1, 2**63 - 1),
        ("boolean", True, True),
        ("double", 1, 1.0),
        ("double", "Infinity", float("inf")),
        ("decimal(10,2)", "-1.5", Decimal("-1.50")),
        ("varchar", 7, "7"),
        ("varbinary", "é", b"\xc3\xa9"),
        ("timestamp(3)", "2024-05-01 10:00:00.5", datetime(2024, 5, 1, 10, 0, 0, 500_000)),
        ("timestamp(3)", "2024-05-01", datetime(2024, 5, 1)),
        ("array(date)", ["2024-05-01", None], [date(2024, 5, 1), None]),
        ("map(bigint, varchar)", {"1": "a"}, [(1, "a")]),
        ("row(a bigint, b varchar)", {"b": "x"}, {"a": None, "b": "x"}),
        ("bigint", None, None),
    ],
)
def test_a_value_is_read_by_its_type(type_: str, value: Any, wanted: Any) -> None:
    assert value_of(value, Type.parse(type_)) == wanted


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("tinyint", 128, "128 does not fit into tinyint; it holds -128 to 127"),
        ("bigint", "1", '"1" is not a value of type bigint; write 42'),
        ("bigint", True, "true is not a value of type bigint"),
        ("decimal(4,1)", 1.25, "1.25 does not fit into decimal"),
        ("decimal(4,1)", "NaN", "does not fit into decimal"),
        ("decimal(4,1)", "x", "is not a value of type decimal"),
        ("varchar", 1.5, '1.5 is not a value of type varchar; write "1.5"'),
        ("timestamp(3)", "2024-05-01 10:00:00+09:00", "UTC without a zone"),
        ("row(a bigint)", {"aa": 1}, '"aa" is not a field of row'),
        ("array(bigint)", 1, "write a list"),
        ("json", "{}", "a case cannot hold a value of type json"),
    ],
)
def test_a_value_that_a_type_cannot_hold_is_refused(type_: str, value: Any, wanted: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wanted)):
        value_of(value, Type.parse(type_))


def test_rows_are_compared_as_a_bag() -> None:
    assert differences([[1], [1], [None]], [[1], [None], [2]]) == ([[1]], [[2]])
    assert differences([["NaN", 1.0]], [["NaN", 1.0 + 1e-12]]) == ([], [])
    assert differences([[1]], [[1.5]]) == ([[1]], [[1.5]])


def test_the_last_day_does_not_lie_before_the_first() -> None:
    (told,) = problems("- {name: x, expect: [], start: 2024-05-02, end: 2024-05-01}", partition="day")
    assert "end 2024-05-01 lies before start 2024-05-02" in told


@pytest.mark.parametrize("key", ["start", "end"])
def test_a_table_without_days_is_run_for_none(key: str) -> None:
    told = f"a.test.yaml:1: this table has no days; remove {key}:"
    assert problems(f"- {{name: x, expect: [], {key}: 2024-05-01}}") == [told]
