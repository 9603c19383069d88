"""Numbers: signs, remainders, powers, logarithms, angles, the greatest of several."""

from __future__ import annotations

from transforms.dialect.connectors import text_may_fail
from transforms.dialect.decimals import arithmetic
from transforms.dialect.equality import NESTED
from transforms.dialect.equality import extreme as nested_extreme
from transforms.dialect.errors import NotPortable
from transforms.dialect.macros import failing
from transforms.dialect.operators import fmod, remainder
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, refuse, rule, rule_of_call, same, sql
from transforms.dialect.types import duckdb_type
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS, MOMENTS, NUMBERS

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
    if call.type.name in FLOATING:
        return f"case when isnan({x}) or {x} = 0 then {x} else cast(sign({x}) as {kind}) end"
    return f"cast(sign({x}) as {kind})"


@rule_of_call("mod(number, number) -> number")
def modulo(call: Invocation) -> str:
    """The sign of the dividend; an error for whole numbers and decimals by zero, NaN for doubles.

    That of whole numbers is one that no TRY catches, otherwise than that of `%`.
    """
    left, right = call.args
    if call.type.name == "decimal":
        return arithmetic("%", left, right, left.type, right.type, call.type)
    if call.type.name in INTEGERS:
        rest = remainder(left, right, right.node)
        fails = f"{left} is not null and {right} = 0"
        return rest if right.number else failing(f"case when {fails} then uncaught('/ by zero') else {rest} end")
    return fmod(left, right, call.type)


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


@rule("pow(double, double) -> double", "power(double, double) -> double")
def power(x: Arg, y: Arg) -> str:
    """1 to the power of NaN or of an infinity is NaN in Java, and 1 in C."""
    return f"pow({x}, {y})" if y.number is not None else f"athena_power({x}, {y})"


helper("power(x, y)", "case when abs(x) = 1 and not isfinite(y) then cast('nan' as double) else pow(x, y) end")
for _arc in ("acos", "asin"):
    macro(f"{_arc}(x double) -> double", f"case when abs(x) <= 1 then {_arc}(x) else x * 0 + cast('nan' as double) end")
sql("pi() -> double", "pi()")
sql("e() -> double", "exp(1)")
sql("nan() -> double", "cast('nan' as double)")
sql("infinity() -> double", "cast('infinity' as double)")
sql("is_nan(x floating) -> boolean", "isnan({x})")
sql("is_finite(x double) -> boolean", "isfinite({x})")
sql("is_infinite(x double) -> boolean", "isinf({x})")

_ORDERED = frozenset((*NUMBERS, *MOMENTS, "varchar", "char", "date", "boolean"))


@rule_of_call("greatest(T...) -> T", "least(T...) -> T")
@gap("greatest(b, b)", "least(b, b)")
def extreme(call: Invocation) -> str:
    """NULL if one of them is. NaN counts only if all are NaN; DuckDB holds it for the greatest."""
    kind = call.type.name
    known = " and ".join(f"{x} is not null" for x in call.args)
    if any(map(text_may_fail, call.args[1:])):  # all are computed, also behind NULL
        known = f"list_count([{', '.join(call.args)}]) = {len(call.args)}"
    if kind in NESTED:
        which = "max" if call.name == "greatest" else "min"
        return nested_extreme(f"[{', '.join(call.args)}]", which, call.type)
    if kind not in _ORDERED:
        raise NotPortable(f"{call.name} of {call.type} is not portable yet", "case when a > b then a else b end")
    if kind in FLOATING:  # in DuckDB's own of real zeros lose their sign
        doubles = (f"cast({x} as double)" if kind == "real" else x for x in call.args)
        opposite = " * -1e0" if call.name == "greatest" else ""
        numbers = ", ".join(f"{each}{opposite}" for each in doubles)
        return f"case when {known} then cast(least({numbers}){opposite} as {kind}) end"
    return f"case when {known} then {call.name}({', '.join(call.args)}) end"


helper(
    "bucket(x, low, high, n)",
    "case when x < low then 0 when x >= high then n + 1 "
    "else cast(trunc(n * (x - low) / (high - low) + 1) as bigint) end",
)
macro(
    "width_bucket(x double, low double, high double, n bigint) -> bigint",
    "case when n <= 0 then fail('bucketCount must be greater than 0') "
    "when isnan(x) then fail('operand must not be NaN') "
    "when not isfinite(low) or not isfinite(high) then fail('bounds must be finite') "
    "when low = high then fail('bounds cannot equal each other') "
    "when low < high then athena_bucket(x, low, high, n) else n - athena_bucket(x, high, low, n) + 1 end",
)
macro(
    "width_bucket(x double, bins array(double)) -> bigint",
    "case when len(bins) = 0 then fail('Bins cannot be an empty array') "
    "when isnan(x) then fail('Operand cannot be NaN') "
    "when len(list_filter(bins, lambda b: isfinite(b))) < len(bins) "
    "then unportable('a bin that is not finite') "
    "when bins <> list_sort(bins) then unportable('an array of bins that is not sorted') "
    "else cast(len(list_filter(bins, lambda b: b <= x)) as bigint) end",
    name="width_bucket_of_bins",
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
refuse("version", "it is that of Athena's engine", "the number of the version")
refuse("rand", "it gives other numbers at every run", "a hash of a key")
refuse("random", "it gives other numbers at every run", "a hash of a key")
