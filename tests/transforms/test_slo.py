"""What may be promised, and what is told of a promise that means nothing."""

from __future__ import annotations

from datetime import date, time

import pytest

from transforms.errors import Problem, UsageError
from transforms.fields import Fields
from transforms.slo import Slo, is_workday, read_slo
from transforms.yaml_file import read_yaml


def read(text: str) -> tuple[Slo | None, list[str]]:
    problems: list[Problem] = []
    fields = Fields(read_yaml(text, "a.sql"), problems)
    return read_slo(fields, refused=[("complete", "the table has no days")]), [str(problem) for problem in problems]


def test_a_promise_is_read_as_it_is_declared() -> None:
    assert read('slo: {fresh_by: "09:00", days_met: 99%}') == (Slo(time(9), days_met=0.99), [])
    assert read('slo: {fresh_by: "23:59", rows_valid: 99.9%, due: workdays}') == (
        Slo(time(23, 59), 0.999, None, 1.0, "workdays"),
        [],
    )
    assert read("owner: ads") == (None, [])


def test_a_promise_is_shown_as_it_was_declared() -> None:
    slo, _ = read('slo: {fresh_by: "09:00", rows_valid: 99.9%, due: workdays, days_met: 95%}')
    assert slo
    assert slo.document == {"fresh_by": "09:00", "rows_valid": 0.999, "days_met": 0.95, "due": "workdays"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "slo: {days_met: 99%}",
            "this promises nothing; a promise is fresh_by or rows_valid or complete; "
            'write slo: {fresh_by: "09:00", days_met: 99%}',
        ),
        ("slo: {complete: 50%}", "complete cannot be promised: the table has no days; remove it"),
        (
            'slo: {fresh_by: "09:00", due: weekdays}',
            'due cannot be "weekdays"; it is days or workdays; did you mean "workdays"?',
        ),
        ('slo: {fresh_by: "9"}', '"9" is not a time of day; write fresh_by: "09:00"'),
        (
            "slo: {fresh: 1}",
            'unknown key "fresh"; keys are fresh_by, rows_valid, complete, days_met and due; did you mean "fresh_by"?',
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_line_to_write(text: str, message: str) -> None:
    assert f"a.sql:1: {message}" in read(text)[1]


def test_workdays_are_those_of_the_country() -> None:
    golden_week = [date(2024, 5, day) for day in range(1, 8)]
    assert [is_workday(day, "JP") for day in golden_week] == [True, True, False, False, False, False, True]
    assert [is_workday(day, None) for day in golden_week] == [True, True, True, False, False, True, True]
    with pytest.raises(UsageError, match=r'the country "XX"; write its ISO code in connectors/targets.yaml'):
        is_workday(date(2024, 5, 1), "XX")
