"""Aggregates. Over no rows all of them are NULL, except the counts; sums of whole numbers overflow as on Athena."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.intervals import amount_of, interval_of
from transforms.dialect.rules import Invocation, aggregate, family, helper, refuse, rule_of_call
from transforms.dialect.types import duckdb_type
from transforms.gaps import gap
from transforms.lake_types import INTEGERS, MOMENTS

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
    """In whole milliseconds or months, cut toward zero."""
    kind = call.type
    amounts = f"{call.name}({'distinct ' * call.distinct}{amount_of(call.args[0], kind)}){call.tail}"
    return interval_of(f"cast(trunc({amounts}) as bigint)", kind)


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


@rule_of_call("min(T) -> T", "max(T) -> T")
@gap("max(a)", "max(r)", "min(a)")
def extreme(call: Invocation) -> str:
    """Of what has an order. NaN counts only if all are NaN; DuckDB holds it for the greatest."""
    kind = call.args[0].type.name
    if kind not in (
        *INTEGERS,
        "decimal",
        "real",
        "double",
        "varchar",
        "char",
        "date",
        "boolean",
        "varbinary",
        *MOMENTS,
    ):
        raise NotPortable(f"{call.name} of {call.args[0].type} is not portable yet", f"{call.name} of one of its parts")
    if call.name == "max" and kind in ("real", "double"):
        return f"(-min(-{call.args[0]}){call.tail})"
    return f"{call.name}({call.inside}){call.tail}"


aggregate("min_by(x T, y U) -> T", "arg_min_null({inside}){tail}")
aggregate("max_by(x T, y U) -> T", "arg_max_null({inside}){tail}")
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
for _name, _duckdb in {
    "stddev": "stddev_samp",
    "stddev_samp": "stddev_samp",
    "stddev_pop": "stddev_pop",
    "variance": "var_samp",
    "var_samp": "var_samp",
    "var_pop": "var_pop",
}.items():
    aggregate(f"{_name}(x double|bigint) -> double", f"{_duckdb}({{inside}}){{tail}}")
for _name in ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept"):
    aggregate(f"{_name}(y double, x double) -> double", f"athena_null_for_nan({_name}({{inside}}){{tail}})")
for _name in ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept"):
    aggregate(f"{_name}(y real, x real) -> real", f"cast(athena_null_for_nan({_name}({{inside}}){{tail}}) as real)")
helper("null_for_nan(x)", "case when not isnan(x) then x end")
aggregate("geometric_mean(x double) -> double", "exp(avg(ln({x})){tail})")


@rule_of_call("histogram(T) -> map(T, bigint)")
def histogram(call: Invocation) -> str:
    """How often each value comes."""
    return f"cast(histogram({call.inside}){call.tail} as {duckdb_type(call.type)})"


@rule_of_call("map_agg(K, V) -> map(K, V)")
@gap("map_agg(distinct s, i)", "map_agg(s, i order by i)")
def map_agg(call: Invocation) -> str:
    """The first value of a key that comes twice; NULL keys are left out."""
    if call.distinct or call.order:
        raise NotPortable("map_agg with DISTINCT or ORDER BY is not portable yet", "map_from_entries(array_agg(..))")
    key, value = call.args
    return f"athena_map_of(list(struct_pack(k := {key}, v := {value})){call.tail})"


helper("map_of(l)", "athena_map_of_known(nullif(list_filter(l, lambda e: e.k is not null), []))")
helper(
    "map_of_known(l)",
    "map_from_entries(case when len(list_distinct(list_transform(l, lambda e: e.k))) = len(l) then l "
    "else list_transform(list_distinct(list_transform(l, lambda e: e.k)), lambda key: list_filter(l, lambda e: "
    "e.k = key)[1]) end)",
)


@rule_of_call("multimap_agg(K, V) -> map(K, array(V))")
@gap("multimap_agg(s, i order by i)")
def multimap_agg(call: Invocation) -> str:
    """All values of a key; NULL keys are left out."""
    if call.distinct or call.order:
        raise NotPortable("multimap_agg with DISTINCT or ORDER BY is not portable yet", "array_agg with group by")
    key, value = call.args
    return f"athena_multimap_of(list(struct_pack(k := {key}, v := {value})){call.tail})"


helper("multimap_of(l)", "athena_multimap_of_known(nullif(list_filter(l, lambda e: e.k is not null), []))")
helper(
    "multimap_of_known(l)",
    "map_from_entries(list_transform(list_distinct(list_transform(l, lambda e: e.k)), lambda key: "
    "struct_pack(key := key, value := list_transform(list_filter(l, lambda e: e.k = key), lambda e: e.v))))",
)


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


refuse(
    "approx_percentile",
    "it is an estimate, and the two engines estimate otherwise",
    "a percentile by row_number() over (order by ..), which is exact on both",
)
refuse("approx_most_frequent", "it is an estimate", "count(*) with group by")
refuse("numeric_histogram", "it is an estimate", "width_bucket with group by")
refuse("approx_set", "it is an estimate", "count(distinct x)")
refuse("tdigest_agg", "it is an estimate", "exact percentiles by row_number()")
refuse("reduce_agg", "DuckDB has none", "array_agg and reduce")
refuse("skewness", "DuckDB corrects it for the size of the sample", "the moments themselves: avg(power(x - m, 3))")
refuse("kurtosis", "DuckDB corrects it for the size of the sample", "the moments themselves: avg(power(x - m, 4))")
refuse("map_union", "not portable yet", "map_agg over unnest")
refuse("checksum", "DuckDB has none", "count(*) and sum(..)")
