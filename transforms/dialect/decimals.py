"""Arithmetic of decimals in Trino's precision and scale. DuckDB would divide them as doubles."""

from __future__ import annotations

from decimal import Decimal, localcontext

from transforms.dialect.errors import NotPortable
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import helper
from transforms.gaps import gap
from transforms.lake_types import INTEGERS, Type

DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_LIMIT = 38
_NATIVE = 18
"""Digits of the decimals that DuckDB holds in 64 bits; it multiplies two of them in 64 bits and may overflow."""

helper(
    "divided(a, b)",
    "case when b = 0 and a is not null then fail('Division by zero') when (a < 0) = (b < 0) "
    "then (2 * abs(a) + abs(b)) // (2 * abs(b)) else 0 - (2 * abs(a) + abs(b)) // (2 * abs(b)) end",
)
helper(
    "rounded_quotient(q, r, b)",
    "q + case when abs(r) < abs(b) - abs(r) then 0 when (r < 0) = (b < 0) then 1 else -1 end",
)
helper(
    "wide_divided(a, b, digits, bound, power)",
    "case when b = 0 and a is not null then fail('Division by zero') "
    "when abs(a) < bound then athena_rounded_quotient(a * power // b, a * power % b, b) "
    "else cast(athena_long_quotient(cast(a as varchar), cast(b as varchar), digits) as hugeint) end",
)


@row_by_row("long_quotient(varchar, varchar, bigint) -> varchar")
def long_quotient(dividend: str, divisor: str, digits: int) -> str:
    """Rounded half up, the dividend with so many more digits: for what does not fit into 128 bits."""
    a, b = abs(int(dividend)) * 10**digits, abs(int(divisor))
    quotient = (2 * a + b) // (2 * b)
    return str(quotient if (dividend[0] == "-") == (divisor[0] == "-") else -quotient)


@row_by_row("long_remainder(varchar, varchar) -> varchar")
def long_remainder(dividend: str, divisor: str) -> str:
    """With the sign of the dividend: for decimals whose digits together are more than 38."""
    if not Decimal(divisor):
        raise ValueError("Division by zero")
    with localcontext(prec=80):
        return f"{Decimal(dividend) % Decimal(divisor):f}"


helper("unscaled(x)", "cast(replace(cast(x as varchar), '.', '') as hugeint)")


@gap("decimal '12345678901234567890123456789012345678' + decimal '0.00000000000000000000000000000000000003'")
def arithmetic(sign: str, left: str, right: str, here: Type, there: Type, to: Type) -> str:
    """`here` and `there` are decimals (or whole numbers), `to` is the decimal that Trino makes of them."""
    target = str(to)
    room = _LIMIT - to.numbers[1]
    if sign in ("+", "-") and room < max(min(_whole(kind), _NATIVE) for kind in (here, there)):
        raise NotPortable(f"{here} {sign} {there} needs more than {_LIMIT} digits", "a smaller decimal")
    if sign in ("+", "-"):
        return f"cast({_as(left, here, to)} {sign} {_as(right, there, to)} as {target})"
    if sign == "*":
        return f"cast({_roomy(left, here, there)} * {right} as {target})"
    if sign == "%":
        if room < max(_whole(here), _whole(there)):
            return f"cast(athena_long_remainder(cast({left} as varchar), cast({right} as varchar)) as {target})"
        wide = Type("decimal", (_LIMIT, to.numbers[1]))
        return f"cast({_as(left, here, wide)} % {_as(right, there, wide)} as {target})"
    return _scaled(_quotient(left, right, here, there, to.numbers[1] + _scale(there) - _scale(here)), to)


@gap("decimal '1.5' / decimal '0.12345678901234567890123456789012345678'")
def _quotient(left: str, right: str, here: Type, there: Type, shift: int) -> str:
    """In the smallest units of the result, rounded half up: the dividend has `shift` more digits than it shows."""
    if shift > _LIMIT:
        raise NotPortable(f"{here} / {there} needs more than {_LIMIT} digits", "a smaller decimal")
    if max(_precision(here) + shift, _precision(there)) < _LIMIT:
        return f"athena_divided({_unscaled(left, here, shift)}, {_unscaled(right, there)})"
    room = f"{shift}, cast('{10 ** (_LIMIT - shift)}' as hugeint), cast('{10**shift}' as hugeint)"
    return f"athena_wide_divided({_unscaled(left, here)}, {_unscaled(right, there)}, {room})"


def _unscaled(sql: str, kind: Type, shift: int = 0) -> str:
    """The digits of a decimal as a whole number, times ten to the power of `shift`; DuckDB raises beyond 38 digits."""
    times = f" * {10**shift}" if shift else ""
    if _scale(kind) == 0:
        return f"(cast({sql} as hugeint){times})"
    if _whole(kind) + 2 * _scale(kind) + 1 > _LIMIT:
        return f"(athena_unscaled({sql}){times})"
    width = 19 if _whole(kind) + 2 * _scale(kind) + 1 > _NATIVE else _scale(kind) + 1
    return f"(cast({sql} * cast({10 ** _scale(kind)} as decimal({width},0)) as hugeint){times})"


def _scaled(whole: str, to: Type) -> str:
    """A whole number of the smallest units as the decimal that it means."""
    precision, scale = to.numbers
    if scale == 0:
        return f"cast({whole} as {to})"
    unit = f"cast('0.{'0' * (scale - 1)}1' as decimal({scale},{scale}))"
    return f"cast(cast({whole} as decimal({min(_LIMIT, max(precision, 1))},0)) * {unit} as {to})"


def _roomy(sql: str, here: Type, there: Type) -> str:
    """Wide enough that DuckDB multiplies in 128 bits, when 64 may not do."""
    first, second = _precision(here), _precision(there)
    if max(first, second) <= _NATIVE < first + second:
        return f"cast({sql} as decimal({_NATIVE + 1},{_scale(here)}))"
    return sql


def _as(sql: str, here: Type, to: Type) -> str:
    return sql if here == to else f"cast({sql} as {to})"


def _scale(kind: Type) -> int:
    return 0 if kind.name in INTEGERS else kind.numbers[1]


def _precision(kind: Type) -> int:
    return _whole(kind) + _scale(kind)


def _whole(kind: Type) -> int:
    """The digits before the point."""
    return DIGITS[kind.name] if kind.name in INTEGERS else kind.numbers[0] - kind.numbers[1]
