"""Advice for what other engines have: nothing in it is unknown or refused."""

from __future__ import annotations

import re

from transforms.analyzer.other_engines import FUNCTIONS, TABLES
from transforms.analyzer.signatures import functions
from transforms.analyzer.special_forms import SPECIAL
from transforms.compile import analyze
from transforms.dialect import functions as rules_of_functions
from transforms.dialect.rules import refusals

assert rules_of_functions  # importing them declares what is refused
SYNTAX = {"cast", "try_cast", "extract", "unnest", "decimal", "over", "group", "t", "row", "where", "filter"}


def test_advice_names_only_what_there_is() -> None:
    advice = {*FUNCTIONS.values(), *TABLES.values()}
    called = {name for text in advice for name in re.findall(r"(\w+) ?\(", text)} - SYNTAX
    assert called - {*functions(), *SPECIAL} == set()
    assert called & refusals().keys() == set()


def test_advice_is_for_what_athena_has_not() -> None:
    assert set(FUNCTIONS) & set(functions()) == set()


def test_a_column_or_a_variable_may_have_the_name_of_a_unit() -> None:
    for sql in (
        "select date_trunc(day, timestamp '2024-05-01 00:00:00') as x from (values 'day') as t(day)",
        "select transform(array['day'], day -> date_trunc(day, timestamp '2024-05-01 00:00:00')) as x",
    ):
        assert analyze(sql, {}).errors == ()
