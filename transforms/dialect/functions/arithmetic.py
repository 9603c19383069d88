"""Numbers: rounding, powers, bits, bases."""

from __future__ import annotations

from transforms.dialect.decimals import arithmetic
from transforms.dialect.errors import NotPortable
from transforms.dialect.operators import remainder
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, refuse, rule_of_call, same, sql
from transforms.dialect.types import duckdb_type
from transforms.gaps import gap
from transforms.lake_types import INTEGERS

family("Numbers")

sql("abs(x double) -> double", "abs({x})")
sql("abs(x real) -> real", "abs({x})")


@rule_of_call("abs(whole) -> whole", "abs(decimal) -> decimal")
def absolute(call: Invocation) -> str:
    """The smallest whole number has no opposite: an error on both."""
    return f"cast(abs({call.args[0]}) as {duckdb_type(call.type)})"


@rule_of_call("sign(number) -> number")
def sign(call: Invocation) -> str:
    """In the type of the argument; NaN stays NaN."""
    x, kind = call.args[0], duckdb_type(call.type)
    if call.type.name in ("real", "double"):
        return f"case when isnan({x}) or {x} = 0 then {x} else cast(sign({x}) as {kind}) end"
    return f"cast(sign({x}) as {kind})"


@rule_of_call("ceil(number) -> number", "ceiling(number) -> number", "floor(number) -> number")
def to_whole(call: Invocation) -> str:
    """In the type of the argument; a decimal becomes one without scale."""
    x = call.args[0]
    if call.type.name in INTEGERS:
        return x
    name = "floor" if call.name == "floor" else "ceil"
    return f"cast({name}({x}) as {duckdb_type(call.type)})"


helper("round_zero(x)", "case when x = 0 then 0 else round(x) end")
helper(
    "round_double(x, n)",
    "case when n is null then null when x = 0 then 0 when not isfinite(x) or n > 300 then x when n < -300 then 0 "
    "when isinf(x * pow(10, n)) then x else round(x * pow(10, n)) / pow(10, n) end",
)


@rule_of_call("round(number) -> number", "round(number, integer) -> number")
@gap("round(p, cast(i as integer))")
def rounded(call: Invocation) -> str:
    """Half away from zero. A decimal keeps its type's scale when digits are given."""
    x, kind = call.args[0], duckdb_type(call.type)
    digits = call.args[1].number if len(call.args) == 2 else 0
    if call.type.name in ("real", "double"):
        if len(call.args) == 1:
            return f"athena_round_zero({x})"
        return f"cast(athena_round_double(cast({x} as double), {call.args[1]}) as {kind})"
    if digits is None:
        raise NotPortable(f"round of {x.type} to digits that vary by row", "a constant number of digits")
    if call.type.name in INTEGERS:
        return f"{x}" if digits >= 0 else f"cast(round(cast({x} as decimal(38,0)), {digits}) as {kind})"
    return f"cast(round({x}, {digits}) as {kind})" if digits < x.type.numbers[1] else f"cast({x} as {kind})"


@rule_of_call("truncate(double) -> double", "truncate(real) -> real", "truncate(decimal) -> decimal")
def truncated(call: Invocation) -> str:
    """Toward zero."""
    return f"cast(trunc({call.args[0]}) as {duckdb_type(call.type)})"


@rule_of_call("mod(number, number) -> number")
def modulo(call: Invocation) -> str:
    """The sign of the dividend; an error for whole numbers and decimals by zero, NaN for doubles."""
    left, right = call.args
    if call.type.name == "decimal":
        return arithmetic("%", left, right, left.type, right.type, call.type)
    if call.type.name in INTEGERS:
        return remainder(left, right, right.node)
    return f"cast(athena_fmod({left}, {right}) as {duckdb_type(call.type)})"


same("sqrt(double) -> double", duckdb="athena_sqrt")
helper("sqrt(x)", "case when x < 0 then cast('nan' as double) else sqrt(x) end")
same("cbrt(double) -> double", "exp(double) -> double")
same("degrees(double) -> double", "radians(double) -> double")
same("sin(double) -> double", "cos(double) -> double", "tan(double) -> double", "atan(double) -> double")
same("atan2(double, double) -> double", "sinh(double) -> double", "cosh(double) -> double", "tanh(double) -> double")
helper(
    "logarithm(x)", "case when x < 0 then cast('nan' as double) when x = 0 then cast('-inf' as double) else ln(x) end"
)
sql("ln(x double) -> double", "athena_logarithm({x})")
sql("log10(x double) -> double", "case when {x} > 0 then log10({x}) else athena_logarithm({x}) end")
sql("log2(x double) -> double", "(athena_logarithm({x}) / ln(2))")
sql("log(b double, x double) -> double", "(athena_logarithm({x}) / athena_logarithm({b}))")
same("pow(double, double) -> double", "power(double, double) -> double", duckdb="pow")
for _arc in ("acos", "asin"):
    macro(f"{_arc}(x double) -> double", f"case when abs(x) <= 1 then {_arc}(x) else x * 0 + cast('nan' as double) end")
macro(
    "from_base(s varchar, radix bigint) -> bigint",
    "case when radix < 2 or radix > 36 then fail('Radix must be between 2 and 36') "
    "when not regexp_full_match(s, '[+-]?[0-9A-Za-z]{1,12}') then unportable('a number of more than 12 digits') "
    "else list_reduce(list_transform(string_split(ltrim(lower(s), '+-'), ''), lambda c: case "
    "when strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) > radix then fail('Not a valid number in this base') "
    "else cast(strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 as bigint) end), lambda a, d: a * radix + d) "
    "* case when starts_with(s, '-') then -1 else 1 end end",
)
macro(
    "bit_count(x bigint, bits bigint) -> bigint",
    "case when bits = 64 then cast(bit_count(x) as bigint) else unportable('bit_count of other than 64 bits') end",
)
sql("pi() -> double", "pi()")
sql("e() -> double", "exp(1)")
sql("nan() -> double", "cast('nan' as double)")
sql("infinity() -> double", "cast('infinity' as double)")
sql("is_nan(x floating) -> boolean", "isnan({x})")
sql("is_finite(x double) -> boolean", "isfinite({x})")
sql("is_infinite(x double) -> boolean", "isinf({x})")
sql("bitwise_and(a bigint, b bigint) -> bigint", "({a} & {b})")
sql("bitwise_or(a bigint, b bigint) -> bigint", "({a} | {b})")
sql("bitwise_xor(a bigint, b bigint) -> bigint", "xor({a}, {b})")
sql("bitwise_not(a bigint) -> bigint", "(~{a})")


helper("greatest_number(l)", "coalesce(list_max(list_filter(l, lambda x: not isnan(x))), l[1])")


@rule_of_call("greatest(T...) -> T", "least(T...) -> T")
@gap("greatest(a, a)", "least(a, a)")
def extreme(call: Invocation) -> str:
    """NULL if one of them is; NaN counts only if all are NaN."""
    kind = call.type.name
    if kind in ("real", "double"):
        known = " and ".join(f"{x} is not null" for x in call.args)
        if call.name == "least":
            return f"case when {known} then least({', '.join(call.args)}) end"
        return f"case when {known} then athena_greatest_number([{', '.join(call.args)}]) end"
    if kind not in (*INTEGERS, "decimal", "varchar", "date", "timestamp", "boolean", "timestamp with time zone"):
        raise NotPortable(f"{call.name} of {call.type} is not portable yet", "case when a > b then a else b end")
    arguments: tuple[Arg, ...] = call.args
    return (
        f"case when {' and '.join(f'{x} is not null' for x in arguments)} then {call.name}({', '.join(arguments)}) end"
    )


macro(
    "width_bucket(x double, low double, high double, n bigint) -> bigint",
    "cast(case when n <= 0 then fail('bucketCount must be greater than 0') when isnan(x) then fail('operand "
    "must not be NaN') "
    "when not isfinite(low) then fail('first bound must be finite') when not isfinite(high) then fail('second "
    "bound must be finite') "
    "when low = high then fail('bounds cannot equal each other') "
    "when low < high then case when x < low then 0 when x >= high then n + 1 else floor(n * (x - low) / (high "
    "- low)) + 1 end "
    "else case when x > low then 0 when x <= high then n + 1 else floor(n * (low - x) / (low - high)) + 1 end "
    "end as bigint)",
)
macro(
    "to_base(x bigint, radix bigint) -> varchar",
    "case when radix < 2 or radix > 36 then fail('Radix must be between 2 and 36') "
    "when x >= 0 then lower(to_base(x, cast(radix as integer))) "
    "when x > -radix then '-' || lower(to_base(-x, cast(radix as integer))) else '-' || lower("
    "to_base(-(x // radix), cast(radix as integer)) || to_base(-(x % radix), cast(radix as integer))) end",
)
macro(
    "great_circle_distance(lat1 double, lon1 double, lat2 double, lon2 double) -> double",
    "case when abs(lat1) > 90 or abs(lat2) > 90 then fail('Latitude must be between -90 and 90') "
    "when abs(lon1) > 180 or abs(lon2) > 180 then fail('Longitude must be between -180 and 180') "
    "else 6371.01e0 * atan2(sqrt(pow(cos(radians(lat2)) * sin(radians(lon1 - lon2)), 2) "
    "+ pow(cos(radians(lat1)) * sin(radians(lat2)) "
    "- sin(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon1 - lon2)), 2)), "
    "sin(radians(lat1)) * sin(radians(lat2)) "
    "+ cos(radians(lat1)) * cos(radians(lat2)) * cos(radians(lon1 - lon2))) end",
)
refuse("uuid", "it gives another value at every run", "a hash of a key")
refuse("rand", "it gives other numbers at every run", "a hash of a key")
refuse("random", "it gives other numbers at every run", "a hash of a key")
for _name in ("bitwise_left_shift", "bitwise_right_shift", "bitwise_right_shift_arithmetic"):
    refuse(_name, "not portable yet", "x * power(2, n), or x / power(2, n)")
