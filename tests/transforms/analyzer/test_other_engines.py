"""Advice for what other engines have: nothing in it is unknown or refused."""

from __future__ import annotations

import re

import pytest

from transforms.analyzer.other_engines import FUNCTIONS, TABLES
from transforms.analyzer.signatures import functions
from transforms.analyzer.special_forms import SPECIAL
from transforms.compile import analyze
from transforms.dialect import functions as rules_of_functions
from transforms.dialect.rules import refusals

assert rules_of_functions  # importing them declares what is refused
SYNTAX = {"cast", "try_cast", "extract", "unnest", "decimal", "over", "group", "t", "row", "where", "filter"}


@pytest.mark.parametrize(("name", "advice"), [*FUNCTIONS.items(), *TABLES.items()])
def test_advice_names_only_what_there_is(name: str, advice: str) -> None:
    called = set(re.findall(r"(\w+) ?\(", advice)) - SYNTAX
    assert called <= {*functions(), *SPECIAL}
    assert called.isdisjoint(refusals())


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS)))
def test_advice_is_for_what_athena_has_not(name: str) -> None:
    assert name not in functions()


def test_a_column_or_a_variable_may_have_the_name_of_a_unit() -> None:
    for sql in (
        "select date_trunc(day, timestamp '2024-05-01 00:00:00') as x from (values 'day') as t(day)",
        "select transform(array['day'], day -> date_trunc(day, timestamp '2024-05-01 00:00:00')) as x",
    ):
        assert analyze(sql, {}).errors == ()
