"""Moments as numbers and as ISO 8601 text, and durations."""

from __future__ import annotations

from transforms.dialect.functions.dates import clock
from transforms.dialect.moments import date_text, stamp_text
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, refuse, rule, rule_of_call, sql
from transforms.dialect.types import text

family("Dates and times")

macro(
    "from_unixtime(x double) -> timestamp with time zone",
    "make_timestamptz(case when isnan(x) then 0 else cast(floor(x * 1000 + 0.5e0) as bigint) * 1000 end)",
)
sql("to_unixtime(x timestamp|timestamp with time zone) -> double", "(epoch_us({x}) / 1e6)")


@rule_of_call("from_iso8601_timestamp(varchar) -> timestamp with time zone")
def from_iso8601_timestamp(call: Invocation) -> str:
    """Each text names its zone. Where the query takes it for UTC, no text may name another one."""
    return f"athena_iso_{'utc_' if call.zone == 'UTC' else ''}instant({call.args[0]})"


sql("from_iso8601_date(s varchar) -> date", "athena_iso_date({s})")


helper(
    "iso_zoned(shown, ahead)",
    "list_transform([ahead // 60000000], lambda m: shown || case when m = 0 then 'Z' else "
    "case when m < 0 then '-' else '+' end || printf('%02d:%02d', abs(m) // 60, abs(m) % 60) end)[1]",
)


@rule("to_iso8601(date|timestamp|timestamp with time zone) -> varchar")
def to_iso8601(x: Arg) -> str:
    """With the zone's offset if there is a zone. A lambda computes once what the text takes several times."""
    if x.type.name == "date":
        return date_text(x)
    shown = stamp_text(clock(x), x.type, "T")
    if x.type.name == "timestamp":
        return shown
    if x.zone == "UTC":
        return f"({shown} || 'Z')"
    if x.zone is None:
        return f"athena_iso_zoned({shown}, epoch_us({clock(x)}) - epoch_us({x}))"
    at = Arg.of("x", x.type, x.node, x.zone)
    shown = f"athena_iso_zoned({stamp_text(clock(at), x.type, 'T')}, epoch_us({clock(at)}) - epoch_us({at}))"
    return f"list_transform([{x}], lambda x: {shown})[1]"


_UNITS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}
_UNIT_MS = " ".join(f"when '{unit}' then cast({ms!r} as double)" for unit, ms in _UNITS.items())
_DURATION = r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(ns|us|ms|s|m|h|d)\s*$"
helper(
    "duration_ms(number, unit)",
    f"cast(floor(try_cast(number as double) * case unit {_UNIT_MS} end + 0.5) as bigint)",
)
macro(
    "parse_duration(s varchar) -> interval",
    f"case when regexp_matches(s, {text(_DURATION)}) then athena_span(athena_duration_ms("
    f"regexp_extract(s, {text(_DURATION)}, 1), regexp_extract(s, {text(_DURATION)}, 2))) "
    "else fail('duration is not a valid data duration string') end",
)
helper("counted(n, unit)", "case when n = 1 then '1 ' || unit when n > 1 then n || ' ' || unit || 's' end")
helper(
    "readable(s)",
    "coalesce(nullif(concat_ws(', ', athena_counted(s // 604800, 'week'), athena_counted(s // 86400 % 7, 'day'), "
    "athena_counted(s // 3600 % 24, 'hour'), athena_counted(s // 60 % 60, 'minute'), "
    "athena_counted(s % 60, 'second')), ''), '0 seconds')",
)
macro(
    "human_readable_seconds(x double) -> varchar",
    "case when abs(x) < 9.2e18 then athena_readable(try_cast(floor(abs(x) + 0.5) as bigint)) "
    "when isfinite(x) then athena_readable(9223372036854775807) "
    "else fail('Invalid argument found') end",
)
refuse("from_iso8601_timestamp_nanos", "DuckDB's times have microseconds", "from_iso8601_timestamp")
refuse("from_unixtime_nanos", "DuckDB's times have microseconds", "from_unixtime(x / 1e9)")
refuse("parse_data_size", "not portable yet", "the number of bytes")
refuse("parse_presto_data_size", "not portable yet", "the number of bytes")
