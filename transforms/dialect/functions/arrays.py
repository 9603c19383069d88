"""Arrays. Positions start at 1; a NULL array makes the result NULL."""

from __future__ import annotations

from transforms.dialect.casts import cast
from transforms.dialect.errors import NotPortable
from transforms.dialect.intervals import amount_of
from transforms.dialect.moments import digits_of
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, macro_of, refuse, rule, rule_of_call, sql
from transforms.dialect.types import duckdb_type
from transforms.gaps import gap
from transforms.lake_types import INTEGERS, VARCHAR, Type

family("Arrays")

_SIMPLE = (*INTEGERS, "varchar", "date", "boolean", "decimal", "timestamp")


@gap(
    "contains(array[r], r)",
    "array_position(array[r], r)",
    "array_remove(array[r], r)",
    "array_distinct(array[r])",
    "array_union(array[r], array[r])",
    "array_intersect(array[r], array[r])",
    "array_except(array[r], array[r])",
    "arrays_overlap(array[r], array[r])",
    "array_sort(array[r])",
    "array_max(array[r])",
    "array_min(array[r])",
)
def comparable(kind: Type) -> None:
    """Elements of these types are equal, or ordered, in the same way on both engines; NaN is looked after."""
    if kind.name not in (*_SIMPLE, "unknown", "real", "double"):
        raise NotPortable(f"comparing elements of type {kind} is not portable yet", "unnest")


def known(x: Arg) -> str:
    """A value that is looked for: NaN is found by DuckDB and not on Athena."""
    return f"athena_no_nan({x})" if x.type.name in ("real", "double") else str(x)


helper("no_nan(x)", "case when isnan(x) then unportable('looking for NaN in an array') else x end")


sql("cardinality(a array(T)) -> bigint", "cast(len({a}) as bigint)")
macro(
    "element_at(a array(T), i bigint) -> T",
    "case when i = 0 then fail('SQL array indices start at 1') else a[i] end",
    name="array_element_at",
)
macro(
    "slice(a array(T), first bigint, size bigint) -> array(T)",
    "case when first = 0 then fail('SQL array indices start at 1') when size < 0 then fail('length must be "
    "greater than or equal to 0') "
    "when a is null or first is null or size is null then null "
    "when abs(first) > len(a) or size = 0 then a[1:0] when first > 0 then a[first:first + size - 1] "
    "else a[len(a) + first + 1:len(a) + first + size] end",
)


def over_elements(signature: str, body: str, *, name: str | None = None) -> None:
    """A macro over arrays whose elements must be comparable."""
    full = macro_of(signature, body, name)

    @rule(signature)
    def make(*args: Arg) -> str:
        for arg in args:
            if arg.type.name == "array":
                comparable(arg.type.element)
        return f"{full}({', '.join(map(known, args))})"


over_elements(
    "contains(a array(T), x T) -> boolean",
    "case when a is null or x is null then null when list_contains(a, x) then true when list_count(a) < len(a) "
    "then null else false end",
)
over_elements(
    "array_position(a array(T), x T) -> bigint",
    "case when a is null or x is null then null else cast(coalesce(list_position(a, x), 0) as bigint) end",
)
over_elements(
    "array_remove(a array(T), x T) -> array(T)",
    "case when x is null then null else list_filter(a, lambda y: y is distinct from x) end",
)
over_elements(
    "array_distinct(a array(T)) -> array(T)",
    "case when a is null or len(a) < 2 then a else list_transform(list_filter(list_zip(a, range(1, len(a) + 1)), "
    "lambda e: case when e[1] is null then len(list_filter(a[1:e[2] - 1], lambda y: y is null)) = 0 else "
    "list_position(a, e[1]) = e[2] end), lambda e: e[1]) end",
)
over_elements(
    "array_union(a array(T), b array(T)) -> array(T)",
    "case when a is not null and b is not null then athena_array_distinct(list_concat(a, b)) end",
)
over_elements(
    "array_intersect(a array(T), b array(T)) -> array(T)",
    "case when a is not null and b is not null then athena_array_distinct(list_filter(a, lambda x: case when x "
    "is null then list_count(b) < len(b) else list_contains(b, x) end)) end",
)
over_elements(
    "array_except(a array(T), b array(T)) -> array(T)",
    "case when a is null or b is null then null when len(b) = 0 then a else "
    "athena_array_distinct(list_filter(a, lambda x: case when x "
    "is null then list_count(b) = len(b) else not list_contains(b, x) end)) end",
)
over_elements(
    "arrays_overlap(a array(T), b array(T)) -> boolean",
    "case when a is null or b is null then null when list_has_any(list_filter(a, lambda y: y is not null), "
    "list_filter(b, lambda y: y is not null)) then true "
    "when len(a) > 0 and len(b) > 0 and (list_count(a) < len(a) or list_count(b) < len(b)) then null else false end",
)
over_elements("array_sort(a array(T)) -> array(T)", "list_sort(a, 'ASC', 'NULLS LAST')")
over_elements(
    "array_max(a array(boolean|whole|decimal|varchar|date|timestamp|unknown)) -> T",
    "case when list_count(a) = len(a) then list_max(a) end",
)
sql(
    "array_max(a array(floating)) -> T",
    "case when list_count({a}) = len({a}) "
    "then coalesce(list_max(list_filter({a}, lambda x: not isnan(x))), {a}[1]) end",
)
over_elements("array_min(a array(T)) -> T", "case when list_count(a) = len(a) then list_min(a) end")


@rule("array_join(array(T), varchar) -> varchar")
def array_join(a: Arg, d: Arg) -> str:
    """NULLs are left out."""
    return f"athena_joined({_texts(a)}, {d})"


@rule("array_join(array(T), varchar, varchar) -> varchar")
def array_join_with_null(a: Arg, d: Arg, null: Arg) -> str:
    """NULLs are written as given."""
    return f"athena_joined(list_transform({_texts(a)}, lambda item: coalesce(item, {null})), {d})"


def _texts(a: Arg) -> str:
    kind = a.type.element
    if kind.name in ("varchar", "unknown"):
        return f"cast({a} as varchar[])" if kind.name == "unknown" else str(a)
    return f"list_transform({a}, lambda item: {cast('item', kind, VARCHAR, zone=a.zone)})"


helper(
    "joined(a, d)",
    "case when a is not null and d is not null then coalesce(array_to_string(list_filter(a, lambda y: y is not "
    "null), d), '') end",
)
sql("reverse(a array(T)) -> array(T)", "list_reverse({a})")


@rule("flatten(array(array(T))) -> array(T)")
def flatten(a: Arg) -> str:
    """NULL arrays inside are left out."""
    return f"flatten(list_filter({a}, lambda item: item is not null))"


@rule_of_call("concat(array(T)...) -> array(T)")
def concat(call: Invocation) -> str:
    """NULL if one of them is."""
    kind = duckdb_type(call.type)
    return f"({' || '.join(f'cast({arg} as {kind})' for arg in call.args)})"


@rule_of_call("repeat(T, bigint) -> array(T)")
def repeat(call: Invocation) -> str:
    """The same element n times."""
    x, n = call.args
    kind = duckdb_type(call.type)
    return (
        f"case when {n} < 0 then cast(cast('count argument of repeat must be 0 or more' as boolean) as \"NULL\") "
        f"else cast(list_transform(range({n}), lambda item: {x}) as {kind}) end"
    )


macro(
    "sequence(a bigint, b bigint) -> array(bigint)",
    "case when abs(b - a) >= 10000 then fail('result of sequence function must not have more than 10000 entries') "
    "else generate_series(a, case when abs(b - a) < 10000 then b else a end, cast(case when a <= b then 1 else "
    "-1 end as bigint)) end",
)
macro(
    "sequence(a bigint, b bigint, step bigint) -> array(bigint)",
    "case when step = 0 then fail('step must not be zero') when step > 0 and b < a or step < 0 and b > a then "
    "fail('sequence stop value is on the wrong side of start') "
    "when (b - a) // step >= 10000 then fail('result of sequence function must not have more than 10000 entries') "
    "else generate_series(a, case when step <> 0 and abs((b - a) // step) < 10000 then b else a end, case when "
    "step = 0 then 1 else step end) end",
    name="sequence_by",
)
macro(
    "sequence(a date, b date) -> array(date)",
    "case when abs(b - a) >= 10000 then fail('result of sequence function must not have more than 10000 entries') "
    "else list_transform(generate_series(0, case when abs(b - a) < 10000 then cast(b - a as bigint) else 0 "
    "end, cast(case when a <= b then 1 else -1 end as bigint)), lambda n: a + cast(n as integer)) end",
    name="sequence_of_days",
)


@rule("sequence(date, date, interval) -> array(date)")
def sequence_of_dates(a: Arg, b: Arg, step: Arg) -> str:
    """From the first day by whole days or months, each counted from the first."""
    return f"cast({_moments(a, b, step)} as date[])"


@rule("sequence(timestamp, timestamp, interval) -> array(timestamp)")
def sequence_of_timestamps(a: Arg, b: Arg, step: Arg) -> str:
    """By a fixed step."""
    return _moments(a, b, step)


def _moments(a: Arg, b: Arg, step: Arg) -> str:
    word = "months" if step.type.name == "interval year to month" else "days" if a.type.name == "date" else "moments"
    amount = amount_of(step, step.type)
    if word == "moments" and digits_of(a.type) < 3:
        amount = f"athena_exact_ms({amount}, {10 ** (3 - digits_of(a.type))})"
    return f"athena_{word}(cast({a} as timestamp), cast({b} as timestamp), {amount})"


helper(
    "exact_ms(ms, unit)", "case when ms % unit <> 0 then fail('Expected 0s for digits beyond precision') else ms end"
)


helper(
    "step_numbers(a, b, n, steps)",
    "case when a is null or b is null or n is null then null when n = 0 then fail('step must not be zero') "
    "when n > 0 and b < a or n < 0 and b > a then fail('sequence stop value is on the wrong side of start') "
    "when steps >= 10000 then fail('result of sequence function must not have more than 10000 entries') "
    "else generate_series(0, least(10000, steps)) end",
)
helper(
    "months(a, b, n)",
    "list_transform(athena_step_numbers(a, b, n, date_sub('month', a, b) // nullif(n, 0)), "
    "lambda i: a + to_months(cast(i * n as integer)))",
)
helper(
    "moments(a, b, ms)",
    "list_transform(athena_step_numbers(a, b, ms, (epoch_us(b) - epoch_us(a)) // nullif(ms * 1000, 0)), "
    "lambda i: a + to_microseconds(i * ms * 1000))",
)
helper(
    "days(a, b, ms)",
    "case when ms % 86400000 <> 0 then fail('sequence step must be a day interval if start and end values are dates') "
    "else athena_moments(a, b, ms) end",
)
macro(
    "trim_array(a array(T), n bigint) -> array(T)",
    "case when n < 0 then fail('size must not be negative') "
    "when n > len(a) then fail('size must not exceed array cardinality') else a[1:len(a) - n] end",
)
macro(
    "contains_sequence(a array(T), s array(T)) -> boolean",
    "case when a is null or s is null then null when len(s) = 0 then true else "
    "len(list_filter(range(1, len(a) - len(s) + 2), lambda i: a[i:i + len(s) - 1] = s)) > 0 end",
)


@rule_of_call("zip(array(T), array(U)) -> array(row(T, U))")
def zipped(call: Invocation) -> str:
    """Rows without field names; the shorter array is filled up with NULL."""
    a, b = call.args
    pair = "struct_pack(field0 := pair[1], field1 := pair[2])"
    both = f"list_transform(list_zip({a}, {b}), lambda pair: {pair})"
    return f"case when {a} is not null and {b} is not null then {both} end"


@rule_of_call("array_sort(array(T), function(T, T, integer)) -> array(T)")
@gap("array_sort(a, (q, e) -> 0)")
def array_sort_by(call: Invocation) -> str:
    """A comparison of two elements has no counterpart."""
    raise NotPortable("array_sort with a comparison is not portable yet", "array_agg(x order by ..) over unnest")


refuse("shuffle", "it gives another order at every run", "array_sort")
refuse("array_histogram", "not portable yet", "unnest with count(*) and group by")
refuse("combinations", "DuckDB has none", "cross join unnest, once for each place")
