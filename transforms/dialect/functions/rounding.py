"""Rounding: to whole numbers, to digits behind or before the point, up, down and toward zero."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, Invocation, family, helper, rule_of_call
from transforms.dialect.types import duckdb_type
from transforms.gaps import gap
from transforms.lake_types import FLOATING, INTEGERS, Type

family("Numbers")


@rule_of_call("ceil(number) -> number", "ceiling(number) -> number", "floor(number) -> number")
def to_whole(call: Invocation) -> str:
    """In the type of the argument; a decimal becomes one without scale."""
    x = call.args[0]
    if call.type.name in INTEGERS:
        return x
    name = "floor" if call.name == "floor" else "ceil"
    return f"cast({name}({x}) as {duckdb_type(call.type)})"


@rule_of_call(
    "truncate(double) -> double",
    "truncate(real) -> real",
    "truncate(decimal) -> decimal",
    "truncate(decimal, integer) -> decimal",
)
def truncated(call: Invocation) -> str:
    """Toward zero; a decimal keeps its type when digits are given."""
    x, kind = call.args[0], duckdb_type(call.type)
    if len(call.args) == 1:
        return f"cast(trunc({x}) as {kind})"
    return _to_digits("cut", x, call.args[1], call.type)


helper("cut(x, unit, half)", "x - x % unit")
helper("half_up(x, unit, half)", "athena_cut(x + case when x < 0 then -half else half end, unit, half)")


def _to_digits(how: str, x: Arg, digits: Arg, to: Type) -> str:
    """The decimal to so many digits, which may vary by row: `cut` drops the others, `half_up` rounds."""
    (precision, scale), kind = to.numbers, duckdb_type(to)
    wide = f"cast({x} as {kind})"
    last = digits.number
    powers = [*range(precision - scale - 1, -scale - 1, -1)]
    if last is not None and last >= scale:
        return wide
    if last is not None and last <= scale - precision:
        return f"cast({wide} - {wide} as {kind})"
    if last is not None:
        return f"cast(athena_{how}({wide}, {_unit(-last, 1, kind)}, {_unit(-last - 1, 5, kind)}) as {kind})"
    units = f"[{', '.join(_unit(power, 1, kind) for power in powers)}][{digits} + {precision - scale}]"
    halves = f"[{', '.join(_unit(power - 1, 5, kind) for power in powers[:-1])}][{digits} + {precision - scale}]"
    return (
        f"cast(case when {digits} >= {scale} then {wide} when {digits} <= {scale - precision} then {wide} - {wide} "
        f"else athena_{how}({wide}, {units}, {halves}) end as {kind})"
    )


def _unit(power: int, times: int, kind: str) -> str:
    """So many times a power of ten, as a decimal."""
    digits = f"{times}{'0' * power}" if power >= 0 else f"0.{'0' * (-power - 1)}{times}"
    return f"cast('{digits}' as {kind})"


helper(
    "round_double(x, n)",
    "case when n is null then null when not isfinite(x) or n > 300 then x "
    "when n < -323 then x * cast('nan' as double) "
    "when isinf(x * pow(10, n)) then x else round(x * pow(10, n)) / pow(10, n) end",
)
helper(
    "round_whole(x, n)",
    "case when n >= 0 then x when n < -18 then fail('numerical overflow') else sign(x) * "
    "((abs(cast(x as hugeint)) + cast(pow(10, 0 - n) as hugeint) // 2) // cast(pow(10, 0 - n) as hugeint)) "
    "* cast(pow(10, 0 - n) as hugeint) end",
)


@rule_of_call("round(number) -> number", "round(number, integer) -> number")
@gap("round(p, -99)")
def rounded(call: Invocation) -> str:
    """Half away from zero. A decimal keeps its type's scale when digits are given; -0e0 becomes 0e0 by adding 0."""
    x, kind = call.args[0], duckdb_type(call.type)
    if call.type.name in FLOATING:
        if len(call.args) == 1:
            return f"round({x} + 0)"
        return f"cast(athena_round_double(cast({x} as double) + 0, {call.args[1]}) as {kind})"
    digits = call.args[1].number if len(call.args) == 2 else 0
    if call.type.name in INTEGERS:
        if digits is None or digits < -18:
            return f"cast(case when {x} is not null then athena_round_whole({x}, {call.args[1]}) end as {kind})"
        return f"{x}" if digits >= 0 else f"cast(round(cast({x} as decimal(38,0)), {digits}) as {kind})"
    if digits is None:
        return _to_digits("half_up", x, call.args[1], call.type)
    if digits < -38:
        raise NotPortable(f"round of {x.type} to {digits} digits is not portable", "0")
    return f"cast(round({x}, {digits}) as {kind})" if digits < x.type.numbers[1] else f"cast({x} as {kind})"
