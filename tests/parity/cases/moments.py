"""Intervals, times, hard texts of dates and timestamps, and the patterns that write and read them."""

INTERVALS = """
{span}
{months}
-{span}
-{months}
cast({span} as varchar)
cast({months} as varchar)
{span} + {span}
{months} - {months}
{span} + {months}
{span} * 3
{span} * -0.333
{span} / 7
{span} / 0
2 * {months}
{months} * 1.5
{months} / 2
{span} > {span}
{months} <= {months}
{span} = {months}
greatest({span}, {span})
day({span})
hour({span})
second({span})
millisecond({span})
year({months})
month({months})
extract(minute from {span})
extract(day_of_month from {span})
to_milliseconds({span})
{date} + {months}
{date} - {span}
{far} + {months}
{micro} + {span}
{micro} - {micro}
{micro} - {months}
{time} + {span}
{time} - {span}
{time} + {months}
{time} - {time}
{zoned} + {span}
{zoned} - {months}
interval '1-12' year to month
interval '1-' year to month
interval '-1:30' hour to minute
interval '90:15.25' minute to second
interval '1.5678' second
interval '' day
interval '1.5' day
interval '1 day'
interval '1' week
interval '1' days
interval ' 1' day
interval '1' month to day
interval - '2' hour
interval '2147483648' day
sequence(date '2024-01-31', date '2024-05-31', interval '1' month)
sequence(date '2024-05-31', date '2024-01-31', -interval '1' month)
sequence(date '2024-01-01', date '2024-01-31', {span})
sequence(date '2020-01-01', date '2024-12-31', {months})
sequence(timestamp '2024-01-01 00:00:00', timestamp '2024-01-03 00:00:00', {span})
sequence(timestamp '2020-01-31 10:00:00', timestamp '2024-01-01 00:00:00', {months} * 2)
sequence(date '2024-01-01', date '2023-01-01', interval '1' day)
sequence(date '2024-01-01', date '2024-01-02', interval '0' day)
sequence(date '1900-01-01', date '2024-01-02', interval '1' day)
parse_duration('1.5h')
parse_duration('42.8ms')
parse_duration('1 d')
parse_duration('0.5us')
parse_duration('1w')
parse_duration({str})
human_readable_seconds(90061)
human_readable_seconds(694861)
human_readable_seconds({double})
"""
TIMES = """
{time}
cast({time} as varchar)
cast({time} as time(0))
cast({time} as time(6))
cast(cast({time} as time(1)) as varchar)
cast({ts} as time)
cast({micro} as time)
cast({zoned} as time)
hour({time})
minute({time})
second({time})
millisecond({time})
extract(hour from {time})
extract(day from {time})
date_trunc('hour', {time})
date_trunc('second', {time})
date_trunc('day', {time})
date_add('hour', {n}, {time})
date_add('millisecond', {n}, {time})
date_diff('minute', {time}, {time})
date_diff('day', {time}, {time})
{time} < {time}
greatest({time}, {time})
{time} between {time} and {time}
{far}
cast({far} as varchar)
to_iso8601({far})
last_day_of_month({far})
year({far})
date_trunc('year', {far})
date_diff('day', {far}, {date})
cast({micro} as varchar)
cast({micro} as timestamp)
cast({micro} as timestamp(0))
cast(cast({micro} as timestamp(1)) as varchar)
cast(cast({micro} as timestamp(6) with time zone) as varchar)
date_trunc('second', {micro})
date_add('millisecond', 5, {micro})
date_diff('second', {micro}, {micro})
to_unixtime({micro})
to_iso8601({micro})
typeof({micro} + interval '1' second)
null + {date}
{date} - null
null - {date}
null + {ts}
{ts} - null
null + {zoned}
typeof(null + {date})
typeof({date} - null)
typeof(null - {date})
typeof(null + time '10:00:00')
typeof(null + timestamp '2024-01-01 00:00:00.123')
typeof(date_add('day', 1, {micro}))
date_trunc('decade', {ts})
date_trunc('microsecond', {date})
date_add('days', 1, {date})
date_diff('hour', {date}, {date})
date_trunc('hour', {date})
extract(hour from {date})
extract(epoch from {ts})
extract(week_of_year from {date})
extract(millisecond from {ts})
extract(timezone_hour from {zoned})
cast({date} as json)
json_format(cast({ts} as json))
typeof(current_timestamp(6))
typeof(localtimestamp(0))
current_time is not null
localtimestamp > timestamp '2020-01-01 00:00:00'
current_date + interval '1' day > current_date
date_diff('day', current_date, date_add('day', 7, current_date))
"""
TEXTS = """
cast({day_text} as date)
try_cast({day_text} as date)
try(cast({day_text} as date))
date({day_text})
from_iso8601_date({day_text})
cast({stamp_text} as timestamp)
cast(cast({stamp_text} as timestamp(6)) as varchar)
try_cast({stamp_text} as timestamp)
try(cast({stamp_text} as timestamp(0)))
cast({stamp_text} as timestamp with time zone)
cast({time_text} as time)
try_cast({time_text} as time)
from_iso8601_timestamp({iso})
try(from_iso8601_timestamp({iso}))
cast(from_iso8601_timestamp({iso}) as timestamp)
date(from_iso8601_timestamp({iso}))
to_iso8601(from_iso8601_timestamp({iso}))
from_iso8601_timestamp({iso}) at time zone 'Asia/Tokyo'
from_iso8601_date({iso})
date '+2024-02-29'
date '-0044-03-15'
date '0000-02-29'
date '2023-02-29'
timestamp '2024-02-29 '
timestamp ' 2024-02-29'
timestamp '24-02-29'
timestamp '2024-02-29 10:11:12 +9:00'
time '10:11 '
time ' 10:11'
"""
PATTERNS = """
date_format({ts}, '%f')
date_format({micro}, '%s.%f')
date_format({ts}, '%x-W%v')
date_format({ts}, '%W, %M %e %Y')
date_format({ts}, '%Y年%m月%d日')
date_format({ts}, '%q%z%%%1')
date_format({ts}, '%w')
date_format({ts}, '')
format_datetime({ts}, 'y')
format_datetime({ts}, 'G yyyy')
format_datetime({ts}, 'E EE EEE EEEE')
format_datetime({ts}, 'M MM MMM MMMM')
format_datetime({ts}, 'K:mm a')
format_datetime({ts}, 'k:mm aa')
format_datetime({ts}, 'xxxx-''W''ww-e')
format_datetime({ts}, 'D DD DDD')
format_datetime({ts}, 'S SS SSS SSSSSS')
format_datetime({ts}, 'CC yy xx')
format_datetime({ts}, 'yyyy ''it''''s'' #[]')
format_datetime({ts}, 'yyyy-MM-dd HH:mm:ss Z')
format_datetime({ts}, 'yyyy-MM-dd Q')
format_datetime({ts}, '')
format_datetime({zoned}, 'yyyy-MM-dd''T''HH:mm:ssZ')
format_datetime({zoned}, 'yyyy-MM-dd''T''HH:mm:ss.SSSZZ')
format_datetime({zoned}, 'HH:mm ZZZ')
date_parse('24-2-9', '%Y-%m-%d')
date_parse('12024-1-1', '%Y-%m-%d')
date_parse('12024/1/1', '%Y/%m/%d')
date_parse('29/feb/2024', '%d/%b/%Y')
date_parse('FEBRUARY 9, 2024', '%M %e, %Y')
date_parse('02/28/69', '%m/%d/%y')
date_parse('2/8/5', '%m/%d/%y')
date_parse('20240229101112', '%Y%m%d%H%i%s')
date_parse('2024022910111', '%Y%m%d%H%i%s')
date_parse('2024229', '%Y%m%d')
date_parse('02-29', '%m-%d')
date_parse('31', '%d')
date_parse('12:30', '%h:%i')
date_parse('0:10 AM', '%h:%i %p')
date_parse('10:11:12 PM', '%r')
date_parse('2024-60', '%Y-%j')
date_parse('2023-366', '%Y-%j')
date_parse('Fri, 29 Feb 2024', '%a, %d %b %Y')
date_parse('2020-53', '%x-%v')
date_parse('2021-53', '%x-%v')
date_parse('year 2024', 'Year %Y')
date_parse('2024-02-29 10:11:12.3456789', '%Y-%m-%d %H:%i:%s.%f')
date_parse('29th', '%D')
date_parse({day_text}, '%Y-%m-%d')
try(date_parse({day_text}, '%Y-%m-%d'))
date_parse({stamp_text}, '%Y-%m-%d %H:%i:%s')
try(date_parse({stamp_text}, '%Y-%m-%d %k:%i'))
parse_datetime('2024-02-29T10:11:12+0900', 'yyyy-MM-dd''T''HH:mm:ssZ') at time zone 'UTC'
parse_datetime('2024-02-29 5', 'yyyy-MM-dd h')
parse_datetime('5', 'yy')
parse_datetime('051', 'yyMM')
parse_datetime('2024-W09-4', 'xxxx-''W''ww-e')
parse_datetime('2024-060', 'yyyy-DDD')
parse_datetime('29 February 2024', 'dd MMM yyyy')
parse_datetime('2024-02-29 10:11:12.12', 'yyyy-MM-dd HH:mm:ss.S')
parse_datetime('bad', 'bad')
to_unixtime(parse_datetime({stamp_text}, 'yyyy-MM-dd HH:mm:ss'))
"""
