"""Dates, times, timestamps and intervals: units, fields, arithmetic. A value with a zone is taken by its own clock."""

from __future__ import annotations

from collections.abc import Callable

from transforms.dialect.casts import cast
from transforms.dialect.errors import NotPortable
from transforms.dialect.intervals import amount_of
from transforms.dialect.macros import failing
from transforms.dialect.moments import digits_of, rounded
from transforms.dialect.rules import Arg, Invocation, family, helper, rule, rule_of_call, sql
from transforms.dialect.types import duckdb_type, text
from transforms.dialect.zoned import instant, local
from transforms.lake_types import BIGINT, DATE, Type

family("Dates and times")

_DAYS_AND_UP = ("day", "week", "month", "quarter", "year")
_BELOW_A_DAY = {"millisecond": 1000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000}
_UNITS = {"date": _DAYS_AND_UP, "time": tuple(_BELOW_A_DAY)}
_ANY = "moment|time"
_STEP = {
    **{unit: f"to_{unit}s(cast(cast({{n}} as integer) as bigint))" for unit in _BELOW_A_DAY},
    **{unit: f"to_{unit}s(cast({{n}} as integer))" for unit in _DAYS_AND_UP},
}
"""Athena takes no number beyond 32 bits; only a time, which goes round, takes any."""


def _by_unit(unit: Arg, kind: Type, given: tuple[str, ...], result: Type, write: Callable[[str], str]) -> str:
    """What `write` makes of the unit; of a unit that the type does not have, an error unless a value is NULL."""
    allowed = _UNITS.get(kind.name, (*_BELOW_A_DAY, *_DAYS_AND_UP))
    if unit.constant is not None and unit.constant.lower() in allowed:
        return write(unit.constant.lower())
    nulls = " or ".join(f"{each} is null" for each in (unit, *given))
    message = text(f"{unit.constant or 'this'} is not a unit of a {kind.name}: {', '.join(allowed)}")
    failure = failing(f"fail({message})")
    target = duckdb_type(result)
    if unit.constant is not None:
        return f"cast(case when {nulls} then null else {failure} end as {target})"
    branches = " ".join(f"when '{each}' then {write(each)}" for each in allowed)
    return f"case when {nulls} then cast(null as {target}) else case lower({unit}) {branches} else {failure} end end"


def clock(x: Arg) -> str:
    """What the value's own clock shows."""
    return local(x, x.zone) if x.type.name == "timestamp with time zone" else str(x)


@rule(f"date_trunc(varchar, {_ANY}) -> T")
def date_trunc(unit: Arg, x: Arg) -> str:
    """A date stays a date; weeks start on Monday. Hours and less are cut by the clock, which may show one twice."""

    def write(name: str) -> str:
        if x.type.name == "date":
            return str(x) if name == "day" else f"cast(date_trunc('{name}', {x}) as date)"
        if x.type.name == "time":
            return f"athena_time_cut({x}, {_BELOW_A_DAY[name]})"
        shown = clock(x)
        cut = f"date_trunc('{name}', {shown})"
        if x.type.name == "timestamp":
            return cut
        if name in _DAYS_AND_UP:
            return instant(cut, x.zone)
        return f"make_timestamptz(epoch_us({x}) - (epoch_us({shown}) - epoch_us({cut})))"

    return _by_unit(unit, x.type, (x,), x.type, write)


helper("time_cut(t, unit)", "time '00:00:00' + to_microseconds(epoch_us(t) // unit * unit)")


@rule(f"date_add(varchar, bigint, {_ANY}) -> T")
def date_add(unit: Arg, n: Arg, x: Arg) -> str:
    """A date stays a date; a month more is at most the last day of that month."""

    def write(name: str) -> str:
        step = _STEP[name].format(n=n)
        if x.type.name == "time":
            size = _BELOW_A_DAY[name]
            step = f"to_microseconds({n} % {_BELOW_A_DAY['hour'] * 24 // size} * {size})"
        if x.type.name == "date":
            if name in ("day", "week"):
                return f"({x} + cast({n}{' * 7' if name == 'week' else ''} as integer))"
            return f"cast({x} + {step} as date)"
        if x.type.name != "timestamp with time zone":
            moved = f"({x} + {step})"
        elif name in _DAYS_AND_UP:
            moved = instant(f"({clock(x)} + {step})", x.zone)
        else:
            moved = instant(f"({local(x, 'UTC')} + {step})", "UTC")
        return rounded(moved, x.type) if name == "millisecond" and digits_of(x.type) < 3 else moved

    return _by_unit(unit, x.type, (n, x), x.type, write)


@rule(f"date_diff(varchar, {_ANY}, {_ANY}) -> bigint")
def date_diff(unit: Arg, start: Arg, end: Arg) -> str:
    """Complete units from start to end, toward zero. DuckDB's date_diff counts boundaries, its date_sub does not.

    Both are taken in milliseconds, and by the clock of the first.
    """

    def write(name: str) -> str:
        if start.type.name == "date" and name == "day":
            return f"({end} - {start})"
        if start.type.name == "time":
            one, other = (f"epoch_us({each}) // 1000" for each in (start, end))
            return f"(({other} - {one}) // {_BELOW_A_DAY[name] // 1000})"
        one, other = str(start), str(end)
        if start.type.name == "timestamp with time zone":
            one, other = _by_one_clock(start, end) if name in _DAYS_AND_UP else (local(one, "UTC"), local(other, "UTC"))
        if start.type.name != "date" and digits_of(start.type) > 3:
            one, other = (f"date_trunc('millisecond', {each})" for each in (one, other))
        return f"date_sub('{name}', {one}, {other})"

    return _by_unit(unit, start.type, (start, end), BIGINT, write)


def _by_one_clock(start: Arg, end: Arg) -> tuple[str, str]:
    one = local(start, start.zone)
    if start.zone is not None:
        return one, local(end, start.zone)
    return one, f"make_timestamp(epoch_us({end}) + epoch_us({one}) - epoch_us({start}))"


_PARTS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "weekofyear",
    "week_of_year": "weekofyear",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "dayofyear",
    "doy": "dayofyear",
    "year_of_week": "isoyear",
    "yow": "isoyear",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
}
_SPAN_PARTS = {
    "day": ("day to second", "// 86400000"),
    "day_of_month": ("day to second", "// 86400000"),
    "hour": ("day to second", "// 3600000 % 24"),
    "minute": ("day to second", "// 60000 % 60"),
    "second": ("day to second", "// 1000 % 60"),
    "millisecond": ("day to second", "% 1000"),
    "year": ("year to month", "// 12"),
    "month": ("year to month", "% 12"),
}


def _part(name: str, duckdb: str) -> None:
    """Monday is day 1 of the week; weeks and their years are those of ISO 8601."""

    @rule(f"{name}({_ANY}) -> bigint")
    def part(x: Arg) -> str:
        return f"{duckdb}({clock(x)})"


def _span_part(name: str, kind: str, part: str) -> None:
    """The fields of an interval have its sign."""

    @rule(f"{name}(interval) -> bigint")
    def of_span(x: Arg) -> str:
        if x.type.name != f"interval {kind}":
            raise NotPortable(f"{name} of an {x.type} does not exist")
        return f"({amount_of(x, x.type)} {part})"


for _name, _duckdb in _PARTS.items():
    _part(_name, _duckdb)
for _name, (_kind, _text) in _SPAN_PARTS.items():
    _span_part(_name, _kind, _text)


@rule(f"millisecond({_ANY}) -> bigint")
def millisecond(x: Arg) -> str:
    """Of the second."""
    return f"(millisecond({clock(x)}) % 1000)"


sql("last_day_of_month(x date) -> date", "last_day({x})")


@rule("last_day_of_month(timestamp|timestamp with time zone) -> date")
def last_day_of_month(x: Arg) -> str:
    """Of the month that the value's clock shows."""
    return f"last_day({clock(x)})"


@rule("date(varchar|timestamp|timestamp with time zone|date) -> date")
def date(x: Arg) -> str:
    """The same as a cast: a text with a time in it is an error."""
    return "cast(null as date)" if x.is_null else cast(x, x.type, DATE, zone=x.zone)


sql("to_milliseconds(x interval) -> bigint", "(epoch_us({x}) // 1000)")
sql("now() -> timestamp with time zone", "date_trunc('millisecond', now())")


@rule_of_call("current_timestamp(integer) -> timestamp with time zone", "localtimestamp(integer) -> timestamp")
def precise_now(call: Invocation) -> str:
    """Now, in so many digits of the second."""
    moment = "now()" if call.name == "current_timestamp" else "make_timestamp(epoch_us(now()))"
    duckdb_type(call.type)
    return rounded(moment, call.type)
