"""Maps. Keys are unique and not NULL on both engines. Entries keep their order, which some calls show as an array."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from transforms.analyzer.tree import is_call, type_of
from transforms.dialect.equality import missing
from transforms.dialect.errors import NotPortable
from transforms.dialect.java_hash import slice_order
from transforms.dialect.macros import failing
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import Arg, Invocation, family, helper, macro_of, rule, rule_of_call, sql
from transforms.dialect.types import duckdb_type, row_fields
from transforms.gaps import gap
from transforms.lake_types import FLOATING
from transforms.names import quoted

family("Maps")
_KEY, _VALUE = "['key']", "['value']"
_SCATTERED = frozenset(("map_agg", "multimap_agg", "map_union", "histogram", "array_histogram"))
"""Their entries come in an order of hashes, which for groups depends on the order in which rows arrive."""
_ORDERLESS = frozenset(
    ("array_sort", "cardinality", "contains", "array_max", "array_min", "any_match", "all_match", "none_match")
)
_SHOWING = frozenset(("map_keys", "map_values", "map_entries"))

sql("cardinality(m map(K, V)) -> bigint", "cast(cardinality({m}) as bigint)")


@rule_of_call("map_keys(map(K, V)) -> array(K)", "map_values(map(K, V)) -> array(V)")
@gap("map_keys(array_histogram(a))", "map_values(array_histogram(a))")
def keys_or_values(call: Invocation) -> str:
    """In the order of the entries."""
    (m,) = call.args
    _check_order(m, call.name)
    return f"{call.name}({m})"


def _check_order(m: Arg, name: str) -> None:
    """Refuse to show the order of entries where only Athena knows it: of what an aggregate made, here or in a query."""
    show = m.node.parent
    above = show.parent if show is not None else None
    if is_call(above, *_ORDERLESS):
        return
    makers = [each for each in m.node.root().find_all(exp.Anonymous) if each.name.lower() in _SCATTERED]
    reads = m.node.find(exp.Column) is not None
    if any(m.node is each or m.node in _above(each) or (reads and type_of(each) == m.type) for each in makers):
        raise NotPortable(f"{name} of an aggregated map has an order that only Athena knows", "array_sort(..) of it")


def _above(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node


_ELEMENT = macro_of(
    "element_at(m map(K, V), k K) -> V",
    "case when m is null then null else case when k is not null then m[k] end end",
    "map_element_at",
)


@rule("element_at(map(K, V), K) -> V")
def element_at(m: Arg, key: Arg) -> str:
    """NULL for a key that is missing; NaN is never found."""
    known = f"case when not isnan({key}) then {key} end" if key.type.name in FLOATING else key
    return f"{_ELEMENT}({m}, {known})"


@rule_of_call("map() -> map")
def empty(call: Invocation) -> str:
    """A map without entries."""
    return "map {}"


_MAP = macro_of(
    "map(k array(K), v array(V)) -> map(K, V)",
    "case when len(k) <> len(v) then fail('Key and value arrays must be the same length') when k is null or v "
    "is null then null else map(k, v) end",
)


@rule("map(array(K), array(V)) -> map(K, V)")
def map_of_arrays(keys: Arg, values: Arg) -> str:
    """A key in which a NULL stands is an error, as NULL itself is."""
    hole = missing("item", keys.type.element)
    made = f"{_MAP}({keys}, {values})"
    if hole == "false":
        return made
    holes = f"len(list_filter({keys}, lambda item: {hole})) > 0 and {values} is not null"
    return failing(f"case when {holes} then fail('map key cannot be indeterminate') else {made} end")


@rule("map_entries(map(K, V)) -> array(row(K, V))")
@gap("map_entries(array_histogram(a))")
def entries(m: Arg) -> str:
    """Rows without field names."""
    _check_order(m, "map_entries")
    return f"list_transform(map_entries({m}), lambda item: struct_pack(field0 := item['key'], field1 := item['value']))"


@rule_of_call("map_from_entries(array(row)) -> map(K, V)")
def from_entries(call: Invocation) -> str:
    """A key that comes twice, or is NULL, is an error on both."""
    return f"map_from_entries({call.args[0]})"


@rule_of_call("multimap_from_entries(array(row)) -> map(K, array(V))")
def multimap_from_entries(call: Invocation) -> str:
    """All values of a key, in their order."""
    (entries,) = call.args
    kind = duckdb_type(call.type)
    return f"case when {entries} is not null then cast(athena_multimap_of_entries({_pairs(entries)}) as {kind}) end"


def _pairs(entries: Arg) -> str:
    """Entries as `k` and `v`, whatever the names of their fields."""
    key, value = (name for name, _ in row_fields(entries.type.element))
    pair = f"struct_pack(k := item.{quoted(key)}, v := item.{quoted(value)})"
    return f"list_transform({entries}, lambda item: case when item is not null then {pair} end)"


helper(
    "multimap_of_entries(l)",
    "case when list_count(l) < len(l) then fail('map entry cannot be null') "
    "when len(list_filter(l, lambda e: e['k'] is null)) > 0 then fail('map key cannot be null') "
    "when len(l) = 0 then map {} else athena_multimap_of_known(l) end",
)


helper(
    "map_joined(a, b)",
    "case when a is not null and b is not null then map_from_entries(list_concat(map_entries(b), "
    "list_filter(map_entries(a), lambda e: not map_contains(b, e['key'])))) end",
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
    return f"map_from_entries(list_filter(map_entries({m}), {keep.over(_KEY, _VALUE)}))"


@rule("transform_values(map(K, V), function(K, V, W)) -> map(K, W)")
def transform_values(m: Arg, change: Arg) -> str:
    """Other values for the same keys."""
    changed = change.over(_KEY, _VALUE, into=f"struct_pack(key := {{item}}{_KEY}, value := {{}})")
    return f"map_from_entries(list_transform(map_entries({m}), {changed}))"


@rule("transform_keys(map(K, V), function(K, V, W)) -> map(W, V)")
def transform_keys(m: Arg, change: Arg) -> str:
    """Other keys; two that become the same are an error."""
    changed = change.over(_KEY, _VALUE, into=f"struct_pack(key := {{}}, value := {{item}}{_VALUE})")
    return f"map_from_entries(list_transform(map_entries({m}), {changed}))"


@rule_of_call("map_zip_with(map(K, V), map(K, U), function(K, V, U, W)) -> map(K, W)")
def map_zip_with(call: Invocation) -> str:
    """Of every key of one or both maps; NULL stands for the value of a key that one of them lacks."""
    a, b, join = call.args
    key = join.variable("key")
    value = join.applied(key, f"{a}[{key}]", f"{b}[{key}]")
    more = f"list_filter(map_keys({b}), lambda {key}: not map_contains({a}, {key}))"
    both = f"list_concat(map_keys({a}), {more})"
    pairs = f"list_transform({both}, lambda {key}: struct_pack(key := {key}, value := {value}))"
    found = f"map_from_entries({pairs})"
    return f"cast(case when {a} is not null and {b} is not null then {found} end as {duckdb_type(call.type)})"


@rule("split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)")
def split_to_map(s: Arg, between: Arg, equals: Arg) -> str:
    """Entries apart by one delimiter, key and value by the other."""
    return _as_split(s, f"map_from_entries(athena_split_entries({s}, {between}, {equals}))")


@rule("split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))")
def split_to_multimap(s: Arg, between: Arg, equals: Arg) -> str:
    """The same with all values of a key."""
    entries = f"athena_split_entries({s}, {between}, {equals})"
    pairs = f"list_transform({entries}, lambda item: struct_pack(k := item['key'], v := item['value']))"
    return _as_split(s, f"cast(athena_multimap_of_entries({pairs}) as map(varchar, varchar[]))")


def _as_split(s: Arg, made: str) -> str:
    """In the order of Athena's hashes, if anything in the query shows the order of a map."""
    root = s.node.root()
    shown = root.find(exp.Unnest) or any(each.name.lower() in _SHOWING for each in root.find_all(exp.Anonymous))
    return f"athena_hashed({made})" if shown else made


helper(
    "hashed(m)",
    "case when len(map_keys(m)) < 2 then m else map_from_entries(list_transform(athena_hash_ordered(map_keys(m)), "
    "lambda k: struct_pack(key := k, value := m[k]))) end",
)


@row_by_row("hash_ordered(varchar[]) -> varchar[]")
def hash_ordered(keys: list[str]) -> list[str]:
    """The keys of a map in the order in which Athena splits a text to them."""
    return [keys[at] for at in slice_order(keys)]


_ONCE = "fail('Key-value delimiter must appear exactly once in each entry')"
helper(
    "split_entries(s, d, e)",
    "case when s is null or d is null or e is null then null when d = '' then fail('entryDelimiter is empty') "
    "when e = '' then fail('keyValueDelimiter is empty') "
    "when d = e then fail('entryDelimiter and keyValueDelimiter must not be the same') "
    "else list_transform(string_split(case when ends_with(s, d) then left(s, length(s) - length(d)) else s end, d)"
    "[case when s = '' then 2 else 1 end:], lambda x: "
    f"case when not contains(x, e) then {_ONCE} "
    f"when contains(substr(x, strpos(x, e) + length(e)), e) then {_ONCE} "
    "else struct_pack(key := split_part(x, e, 1), value := split_part(x, e, 2)) end) end",
)
