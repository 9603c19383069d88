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
greatest(real '-1', real '-0')
least(real '1', real '-0')
greatest({double}, {double}) + 0
-(1.5e0 + 2)
-(cast('5' as integer))
-(cast('-0' as double))
wilson_interval_lower(9, 9223372036854775807, 0.1e0)
wilson_interval_upper(3, 100, 1234567.891e0)
try(decimal '1.5' / 0)
if(false, decimal '1' / decimal '0', 2)
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
{int} in (1, null)
{int} not in (7, null)
{int} in (null)
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
try_cast('１２' as integer)
try_cast('１２３' as bigint)
try_cast('１.５' as decimal(5,2))
cast('-７' as integer)
try_cast('1d' as double)
try_cast('1.5f' as real)
cast('1.5f' as double)
try_cast('Infinityf' as double)
try_cast('1dd' as double)
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
cast('125e-5' as decimal(5,4))
cast('1e-38' as decimal(38,38))
try_cast('12e-2' as decimal(38,38))
try_cast('1255500e-4' as decimal(5,1))
try_cast('1e999' as decimal(5,1))
try_cast('1e-100000' as decimal(5,1))
try_cast('１e1' as decimal(5,1))
cast('0x1p3' as double)
try_cast(' -0X1.8P-3 ' as double)
try_cast('0x.8p1f' as real)
try_cast('0x1p99999' as double)
try_cast('0xp3' as double)
try_cast('0x1' as double)
""",
    ),
    "digits": (
        10,
        """
round({dec}, {n})
round({wide}, 2)
round({wide}, -3)
round({wide})
round({int}, {n})
round({big}, -2)
round({tiny}, -1)
round({int}, -19)
round({double}, 400)
round({double}, -400)
round({real}, {n})
truncate({dec}, 1)
truncate({dec}, {n})
truncate({wide}, {n})
truncate({wide}, 2)
truncate({real})
floor({wide})
ceil({wide})
sign({wide})
abs({wide})
- {wide}
{wide} + {dec}
{wide} - {wide}
{wide} * {dec}
{wide} / {dec}
{dec} / {wide}
{wide} / {wide}
{wide} / {int}
{int} / {wide}
{wide} % {dec}
{wide} % {int}
{dec} % {wide}
{real} % {int}
{real} % {real}
{real} % {dec}
mod({real}, {real})
mod({wide}, {int})
cast({wide} as double)
cast({wide} as bigint)
cast({wide} as decimal(38,2))
cast({wide} as varchar)
{wide} = {dec}
{wide} < {int}
greatest({wide}, {dec})
nullif({wide}, {dec})
nullif({double}, {double})
nullif({int}, {double})
nullif({dec}, {dec})
power({double}, {double})
power(1, {double})
power(-1e0, {double})
width_bucket({double}, 10, 0, 5)
width_bucket({double}, -1e0, 2e0, {int})
width_bucket({double}, array[-1e0, 0e0, 2e0])
width_bucket({double}, array[0, 10, 20])
width_bucket({double}, {doubles})
wilson_interval_lower({int}, {int}, 1.96)
wilson_interval_upper({int}, {int}, 2.576)
wilson_interval_lower(5, 10, {double})
""",
    ),
    "bits": (
        14,
        """
bitwise_left_shift({int}, {n})
bitwise_left_shift({big}, {n})
bitwise_left_shift({tiny}, {n})
bitwise_left_shift({small}, {n})
bitwise_right_shift({int}, {n})
bitwise_right_shift({big}, {n})
bitwise_right_shift({tiny}, {n})
bitwise_right_shift_arithmetic({int}, {n})
bitwise_right_shift_arithmetic({big}, {n})
bitwise_right_shift_arithmetic({small}, {n})
bitwise_left_shift(1, {n})
bit_count({big}, 64)
bit_count({int}, 32)
bit_count({int}, 8)
bit_count(-7, {n})
to_base({big}, 2)
to_base({big}, 36)
from_base('7fffffffffffffff', 16)
from_base('-8000000000000000', 16)
from_base('8000000000000000', 16)
from_base('1011', {n})
from_base({short}, 36)
from_base({str}, 16)
try(from_base('xyz', 10))
from_base('+12', 10)
to_big_endian_32({int})
to_big_endian_64({big})
from_big_endian_64(to_big_endian_64({big}))
from_big_endian_32(to_big_endian_32({int}))
from_big_endian_32(x'00')
to_base(-36, 36)
to_base(-35, 36)
try(to_base(5, 1/0))
bit_count({n}, 64)
try(bit_count(0, 2023))
to_ieee754_64(0e0/0e0)
to_ieee754_32(real '0'/real '0')
""",
    ),
    "vectors": (
        14,
        """
cosine_similarity(array[1, 2, 3], {doubles})
cosine_similarity(array[1.5, 2.5], {doubles})
cosine_similarity({doubles}, {doubles})
cosine_similarity(array[1, 2], array[2, 4])
cosine_similarity({map}, map(array['a', 'c'], array[1.5, 2.5]))
cosine_similarity({map}, {map})
cosine_distance(array[1.5, -2.5], {doubles})
cosine_distance(array[1, 2, 3], array[3, 2, 1])
cosine_distance({map}, map(array['a', 'b'], array[3e0, 4e0]))
dot_product({doubles}, {doubles})
dot_product(array[1, null], array[3, 4])
cosine_similarity(array[1, null], array[0, 0])
dot_product({ints}, {ints})
euclidean_distance({doubles}, {doubles})
euclidean_distance(array[0, 0], array[3, 4])
euclidean_distance({ints}, array[1, 2, 3])
""",
    ),
    "literals": (
        12,
        """
0x1F
0xff + 0b101 + 0o17
0xFFFFFFFF
0x7FFFFFFFFFFFFFFF
0xFFFFFFFFFFFFFFFF
0x1_F
1_000_000 * 2
1_000 / 0b1_0
1_000.5 + 1
1_0.5_5
1_000e2
1_000x
1__0
1_
1.
.5
1.e3
.5e-3
1.5f
1d
00012
-9223372036854775808
9223372036854775808
1e309
-1e400
x'1F'
decimal '1_000.50'
decimal ' 1'
decimal '1e3'
decimal '.'
decimal(5,2) '1.50'
varchar(3) 'abc'
varchar 'abc'
varbinary 'abc'
char 'abc'
char ''
integer ' 12 '
integer '1.5'
bigint '12x'
tinyint '200'
smallint '-32768'
real '1e3'
real '1f'
double '1.5d'
double 'NaN'
double precision '1.5'
double 'abc'
boolean 't'
boolean 'yes'
float '1.5'
numeric '1.5'
cast(1 as float)
cast(1 as numeric(5,2))
cast(1 as dec(5,2))
cast(1 as string)
cast('a' as text)
cast(1 as bool)
cast(1 as int8)
cast(1 as bigint(5))
cast(1 as double(3))
cast(1 as real(2))
cast(1 as decimal(39,2))
cast(1 as decimal(5,6))
cast(1 as varchar(0))
cast(array[1] as array(float))
cast(row(1) as row(a float))
null * bigint '1'
1e0 * null
null * 1
null * decimal '1.5'
null + interval '3' day
interval '3' day + null
decimal '12345678901234567890123456789012345678' % decimal '0.00'
decimal '12345678901234567890123456789012345678' % decimal '0.07'
typeof(0x1F)
typeof(1_000)
typeof(decimal '1_0.50')
""",
    ),
    "chars": (
        10,
        """
cast({str} as char(5))
cast({short} as char(3))
cast(cast({str} as char(6)) as varchar)
cast(cast({str} as char(6)) as varchar(3))
cast(cast({short} as char(2)) as char(4))
cast({short} as char(3)) = {short}
cast({short} as char(3)) < {str}
cast({short} as char(3)) || {short}
{short} || cast({short} as char(3))
cast({short} as char(3)) in ('a', 'l', ' ')
length(cast({short} as char(3)))
upper(cast({short} as char(3)))
trim(cast({short} as char(3)))
ltrim(cast({short} as char(3)))
rtrim(cast({short} as char(3)))
ltrim(cast({short} as char(3)), 'a')
rtrim(cast({short} as char(3)), 'a')
substr(cast({str} as char(6)), 2)
substr(cast({str} as char(6)), 2, 3)
coalesce(cast({short} as char(3)), {short})
nullif(cast({short} as char(3)), {short})
greatest(cast({short} as char(3)), {short})
cast({int} as char(3))
cast({bool} as char(5))
cast({date} as char(10))
cast({dec} as char(5))
cast(cast('12' as char(4)) as integer)
cast(cast('a' as char(4)) as boolean)
try_cast({str} as char(2))
replace(cast({short} as char(3)), 'a', 'b')
concat(cast({short} as char(3)), 'c')
array[cast({short} as char(3)), 'xyz']
""",
    ),
}
