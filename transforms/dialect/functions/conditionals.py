"""Conditions as functions."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.coercion import common_type
from transforms.dialect.branches import settled, unasked
from transforms.dialect.casts import cast
from transforms.dialect.connectors import text_may_fail
from transforms.dialect.equality import NESTED, equal, known
from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Invocation, family, rule_of_call
from transforms.dialect.strictness import only_chooses
from transforms.dialect.types import duckdb_type, row_fields, text
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS
from transforms.names import quoted

family("Conditions")


@rule_of_call("if(boolean, T) -> T", "if(boolean, T, T) -> T")
def if_(call: Invocation) -> str:
    """The branch that is taken, and only that; the condition is not computed where both are the same constant."""
    condition, yes, *no = call.args
    above = condition.node.parent
    first = settled(above, [condition.node], [(each.node, each) for each in (yes, *no)]) if above else ""
    unless = unasked([(yes.node, yes)], (no[0].node, no[0]))[0] if no and text_may_fail(condition) else ""
    first += f"when {unless} then {yes} " * bool(unless)
    return f"case {first}when {condition} then {yes}{f' else {no[0]}' if no else ''} end"


@rule_of_call("coalesce(T...) -> T")
def coalesce(call: Invocation) -> str:
    """The first that is not NULL. Behind it nothing is computed; DuckDB computes what stands in two places anyway."""
    *before, last = call.args
    if not any(map(text_may_fail, call.args[1:])):
        return f"coalesce({', '.join(call.args)})"
    return f"case {' '.join(f'when {each} is not null then {each}' for each in before)} else {last} end"


@rule_of_call("nullif(T, U) -> T")
@gap("nullif(a, array[x])", "select i from (values (1, false)) as n(i, no) where nullif(no, 1 / i = 1)")
def nullif(call: Invocation) -> str:
    """The first, unless it equals the second; in the type of the first."""
    left, right = call.args
    if text_may_fail(right) and left.node.parent is not None and only_chooses(left.node.parent):
        raise NotPortable("of a nullif that chooses rows Athena may not compute the second part", "a and not b")
    if left.type.name in NESTED and duckdb_type(left.type) == duckdb_type(right.type):
        known(left.type)
        return f"case when {equal(left, right, left.type)} then null else {left} end"
    if left.type.name in NESTED:
        raise NotPortable(f"nullif of {left.type} is not portable yet", "case")
    common = common_type(left.type, right.type) or left.type
    if left.type.name in (*INTEGERS, "varchar", "date", "boolean") and common.name in (*INTEGERS, left.type.name):
        plain = f"nullif({left}, {right})"
        return f"case when {left} is not null then {plain} end" if text_may_fail(right) else plain
    one, other = (cast(each, each.type, common, zone=each.zone) for each in (left, right))
    given = f"{one} is not null and " if text_may_fail(other) else ""
    same = f"{given}{one} = {other}{f' and not isnan({one})' if common.name in FLOATING else ''}"
    return f"case when {same} then null else {left} end"


@rule_of_call("typeof(T) -> varchar")
def typeof(call: Invocation) -> str:
    """Known before the query runs; but what is asked about is computed, and may fail, or make one row of all."""
    (asked,) = call.args
    name = text(str(asked.type))
    if isinstance(asked.node, (exp.Column, exp.Literal, exp.Identifier)) or asked.is_null:
        return name
    return f"case when {asked} is null then {name} else {name} end"


@rule_of_call("row(T...) -> row")
def row(call: Invocation) -> str:
    """A row; fields without names are called field0, field1 by DuckDB."""
    names = (quoted(name) for name, _ in row_fields(call.type))
    return f"struct_pack({', '.join(f'{name} := {arg}' for name, arg in zip(names, call.args, strict=True))})"
