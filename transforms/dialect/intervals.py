"""Intervals, and what is added to dates and timestamps. A day-to-second interval is a number of microseconds."""

from __future__ import annotations

import re
from decimal import Decimal

from sqlglot import exp

from transforms.dialect.errors import NotPortable
from transforms.dialect.zoned import instant, local
from transforms.gaps import gap
from transforms.lake_types import INTEGERS, Type

_MICROSECONDS = {
    "second": 10**6,
    "minute": 60 * 10**6,
    "hour": 3600 * 10**6,
    "day": 86400 * 10**6,
    "week": 7 * 86400 * 10**6,
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@gap("d + interval '1-2' year to month", "t + interval '1 02' day to hour")
def interval(node: exp.Expr) -> str:
    """`interval '3' day` as to_days(3), to_microseconds(..) or to_months(..)."""
    unit = node.args.get("unit")
    value, negative = node.this, False
    while isinstance(value, (exp.Neg, exp.Paren)):
        negative ^= isinstance(value, exp.Neg)
        value = value.this
    if unit is None or not isinstance(value, exp.Literal) or isinstance(unit, exp.IntervalSpan):
        raise NotPortable("an interval over two units is not portable yet", "interval '3' day")
    name = unit.name.lower().removesuffix("s")
    if not re.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*", str(value.this)):
        raise NotPortable(f"interval '{value.this}' {name} is not portable yet", "interval '3' day")
    amount = Decimal(str(value.this).strip()) * (-1 if negative else 1)
    if name in _MONTHS:
        return f"to_months({int(amount * _MONTHS[name])})"
    if name in ("day", "week"):
        return f"to_days({int(amount * (7 if name == 'week' else 1))})"
    if name not in _MICROSECONDS:
        raise NotPortable(f"interval of {name} is not portable yet", "interval '3' day")
    return f"to_microseconds({int(amount * _MICROSECONDS[name])})"


@gap("interval '2' day / 2", "interval '2' day * x")
def arithmetic(sign: str, left: str, right: str, here: Type, there: Type, to: Type, zone: str | None) -> str:
    """A moment and an interval, two moments, two intervals, or an interval and a number."""
    if there.name.startswith("interval") and sign in "+-" and not here.name.startswith("interval"):
        return _moved(f"{sign} {right}", left, here, to, there, zone)
    if here.name.startswith("interval") and sign == "+" and not there.name.startswith("interval"):
        return _moved(f"+ {left}", right, there, to, here, zone)
    if here.name.startswith("interval") and here == there and sign in "+-":
        return f"({left} {sign} {right})"
    if sign == "-" and here.name == there.name and here.name in ("date", "timestamp", "timestamp with time zone"):
        return f"to_days(cast({left} - {right} as integer))" if here.name == "date" else f"({left} - {right})"
    if sign == "*" and here.name == "interval day to second" and there.name in INTEGERS:
        return f"to_microseconds(epoch_us({left}) * {right})"
    if sign == "*" and there.name == "interval day to second" and here.name in INTEGERS:
        return f"to_microseconds({left} * epoch_us({right}))"
    months, number = (right, left) if there.name == "interval year to month" else (left, right)
    if sign == "*" and {here.name, there.name} - {"interval year to month"} <= set(INTEGERS):
        return f"({months} * {number})"
    raise NotPortable(f"{here} {sign} {there} is not portable yet", "date_add('day', n, x)")


@gap("cast(t as time) + interval '1' hour")
@gap("cast(null as date) + interval '1' hour")
def _moved(step: str, moment: str, kind: Type, to: Type, by: Type, zone: str | None) -> str:
    days = re.fullmatch(r"([+-]) to_days\((-?\d+)\)", step)
    if kind.name == "date" and to.name == "date":
        if days:
            return (
                f"({moment} {days[1]} {days[2]})"
                if not days[2].startswith("-")
                else f"({moment} {days[1]} ({days[2]}))"
            )
        if by.name == "interval day to second":
            raise NotPortable(
                "an interval of hours or less added to a date", "cast(day as timestamp) + interval '1' hour"
            )
        return f"cast({moment} {step} as date)"
    if kind.name == "timestamp":
        return f"({moment} {step})"
    if kind.name == "timestamp with time zone":
        if by.name == "interval day to second":
            return instant(f"({local(moment, 'UTC')} {step})", "UTC")
        return instant(f"({local(moment, zone)} {step})", zone)
    raise NotPortable(f"an interval added to {kind} is not portable yet", "a timestamp")
