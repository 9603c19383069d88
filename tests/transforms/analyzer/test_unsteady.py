"""What a table may hold that another run computes otherwise is warned of, at its place; what is steady is not."""

from __future__ import annotations

import pytest

from transforms.analyzer.tables import Kind
from transforms.compile import analyze
from transforms.errors import Problem

ROWS = "from (values (1, 2, 3)) as v(id, a, b)"


def warnings(items: str, kind: Kind = "table") -> list[Problem]:
    return list(analyze(f"select\n  {items} {ROWS}", {}, kind=kind).problems)


@pytest.mark.parametrize(
    ("items", "what", "write"),
    [
        ("arbitrary(v.a) as x", "may give any of the values", "min(x)"),
        ("any_value(v.a) as x", "may give any of the values", "min(x)"),
        ("approx_distinct(v.a) as x", "is an estimate on Athena", "count(distinct x)"),
        ("array_agg(v.a) as x", "in any order", "array_agg(x order by x)"),
        ("current_date as x", "current_date makes every build", ":start or :end"),
        ("cast(now() at time zone 'UTC' as timestamp(3)) as x", "now() makes every build", ":start or :end"),
        ("v.b, row_number() over (partition by v.a order by v.a) as x", "rows that tie", "order by"),
        ("v.a, lag(v.b) over (order by v.a) as x", "rows that tie", "order by"),
        ("v.a, row_number() over () as x", "rows that tie", "order by"),
    ],
)
def test_what_may_be_otherwise_is_a_warning_with_its_line(items: str, what: str, write: str) -> None:
    (problem,) = warnings(items)
    assert (problem.severity, problem.line) == ("warning", 2)
    assert what in problem.what
    assert write in problem.write
    assert warnings(items, "view") == warnings(items, "query") == []


@pytest.mark.parametrize(
    "items",
    [
        "array_agg(v.a order by v.a) as x",
        "cardinality(array_agg(v.a)) as x",
        "array_sort(array_agg(distinct v.a)) as x",
        "v.b, row_number() over (partition by v.a order by v.b, v.id) as x",
        "v.a, row_number() over (order by v.a) as x",
        "v.a, lag(v.b) over (order by v.id) as x",
        "v.b, rank() over (order by v.a) as x",
        "min(v.a) as x",
    ],
)
def test_what_is_steady_is_no_matter(items: str) -> None:
    assert warnings(items) == []


@pytest.mark.parametrize(
    ("items", "what"),
    [
        ("decimal '1.50' / v.a as x", "decimal"),
        ("decimal '1.50' * 1.5 as x", "1.5 is a double on Athena"),
    ],
)
def test_what_athena_may_compute_in_other_digits_is_a_warning(items: str, what: str) -> None:
    (problem,) = warnings(items)
    assert problem.severity == "warning"
    assert what in problem.what
