"""Arrays, maps, rows, lambdas."""

FAMILIES: dict[str, tuple[int, str]] = {
    "arrays": (
        9,
        """
{ints}
{ints}[{n}]
{strs}[{pos}]
element_at({ints}, {n})
element_at({strs}, {n})
cardinality({ints})
contains({ints}, {int})
contains({strs}, {short})
array_join({strs}, ',')
array_join({ints}, '-', 'NULL')
array_join(array[1.5, 2], ',')
array_join({dates}, ' ')
array_sort({ints})
array_sort({strs})
array_distinct({ints})
array_distinct({strs})
array_max({ints})
array_min({strs})
array_position({ints}, {int})
array_remove({ints}, {int})
array_union({ints}, {ints})
array_intersect({ints}, {ints})
array_except({ints}, {ints})
arrays_overlap({ints}, {ints})
slice({ints}, {n}, {n})
slice({strs}, 1, 2)
reverse({ints})
{ints} || {ints}
{ints} || 5
{ints} || {int}
{str} || {strs}
0 || {ints}
concat({strs}, {strs})
flatten(array[{ints}, {ints}])
repeat({int}, 3)
array_max({doubles})
array_min({doubles})
array_sort({doubles})
array_distinct({doubles})
contains({doubles}, {double})
array_union({doubles}, array[1.5, 9])
{ints} = {ints}
{strs} <> {strs}
array_position({doubles}, 1.5)
trim_array({ints}, 1)
trim_array({ints}, {pos})
contains_sequence({ints}, array[1, 2])
zip({ints}, {strs})
array_sort({ints}, (x, y) -> if(x < y, 1, if(x = y, 0, -1)))
sequence(1, {int})
sequence(1, 5)
sequence(5, 1)
sequence(1, 10, 3)
sequence(1, 5, -1)
sequence(10, 1, -4)
sequence(1, 20000)
sequence(date '2024-02-27', date '2024-03-02')
sequence(date '2024-02-27', date '2024-03-12', interval '7' day)
sequence(date '2024-01-31', date '2024-05-01', interval '1' month)
sequence(timestamp '2024-01-01 00:00:00', timestamp '2024-01-01 02:00:00', interval '30' minute)
array[{int}, {big}]
array[{int}, {double}]
array[{str}, {short}]
array[]
array[1, null]
array[{ts}]
array[{dec}, {dec}]
zip_with({ints}, {ints}, (x, y) -> x + y)
zip_with({strs}, {ints}, (x, y) -> coalesce(x, 'z') || cast(y as varchar))
transform({ints}, x -> x * 2)
transform({strs}, x -> upper(x))
transform({ints}, x -> 10 / x)
transform({ints}, x -> try(10 / (x - 1)))
filter({ints}, x -> x > 1)
filter({strs}, x -> x is not null)
any_match({ints}, x -> x > 2)
all_match({ints}, x -> x > 0)
none_match({ints}, x -> x > 5)
reduce({ints}, 0, (s, x) -> s + x, s -> s)
reduce({ints}, 0, (s, x) -> s + coalesce(x, 0), s -> s * 10)
reduce({strs}, '', (s, x) -> s || coalesce(x, '_'), s -> s)
transform(array[{ints}, {ints}], a -> cardinality(a))
transform({ints}, x -> transform(array[1, 2], y -> x * y))
{ints} || {ints} || {int}
concat({ints}, {int})
concat({int}, {ints}, {ints})
array[{ints}] || {ints}
{ints} || array[{ints}]
array_join({strs}, {short})
array_join(array[real '1.5', real '0.1'], ' ')
array_join(array[{ints}], ',')
contains({rows}, row(1, 'a'))
contains(array[{ints}, array[1, 2, 3]], array[1, 2, 3])
contains({dates}, date '2024-01-01')
contains(array[real '1.5', null], real 'NaN')
array_position({doubles}, nan())
array_position({rows}, row(2, 'b'))
array_remove({doubles}, nan())
array_remove(array[{ints}, array[9]], {ints})
array_distinct({rows})
array_distinct(array[{ints}, {ints}])
array_union({rows}, {rows})
array_union({ints}, array[bigint '9'])
array_intersect({doubles}, {doubles})
array_intersect({rows}, {rows})
array_intersect(array[3,1,2,2], array[5,4,3,2,1,0])
array_except({ints}, cast(array[] as array(integer)))
array_except({doubles}, {doubles})
array_except(array[{ints}], array[{ints}, array[1]])
arrays_overlap({rows}, {rows})
arrays_overlap({doubles}, {doubles})
arrays_overlap(array[{ints}], array[{ints}])
array_sort({rows})
array_sort(array[{ints}, array[2], array[1, 5]])
array_max({rows})
array_min({rows})
array_max(array[{ints}, array[3]])
array_min(array[{ints}, array[3]])
array_max({reals})
array_sort({reals})
array_sort({strs}, (x, y) -> if(length(x) < length(y), -1, 1))
array_sort({ints}, (x, y) -> case when x is null then 1 when y is null then -1 when x > y then -1 when x < y \
then 1 else 0 end)
array_sort({ints}, (x, y) -> x - y)
array_sort({ints}, (x, y) -> cast(null as integer))
array_sort({recs}, (a, b) -> if(a.id < b.id, 1, if(a.id = b.id, 0, -1)))
array_sort({recs}, (a, b) -> if(a.id <= b.id, -1, 1))
array_sort({ints}, (x, y) -> bigint '1')
array_sort({ints}, (x, y) -> null)
combinations({ints}, {n})
combinations({strs}, 2)
combinations(array[1,2,3,4,5], {pos})
combinations(array[{ints}, array[7]], 1)
ngrams({strs}, {n})
ngrams({ints}, 2)
flatten(flatten(array[array[{ints}, {ints}], array[array[9]]]))
zip({ints}, {strs}, {dates})
zip({ints}, {ints}, {strs}, {dates})
zip({ints}, {ints}, {ints}, {ints}, {strs})
zip({ints}, {strs})[1]
repeat({ints}, 2)
repeat({int}, {n})
contains_sequence({doubles}, array[nan()])
contains_sequence({strs}, {strs})
array_histogram({ints})
array_histogram({strs})
width_bucket({double}, array[0e0, 1e0, 2.5])
width_bucket(1.5, {doubles})
dot_product({doubles}, {doubles})
cosine_similarity(array[1e0, 2e0], {doubles})
cosine_distance(array[1e0, 2e0], {doubles})
euclidean_distance({doubles}, {doubles})
{ints} < {ints}
{strs} >= {strs}
{ints} between {ints} and {ints}
{ints} in ({ints}, {ints}, array[1, 2, 3])
{ints} is distinct from {ints}
{doubles} = {doubles}
{rows} = {rows}
array[{ints}] = array[{ints}]
nullif({ints}, {ints})
greatest({ints}, {ints})
least({strs}, {strs})
coalesce({ints}, {ints})
filter({ints}, x -> null)
filter({ints}, x -> cast(null as boolean))
all_match({ints}, x -> null)
any_match({strs}, s -> s = {short})
filter({recs}, r -> r.id > 1)
transform({recs}, r -> row(r.name, r.id + 1))
transform({ints}, x -> filter({ints}, y -> y > x))
transform({ints}, x -> x + {int})
zip_with(array[1, 2], array[3, 4], (x, y) -> reduce(zip_with(array[5, 6], array[7, 8], (a, b) -> a * x + b * \
y), 0, (s, e) -> s + e, s -> s))
zip_with({ints}, {strs}, (x, y) -> (x, y))
reduce({ints}, row(0, 0), (s, x) -> row(s[1] + x, s[2] + 1), s -> s[1] * 1e0 / s[2])
reduce({ints}, cast(row(0, 0) as row(total integer, n integer)), (s, x) -> cast(row(s.total + x, s.n + 1) as \
row(total integer, n integer)), s -> s)
reduce({ints}, cast(array[] as array(integer)), (s, x) -> s || x, s -> s)
reduce({ints}, 0, (s, x) -> 1.5, s -> s)
reduce({ints}, 0, (s, x) -> 'a', s -> s)
reduce(array[decimal '1.5'], decimal '0.0', (s, x) -> s + x, s -> s)
reduce({strs}, 'xy', (s, x) -> x, s -> s)
concat(array[1,2,3])
element_at(array_sort({strs}), -1)
array_join(array_sort(array_distinct({strs})), ',')
cast(array[row(1, 'a')] as array(row(id bigint, name varchar)))
element_at(cast(null as array(row(id integer, name varchar))), 1).id
array_max(array[0e0, -0e0])
array_min(array[-0e0, nan(), 0e0])
array_max(array[real '-0', real '0', cast(nan() as real)])
concat_ws('-', array[cast(null as varchar), null])
""",
    ),
    "maps": (
        8,
        """
{map}
{map}['a']
{map}['zz']
element_at({map}, 'a')
element_at({map}, {short})
cardinality({map})
map_keys({map})
map_values({map})
map(array['a', 'a'], array[1, 2])
map(array['a'], array[1, 2])
map(array[1, 2], {strs})
map_filter({map}, (k, v) -> v > 1)
transform_values({map}, (k, v) -> v * 10)
transform_values({map}, (k, v) -> k || cast(v as varchar))
transform_keys({map}, (k, v) -> upper(k))
map_concat({map}, {map})
map_entries({map})
map_from_entries(array[row('a', 1), row('b', 2)])
map_from_entries(array[row('a', 1), row('a', 2)])
split_to_map('a=1,b=2', ',', '=')
split_to_map('a=1,a=2', ',', '=')
row({int}, {str})
cast(row({int}, {str}) as row(x integer, y varchar)).x
cast(row({int}, {str}) as row(x integer, y varchar)).y
row(1, 'a')[1]
row(1, {dec})[2]
array[row(1, 'a'), row(2, 'b')][2]
cast(array[row(1, 'a')] as array(row(id integer, name varchar)))[1].name
transform(cast(array[row(1, 'a'), row(2, 'b')] as array(row(id integer, name varchar))), r -> r.name)
filter(cast(array[row(1, 'a'), row(2, 'b')] as array(row(id integer, name varchar))), r -> r.id > 1)
{map}[{short}]
map(array[1], array['z'])[bigint '1']
map(array[1], array['z'])[1.5]
map(array['abc'], array[1])['ab']
element_at(map(array[1], array['z']), bigint '1')
map_zip_with({map}, {map}, (k, a, b) -> coalesce(a, 0) + coalesce(b, 0))
map_zip_with({map}, map(array['b', 'z'], array[7, 8]), (k, a, b) -> (k, a, b))
map_filter({map}, (k, v) -> cardinality(map_filter({map}, (l, w) -> w > v)) > 0)
map_filter({map}, (k, v) -> null)
transform_values({map}, (k, v) -> map_keys(map_filter({map}, (l, w) -> l = k)))
map_keys(map_concat({map}, {map}))
map_concat({map}, map(array['zz'], array[{int}]), {map})
map_concat(map(array['a','b'], array[1,2]))
multimap_from_entries(array[('a', 1), ('b', 2), ('a', {int})])
multimap_from_entries(array[(cast(null as varchar), 1)])
multimap_from_entries(array[('a', 1), null])
split_to_multimap('a=1,a=2,b=3', ',', '=')
split_to_multimap({str}, ',', '=')
split_to_multimap('a=1', ',', ',')
split_to_map({str}, ',', '=')
split_to_map('a=1,', ',', '=')
split_to_map('a=1,,b=2', ',', '=')
split_to_map('a=1', '', '=')
split_to_map('a=1', ',', ',')
{map} = {map}
{map} <> map(array['b', 'a'], array[2, 1])
nullif({map}, {map})
{row} = {row}
{row} <> {row}
{row} < {row}
{row} >= {row}
{row} between {row} and {row}
{row} in ({row}, row(1, 'a'))
{row} is distinct from {row}
nullif({row}, {row})
greatest({row}, {row})
least({row}, row(1, 'a'))
{rec} = {rec}
{rec} = row(1, 'a')
{rec} <= {rec}
{rec}.x
{rec}.y || '!'
{rec}[1]
{rec}.z
cast({rec} as row(a bigint, b varchar(1)))
cast({rec} as row(a varchar, b varchar)).a
coalesce({rec}, row(9, 'z'))
({int}, {str}) = ({int}, {str})
({int}, {str}) in ((1, 'a'), ({int}, ''))
({int}, {double}) = ({double}, {int})
({date}, {int}) < ({date}, {int})
(1, null) < (2, null)
(1, null) < (1, 2)
row(1, row({int}, {str})) = row(1, row({int}, {str}))
row({double}) = row({double})
row({ints}, 1) = row({ints}, 1)
row({int}, {str})[1 + 0]
(1, 2) = (1, 2, 3)
""",
    ),
}
