"""The declarations themselves: their names exist, their macros can be created, their tables of facts are true."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from connectors.engines.duckdb_functions import install
from transforms.analyzer.signatures import functions
from transforms.dialect import macros, rules
from transforms.dialect.errors import NotPortable
from transforms.dialect.zoned import STEADY

SPECIAL_FORMS = {
    "coalesce",
    "nullif",
    "if",
    "try",
    "row",
    "grouping",
    "format",
    "position",
    "json_exists",
    "json_query",
}
SPECIAL_FORMS |= {"json_value", "json_object", "json_array", "version", "current_timestamp", "localtimestamp"}


def test_every_rule_and_refusal_is_of_a_function_that_athena_has() -> None:
    assert macros.needed(()) == ()
    known = {name.lower() for name in functions()} | SPECIAL_FORMS
    assert {*rules.declared(), *rules.refusals()} - known == set()


def test_everything_that_rules_make_can_be_installed_in_the_order_given() -> None:
    connection, known = duckdb.connect(), set[str]()
    install(connection, macros.names(), known)
    assert known == set(macros.names())
    install(connection, macros.names(), known)
    connection.close()


def test_a_macro_comes_after_those_that_it_needs() -> None:
    (*before, last) = macros.needed(["athena_json_scalar"])
    assert last.name == "athena_json_scalar"
    assert "athena_json_read_scalar" in {made.name for made in before}


def test_a_signature_decides_by_the_types_of_the_arguments() -> None:
    with pytest.raises(NotPortable, match=r"nosuch\(\) is not portable yet"):
        rules.find("nosuch", ())


@pytest.mark.parametrize("zone", STEADY)
def test_the_clock_of_a_steady_zone_is_never_changed_since_its_year(zone: str) -> None:
    year, minutes = STEADY[zone]
    moment, step = datetime(year, 1, 1, tzinfo=UTC), timedelta(days=5)
    while moment.year < 2038:
        assert moment.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(minutes=minutes), moment
        moment += step


@pytest.mark.parametrize("over", ["1", "len([0])"])
def test_a_failure_stands_only_where_it_is_reached_and_try_makes_it_null(over: str) -> None:
    connection = duckdb.connect()
    failing = macros.failing(f"case when {over} = 1 then fail('no') else [2] end")
    assert connection.execute(f"select try({failing})").fetchall() == [(None,)]
    with pytest.raises(duckdb.ConversionException):
        connection.execute(f"select {failing}").fetchall()
    assert connection.execute(f"select {failing.replace('= 1', '= 3')}").fetchall() == [([2],)]
    connection.close()


def test_no_macro_reads_a_lambda_s_variable_with_a_point_as_if_it_were_a_table() -> None:
    bodies = [made.body for made in macros.needed(macros.names()) if isinstance(made, macros.Macro)]
    for body in bodies:
        for variables in re.findall(r"lambda ([\w, ]+):", body):
            for variable in variables.split(", "):
                assert not re.search(rf"(?<![\w.]){variable}\.\w", body), body
