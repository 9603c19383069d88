"""Values of a declaration's keys: lists, lengths of time, shares, and where a problem points."""

from __future__ import annotations

from datetime import timedelta

import pytest

from transforms.errors import Problem
from transforms.fields import Fields, listed, read_share, read_span
from transforms.yaml_file import read_yaml


def test_of_very_many_words_only_the_first_are_listed() -> None:
    assert listed(f"t{n}" for n in range(500)).endswith("t18 and 481 more")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("3 days", timedelta(days=3)),
        ("1 day", timedelta(days=1)),
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("2 weeks", timedelta(weeks=2)),
        ("0 days", None),
        ("-1 day", None),
        ("3", None),
        ("99999999 days", None),
        (3, None),
        (None, None),
    ],
)
def test_a_length_of_time_needs_a_unit(text: object, span: timedelta | None) -> None:
    assert read_span(text) == span


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("1%", 0.01),
        ("0.1%", 0.001),
        ("100 %", 1.0),
        (0, 0.0),
        ("101%", None),
        (0.01, None),
        (True, None),
        ("-1%", None),
    ],
)
def test_a_share_is_a_percentage(text: object, share: float | None) -> None:
    assert read_share(text) == share


def test_a_problem_points_at_the_nearest_line() -> None:
    problems: list[Problem] = []
    fields = Fields(read_yaml("a:\n  b:\n    c: 1\n", "f.yaml"), problems, "a", "b")
    fields.problem("c", "one")
    fields.problem("d", "two")
    fields.problem(None, "three")
    assert [problem.line for problem in problems] == [3, 2, 2]
