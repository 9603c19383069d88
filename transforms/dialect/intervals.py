"""Intervals: months, or days and microseconds that are whole milliseconds; and what is added to dates and times."""

from __future__ import annotations

from sqlglot import exp

from transforms.analyzer.interval_literals import interval_amount
from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import helper
from transforms.dialect.zoned import instant, local
from transforms.lake_types import INTEGERS, Type

_DAY_MS = 86_400_000
SPAN = helper(
    "span(ms)", f"to_days(cast(ms // {_DAY_MS} as integer)) + to_microseconds(cast(ms % {_DAY_MS} as bigint) * 1000)"
)
MILLISECONDS = helper("span_ms(i)", "epoch_us(i) // 1000")
MONTHS = helper("span_months(i)", "cast(datepart('year', i) * 12 + datepart('month', i) as bigint)")
helper(
    "span_part(x, y)",
    "case when x is null or y is null then null when y = 0 then fail('Cannot divide an interval by 0') else x / y end",
)
helper(
    "day_to_second_text(ms)",
    "case when ms < 0 then '-' else '' end || printf('%d %02d:%02d:%02d.%03d', abs(ms) // 86400000, "
    "abs(ms) // 3600000 % 24, abs(ms) // 60000 % 60, abs(ms) // 1000 % 60, abs(ms) % 1000)",
)
helper("half_away(us)", "us + sign(us) * 500")
_DAYS_MOVED = helper(
    "days_moved(d, ms)",
    f"case when ms % {_DAY_MS} = 0 then d + cast(ms // {_DAY_MS} as integer) "
    "when d is not null and ms is not null then fail('Cannot add hours, minutes or seconds to a date') end",
)
_TIME_MOVED = helper(
    "time_moved(t, ms)",
    "case when abs(ms) < 9223372036 then t + to_microseconds(ms * 1000) "
    "when t is not null and ms is not null then fail('Too long an interval for a time') end",
)
helper("year_to_month_text(n)", "case when n < 0 then '-' else '' end || printf('%d-%d', abs(n) // 12, abs(n) % 12)")


def interval(node: exp.Expr) -> str:
    """A literal: to_months(..), to_days(..) for whole days, or to_microseconds(..)."""
    assert isinstance(node, exp.Interval)
    amount = interval_amount(node)
    if node.meta["type"].name == "interval year to month":
        return f"to_months({amount})"
    if amount % _DAY_MS == 0:
        return f"to_days({amount // _DAY_MS})"
    return f"to_microseconds({amount * 1000})"


def amount_of(sql: str, kind: Type) -> str:
    """Milliseconds, or months, of an interval."""
    return f"{MILLISECONDS if kind.name == 'interval day to second' else MONTHS}({sql})"


def interval_of(amount: str, kind: Type) -> str:
    """The interval of so many milliseconds or months."""
    return f"{SPAN}({amount})" if kind.name == "interval day to second" else f"to_months(cast({amount} as integer))"


def interval_text(sql: str, kind: Type) -> str:
    """`1 02:03:04.567`, or `1-3`."""
    word = "day_to_second" if kind.name == "interval day to second" else "year_to_month"
    return f"athena_{word}_text({amount_of(sql, kind)})"


def arithmetic(sign: str, left: str, right: str, here: Type, there: Type, to: Type, zone: str | None) -> str:
    """A moment and an interval, two moments, two intervals, or an interval and a number."""
    one, other = here.name.startswith("interval"), there.name.startswith("interval")
    if other and not one and sign in "+-":
        return _moved(sign, right, left, here, to, there, zone)
    if one and not other and sign == "+":
        return _moved(sign, left, right, there, to, here, zone)
    if one and other and sign in "+-":
        return f"({left} {sign} {right})"
    if sign == "-":
        return _between(left, right, here)
    if other:
        left, right, here, there = right, left, there, here
    amount = amount_of(left, here)
    if sign == "/":
        return interval_of(f"cast(trunc(athena_span_part({amount}, {right})) as bigint)", here)
    if there.name in INTEGERS:
        return interval_of(f"{amount} * {right}", here)
    return interval_of(f"cast(trunc({amount} * {right}) as bigint)", here)


def _between(left: str, right: str, kind: Type) -> str:
    if kind.name == "date":
        return f"to_days(cast({left} - {right} as integer))"
    distance = f"epoch_us({left}) - epoch_us({right})"
    if kind.name.startswith("timestamp") and kind.numbers[0] <= 3:
        return f"({left} - {right})"
    if kind.name in ("time", "timestamp"):
        return f"{SPAN}(athena_nearest_us({distance}, 1000) // 1000)"
    if kind.name == "timestamp with time zone":
        return f"{SPAN}(athena_half_away({distance}) // 1000)"
    raise NotPortable(f"a difference of {kind} is not portable yet", "date_diff")


def _moved(sign: str, by: str, moment: str, kind: Type, to: Type, span: Type, zone: str | None) -> str:
    """A day-to-second interval is a distance in time; a month has as many days as it has."""
    if kind.name == "date":
        if by.startswith("to_days("):
            days = by[8:-1]
            return f"({moment} {sign} {days})" if days.isdigit() else f"({moment} {sign} ({days}))"
        if span.name == "interval day to second":
            return f"{_DAYS_MOVED}({moment}, {sign}{amount_of(by, span)})"
        return f"cast({moment} {sign} {by} as date)"
    if kind.name == "time":
        return f"{_TIME_MOVED}({moment}, {sign}{amount_of(by, span)})"
    if kind.name == "timestamp":
        return f"({moment} {sign} {by})"
    if kind.name == "timestamp with time zone":
        if span.name == "interval day to second":
            return instant(f"({local(moment, 'UTC')} {sign} {by})", "UTC")
        return instant(f"({local(moment, zone)} {sign} {by})", zone)
    raise NotPortable(f"an interval added to {kind} is not portable yet", "a timestamp")
