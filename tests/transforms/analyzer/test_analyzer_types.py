"""The type of every kind of expression, as a real Trino server gave it (Athena's: a bare 1.5 is a double)."""

from __future__ import annotations

import pytest
from analyzer_company import SCHEMA, files, pairs

from transforms.analyzer import parse
from transforms.analyzer.analyze import analyze_tree
from transforms.compile import analyze


def type_of_expression(expression: str) -> str:
    findings = analyze_tree(parse(f"with t as (select * from app.t) select {expression} as x from t"), SCHEMA)
    assert findings.fields is not None, [str(problem) for problem in findings.problems]
    return str(findings.fields[0].type)


@pytest.mark.parametrize("file", files("types"))
def test_an_expression_has_the_type_that_trino_gives_it(file: str) -> None:
    expected = pairs("types", file)
    assert [(expression, type_of_expression(expression)) for expression, _ in expected] == expected


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ("1.5", "double"),
        ("p * 1.5", "double"),
        ("p * decimal '1.5'", "decimal(12,3)"),
        ("coalesce(p, 0.0)", "double"),
        ("round(1.25, 1)", "double"),
        ("array[1.5]", "array(double)"),
    ],
)
def test_a_bare_literal_with_a_point_is_a_double_as_on_athena(expression: str, type_: str) -> None:
    assert type_of_expression(expression) == type_


def warnings(sql: str) -> list[str]:
    findings = analyze_tree(parse(sql), SCHEMA)
    return [problem.message for problem in findings.problems if problem.severity == "warning"]


def test_a_bare_literal_beside_a_decimal_is_warned_of() -> None:
    assert warnings("select p * 1.5 as x from app.t") == [
        "1.5 is a double on Athena, which makes the decimal beside it a double too; write decimal '1.5' or 1.5e0"
    ]
    assert warnings("select p * decimal '1.5' as x, d * 1.5 as y, p > 1 as z from app.t") == []


def test_a_division_of_decimals_is_warned_of() -> None:
    assert len(warnings("select p / p2 as x from app.t")) == 1
    assert warnings("select cast(p as double) / n as x from app.t") == []


def test_an_array_of_rows_unnests_into_one_column_that_holds_the_row() -> None:
    sql = """
    select item.sku, item
    from (select array[cast(row('a', 1) as row(sku varchar, n integer))] as items) cross join unnest(items) as u(item)
    """
    analysis = analyze(sql, SCHEMA)
    assert [str(column.type) for column in analysis.columns] == ["varchar", "row(sku varchar, n integer)"]
