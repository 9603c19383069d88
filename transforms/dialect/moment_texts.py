"""Texts that become dates, times and timestamps: what Trino's casts, literals and from_iso8601 functions read.

A common text is checked by one expression and cast by DuckDB; other years, zones and longer fractions go a longer way.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from transforms.analyzer.moment_literals import EPOCH, Moment, read_date, read_time, read_timestamp, skipped
from transforms.dialect.errors import NotPortable
from transforms.dialect.moments import digits_of, rounded
from transforms.dialect.rules import helper
from transforms.dialect.types import duckdb_type, text
from transforms.dialect.zoned import instant
from transforms.lake_types import Type

_BLANK = r"[\x00-\x20]*"
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9](?::[0-5]?[0-9](?:\.[0-9]{1,6})?)?"
_ANY_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9](?::[0-5]?[0-9])?"
_DAY = r"-[0-9]{1,2}-[0-9]{1,2}"
_ZONE = r"Z|(?:UTC|GMT|UT)(?:[+-][0-9]{1,2}(?::[0-9]{2})?)?|[+-][0-9]{2}(?::?[0-9]{2})?|[A-Z]\w*(?:/[A-Z][\w+-]*)+"
_COMMON_DATE = f"{_BLANK}[0-9]{{4}}{_DAY}{_BLANK}"
_COMMON_STAMP = f"{_BLANK}[0-9]{{4}}{_DAY}(?: {_CLOCK})?{_BLANK}"
_DATE = f"{_BLANK}[+-]?[0-9]{{1,7}}{_DAY}{_BLANK}"
_STAMP = rf"^{_BLANK}([+-]?[0-9]{{4,6}}{_DAY})(?: (?:({_ANY_CLOCK})(?:\.([0-9]+))?)?\s*({_ZONE})?)?{_BLANK}$"
_TIME = rf"^({_ANY_CLOCK})(?:\.([0-9]+))?{_BLANK}$"
_CONSTANT = re.compile(r"'[^']*'")
_BLANKS = "".join(map(chr, range(33)))

helper("number(s, pattern)", "try_cast(regexp_extract(s, pattern, 1) as bigint)")
helper(
    "far_text(s)",
    "case when athena_number(s, '([+-]?[0-9]+)-') > 0 "
    "then regexp_extract(s, '([0-9]+)-', 1) || regexp_extract(s, '[0-9](-.*)', 1) "
    "else (1 - athena_number(s, '([+-]?[0-9]+)-')) || rtrim(regexp_extract(s, '[0-9](-.*)', 1)) || ' (BC)' end",
)
"""A date of any year as DuckDB reads it: the year before 1 is 1 BC."""
helper(
    "date_text_or_null(s)",
    f"case when regexp_full_match(s, {text(_COMMON_DATE)}) then s "
    f"when regexp_full_match(s, {text(_DATE)}) then athena_far_text(s) end",
)
helper(
    "date_text(s)",
    "case when s is null or athena_date_text_or_null(s) is not null then athena_date_text_or_null(s) "
    "else fail('Value cannot be cast to date', s) end",
)
helper(
    "fraction(f, carry)",
    "to_microseconds(cast(rpad(left(f, 6), 6, '0') as bigint) + case when carry and f[7] >= '5' then 1 else 0 end)",
)
helper("stamp_part(s, n)", f"regexp_extract(s, {text(_STAMP)}, n)")
helper(
    "stamp_region(s)", "case when contains(athena_stamp_part(s, 4), '/') then athena_stamp_part(s, 4) else 'UTC' end"
)
helper(
    "stamp_rare(s, carry)",
    "try_cast(athena_far_text(athena_stamp_part(s, 1)) || ' ' || "
    "coalesce(nullif(athena_stamp_part(s, 2), ''), '00:00') as timestamp) "
    "+ athena_fraction(athena_stamp_part(s, 3), carry)",
)
helper(
    "stamp_shifted(t, region)",
    "list_transform([t], lambda x: timezone(region, athena_earlier_instant(x, region)))[1]",
)
"""An hour that the clock of a named zone skips is moved forward."""
helper(
    "stamp_or_null(s, carry)",
    f"case when regexp_full_match(s, {text(_COMMON_STAMP)}) then try_cast(s as timestamp) "
    "when contains(s, '/') then athena_stamp_shifted(athena_stamp_rare(s, carry), athena_stamp_region(s)) "
    "else athena_stamp_rare(s, carry) end",
)
helper(
    "stamp(s, carry)",
    f"case when regexp_full_match(s, {text(_COMMON_STAMP)}) then cast(s as timestamp) "
    "else list_transform([athena_stamp_or_null(s, carry)], lambda t: case when s is null or t is not null then t "
    "else fail('Value cannot be cast to timestamp', s) end)[1] end",
)
helper(
    "offset_minutes(z)",
    "case when contains(z, '-') then -1 else 1 end * (coalesce(athena_number(z, '[+-]([0-9]{1,2})'), 0) * 60 "
    "+ coalesce(athena_number(z, '[+-][0-9]{2}:?([0-9]{2})'), 0))",
)
helper(
    "offset_us(z)",
    "case when abs(athena_offset_minutes(z)) > 840 then fail('Time zone offset exceeds 14 hours') "
    "else athena_offset_minutes(z) * 60000000 end",
)
TEXT_INSTANT = helper(
    "stamp_instant(s, carry)",
    "case when contains(athena_stamp_part(s, 4), '/') "
    "then athena_earlier_instant(athena_stamp_rare(s, carry), athena_stamp_region(s)) "
    "else make_timestamptz(epoch_us(athena_stamp(s, carry)) - athena_offset_us(athena_stamp_part(s, 4))) end",
)
helper("time_part(s, n)", f"regexp_extract(s, {text(_TIME)}, n)")
helper(
    "time_read(s, carry)",
    f"case when s is null or regexp_matches(s, {text(_TIME)}) then try_cast(athena_time_part(s, 1) as time) "
    "+ athena_fraction(athena_time_part(s, 2), carry) else fail('Value cannot be cast to time', s) end",
)


def read(sql: str, to: Type, safe: bool) -> str:
    """A text cast to a date, time, timestamp or timestamp with time zone."""
    duckdb_type(to)
    known = _constant(sql, to)
    if known is not None:
        return known
    if "/" in sql and isinstance(_constant_stamp(sql), str):
        sql = "'no zone'"
    if to.name == "date":
        if safe:
            return f"try_cast(athena_date_text_or_null({sql}) as date)"
        return f"cast(athena_date_text({sql}) as date)"
    carry = "true" if digits_of(to) == 6 else "false"
    if to.name == "timestamp":
        return rounded(f"athena_stamp{'_or_null' if safe else ''}({sql}, {carry})", to)
    if to.name == "timestamp with time zone":
        return rounded(f"{TEXT_INSTANT}({sql}, {carry})", to)
    if to.name == "time":
        return rounded(f"athena_time_read({sql}, {carry})", to)
    raise NotPortable(f"a cast from varchar to {to} is not portable yet", "cast(.. as timestamp)")


def _constant(sql: str, to: Type) -> str | None:
    """What a constant text means, read at once; None for a column, and for what is no such moment."""
    if not _CONSTANT.fullmatch(sql):
        return None
    value = sql[1:-1].strip(_BLANKS)
    if to.name == "date":
        day = read_date(value)
        return literal(value, to) if day is not None and abs(day) < 2**31 else None
    found = read_time(sql[1:-1].rstrip(_BLANKS)) if to.name == "time" else _constant_stamp(sql)
    if not isinstance(found, Moment) or found.digits > 6 or skipped(found) or (to.name == "time" and found.zone):
        return None
    if to.name == "time":
        return rounded(literal(value, to), to)
    clock = rounded(_clock(found), Type("timestamp", to.numbers))
    return clock if to.name == "timestamp" else instant(clock, found.zone or "UTC")


def _constant_stamp(sql: str) -> Moment | str | None:
    found = read_timestamp(sql[1:-1].strip(_BLANKS)) if _CONSTANT.fullmatch(sql) else None
    return None if isinstance(found, Moment) and abs(found.epoch_us) >= 2**63 else found


def literal(value: str, to: Type) -> str:
    """A typed literal that the analyzer has read already."""
    duckdb_type(to)
    if to.name == "date":
        day = read_date(value)
        assert day is not None
        if not _plain_year(day):
            return f"(date '1970-01-01' + ({day}))"
        return f"cast('{date.fromordinal(day + EPOCH)}' as date)"
    if to.name == "time":
        return f"cast({text(value.strip())} as time)"
    found = read_timestamp(value)
    assert isinstance(found, Moment)
    clock = _clock(found)
    return instant(clock, found.zone) if to.name == "timestamp with time zone" else clock


def _clock(found: Moment) -> str:
    if not _plain_year(found.day):
        return f"make_timestamp({found.epoch_us})"
    shown = datetime.combine(date.fromordinal(found.day + EPOCH), time()) + timedelta(microseconds=found.micros)
    return f"cast('{shown.isoformat(' ')}' as timestamp)"


def _plain_year(day: int) -> bool:
    return 1 <= day + EPOCH <= date.max.toordinal()


_ISO_DATE = r"[+-]?[0-9]{1,9}(?:-[0-9]{1,2}(?:-[0-9]{1,2})?|-[0-9]{3}|-W[0-9]{1,2}(?:-[0-9])?)?"
_ISO_CLOCK = r"[0-9]{1,2}(?::[0-9]{1,2}(?::[0-9]{1,2})?)?(?:[.,][0-9]{1,9})?"
_ISO_ZONE = r"[Zz]|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?"
_ISO = rf"^({_ISO_DATE})(?:[Tt](?:({_ISO_CLOCK}))?({_ISO_ZONE})?)?$|^[Tt]({_ISO_CLOCK})({_ISO_ZONE})?$"
_COMMON_ISO = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?)"
    rf"(?:{_ISO_ZONE})?)?$"
)
_UTC_ISO = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?Z?"  # DuckDB casts it
)
helper("iso_part(s, n)", f"regexp_extract(s, {text(_ISO)}, n)")
helper("iso_number(d, pattern)", "coalesce(athena_number(d, pattern), 1)")
helper(
    "iso_date_of(y, m, d)",
    "try_cast(case when y > 0 then printf('%d-%02d-%02d', y, m, d) "
    "else printf('%d-%02d-%02d (BC)', 1 - y, m, d) end as date)",
)
helper("year_start(y)", "athena_iso_date_of(y, 1, 1)")
helper("week_one(y)", "athena_iso_date_of(y, 1, 4) - cast(isodow(athena_iso_date_of(y, 1, 4)) - 1 as integer)")
helper(
    "iso_week_day(y, w, d)",
    "case when w >= 1 and d between 1 and 7 and athena_week_one(y) + cast((w - 1) * 7 as integer) "
    "< athena_week_one(y + 1) then athena_week_one(y) + cast((w - 1) * 7 + d - 1 as integer) end",
)
helper(
    "iso_year_day(y, n)",
    "case when n >= 1 and athena_year_start(y) + cast(n - 1 as integer) < athena_year_start(y + 1) "
    "then athena_year_start(y) + cast(n - 1 as integer) end",
)
helper(
    "iso_day(d, y)",
    "case when contains(d, 'W') "
    "then athena_iso_week_day(y, athena_iso_number(d, 'W([0-9]+)'), athena_iso_number(d, 'W[0-9]+-([0-9])')) "
    "when regexp_full_match(d, '[+-]?[0-9]+-[0-9]{3}') then athena_iso_year_day(y, athena_number(d, '-([0-9]{3})$')) "
    "else athena_iso_date_of(y, athena_iso_number(d, '[0-9]-([0-9]{1,2})'), "
    "athena_iso_number(d, '[0-9]-[0-9]{1,2}-([0-9]{1,2})')) end",
)
helper("clock_part(c, n)", "coalesce(athena_number(split_part(c, ':', n), '^([0-9]+)'), 0)")
helper(
    "iso_clock_us(c)",
    "case when athena_clock_part(c, 1) <= 23 and athena_clock_part(c, 2) <= 59 and athena_clock_part(c, 3) <= 59 "
    "then (athena_clock_part(c, 1) * 3600 + athena_clock_part(c, 2) * 60 + athena_clock_part(c, 3)) * 1000000 "
    "+ coalesce(try_cast(rpad(nullif(regexp_extract(c, '[.,]([0-9]+)', 1), ''), 9, '0') as bigint), 0) "
    "* (case length(c) - length(replace(c, ':', '')) when 0 then 3600 when 1 then 60 else 1 end) // 1000 end",
)
helper(
    "iso_rare(s)",
    f"case when regexp_matches(s, {text(_ISO)}) then list_transform([{{'day': athena_iso_part(s, 1), "
    "'year': athena_number(s, '^([+-]?[0-9]+)'), 'clock': athena_iso_part(s, 2) || athena_iso_part(s, 4)}], "
    "lambda p: make_timestamp(epoch_us(case when p['day'] = '' then date '1970-01-01' "
    "else athena_iso_day(p['day'], p['year']) end) + athena_iso_clock_us(p['clock'])))[1] end",
)
helper(
    "iso_common(s)",
    f"try_cast(regexp_extract(s, {text(_COMMON_ISO)}, 1) || ' ' || "
    f"coalesce(nullif(regexp_extract(s, {text(_COMMON_ISO)}, 2), ''), '00:00') as timestamp)",
)
helper(
    "iso_clock(s)",
    f"case when regexp_matches(s, {text(_COMMON_ISO)}) then athena_iso_common(s) else athena_iso_rare(s) end",
)
helper(
    "iso_utc(s)",
    "date_trunc('millisecond', case when try_cast(s as timestamp) is not null then try_cast(s as timestamp) "
    "else fail('Invalid ISO 8601 timestamp') end)",
)
helper(
    "iso_local(s)",
    f"case when regexp_full_match(s, {text(_UTC_ISO)}) then athena_iso_utc(s) "
    "else list_transform([athena_iso_clock(s)], lambda c: case when s is null or c is not null "
    "then date_trunc('millisecond', c) else fail('Invalid ISO 8601 timestamp') end)[1] end",
)
helper(
    "iso_instant(s)",
    f"case when regexp_full_match(s, {text(_UTC_ISO)}) then make_timestamptz(epoch_us(athena_iso_utc(s))) "
    "else make_timestamptz(epoch_us(athena_iso_local(s)) "
    "- athena_offset_us(athena_iso_part(s, 3) || athena_iso_part(s, 5))) end",
)
helper("utc_only(x, ahead)", "case when ahead <> 0 then unportable('a text in another zone than UTC') else x end")
helper(
    "iso_utc_instant(s)",
    f"case when regexp_full_match(s, {text(_UTC_ISO)}) then make_timestamptz(epoch_us(athena_iso_utc(s))) "
    "else athena_utc_only(athena_iso_instant(s), athena_offset_us(athena_iso_part(s, 3) || athena_iso_part(s, 5))) end",
)
helper(
    "iso_date_or_null(s)",
    "case when regexp_full_match(s, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then try_cast(s as date) "
    f"when regexp_full_match(s, {text(_ISO_DATE)}) then athena_iso_day(s, athena_number(s, '^([+-]?[0-9]+)')) end",
)
helper(
    "iso_date(s)",
    "case when s is null or athena_iso_date_or_null(s) is not null then athena_iso_date_or_null(s) "
    "else fail('Invalid ISO 8601 date') end",
)
