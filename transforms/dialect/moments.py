"""Dates, times and timestamps between their precisions, and as text; a cast among them is made of these."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import helper
from transforms.dialect.zoned import instant, local
from transforms.lake_types import Type

TODAY = "cast(make_timestamp(epoch_us(now())) as date)"
"""In UTC, which is the session's zone on Athena."""
_MARKS = {0: "", 3: ".%g", 6: ".%f"}
helper("nearest_us(us, unit)", "us + unit // 2 - ((us + unit // 2) % unit + unit) % unit")
_ROUNDED = helper("rounded(t, unit)", "make_timestamp(athena_nearest_us(epoch_us(t), unit))")
_ROUNDED_INSTANT = helper("rounded_instant(t, unit)", "make_timestamptz(athena_nearest_us(epoch_us(t), unit))")
_ROUNDED_TIME = helper(
    "rounded_time(t, unit)", "time '00:00:00' + to_microseconds(athena_nearest_us(epoch_us(t), unit) % 86400000000)"
)
_TIME_OF = helper(
    "time_of(t)",
    "case when epoch_us(t) >= 0 or epoch_us(t) % 1000000 = 0 then cast(t as time) "
    "when cast(t as time) < time '00:00:01' then fail('value must be >= 0') else cast(t as time) - to_seconds(1) end",
)
"""Trino takes a second away from a broken second before 1970."""
helper("year_text(y)", "case when y < 0 then '-' when y > 9999 then '+' else '' end || printf('%04d', abs(y))")
_DATE_TEXT = helper(
    "date_shown(d)",
    "case when d >= date '0001-01-01' and d <= date '9999-12-31' then cast(d as varchar) "
    "else ltrim(athena_year_text(year(d)), '+') || strftime(d, '-%m-%d') end",
)
_STAMP_TEXT = helper(
    "stamp_shown(t, clock)",
    "case when t >= timestamp '0001-01-01' and t < timestamp '10000-01-01' then strftime(t, '%Y-%m-%d' || clock) "
    "else athena_year_text(year(t)) || strftime(t, '-%m-%d' || clock) end",
)


def digits_of(kind: Type) -> int:
    """How many digits of the second a type keeps."""
    return kind.numbers[0] if kind.numbers else 3


def rounded(sql: str, kind: Type) -> str:
    """A timestamp, instant or time rounded half up to the digits of a type."""
    digits = digits_of(kind)
    if digits >= 6:
        return sql
    unit = 10 ** (6 - digits)
    if kind.name == "timestamp" and digits in (0, 3):
        word = "second" if digits == 0 else "millisecond"
        return f"date_trunc('{word}', {sql} + to_microseconds({unit // 2}))"
    macro = {"timestamp": _ROUNDED, "time": _ROUNDED_TIME}.get(kind.name, _ROUNDED_INSTANT)
    return f"{macro}({sql}, {unit})"


def moved(sql: str, here: Type, to: Type, zone: str | None) -> str:
    """A moment of one type cast to another; `zone` is that of the value."""
    if to.numbers and to.numbers[0] > 6:
        raise NotPortable(f"{to} is finer than a microsecond", f"cast(.. as {to.name}(3))")
    if here.name == to.name:
        return sql if here.numbers <= to.numbers else rounded(sql, to)
    if here.name == "timestamp with time zone":
        clock = local(sql, zone)
        if to.name == "time":
            return rounded(f"cast({clock} as time)", to)
        return moved(clock, Type("timestamp", here.numbers), to, None)
    if to.name == "timestamp with time zone":
        return instant(moved(sql, here, Type("timestamp", to.numbers), None), "UTC")
    if here.name == "time" and to.name == "timestamp":
        return moved(f"({TODAY} + {sql})", Type("timestamp", here.numbers), to, None)
    if here.name == "date" and to.name == "timestamp":
        return f"cast({sql} as timestamp)"
    if here.name == "timestamp" and to.name == "date":
        return f"cast({sql} as date)"
    if here.name == "timestamp" and to.name == "time":
        time = f"{_TIME_OF}({sql})"
        return time if here.numbers <= to.numbers else rounded(time, to)
    raise NotPortable(f"a cast from {here} to {to} is not portable yet")


def date_text(sql: str) -> str:
    """A date in ISO 8601, with a sign before the year 0."""
    return f"{_DATE_TEXT}({sql})"


def stamp_text(sql: str, kind: Type, between: str = " ") -> str:
    """A timestamp as Trino shows it, with as many digits of the second as its type has."""
    digits = digits_of(kind)
    if digits in _MARKS:
        return f"{_STAMP_TEXT}({sql}, '{between}%H:%M:%S{_MARKS[digits]}')"
    return _cut(f"{_STAMP_TEXT}({sql}, '{between}%H:%M:%S.%f')", digits)


def time_text(sql: str, kind: Type) -> str:
    """A time with as many digits of the second as its type has."""
    digits = digits_of(kind)
    shown = f"strftime(date '1970-01-01' + {sql}, '%H:%M:%S{_MARKS.get(digits, '.%f')}')"
    return shown if digits in _MARKS else _cut(shown, digits)


def _cut(shown: str, digits: int) -> str:
    return f"{shown}[:{digits - 7}]"
