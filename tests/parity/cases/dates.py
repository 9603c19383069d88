"""Dates, timestamps, zones, intervals."""

from tests.parity.cases.moments import INTERVALS, PATTERNS, TEXTS, TIMES

FAMILIES: dict[str, tuple[int, str]] = {
    "dates": (
        10,
        """
date_trunc({unit}, {date})
date_trunc({fine}, {ts})
date_add({unit}, {n}, {date})
date_add({fine}, {n}, {ts})
date_diff({unit}, {date}, {date})
date_diff({fine}, {ts}, {ts})
date_diff('day', {date}, {ts})
{date} + interval '1' day
{date} - interval '3' day
{date} + interval '1' month
{date} - interval '1' year
{ts} + interval '90' minute
{ts} - interval '2' day
{ts} + interval '1' month
date '2024-03-31' - interval '1' month
{date} + interval '1' hour
year({date})
quarter({date})
month({date})
week({date})
day({date})
day_of_week({date})
day_of_year({date})
year_of_week({date})
year({ts})
hour({ts})
minute({ts})
second({ts})
millisecond({ts})
extract(year from {date})
extract(hour from {ts})
extract(dow from {date})
extract(week from {ts})
last_day_of_month({date})
last_day_of_month({ts})
date({ts})
date('2024-02-29')
date('2024-02-29 10:00:00')
date('x')
date_format({ts}, '%Y-%m-%d %H:%i:%s')
date_format({date}, '%Y%m%d')
date_format({ts}, '%y/%c/%e %k:%i %p')
date_format({ts}, '%W %a %M %b %j %v %x %%')
date_format({ts}, '%h:%i:%S %p %f %T %r')
date_format({ts}, '%D')
format_datetime({ts}, 'yyyy-MM-dd HH:mm:ss.SSS')
format_datetime({ts}, 'EEE, d MMM yyyy h:mm a')
format_datetime({ts}, 'yyyyMMdd''T''HH')
date_parse('2024-02-29', '%Y-%m-%d')
date_parse('2024-2-9 3:4:5', '%Y-%m-%d %H:%i:%s')
date_parse('29/Feb/2024', '%d/%b/%Y')
date_parse('2024-02-30', '%Y-%m-%d')
date_parse('2024-02-29x', '%Y-%m-%d')
date_parse('2024-02', '%Y-%m')
date_parse('20240229', '%Y%m%d')
date_parse('12:30', '%H:%i')
date_parse('2024-02-29 03:04:05 PM', '%Y-%m-%d %h:%i:%s %p')
date_parse('2024-02-29 10:11:12.5', '%Y-%m-%d %H:%i:%s.%f')
date_parse({str}, '%Y-%m-%d')
try(date_parse({str}, '%Y-%m-%d'))
parse_datetime('2024-02-29 10:11:12', 'yyyy-MM-dd HH:mm:ss')
parse_datetime('29/02/2024', 'dd/MM/yyyy')
from_iso8601_date('2024-02-29')
from_iso8601_date('x')
from_unixtime({int})
from_unixtime({double})
from_unixtime(1709200000.6789)
from_unixtime(-0.0015)
from_unixtime(1709200000, 'Asia/Tokyo')
to_unixtime({ts})
to_unixtime({zoned})
from_iso8601_timestamp('2024-02-29T10:11:12Z')
from_iso8601_timestamp('2024-02-29T10:11:12.345+09:00')
from_iso8601_timestamp('2024-02-29')
cast(from_iso8601_timestamp('2024-02-29T23:11:12.345+09:00') as timestamp)
cast(from_iso8601_timestamp('2024-02-29T23:11:12Z') as date)
date(from_iso8601_timestamp('2024-02-29T03:11:12+09:00'))
hour(from_iso8601_timestamp('2024-02-29T03:11:12-05:00'))
date_format(from_iso8601_timestamp('2024-02-29T03:11:12Z'), '%Y-%m-%d %H')
from_iso8601_timestamp('2024-02-29T03:11:12Z') at time zone 'Asia/Tokyo'
from_iso8601_timestamp('2024-02-29T03:11:12.5+05:30') > timestamp '2024-02-28 21:41:12 UTC'
cast(from_iso8601_timestamp('x') as timestamp)
cast(parse_datetime('2024-02-29', 'yyyy-MM-dd') as date)
to_iso8601({ts})
to_iso8601({date})
to_iso8601({zoned})
{date} - {date}
{ts} - {ts}
cast({ts} - {ts} as varchar)
date_diff('second', {ts}, {ts}) / 60
current_date > date '2020-01-01'
now() > timestamp '2020-01-01 00:00:00'
current_timestamp = now()
""",
    ),
    "zones": (
        10,
        """
{zoned}
{stamp} at time zone 'Asia/Tokyo'
{stamp} at time zone 'America/New_York'
{stamp} at time zone '+05:30'
hour({zoned})
day({zoned})
minute({zoned})
day_of_week({zoned})
date({zoned})
date_trunc('day', {zoned})
date_trunc('hour', {zoned})
date_trunc('month', {zoned})
date_add('day', 1, {zoned})
date_add('hour', 5, {zoned})
date_add('month', 1, {zoned})
date_diff('day', {zoned}, {zoned})
date_diff('hour', {zoned}, {zoned})
date_diff('day', {ts}, {zoned})
date_diff('month', {zoned}, {ts})
date_diff('hour', {date}, {zoned})
{zoned} + interval '1' day
{zoned} + interval '1' month
{zoned} - interval '30' minute
{zoned} - {zoned}
date_format({zoned}, '%Y-%m-%d %H:%i')
format_datetime({zoned}, 'yyyy-MM-dd HH')
at_timezone({zoned}, 'Asia/Tokyo')
with_timezone({stamp}, 'Asia/Tokyo')
with_timezone({stamp}, 'America/New_York')
with_timezone(timestamp '2024-11-03 01:30:00', 'America/New_York')
with_timezone(timestamp '2024-03-10 02:30:00', 'America/New_York')
timezone_hour({zoned})
timezone_minute({zoned})
cast({stamp} at time zone 'Asia/Tokyo' as date)
date({stamp} at time zone 'Asia/Tokyo')
cast({zoned} as varchar)
greatest({zoned}, {zoned})
coalesce({zoned}, {zoned})
extract(hour from {stamp} at time zone 'Asia/Tokyo')
last_day_of_month({zoned})
{zoned} between {stamp} and {stamp}
current_timezone()
timestamp '2024-02-29 10:11:12.345' at time zone {zone}
with_timezone(timestamp '1950-06-01 15:30:00', {zone})
from_unixtime(1709200000.5, {zone})
{stamp} at time zone interval '9' hour
{zoned} at time zone -interval '3:30' hour to minute
timestamp '2024-02-29 10:11:12.345' at time zone interval '15' hour
from_unixtime(1709200000, 9, 0)
from_unixtime(1709200000, -3, -30)
from_unixtime(1709200000, 15, 0)
timestamp '2024-03-31 02:30:00 Europe/Berlin'
timestamp '2024-10-27 02:30:00 Europe/Berlin'
array[{zoned}]
""",
    ),
    "intervals": (10, INTERVALS),
    "times": (10, TIMES),
    "moment_texts": (21, TEXTS),
    "date_patterns": (10, PATTERNS),
}
