"""Dates and timestamps. Units and patterns are constants; a value with a zone is taken apart by its own clock."""

from __future__ import annotations

import re

from transforms.dialect.casts import cast, stamp_text
from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, family, helper, macro, refuse, rule, sql
from transforms.dialect.types import text
from transforms.dialect.zoned import instant, local
from transforms.gaps import gap
from transforms.lake_types import DATE, Type

family("Dates and times")

_DAYS_AND_UP = ("day", "week", "month", "quarter", "year")
_UNITS = ("millisecond", "second", "minute", "hour", *_DAYS_AND_UP)
_STEP = {
    **{unit: f"to_{unit}s(cast({{n}} as bigint))" for unit in ("millisecond", "second", "minute", "hour")},
    **{unit: f"to_{unit}s(cast({{n}} as integer))" for unit in _DAYS_AND_UP},
}


@gap("date_trunc(s, d)", "date_add(s, 1, d)", "date_diff(s, d, d)")
def unit_of(arg: Arg, kind: Type) -> str:
    """The constant unit, allowed for the type."""
    unit = (arg.constant or "").lower()
    allowed = _DAYS_AND_UP if kind.name == "date" else _UNITS
    if arg.constant is None:
        raise NotPortable("a unit that varies by row, or is NULL", f"one of {', '.join(map(text, allowed))}")
    if unit not in allowed:
        raise NotPortable(f"{arg.constant!r} is no unit of a {kind.name}", f"one of {', '.join(allowed)}")
    return unit


def clock(x: Arg) -> str:
    """What the value's own clock shows."""
    return local(x, x.zone) if x.type.name == "timestamp with time zone" else str(x)


@rule("date_trunc(varchar, moment) -> moment")
def date_trunc(unit: Arg, x: Arg) -> str:
    """A date stays a date; weeks start on Monday."""
    name = unit_of(unit, x.type)
    if x.type.name == "date":
        return str(x) if name == "day" else f"cast(date_trunc('{name}', {x}) as date)"
    cut = f"date_trunc('{name}', {clock(x)})"
    return instant(cut, x.zone) if x.type.name == "timestamp with time zone" else cut


@rule("date_add(varchar, bigint, moment) -> moment")
def date_add(unit: Arg, n: Arg, x: Arg) -> str:
    """A date stays a date; a month more is at most the last day of that month."""
    name = unit_of(unit, x.type)
    step = _STEP[name].format(n=n)
    if x.type.name == "date":
        if name in ("day", "week"):
            return f"({x} + cast({n}{' * 7' if name == 'week' else ''} as integer))"
        return f"cast({x} + {step} as date)"
    if x.type.name == "timestamp":
        return f"({x} + {step})"
    if name in _DAYS_AND_UP:
        return instant(f"({clock(x)} + {step})", x.zone)
    return instant(f"({local(x, 'UTC')} + {step})", "UTC")


@rule("date_diff(varchar, moment, moment) -> bigint")
def date_diff(unit: Arg, start: Arg, end: Arg) -> str:
    """Complete units from start to end, toward zero. DuckDB's date_diff counts boundaries, its date_sub does not."""
    name = unit_of(unit, start.type)
    if start.type.name == "date" and name == "day":
        return f"({end} - {start})"
    if start.type.name == "timestamp with time zone":
        zone = start.zone if name in _DAYS_AND_UP else "UTC"
        return f"date_sub('{name}', {local(start, zone)}, {local(end, zone)})"
    return f"date_sub('{name}', {start}, {end})"


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


def _part(name: str, duckdb: str) -> None:
    """Monday is day 1 of the week; weeks and their years are those of ISO 8601."""

    @rule(f"{name}(moment) -> bigint")
    def part(x: Arg) -> str:
        if x.type.name == "date" and duckdb in ("hour", "minute", "second"):
            raise NotPortable(f"{name} of a date is not portable", "0")
        return f"{duckdb}({clock(x)})"


for _name, _duckdb in _PARTS.items():
    _part(_name, _duckdb)


@rule("millisecond(moment) -> bigint")
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
    return cast(x, x.type, DATE, zone=x.zone)


_MYSQL = {
    **{"a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M"},
    **{"j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S"},
    **{"T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%"},
}


@gap("date_format(t, s)", "date_parse(s, s)")
@gap("date_format(cast(null as timestamp), '%D')")
def mysql_pattern(arg: Arg) -> str:
    """strftime's words for a pattern of date_format."""
    given = arg.constant
    if given is None:
        raise NotPortable("a date pattern that varies by row", "a constant pattern")
    out, position = "", 0
    while position < len(given):
        char = given[position]
        if char == "%" and position + 1 < len(given):
            letter = given[position + 1]
            if letter in "DUuVwX":
                raise NotPortable(f"Athena does not support %{letter} in a date pattern", "%d, %v, %a")
            out += _MYSQL.get(letter, letter)
            position += 2
        else:
            out += "%%" if char == "%" else char
            position += 1
    return out


@rule("date_format(timestamp|timestamp with time zone, varchar) -> varchar")
def date_format(x: Arg, pattern: Arg) -> str:
    """MySQL's letters: %i are minutes, %M is the month's name."""
    return f"strftime({clock(x)}, {text(mysql_pattern(pattern))})"


@rule("date_parse(varchar, varchar) -> timestamp")
@gap("date_parse(s, '%j')")
def date_parse(s: Arg, pattern: Arg) -> str:
    """What is missing is taken from 1970-01-01; what is left over is an error."""
    given = mysql_pattern(pattern)
    if re.search(r"%[yaAVGjBb]", given) and not re.fullmatch(r"[^%]*(%(-?[YmdHIMSfpbB])[^%]*)*", given):
        raise NotPortable(f"date_parse with {pattern.constant!r} is not portable yet", "%Y, %m, %d, %H, %i, %s")
    given = given.replace("%-", "%")
    if "%Y" in given:
        return f"athena_parsed({s}, {text(given)})"
    return f"athena_parsed('1970 ' || {s}, {text('%Y ' + given)})"


helper(
    "parsed(s, f)",
    "case when starts_with(s, ' ') or ends_with(s, ' ') or contains(s, '  ') then fail('Invalid format') else "
    "date_trunc('millisecond', strptime(s, f)) end",
)

_JODA = {
    **{"yyyy": "%Y", "YYYY": "%Y", "y": "%Y", "Y": "%Y", "yy": "%y", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B"},
    **{"d": "%-d", "dd": "%d", "H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "m": "%-M", "mm": "%M", "s": "%-S"},
    **{"ss": "%S", "SSS": "%g", "a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A", "e": "%u", "D": "%-j"},
    **{"DDD": "%j", "ww": "%V", "xxxx": "%G", "x": "%G"},
}


@gap("format_datetime(t, s)", "parse_datetime(s, s)", "format_datetime(t, 'G')")
def joda_pattern(arg: Arg) -> str:
    """strftime's words for a Java pattern."""
    given = arg.constant
    if given is None:
        raise NotPortable("a date pattern that varies by row", "a constant pattern")
    out = ""
    for found in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'", given):
        piece = found[0]
        if found[1] is not None:
            out += (found[1].replace("''", "'") or "'").replace("%", "%%")
        elif found[2]:
            if piece not in _JODA:
                raise NotPortable(
                    f"{piece!r} in a date pattern is not portable yet", "date_format(x, '%Y-%m-%d %H:%i:%s')"
                )
            out += _JODA[piece]
        else:
            out += piece.replace("%", "%%")
    return out


@rule("format_datetime(timestamp|timestamp with time zone, varchar) -> varchar")
def format_datetime(x: Arg, pattern: Arg) -> str:
    """Java's letters: mm are minutes, MM is the month."""
    return f"strftime({clock(x)}, {text(joda_pattern(pattern))})"


@rule("parse_datetime(varchar, varchar) -> timestamp with time zone")
@gap("parse_datetime(s, 'HH')")
def parse_datetime(s: Arg, pattern: Arg) -> str:
    """Java's letters; in UTC."""
    given = joda_pattern(pattern).replace("%-", "%")
    if "%Y" not in given or re.search(r"%[yuVGjaA]", given):
        raise NotPortable(
            f"parse_datetime with {pattern.constant!r} is not portable yet", "a pattern with yyyy, MM, dd"
        )
    return instant(f"athena_parsed({s}, {text(given)})", "UTC")


macro(
    "from_unixtime(x double) -> timestamp with time zone",
    "make_timestamptz(case when isnan(x) then 0 else cast(floor(x * 1000 + 0.5e0) as bigint) * 1000 end)",
)


@rule("from_unixtime(double, varchar) -> timestamp with time zone")
@gap("from_unixtime(x, s)")
def from_unixtime_in_zone(x: Arg, zone: Arg) -> str:
    """The same instant; the zone is how it is shown."""
    if zone.constant is None:
        raise NotPortable("a time zone that varies by row", "a constant zone: 'Asia/Tokyo'")
    return f"athena_from_unixtime({x})"


sql("to_unixtime(x timestamp|timestamp with time zone) -> double", "(epoch_us({x}) / 1e6)")
_ISO_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
_ISO = rf"^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:T({_ISO_CLOCK}))?(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?$"
_NO_ISO_TIME = (
    "case when s <> '' and regexp_full_match(s, '([-+]?[0-9][-W0-9]*)?(T[-+0-9:.,Z]*)?') "
    "then unportable('this form of an ISO 8601 time') else fail('Not an ISO 8601 time') end"
)
helper(
    "iso_clock(s)",
    f"date_trunc('millisecond', cast(regexp_extract(s, {text(_ISO)}, 1) || ' ' || "
    f"coalesce(nullif(replace(regexp_extract(s, {text(_ISO)}, 2), ',', '.'), ''), '00:00') as timestamp))",
)
helper(
    "iso_minutes(z)",
    "case when length(z) < 2 then 0 else (case when starts_with(z, '-') then -1 else 1 end) * (cast(z[2:3] as "
    "integer) * 60 + cast(right(z, 2) as integer)) end",
)
macro(
    "from_iso8601_timestamp(s varchar) -> timestamp with time zone",
    f"case when s is null then null when regexp_matches(s, {text(_ISO)}) "
    f"then make_timestamptz(epoch_us(athena_iso_clock(s)) "
    f"- cast(60000000 as bigint) * athena_iso_minutes(regexp_extract(s, {text(_ISO)}, 3))) "
    f"else {_NO_ISO_TIME} end",
)
helper(
    "iso_local(s)",
    f"case when s is null then null when regexp_matches(s, {text(_ISO)}) then athena_iso_clock(s) "
    f"else {_NO_ISO_TIME} end",
)
macro(
    "from_iso8601_date(s varchar) -> date",
    "case when s is null then null when regexp_full_match(s, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') then cast(s as date) "
    "when regexp_full_match(s, '[-+]?[0-9]+(-?W?[0-9]+)*') then unportable('this form of an ISO 8601 date') "
    "else fail('Not an ISO 8601 date') end",
)


@rule("to_iso8601(date|timestamp|timestamp with time zone) -> varchar")
def to_iso8601(x: Arg) -> str:
    """With the zone's offset if there is a zone."""
    if x.type.name == "date":
        return f"cast({x} as varchar)"
    shown = stamp_text(clock(x), x.type, "T")
    if x.type.name == "timestamp":
        return shown
    if x.zone == "UTC":
        return f"({shown} || 'Z')"
    minutes = f"((epoch_us({clock(x)}) - epoch_us({x})) // 60000000)"
    return (
        f"({shown} || case when {minutes} = 0 then 'Z' else case when {minutes} < 0 then '-' else '+' end "
        f"|| printf('%02d:%02d', abs({minutes}) // 60, abs({minutes}) % 60) end)"
    )


sql("now() -> timestamp with time zone", "date_trunc('millisecond', now())")
sql("to_milliseconds(x interval) -> bigint", "(epoch_us({x}) // 1000)")
refuse("human_readable_seconds", "not portable yet", "to_milliseconds")
refuse("from_iso8601_timestamp_nanos", "DuckDB's times have microseconds", "from_iso8601_timestamp")
refuse("from_unixtime_nanos", "DuckDB's times have microseconds", "from_unixtime(x / 1e9)")
refuse("parse_duration", "not portable yet", "interval '3' day")
refuse("parse_data_size", "not portable yet", "the number of bytes")
refuse("parse_presto_data_size", "not portable yet", "the number of bytes")
