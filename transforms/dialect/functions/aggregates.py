"""Aggregates. Over no rows all of them are NULL, except the counts; sums of whole numbers overflow as on Athena."""

from __future__ import annotations

from sqlglot import exp

from transforms.dialect.equality import NESTED, known, missing
from transforms.dialect.errors import NotPortable
from transforms.dialect.functions.lambdas import fold
from transforms.dialect.intervals import amount_of, interval_of
from transforms.dialect.macros import failing
from transforms.dialect.rules import Arg, Invocation, aggregate, family, helper, refuse, rule_of_call
from transforms.dialect.types import duckdb_type
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS, MOMENTS

family("Aggregates")

aggregate("count() -> bigint", "count(*){tail}")
aggregate("count(x T) -> bigint", "count({inside}){tail}")
aggregate("count_if(x boolean) -> bigint", "cast(coalesce(count_if({inside}){tail}, 0) as bigint)")
aggregate("sum(x bigint) -> bigint", "cast(sum({inside}){tail} as bigint)")
aggregate("sum(x double) -> double", "sum({inside}){tail}")
aggregate("sum(x real) -> real", "cast(sum({inside}){tail} as real)")
aggregate("sum(x decimal) -> decimal", "sum({inside}){tail}")
aggregate("avg(x double) -> double", "avg({inside}){tail}")
aggregate("avg(x bigint) -> double", "avg({inside}){tail}")
aggregate("avg(x real) -> real", "cast(avg({inside}){tail} as real)")


@rule_of_call("sum(interval) -> interval", "avg(interval) -> interval")
def total_of_intervals(call: Invocation) -> str:
    """In whole milliseconds or months; an average is rounded half up."""
    kind = call.type
    amounts = f"{call.name}({'distinct ' * call.distinct}{amount_of(call.args[0], kind)}){call.tail}"
    return interval_of(f"cast(floor({amounts} + 0.5) as bigint)", kind)


@rule_of_call("avg(decimal) -> decimal")
def average_of_decimals(call: Invocation) -> str:
    """In the type of the argument, rounded half up; DuckDB would make it a double."""
    scale = call.args[0].type.numbers[1]
    kind = duckdb_type(call.type)
    digits = f"athena_unscaled(sum({call.inside}){call.tail})"
    unit = f"cast('0.{'0' * (scale - 1)}1' as decimal({scale},{scale}))" if scale else "1"
    return f"cast(cast(athena_average({digits}, count({call.inside}){call.tail}) as decimal(38,0)) * {unit} as {kind})"


helper(
    "average(total, n)",
    "case when n = 0 then null when total < 0 then -((2 * -total + n) // (2 * n)) else (2 * total + n) // (2 * n) end",
)


_ORDERED = (
    *(*INTEGERS, "decimal", "real", "double", "varchar", "char", "date", "boolean"),
    *(*MOMENTS, "varbinary", "uuid", "unknown", *NESTED),
)


@gap("max(ipaddress '10.0.0.1')", "min_by(i, ipaddress '10.0.0.1')")
def _key(value: Arg, call: Invocation) -> str:
    """What decides an extreme, if its order is the same on both engines; a NULL inside of it is an error."""
    kind = value.type
    if kind.name not in _ORDERED:
        raise NotPortable(f"{call.name} of {kind} is not portable yet", f"{call.name} of one of its parts")
    if kind.name not in NESTED:
        return value
    known(kind, ordered=True)
    hole = missing(value, kind, nan=True)
    return failing(f"case when {hole} then unportable('{call.name} of rows with NULL or NaN') else {value} end")


def _extreme(value: Arg, call: Invocation) -> tuple[str, str]:
    """Which extreme DuckDB takes, and of what. For max NaN is the least of all: it is the least of the opposites."""
    if call.name.startswith("max") and value.type.name in FLOATING:
        return "min", f"-{value}"
    return call.name[:3], _key(value, call)


@rule_of_call("min(T) -> T", "max(T) -> T")
def extreme(call: Invocation) -> str:
    """Of what has an order."""
    which, key = _extreme(call.args[0], call)
    best = f"{which}({'distinct ' * call.distinct}{key}){call.tail}"
    return best if which == call.name else f"(-{best})"


@rule_of_call("min_by(T, U) -> T", "max_by(T, U) -> T")
def extreme_by(call: Invocation) -> str:
    """The value at the extreme, also if it is NULL."""
    x, y = call.args
    which, key = _extreme(y, call)
    return f"arg_{which}_null({x}, {key}){call.tail}"


@rule_of_call("min(T, bigint) -> array(T)", "max(T, bigint) -> array(T)")
def extremes(call: Invocation) -> str:
    """The n extremes, the most extreme first."""
    x, n = call.args
    which, key = _extreme(x, call)
    best = f"{which}({key}, {_count(n, call)}){call.tail}"
    return best if which == call.name else f"list_transform({best}, lambda item: -item)"


@rule_of_call("min_by(T, U, bigint) -> array(T)", "max_by(T, U, bigint) -> array(T)")
def extremes_by(call: Invocation) -> str:
    """The values at the n extremes; of two with the same key either may be the last one, as on Athena."""
    x, y, n = call.args
    which, key = _extreme(y, call)
    best = f"arg_{which}(struct_pack(v := {x}), {key}, {_count(n, call)}){call.tail}"
    return f"list_transform({best}, lambda item: item['v'])"


@gap("max(i, i)", "min_by(s, i, i)")
def _count(n: Arg, call: Invocation) -> str:
    if n.number is None:
        raise NotPortable(f"{call.name} with a number that varies by row", "a constant number")
    wrong = "must be positive" if n.number < 1 else "must be less than or equal to 10000" if n.number > 10000 else ""
    why = f"second argument of {call.name}_n {wrong}"
    return failing(f"case when true then fail('{why}') else {n} end") if wrong else n


aggregate("arbitrary(x T) -> T", "any_value({inside}){tail}")
aggregate("any_value(x T) -> T", "any_value({inside}){tail}")
aggregate("approx_distinct(x T) -> bigint", "count(distinct {inside}){tail}")
aggregate("approx_distinct(x T, e double) -> bigint", "count(distinct {x}){tail}")
aggregate("array_agg(x T) -> array(T)", "list({inside}){tail}")
aggregate("bool_and(x boolean) -> boolean", "bool_and({inside}){tail}")
aggregate("every(x boolean) -> boolean", "bool_and({inside}){tail}")
aggregate("bool_or(x boolean) -> boolean", "bool_or({inside}){tail}")
aggregate("bitwise_and_agg(x bigint) -> bigint", "bit_and({inside}){tail}")
aggregate("bitwise_or_agg(x bigint) -> bigint", "bit_or({inside}){tail}")
aggregate("bitwise_xor_agg(x bigint) -> bigint", "bit_xor({inside}){tail}")
_SPREADS = {
    "stddev": "stddev_samp",
    "stddev_samp": "stddev_samp",
    "stddev_pop": "stddev_pop",
    "variance": "var_samp",
    "var_samp": "var_samp",
    "var_pop": "var_pop",
}


@rule_of_call(*(f"{name}(double|bigint) -> double" for name in _SPREADS))
def spread(call: Invocation) -> str:
    """How far values are apart: NaN if one is not finite, where DuckDB raises."""
    (x,), function, distinct = call.args, _SPREADS[call.name], "distinct " * call.distinct
    if x.type.name != "double":
        return f"{function}({call.inside}){call.tail}"
    finite = f"{function}({distinct}case when isfinite({x}) then {x} end){call.tail}"
    odd = f"count(case when not isfinite({x}) then 1 end){call.tail}"
    enough = 2 if function.endswith("samp") else 1
    return f"athena_spread({finite}, {odd}, count({distinct}{x}){call.tail} >= {enough})"


helper("spread(x, odd, enough)", "case when odd = 0 then x when enough then cast('nan' as double) end")
for _name in ("corr", "regr_slope", "regr_intercept"):
    aggregate(f"{_name}(y double, x double) -> double", f"athena_null_for_nan({_name}({{inside}}){{tail}})")
    aggregate(f"{_name}(y real, x real) -> real", f"cast(athena_null_for_nan({_name}({{inside}}){{tail}}) as real)")
for _name in ("covar_pop", "covar_samp"):
    aggregate(f"{_name}(y double, x double) -> double", f"{_name}({{inside}}){{tail}}")
    aggregate(f"{_name}(y real, x real) -> real", f"cast({_name}({{inside}}){{tail}} as real)")
helper("null_for_nan(x)", "case when not isnan(x) then x end")
aggregate("geometric_mean(x double|bigint) -> double", "exp(avg(athena_mean_log({x})){tail})")
aggregate("geometric_mean(x real) -> real", "cast(exp(avg(athena_mean_log({x})){tail}) as real)")
helper(
    "mean_log(x)",
    "case when x > 0 then ln(x) when x = 0 then cast('-inf' as double) else x * cast('nan' as double) end",
)
aggregate("skewness(x double|bigint) -> double", "athena_skewness(athena_central_moments(list({inside}){tail}))")
aggregate("kurtosis(x double|bigint) -> double", "athena_kurtosis(athena_central_moments(list({inside}){tail}))")
_START = "{{'x': {0}, 'n': 0e0, 'm1': 0e0, 'm2': 0e0, 'm3': 0e0, 'm4': 0e0}}"
helper(
    "central_moments(l)",
    "list_reduce(list_transform(list_filter(l, lambda x: x is not null), "
    f"lambda x: {_START.format('cast(x as double)')}), "
    f"lambda s, e: athena_next_moments(s, s['n'] + 1, (e['x'] - s['m1']) / (s['n'] + 1)), {_START.format('0e0')})",
)
helper(
    "next_moments(s, n, d)",
    "{'x': s['x'], 'n': n, 'm1': s['m1'] + d, 'm2': s['m2'] + d * d * n * s['n'], "
    "'m3': s['m3'] + d * d * n * s['n'] * d * (n - 2) - 3 * d * s['m2'], "
    "'m4': s['m4'] + d * d * n * s['n'] * d * d * (n * n - 3 * n + 3) + 6 * d * d * s['m2'] - 4 * d * s['m3']}",
)
helper("skewness(m)", "case when m['n'] >= 3 then athena_over(sqrt(m['n']) * m['m3'], pow(m['m2'], 1.5)) end")
helper(
    "kurtosis(m)",
    "case when m['n'] >= 4 then (m['n'] * (m['n'] + 1)) / ((m['n'] - 1) * (m['n'] - 2) * (m['n'] - 3)) "
    "* athena_over(m['m4'], pow(m['m2'] / (m['n'] - 1), 2)) "
    "- 3 * pow(m['n'] - 1, 2) / ((m['n'] - 2) * (m['n'] - 3)) end",
)
helper("over(x, y)", "case when y = 0 then cast('nan' as double) else x / y end")


_MOST = 64
"""Up to so many values a digest of Trino's keeps each of them, and a percentile is one of them."""


@gap("approx_percentile(i, x)")
@rule_of_call(
    "approx_percentile(number, double) -> number", "approx_percentile(number, array(double)) -> array(number)"
)
def percentile(call: Invocation) -> str:
    """Exact for small groups; for greater ones it is an estimate, which differs."""
    x, p = call.args
    if p.node.find(exp.Column) is not None:
        raise NotPortable("approx_percentile with a percentage that varies by row", "a constant percentage")
    values = f"athena_digest(list({'distinct ' * call.distinct}{x}){call.tail})"
    return f"athena_percentile{'s' if p.type.name == 'array' else ''}({values}, {p})"


helper("digest(l)", "athena_digested(nullif(list_sort(list_filter(l, lambda x: x is not null)), []))")
helper(
    "digested(s)",
    f"case when len(s) > {_MOST} then unportable('approx_percentile of more than {_MOST} values') "
    "when len(list_filter(s, lambda x: not isfinite(cast(x as double)))) > 0 then fail('value must be finite') "
    "when len(list_filter(s, lambda x: cast(x as decimal(38,0)) <> cast(cast(x as double) as decimal(38,0)) "
    "and abs(x) > 9007199254740992)) > 0 then fail('no exact double representation for long') else s end",
)
helper(
    "percentile(s, p)",
    "case when s is null or p is null then null when not p between 0 and 1 "
    "then fail('Percentile must be between 0 and 1') "
    "else s[1 + cast(least(floor(p * len(s)), len(s) - 1) as bigint)] end",
)
helper(
    "percentiles(s, l)",
    "case when s is null or l is null then null when list_count(l) < len(l) then fail('Percentile cannot be null') "
    "else list_transform(l, lambda p: athena_percentile(s, p)) end",
)


@gap("reduce_agg(i, i, (q, e) -> q + e, (q, e) -> q + e)")
@rule_of_call("reduce_agg(T, S, function(S, T, S), function(S, S, S)) -> S")
def reduce_agg(call: Invocation) -> str:
    """A fold over the values that are not NULL. The second function joins parts, of which there is one here."""
    x, state, step, _ = call.args
    if state.node.find(exp.Column) is not None:
        raise NotPortable("reduce_agg with a first state that varies by row", "a constant first state")
    values = f"list_filter(list({'distinct ' * call.distinct}{x}){call.tail}, lambda item: item is not null)"
    folded = fold(values, x.type, state, step)
    return f"cast(case when len({values}) > 0 then {folded} end as {duckdb_type(call.type)})"


@rule_of_call("map_union(map(K, V)) -> map(K, V)")
def map_union(call: Invocation) -> str:
    """All entries, NULL if there are none; the first value of a key that comes twice."""
    (m,) = call.args
    entries = "list_transform(item, lambda e: struct_pack(k := e['key'], v := e['value']))"
    lists = f"list_transform(list(map_entries({m})){call.tail}, lambda item: {entries})"
    return f"cast(athena_map_of(flatten({lists})) as {duckdb_type(call.type)})"


@rule_of_call("histogram(T) -> map(T, bigint)")
def histogram(call: Invocation) -> str:
    """How often each value comes."""
    return f"cast(histogram({call.inside}){call.tail} as {duckdb_type(call.type)})"


@rule_of_call("map_agg(K, V) -> map(K, V)")
@gap("map_agg(distinct s, i)")
def map_agg(call: Invocation) -> str:
    """The first value of a key that comes twice; NULL keys are left out."""
    return f"athena_map_of({_entries(call)})"


def _entries(call: Invocation) -> str:
    if call.distinct:
        raise NotPortable(f"{call.name} with DISTINCT is not portable yet", "a subquery with select distinct")
    key, value = call.args
    return f"list(struct_pack(k := {key}, v := {value}) {call.order}){call.tail}"


_BOUND = "list_transform([nullif(list_filter(l, lambda e: e['k'] is not null), [])], lambda m: {})[1]"
"""DuckDB fails at a lambda in an aggregate that stands in another lambda, so the aggregate comes in as its argument."""
helper("map_of(l)", _BOUND.format("athena_map_of_known(m)"))
helper(
    "map_of_known(l)",
    "map_from_entries(case when len(list_distinct(list_transform(l, lambda e: e['k']))) = len(l) then l "
    "else list_transform(list_distinct(list_transform(l, lambda e: e['k'])), lambda key: list_filter(l, lambda e: "
    "e['k'] = key)[1]) end)",
)


@rule_of_call("multimap_agg(K, V) -> map(K, array(V))")
@gap("multimap_agg(distinct s, i)")
def multimap_agg(call: Invocation) -> str:
    """All values of a key; NULL keys are left out."""
    return f"athena_multimap_of({_entries(call)})"


helper("multimap_of(l)", _BOUND.format("athena_multimap_of_known(m)"))
helper(
    "multimap_of_known(l)",
    "map_from_entries(list_transform(athena_firsts(list_transform(l, lambda e: e['k'])), lambda key: "
    "struct_pack(key := key, value := list_transform(list_filter(l, lambda e: e['k'] = key), lambda e: e['v']))))",
)
helper("firsts(l)", "list_filter(l, lambda item, place: list_position(l, item) = place)")


@rule_of_call("listagg(varchar, varchar) -> varchar", "listagg(varchar) -> varchar")
def listagg(call: Invocation) -> str:
    """NULLs are left out; WITHIN GROUP fixes the order."""
    between = call.args[1] if len(call.args) == 2 else "''"
    distinct = "distinct " * call.distinct
    return f"string_agg({distinct}{call.args[0]}, {between} {call.order}){call.tail}"


@rule_of_call("grouping(T...) -> bigint")
def grouping(call: Invocation) -> str:
    """One bit for each column that the grouping set leaves out."""
    return f"cast(grouping({', '.join(call.args)}) as {duckdb_type(call.type)})"


refuse("approx_percentile", "weights make it an estimate", "approx_percentile(x, percentage)")
refuse("approx_most_frequent", "it is an estimate", "count(*) with group by")
refuse("numeric_histogram", "it is an estimate", "width_bucket with group by")
refuse("approx_set", "it is an estimate", "count(distinct x)")
refuse("tdigest_agg", "it is an estimate", "exact percentiles by row_number()")
refuse("checksum", "DuckDB has none", "count(*) and sum(..)")
