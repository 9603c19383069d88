"""Maps. Keys are unique and not NULL on both engines; the order of entries has no meaning."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, Invocation, family, helper, macro, refuse, rule, rule_of_call, sql
from transforms.gaps import gap

family("Maps")

sql("cardinality(m map(K, V)) -> bigint", "cast(cardinality({m}) as bigint)")
sql("map_keys(m map(K, V)) -> array(K)", "map_keys({m})")
sql("map_values(m map(K, V)) -> array(V)", "map_values({m})")
macro(
    "element_at(m map(K, V), k K) -> V",
    "case when m is not null and k is not null then m[k] end",
    name="map_element_at",
)


@rule_of_call("map() -> map")
def empty(call: Invocation) -> str:
    """A map without entries."""
    return "map {}"


macro(
    "map(k array(K), v array(V)) -> map(K, V)",
    "case when len(k) <> len(v) then fail('Key and value arrays must be the same length') when k is null or v "
    "is null then null else map(k, v) end",
)


@rule("map_entries(map(K, V)) -> array(row(K, V))")
def entries(m: Arg) -> str:
    """Rows without field names."""
    return f"list_transform(map_entries({m}), lambda item: struct_pack(field0 := item.key, field1 := item.value))"


@rule_of_call("map_from_entries(array(row)) -> map(K, V)")
def from_entries(call: Invocation) -> str:
    """A key that comes twice, or is NULL, is an error on both."""
    return f"map_from_entries({call.args[0]})"


helper(
    "map_joined(a, b)",
    "case when a is not null and b is not null then map_from_entries(list_concat(list_filter(map_entries(a), "
    "lambda e: not map_contains(b, e.key)), map_entries(b))) end",
)


@rule_of_call("map_concat(map(K, V)...) -> map(K, V)")
def concat(call: Invocation) -> str:
    """The last map that has a key wins. Athena fails for a single one."""
    if len(call.args) < 2:
        raise NotPortable("map_concat of one map, which fails on Athena", "the map itself")
    result = str(call.args[0])
    for other in call.args[1:]:
        result = f"athena_map_joined({result}, {other})"
    return result


@rule("map_filter(map(K, V), function(K, V, boolean)) -> map(K, V)")
def map_filter(m: Arg, keep: Arg) -> str:
    """The entries for which it is true."""
    return f"map_from_entries(list_filter(map_entries({m}), lambda entry: {keep.applied('entry.key', 'entry.value')}))"


@rule("transform_values(map(K, V), function(K, V, W)) -> map(K, W)")
def transform_values(m: Arg, change: Arg) -> str:
    """Other values for the same keys."""
    pair = f"struct_pack(key := entry.key, value := {change.applied('entry.key', 'entry.value')})"
    return f"map_from_entries(list_transform(map_entries({m}), lambda entry: {pair}))"


@rule("transform_keys(map(K, V), function(K, V, W)) -> map(W, V)")
def transform_keys(m: Arg, change: Arg) -> str:
    """Other keys; two that become the same are an error."""
    pair = f"struct_pack(key := {change.applied('entry.key', 'entry.value')}, value := entry.value)"
    return f"map_from_entries(list_transform(map_entries({m}), lambda entry: {pair}))"


@rule("split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)")
@gap("split_to_map(s, ',', s)")
def split_to_map(s: Arg, between: Arg, equals: Arg) -> str:
    """Entries apart by one delimiter, key and value by the other."""
    if not between.constant or not equals.constant:
        raise NotPortable("split_to_map with delimiters that vary by row", "constant delimiters")
    return f"athena_split_to_map({s}, {between}, {equals})"


helper(
    "split_to_map(s, d, e)",
    "map_from_entries(list_transform(list_filter(string_split(s, d), lambda x: x <> ''), lambda x: "
    "case when not contains(x, e) then fail('Key-value delimiter must appear exactly once in each entry') "
    "when contains(substr(x, strpos(x, e) + length(e)), e) then fail('Key-value delimiter must appear exactly "
    "once in each entry') "
    "else struct_pack(key := split_part(x, e, 1), value := split_part(x, e, 2)) end))",
)
refuse("multimap_from_entries", "not portable yet", "map_agg or array_agg")
refuse("split_to_multimap", "not portable yet", "split with unnest, and array_agg")
