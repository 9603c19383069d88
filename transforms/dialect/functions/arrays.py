"""Arrays by position: parts, order, joining. Positions start at 1; a NULL array makes the result NULL."""

from __future__ import annotations

from transforms.dialect.casts import cast
from transforms.dialect.fallible import may_fail
from transforms.dialect.intervals import amount_of
from transforms.dialect.macros import failing
from transforms.dialect.moments import digits_of
from transforms.dialect.operators import as_array
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, macro_of, refuse, rule, rule_of_call, sql
from transforms.dialect.types import duckdb_type
from transforms.lake_types import VARCHAR

family("Arrays")

sql("cardinality(a array(T)) -> bigint", "cast(len({a}) as bigint)")
_ELEMENT = macro_of(
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


@rule("element_at(array(T), bigint) -> T")
def element_at(a: Arg, i: Arg) -> str:
    """NULL outside of the array, so what stands behind it is not computed there."""
    return f"({a})[{i}]" if i.number else f"{_ELEMENT}({a}, {i})"


@rule("array_join(array(T), varchar) -> varchar")
def array_join(a: Arg, d: Arg) -> str:
    """NULLs are left out."""
    return _joined(_texts(a), d)


@rule("array_join(array(T), varchar, varchar) -> varchar")
def array_join_with_null(a: Arg, d: Arg, null: Arg) -> str:
    """NULLs are written as given."""
    joined = _joined(f"list_transform({_texts(a)}, lambda item: coalesce(item, {null}))", d)
    return joined if null.constant is not None else f"case when {null} is not null then {joined} end"


def _joined(texts: str, d: Arg) -> str:
    """DuckDB's own joining needs a constant delimiter."""
    return f"athena_joined{'_by' if d.constant is None else ''}({texts}, {d})"


def _texts(a: Arg) -> str:
    kind = a.type.element
    if kind.name in ("varchar", "unknown"):
        return f"cast({a} as varchar[])" if kind.name == "unknown" else str(a)
    return f"list_transform({a}, lambda item: {cast('item', kind, VARCHAR, zone=a.zone)})"


helper(
    "joined(a, d)",
    "case when a is not null then coalesce(array_to_string(list_filter(a, lambda y: y is not null), d), '') end",
)
helper(
    "joined_by(a, d)",
    "case when a is null or d is null then null when list_count(a) = 0 then '' "
    "else list_reduce(list_filter(a, lambda y: y is not null), lambda x, y: x || d || y) end",
)
sql("reverse(a array(T)) -> array(T)", "list_reverse({a})")


@rule("flatten(array(array(T))) -> array(T)")
def flatten(a: Arg) -> str:
    """NULL arrays inside are left out."""
    return f"flatten(list_filter({a}, lambda item: item is not null))"


@rule_of_call("concat(array(T)...) -> array(T)", "concat(array(T), T) -> array(T)", "concat(T, array(T)) -> array(T)")
def concat(call: Invocation) -> str:
    """Of arrays, or of an array and an element: NULL if one of them is, the element too."""
    return f"({' || '.join(as_array(arg, arg.type, call.type) for arg in call.args)})"


@rule_of_call("repeat(T, bigint) -> array(T)")
def repeat(call: Invocation) -> str:
    """The same element n times."""
    x, n = call.args
    kind = duckdb_type(call.type)
    computed = f"case when len([{x}]) = 0 then null" if may_fail(x.node) else "case"
    return failing(
        f"{computed} when {n} < 0 then fail('count argument of repeat must be greater than or equal to 0') "
        f"when {n} > 10000 then fail('count argument of repeat must be less than or equal to 10000') "
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


@rule_of_call(*(f"zip({', '.join(['array(T)'] * count)}) -> array(row)" for count in (2, 3, 4, 5)))
def zipped(call: Invocation) -> str:
    """Rows without field names; the shorter arrays are filled up with NULL."""
    fields = ", ".join(f"field{index} := item[{index + 1}]" for index in range(len(call.args)))
    known = " and ".join(f"{arg} is not null" for arg in call.args)
    rows = f"list_transform(list_zip({', '.join(call.args)}), lambda item: struct_pack({fields}))"
    return f"case when {known} then {rows} end"


def _combinations(size: int) -> str:
    """Of constant size, in Trino's order: by the last position, then by the one before."""
    chosen = f"[{', '.join(f'a[i{index}]' for index in range(1, size + 1))}]"
    for index in range(1, size + 1):
        end = f"i{index + 1}" if index < size else "len(a) + 1"
        chosen = f"list_transform(range({index}, {end}), lambda i{index}: {chosen})"
        chosen = f"flatten({chosen})" if index > 1 else chosen
    return chosen


macro(
    "combinations(a array(T), n integer) -> array(array(T))",
    "case when n < 0 then fail('combination size must not be negative') "
    "when n > 5 then fail('combination size must not exceed 5') "
    "when n = 0 then [a[1:0]] "
    "when list_product(list_transform(range(0, n), lambda i: (len(a) - i) / (i + 1))) * n > 100000 "
    "then fail('combinations exceed max size') "
    f"{' '.join(f'when n = {size} then {_combinations(size)}' for size in (1, 2, 3, 4, 5))} end",
)
refuse("shuffle", "it gives another order at every run", "array_sort")
