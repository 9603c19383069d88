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
""",
    ),
}
