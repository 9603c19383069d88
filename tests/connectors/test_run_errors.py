"""Errors of a statement at run time: Athena's words, the value, and the place of the expression that failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.engines.duckdb import DuckdbEngine
from transforms.column import Column, Schema
from transforms.compile import compile_sql, compile_template
from transforms.errors import Refused, Rejected
from transforms.lake_types import INTEGER, VARCHAR
from transforms.names import TableName
from transforms.window import Window

PEOPLE = TableName("core", "people")
OLD = TableName("kpi", "old")
SCHEMA: Schema = {
    PEOPLE: (Column("email", VARCHAR, personal=True), Column("code", VARCHAR), Column("n", INTEGER)),
    OLD: (Column("age", INTEGER),),
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckdbEngine]:
    engine = DuckdbEngine(tmp_path, tmp_path / "spill", memory_limit="500MB", threads=1)
    engine.attach_rows(PEOPLE, SCHEMA[PEOPLE], [{"email": "ann@example.com", "code": "x7", "n": 0}])
    yield engine
    engine.close()


def failure(engine: DuckdbEngine, sql: str) -> str:
    with pytest.raises((Rejected, Refused)) as caught:
        engine.query(compile_sql(sql, SCHEMA)).read_all()
    return str(caught.value)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("1 / n", "1:8: Division by zero; write x / nullif(y, 0) for NULL"),
        ("5 / 2 + 7 % n", "1:16: Division by zero; write x / nullif(y, 0) for NULL"),
        ("n % n", "1:8: Division by zero; write x / nullif(y, 0) for NULL"),
        ("1 + cast(code as bigint)", "1:12: Cannot cast 'x7' to bigint; write try_cast(.. as ..) for NULL"),
        ("cast(code as decimal(5,2))", "1:8: Cannot cast 'x7' to decimal(5,2); write try_cast(.. as ..) for NULL"),
        ("cast(code as date)", "1:8: Value cannot be cast to date: x7; write try_cast(.. as ..) for NULL"),
        ("cast(n + 1000 as tinyint)", "1:8: Out of range for tinyint: 1000"),
        (
            "cast(n + 1000 as decimal(3,1))",
            "1:8: Cannot cast '1000' to decimal(3,1); write try_cast(.. as ..) for NULL",
        ),
        ("n + 1 + 2147483647", "1:8: integer addition overflow: 1 + 2147483647"),
        ("(n - 5) * 2147483647", "1:9: integer multiplication overflow: -5 * 2147483647"),
        ("map(array['a'], array[1])[code]", "1:8: Key not present in map: x7; write element_at(map, key) for NULL"),
        (
            "array[1, 2][n + 3]",
            "1:14: Array subscript must be less than or equal to array length: 3; write element_at(array, n) for NULL",
        ),
        ("array[1, 2][n]", "1:14: SQL array indices start at 1"),
        ("map(array[code, code], array[1, 2])", "1:8: Duplicate map keys are not allowed"),
        (
            "date_parse(code, '%Y')",
            "1:8: Invalid format: x7; write the pattern of these texts, or try(..) around it for NULL",
        ),
        ("json_parse(code)", "1:8: Cannot convert value to JSON: x7; write try(json_parse(..)) for NULL"),
    ],
)
def test_the_words_are_those_of_athena_at_the_place_that_failed(engine: DuckdbEngine, sql: str, told: str) -> None:
    assert failure(engine, f"select {sql} as x from core.people") == told


def test_a_value_that_may_be_personal_is_not_shown(engine: DuckdbEngine) -> None:
    assert "@" not in failure(engine, "select cast(email as integer) as x from core.people")
    assert "example" not in failure(engine, "select cast(p as date) as x from (select email as p from core.people)")
    assert "'x7'" in failure(engine, "select email, cast(code as integer) as x from core.people")


def test_of_several_that_may_have_failed_all_are_named(engine: DuckdbEngine) -> None:
    sql = "select\n  1 / n as a,\n  2 / n as b\nfrom core.people"
    assert failure(engine, sql) == "Division by zero; it is at 2:3 or 3:3; write x / nullif(y, 0) for NULL"


def test_what_fails_under_try_is_no_culprit(engine: DuckdbEngine) -> None:
    sql = (
        "select try(1 / n) as a, try_cast(code as bigint) as b, 2 / n as c, cast(code as bigint) as d from core.people"
    )
    assert failure(engine, sql)[:5] in ("1:56:", "1:68:")


def test_a_fault_in_a_view_is_told_at_its_place_in_the_view(engine: DuckdbEngine) -> None:
    view = compile_sql("select 7 / n as age from core.people", SCHEMA, path="transforms/views/kpi/old.sql")
    engine.attach_view(OLD, view)
    assert failure(engine, "select age from kpi.old").startswith("transforms/views/kpi/old.sql:1:8: Division by zero")


def test_places_are_those_of_the_text_with_open_days(engine: DuckdbEngine) -> None:
    template = compile_template("select :start as day, 1 / n as x from core.people", SCHEMA, path="a.sql")
    day = date(2024, 5, 1)
    with pytest.raises(Rejected, match=r"^a\.sql:1:23: Division by zero"):
        engine.query(template.at(Window(day, day))).read_all()
