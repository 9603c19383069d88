"""Arrays by their elements: looking for one, sets, order. What is equal, and what comes first, is Trino's."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.tree import is_call
from transforms.dialect.equality import NESTED, equal, extreme, holds, known, sorted_array
from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, Invocation, family, helper, macro_of, rule, rule_of_call
from transforms.dialect.types import duckdb_type
from transforms.gaps import gap
from transforms.lake_types import FLOATING

family("Arrays")


def _seeks(signature: str, body: str) -> None:
    """A function that looks for an element: `<name>_verdicts` decides for nested elements, where NULL is an error.

    NaN, which equals nothing, is not found.
    """
    name = signature.partition("(")[0]
    plain = macro_of(signature, body)

    @rule(signature)
    def seek(a: Arg, x: Arg) -> str:
        kind = a.type.element
        known(kind)
        if kind.name in NESTED:
            same = f"case {equal('item', x, kind)} when true then 1 when false then 2 else 3 end"
            verdicts = f"list_transform({a}, lambda item: case when item is null then 0 else {same} end)"
            return f"case when {x} is not null then athena_{name}_verdicts({a}, {verdicts}) end"
        found = f"{plain}({a}, {x})"
        if kind.name not in FLOATING or x.number is not None:
            return found
        unfound = a if name == "array_remove" else f"{plain}(list_filter({a}, lambda item: item is null), {x})"
        return f"case when isnan({x}) then {unfound} else {found} end"


_seeks(
    "contains(a array(T), x T) -> boolean",
    "case when a is null or x is null then null when list_contains(a, x) then true when list_count(a) < len(a) "
    "then null else false end",
)
_seeks(
    "array_position(a array(T), x T) -> bigint",
    "case when a is null or x is null then null else cast(coalesce(list_position(a, x), 0) as bigint) end",
)
_seeks(
    "array_remove(a array(T), x T) -> array(T)",
    "case when len(a) >= 0 then case when x is not null then list_filter(a, lambda y: y is distinct from x) end end",
)
_BEFORE = "list_position(v, 1) < coalesce(list_position(v, 3), len(v) + 1)"
_NO_NULLS = "does not support arrays with elements that are null or contain null"
helper(
    "contains_verdicts(a, v)",
    f"case when {_BEFORE} then true when list_contains(v, 3) then uncaught('contains {_NO_NULLS}') "
    "when list_contains(v, 0) then null when v is not null then false end",
)
helper(
    "array_position_verdicts(a, v)",
    f"case when {_BEFORE} then cast(list_position(v, 1) as bigint) "
    f"when list_contains(v, 3) then uncaught('array_position {_NO_NULLS}') "
    "when v is not null then cast(0 as bigint) end",
)
helper(
    "array_remove_verdicts(a, v)",
    f"case when list_contains(v, 3) then uncaught('array_remove {_NO_NULLS}') "
    "else list_transform(list_filter(list_zip(a, v), lambda e: e[2] <> 1), lambda e: e[1]) end",
)


@gap("array_distinct(array[m])", "array_union(array[m], array[m])", "arrays_overlap(array[m], array[m])")
def _sets(signature: str, body: str) -> None:
    """A function for which NULL is like NULL and NaN like NaN, as in DuckDB's own comparison of values."""
    full = macro_of(signature, body)

    @rule(signature)
    def make(*args: Arg) -> str:
        known(args[0].type.element)
        if holds(args[0].type, "map"):
            raise NotPortable(f"{signature.partition('(')[0]} of maps is not portable yet", "map_entries")
        return f"{full}({', '.join(args)})"


_sets(
    "array_distinct(a array(T)) -> array(T)",
    "case when a is null or len(a) < 2 then a else list_transform(list_filter(list_zip(a, range(1, len(a) + 1)), "
    "lambda e: case when e[1] is null then len(list_filter(a[1:e[2] - 1], lambda y: y is null)) = 0 else "
    "list_position(a, e[1]) = e[2] end), lambda e: e[1]) end",
)
_sets(
    "array_union(a array(T), b array(T)) -> array(T)",
    "case when a is not null and b is not null then athena_array_distinct(list_concat(a, b)) end",
)
_HAS = "case when x is null then list_count({0}) < len({0}) else list_contains({0}, x) end"
_sets(
    "array_intersect(a array(T), b array(T)) -> array(T)",
    "case when a is null or b is null then null "
    f"when len(a) < len(b) then athena_array_distinct(list_filter(b, lambda x: {_HAS.format('a')})) "
    f"else athena_array_distinct(list_filter(a, lambda x: {_HAS.format('b')})) end",
)
_sets(
    "array_except(a array(T), b array(T)) -> array(T)",
    "case when a is null or b is null then null when len(b) = 0 then a "
    f"else athena_array_distinct(list_filter(a, lambda x: not {_HAS.format('b')})) end",
)
_sets(
    "arrays_overlap(a array(T), b array(T)) -> boolean",
    "case when a is null or b is null then null when list_has_any(list_filter(a, lambda y: y is not null), "
    "list_filter(b, lambda y: y is not null)) then true "
    "when len(a) > 0 and len(b) > 0 and (list_count(a) < len(a) or list_count(b) < len(b)) then null else false end",
)
_sets(
    "contains_sequence(a array(T), s array(T)) -> boolean",
    "case when a is null or s is null then null when len(s) = 0 then true else "
    "len(list_filter(range(1, len(a) - len(s) + 2), lambda i: a[i:i + len(s) - 1] = s)) > 0 end",
)


@rule("array_sort(array(T)) -> array(T)")
def array_sort(a: Arg) -> str:
    """Ascending, NULLs last."""
    return sorted_array(_made_distinct(a), a.type.element)


def _made_distinct(sorted_: Arg) -> str:
    """What an array_sort sorts: within array_distinct Athena makes the elements distinct first, and compares fewer."""
    above = sorted_.node.parent
    while above is not None and (isinstance(above, exp.Paren) or sorted_.node.parent is above):
        above = above.parent
    outer = is_call(above, "array_distinct")
    return f"athena_array_distinct({sorted_})" if outer else sorted_


@rule_of_call("array_max(array(T)) -> T", "array_min(array(T)) -> T")
def array_extreme(call: Invocation) -> str:
    """NULL if an element is; NaN counts only if all are NaN. Of the zeros it is the first, whatever its sign."""
    (a,) = call.args
    kind, which = a.type.element, call.name.removeprefix("array_")
    if kind.name in NESTED:
        return extreme(a, which, kind)
    if kind.name in FLOATING:
        found = f"coalesce(athena_first_{which}(list_filter({a}, lambda item: not isnan(item))), {a}[1])"
    else:
        known(kind)
        found = f"list_{which}({a})"
    return f"case when list_count({a}) = len({a}) then {found} end"


helper("first_max(a)", "a[list_position(a, list_max(a))]")
helper("first_min(a)", "a[list_position(a, list_min(a))]")


@rule("array_sort(array(T), function(T, T, integer)) -> array(T)")
def array_sort_by(a: Arg, compare: Arg) -> str:
    """By a comparison of two elements, with the comparisons that Trino's sort makes: a later one with an earlier one.

    All pairs are compared, so a comparison that contradicts itself is found; it would tell how Trino sorts.
    """
    here, there, array = compare.variable("index"), compare.variable("other"), compare.variable("array")
    one, other = f"{array}[{here}]", f"{array}[{there}]"
    indexes = f"range(1, len({array}) + 1)"
    later, sooner = (
        f"list_transform({indexes}, lambda {here}: list_transform(range(1, {here}), lambda {there}: {verdict}))"
        for verdict in (compare.applied(one, other), compare.applied(other, one))
    )
    result = f"athena_sorted_by({array}, {later}, case when len({array}) >= 32 then {sooner} end)"
    return f"list_transform([{_made_distinct(a)}], lambda {array}: {result})[1]"


helper(
    "sort_places(m)",
    "list_transform(range(1, len(m) + 1), lambda i: 1 + len(list_filter(m[i], lambda c: not coalesce(c < 0, false))) "
    "+ len(list_filter(range(i + 1, len(m) + 1), lambda k: coalesce(m[k][i] < 0, false))))",
)
helper("sort_order(places)", "list_transform(range(1, len(places) + 1), lambda p: list_position(places, p))")
_NO_VERDICT = "coalesce({0} not in (-1, 0, 1), true)"
_NEIGHBOURS = "m[greatest(o[i], o[i - 1])][least(o[i], o[i - 1])]"
_CONTRADICTS = "array_sort with a comparison that contradicts itself"
helper(
    "sorted_in(a, m, n, o)",
    f"case when list_count(o) < len(o) then unportable('{_CONTRADICTS}') "
    f"when len(list_filter(range(2, len(o) + 1), lambda i: {_NO_VERDICT.format(_NEIGHBOURS)})) > 0 "
    f"or len(o) > 1 and {_NO_VERDICT.format('m[2][1]')} then fail('Lambda comparator must return either -1, 0, or 1') "
    "when o <> range(1, len(o) + 1) and o <> range(len(o), 0, -1) "
    f"and len(list_filter(flatten(m), lambda c: {_NO_VERDICT.format('c')})) > 0 "
    "then unportable('array_sort with a comparison that gives not only -1, 0 and 1') "
    "when len(o) >= 32 and list_transform(flatten(m), lambda c: c < 0) "
    f"is distinct from list_transform(flatten(n), lambda c: c > 0) then unportable('{_CONTRADICTS}') "
    "else list_transform(o, lambda i: a[i]) end",
)
helper(
    "sorted_by(a, m, n)",
    "list_transform([athena_sort_order(athena_sort_places(m))], lambda o: athena_sorted_in(a, m, n, o))[1]",
)


@rule_of_call("array_histogram(array(T)) -> map(T, bigint)")
@gap("array_histogram(array[a])")
def array_histogram(call: Invocation) -> str:
    """How often each element comes; NULL is left out."""
    (a,) = call.args
    if a.type.element.name in NESTED:
        raise NotPortable(f"array_histogram of {a.type} is not portable yet", "count(*) over unnest")
    known(a.type.element)
    kind = duckdb_type(call.type)
    return f"case when {a} is not null then cast(coalesce(list_histogram({a}), map {{}}) as {kind}) end"
