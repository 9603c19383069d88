"""Functions that take a lambda. A condition that is NULL counts as not true where Trino says so."""

from __future__ import annotations

from transforms.dialect.rules import Arg, Invocation, family, helper, rule, rule_of_call
from transforms.dialect.types import duckdb_type
from transforms.lake_types import Type

family("Arrays")


@rule("transform(array(T), function(T, U)) -> array(U)")
def transform(a: Arg, change: Arg) -> str:
    """Each element changed."""
    return f"list_transform({a}, {change})"


@rule("filter(array(T), function(T, boolean)) -> array(T)")
def keep(a: Arg, condition: Arg) -> str:
    """The elements for which it is true."""
    return f"list_filter({a}, {condition})"


helper(
    "any_true(a)",
    "case when a is null then null when len(list_filter(a, lambda x: x)) > 0 then true when list_count(a) < "
    "len(a) then null else false end",
)
helper(
    "all_true(a)",
    "case when a is null then null when len(list_filter(a, lambda x: not x)) > 0 then false when list_count(a) "
    "< len(a) then null else true end",
)


@rule("any_match(array(T), function(T, boolean)) -> boolean")
def any_match(a: Arg, condition: Arg) -> str:
    """NULL if none is true and one is NULL."""
    return f"athena_any_true(list_transform({a}, {condition}))"


@rule("all_match(array(T), function(T, boolean)) -> boolean")
def all_match(a: Arg, condition: Arg) -> str:
    """NULL if none is false and one is NULL."""
    return f"athena_all_true(list_transform({a}, {condition}))"


@rule("none_match(array(T), function(T, boolean)) -> boolean")
def none_match(a: Arg, condition: Arg) -> str:
    """The opposite of any_match."""
    return f"(not athena_any_true(list_transform({a}, {condition})))"


@rule("zip_with(array(T), array(U), function(T, U, R)) -> array(R)")
def zip_with(a: Arg, b: Arg, join: Arg) -> str:
    """The shorter array is filled up with NULL."""
    both = f"list_transform(list_zip({a}, {b}), {join.over('[1]', '[2]')})"
    return f"case when {a} is not null and {b} is not null then {both} end"


@rule_of_call("reduce(array(T), S, function(S, T, S), function(S, R)) -> R")
def reduce(call: Invocation) -> str:
    """A fold from the left, its state in the type of the first state."""
    a, state, step, end = call.args
    folded, last = fold(a, a.type.element, state, step), end.variable("last")
    result = end.applied(folded)
    if result != folded:  # it is computed, and may fail, also where the end has no use for it
        result = f"list_transform([{folded}], lambda {last}: {end.applied(last)})[1]"
    return f"cast(case when {a} is not null then {result} end as {duckdb_type(call.type)})"


def fold(values: str, element: Type, state: Arg, step: Arg) -> str:
    """The last state. DuckDB wants the state and the elements in one type, so each stands in a row of both."""
    kind, acc, item = duckdb_type(state.type), step.variable("acc"), step.variable("element")
    items = f"list_transform({values}, lambda item: {{'item': item, 'state': cast(null as {kind})}})"
    body = step.applied(f"{acc}['state']", f"{item}['item']")
    folding = f"lambda {acc}, {item}: {{'item': {acc}['item'], 'state': cast({body} as {kind})}}"
    first = f"{{'item': cast(null as {duckdb_type(element)}), 'state': cast({state} as {kind})}}"
    return f"list_reduce({items}, {folding}, {first}).state"
