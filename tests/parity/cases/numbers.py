"""Arithmetic, comparisons, casts, conditions."""

FAMILIES: dict[str, tuple[int, str]] = {
    "arithmetic": (
        12,
        """
{int} + {int}
{int} - {int}
{int} * {int}
{int} / {int}
{int} % {int}
{big} + {int}
{big} * {int}
{big} / {int}
{big} % {int}
{tiny} + {tiny}
{tiny} * {int}
{small} - {tiny}
{small} / {tiny}
- {tiny}
- {big}
{double} + {double}
{double} * {int}
{double} / {double}
{double} % {double}
{double} - {dec}
{real} + {double}
{real} * {real}
{int} / {double}
{dec} + {dec}
{dec} - {dec}
{dec} * {dec}
{dec} / {dec}
{dec} % {dec}
{dec} + {int}
{dec} * {int}
{dec} / {int}
{int} / {dec}
{dec} % {int}
- {dec}
mod({int}, {int})
mod({dec}, {dec})
mod({double}, {double})
abs({int})
abs({big})
abs({double})
abs({dec})
sign({int})
sign({double})
sign({dec})
ceil({double})
ceiling({dec})
floor({double})
floor({dec})
floor({int})
round({double})
round({double}, 1)
round({double}, {n})
round({dec})
round({dec}, 1)
round({int}, -1)
round({real})
truncate({double})
truncate({dec})
sqrt({double})
cbrt({double})
exp({int})
ln({double})
log2({double})
log10({double})
log(2, {double})
power({double}, {int})
power({int}, {double})
greatest({int}, {int})
greatest({dec}, {dec})
greatest({str}, {str})
least({date}, {date})
least({int}, {double})
greatest({double}, {double})
greatest({double}, {int}, {real})
least({double}, {double})
is_nan({double})
is_finite({double})
is_infinite({double})
bitwise_and({int}, {int})
bitwise_or({int}, {int})
bitwise_xor({int}, {int})
bitwise_not({int})
width_bucket({double}, 0, 10, 5)
to_base({int}, 16)
pi()
acos({double})
asin({double})
from_base('ff', 16)
from_base('zz', 36)
from_base('-101', 2)
from_base('12', 2)
bit_count({int}, 64)
great_circle_distance(35.68, 139.69, 34.69, 135.5)
e()
degrees({double})
sin({int})
atan2({double}, {int})
""",
    ),
    "comparison": (
        10,
        """
{int} = {int}
{int} <> {big}
{int} < {double}
{double} = {double}
{double} <> {double}
{double} < {double}
{double} >= {double}
{double} > 1.5
{double} <= 1.5
{dec} = {dec}
{dec} < {int}
{dec} >= {double}
{str} = {str}
{str} < {str}
{str} >= {short}
{date} = {date}
{date} < {ts}
{ts} >= {ts}
{zoned} < {zoned}
{zoned} = {ts}
{bool} = {bool}
{bool} and {bool}
{bool} or {bool}
not {bool}
{int} between {int} and {int}
{double} between {double} and {double}
{int} not between {int} and {big}
{int} in ({int}, {int}, {int})
{int} not in ({int}, {int})
{str} in ({short}, {short})
{dec} in ({dec}, {int})
{int} is distinct from {int}
{double} is not distinct from {double}
{str} is distinct from {str}
{int} is null
{str} is not null
{str} like '%a%'
{str} like 'x!_y!%z' escape '!'
{str} like '_'
{str} like '日%'
{str} not like '%c'
{short} like {short}
nullif({int}, {int})
nullif({str}, {short})
nullif({dec}, {int})
coalesce({int}, {int})
coalesce({int}, {double})
coalesce({str}, {short}, 'z')
coalesce({date}, {ts})
if({bool}, {int}, {big})
if({bool}, {str})
if({bool}, {dec}, {int})
case when {bool} then {int} when {bool} then {big} else 3 end
case {int} when 1 then 'one' when 7 then 'seven' else 'many' end
case when {int} > 0 then {dec} else {dec} end
case when {int} <> 0 then 10 / {int} end
try({int} / {int})
try({dec} / {dec})
try(cast({str} as integer))
try({big} * {int})
try(element_at({ints}, {n}))
try({ints}[{n}])
coalesce(try({int} / {int}), -1)
typeof({small} + 1)
typeof({dec} * {dec})
({int}, {str}) = ({int}, {str})
({int}, {int}) <> (1, 7)
({int}, {short}) in ((1, 'a'), (7, null), ({int}, ','))
""",
    ),
    "casts": (
        14,
        """
cast({int} as bigint)
cast({int} as smallint)
cast({big} as integer)
cast({int} as double)
cast({big} as real)
cast({int} as decimal(12,2))
cast({int} as decimal(3,1))
cast({int} as varchar)
cast({int} as boolean)
cast({double} as integer)
cast({double} as bigint)
cast({double} as decimal(10,2))
cast({double} as varchar)
cast({double} as real)
cast({double} as boolean)
cast({real} as double)
cast({real} as varchar)
cast({real} as integer)
cast({dec} as integer)
cast({dec} as bigint)
cast({dec} as double)
cast({dec} as decimal(5,1))
cast({dec} as decimal(38,10))
cast({dec} as varchar)
cast({dec} as boolean)
cast({bool} as integer)
cast({bool} as varchar)
cast({bool} as double)
cast({str} as integer)
cast({str} as double)
cast({str} as decimal(10,2))
cast({str} as boolean)
cast({str} as date)
cast({str} as varchar(3))
cast({date} as varchar)
cast({date} as timestamp)
cast({ts} as varchar)
cast({ts} as date)
cast({zoned} as varchar)
cast({zoned} as date)
cast({zoned} as timestamp)
cast({ts} as timestamp with time zone)
cast({date} as timestamp with time zone)
cast({ints} as array(bigint))
cast({ints} as array(varchar))
cast({ints} as array(double))
cast({strs} as array(integer))
cast({map} as map(varchar, double))
cast(row({int}, {str}) as row(a bigint, b varchar))
cast(row({int}, {dec}) as row(a varchar, b double)).a
try_cast({str} as integer)
try_cast({str} as bigint)
try_cast({str} as double)
try_cast({str} as decimal(10,2))
try_cast({str} as date)
try_cast({str} as timestamp)
try_cast({str} as boolean)
try_cast({double} as integer)
try_cast({dec} as decimal(3,1))
try_cast({big} as integer)
try_cast({big} as tinyint)
cast('2.7' as bigint)
try_cast('2.7' as bigint)
try_cast('1e3' as integer)
try_cast('1e3' as double)
try_cast(' 42 ' as integer)
try_cast(' 4.2 ' as double)
try_cast('+7' as smallint)
try_cast('0x10' as integer)
try_cast('1_000' as integer)
try_cast('yes' as boolean)
try_cast('TRUE' as boolean)
try_cast('t' as boolean)
try_cast('inf' as double)
try_cast('Infinity' as double)
try_cast('NaN' as double)
try_cast('2024-1-5' as date)
try_cast(' 2024-01-05 ' as date)
try_cast('2024-02-30' as date)
try_cast('2024-01-05 00:00:00' as date)
try_cast('2024/01/05' as date)
try_cast('20240105' as date)
try_cast('2024-01-05 10:11' as timestamp)
try_cast('2024-01-05 10:11:12.1236' as timestamp)
try_cast('2024-01-05T10:11:12' as timestamp)
try_cast('2024-01-05 24:00:00' as timestamp)
try_cast('2024-01-05' as timestamp)
try_cast('2024-01-05 10:11:12 Asia/Tokyo' as timestamp)
try_cast('2024-01-05 1:2:3' as timestamp)
cast('2024-02-29 10:11:12' as date)
cast(123456 as varchar(3))
cast(12 as varchar(3))
cast(1e7 as varchar)
cast(9999999e0 as varchar)
cast(1e-3 as varchar)
cast(123456789012345680e0 as varchar)
cast(5e-324 as varchar)
cast(1.7976931348623157e308 as varchar)
cast(decimal '.50' as varchar)
cast(decimal '-.50' as varchar)
""",
    ),
}
