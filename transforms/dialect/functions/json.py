"""JSON. A path is a constant; a value keeps the digits that were written, which DuckDB's own functions lose."""

from __future__ import annotations

import re

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, helper, macro, refuse, rule, sql
from transforms.dialect.types import text

_STEP = re.compile(r"\.([A-Za-z_0-9]\w*)|\[(\d+)\]|\[\"((?:[^\"\\]|\\.)*)\"\]|\['((?:[^'\\]|\\.)*)'\]")
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"

helper(
    "json_number(j, x)",
    f"case len(list_distinct(list_filter(regexp_extract_all(cast(j as varchar), '{_NUMBER}'), lambda n: "
    f"try_cast(n as double) = try_cast(x as double)))) "
    f"when 1 then list_filter(regexp_extract_all(cast(j as varchar), '{_NUMBER}'), lambda n: try_cast(n as "
    f"double) = try_cast(x as double))[1] "
    "else fail('a number that JSON has in two spellings is not portable') end",
)
helper(
    "json_scalar(j, p, k)",
    "case when json_type(try_cast(j as json), p) in ('VARCHAR', 'BIGINT', 'UBIGINT', 'HUGEINT', 'BOOLEAN') "
    "then json_extract_string(j, p) "
    "when json_type(try_cast(j as json), p) = 'DOUBLE' then athena_json_number(j, "
    "json_extract_string(try_cast(j as json), p)) "
    "when not json_valid(j) and contains(j, k) and regexp_matches(j, '^[ \\t\\r\\n]*[\\[{\"]') then "
    "fail('Malformed JSON is not portable') end",
)
helper(
    "json_checked(j)",
    r"case when regexp_matches(j, '[\x{10000}-\x{10ffff}]|[0-9]{8,}\.|[0-9]e[+-]|[^0-9]0\.000') "
    "then fail('JSON with emoji, or with numbers of 10 million and more, is not portable as text') else cast(j "
    "as json) end",
)
helper(
    "json_at(j, p, k)",
    "case when json_valid(j) then athena_json_checked(cast(json_extract(try_cast(j as json), p) as varchar)) "
    "when contains(j, k) and regexp_matches(j, '^[ \\t\\r\\n]*[\\[{\"]') then fail('Malformed JSON is not "
    "portable') end",
)
helper(
    "json_sorted(j)",
    "case when len(regexp_extract_all(j, '\\{\\s*\"')) > 1 or (json_type(j) = 'OBJECT' and json_keys(j) <> "
    "list_sort(list_distinct(json_keys(j)))) "
    "then fail('json_parse of objects within JSON is not portable; use json_extract on the text') else j end",
)
macro(
    "json_parse(s varchar) -> json",
    "case when not json_valid(s) then fail('Cannot convert value to JSON') "
    "else athena_json_sorted(athena_json_checked(cast(json_extract(s, '$') as varchar))) end",
)
helper(
    "json_parse_any(s)",
    "case when not json_valid(s) then fail('Cannot convert value to JSON') else cast(s as json) end",
)
sql("json_format(j json) -> varchar", "cast({j} as varchar)")
helper(
    "json_to_text(j)",
    "case json_type(j) when 'OBJECT' then fail('Cannot cast an object to varchar') when 'ARRAY' then "
    "fail('Cannot cast an array to varchar') "
    "when 'NULL' then null when 'DOUBLE' then athena_double_text(try_cast(json_extract_string(j, '$') as double)) "
    "else json_extract_string(j, '$') end",
)
helper(
    "json_to_double(j, like_this)",
    "case json_type(j) when 'NULL' then null when 'BOOLEAN' then cast(json_extract_string(j, '$') = 'true' as "
    "double) "
    "when 'OBJECT' then fail('Cannot cast an object to double') when 'ARRAY' then fail('Cannot cast an array "
    "to double') "
    "else cast(athena_floating_text(json_extract_string(j, '$')) as double) end",
)
helper(
    "json_to_whole(j, like_this)",
    "case json_type(j) when 'NULL' then null when 'BOOLEAN' then cast(json_extract_string(j, '$') = 'true' as "
    "bigint) "
    "when 'OBJECT' then fail('Cannot cast an object to a number') when 'ARRAY' then fail('Cannot cast an array "
    "to a number') "
    "when 'DOUBLE' then cast(round(cast(json_extract_string(j, '$') as double)) as bigint) "
    "else cast(athena_whole_text(json_extract_string(j, '$')) as bigint) end",
)
helper(
    "json_to_boolean(j, like_this)",
    "case json_type(j) when 'NULL' then null when 'OBJECT' then fail('Cannot cast an object to boolean') "
    "when 'ARRAY' then fail('Cannot cast an array to boolean') when 'BOOLEAN' then json_extract_string(j, '$') "
    "= 'true' "
    "when 'VARCHAR' then cast(athena_boolean_text(json_extract_string(j, '$')) as boolean) "
    "else cast(json_extract_string(j, '$') as double) <> 0 end",
)


def path(arg: Arg) -> tuple[str, str]:
    """DuckDB's spelling of a constant path, and the text that a document must hold for it to find something."""
    given = arg.constant
    if given is None:
        raise NotPortable("a JSON path that varies by row", "a constant path")
    steps, position = [], 1
    while given.startswith("$") and position < len(given):
        found = _STEP.match(given, position)
        if not found:
            break
        steps.append(found)
        position = found.end()
    if position != max(len(given), 1) or not given.startswith("$"):
        raise NotPortable(f"Athena may reject the JSON path {given!r}", "a path like '$.a[0].b' or '$[\"a b\"]'")
    out, last = "$", ""
    for step in steps:
        name = step[1] or step[3] or step[4]
        if name is not None:
            if '"' in name or "\\" in name:
                raise NotPortable(f"the JSON path {given!r} has a quote in a name", "a name without quotes")
            last = f'"{name}"'
        out += f"[{step[2]}]" if name is None else f".{last}"
    return text(out), text(last)


def unordered(arg: Arg) -> str:
    """A value whose keys may stand in any order: json_parse then need not sort them."""
    return re.sub(r"^athena_json_parse\(", "athena_json_parse_any(", arg)


@rule("json_extract_scalar(varchar|json, varchar) -> varchar")
def json_extract_scalar(j: Arg, p: Arg) -> str:
    """A string, number or boolean as text; NULL for null, objects, arrays and what is not JSON."""
    where, key = path(p)
    return f"athena_json_scalar({unordered(j)}, {where}, {key})"


@rule("json_extract(varchar|json, varchar) -> json")
def json_extract(j: Arg, p: Arg) -> str:
    """Keys keep their order."""
    where, key = path(p)
    return f"athena_json_at({j}, {where}, {key})"


sql(
    "json_array_length(j varchar|json) -> bigint",
    "case when json_type(try_cast({j} as json)) = 'ARRAY' then cast(json_array_length(try_cast({j} as json)) "
    "as bigint) end",
)


@rule("json_size(varchar|json, varchar) -> bigint")
def json_size(j: Arg, p: Arg) -> str:
    """Members of an object or an array; 0 for a single value."""
    where, _ = path(p)
    return f"athena_json_size({j}, {where})"


helper(
    "json_size(j, p)",
    "case when json_type(try_cast(j as json), p) = 'ARRAY' then cast(json_array_length(try_cast(j as json), p) "
    "as bigint) "
    "when json_type(try_cast(j as json), p) = 'OBJECT' then cast(len(json_keys(try_cast(j as json), p)) as bigint) "
    "when json_type(try_cast(j as json), p) is not null then 0 end",
)
sql(
    "is_json_scalar(j varchar|json) -> boolean",
    "case when not json_valid({j}) then fail('Invalid JSON value') else json_type({j}) not in ('OBJECT', 'ARRAY') end",
)
_ITEMS = "cast(json_extract(try_cast({j} as json), '$[*]') as json[])"


@rule("json_array_contains(varchar|json, varchar) -> boolean")
def json_array_contains_text(j: Arg, x: Arg) -> str:
    """Whether an array holds this string; NULL for what is no array."""
    items = _ITEMS.format(j=j)
    string = "case json_type(item) when 'VARCHAR' then item ->> '$' end"
    found = f"list_contains(list_transform({items}, lambda item: {string}), {x})"
    return f"case when json_type(try_cast({j} as json)) = 'ARRAY' and {x} is not null then {found} end"


@rule("json_array_contains(varchar|json, bigint) -> boolean")
def json_array_contains_number(j: Arg, x: Arg) -> str:
    """Whether an array holds this whole number."""
    items = _ITEMS.format(j=j)
    number = "case when json_type(item) in ('BIGINT', 'UBIGINT') then try_cast(item ->> '$' as bigint) end"
    found = f"list_contains(list_transform({items}, lambda item: {number}), {x})"
    return f"case when json_type(try_cast({j} as json)) = 'ARRAY' and {x} is not null then {found} end"


refuse("json_query", "its paths are another language", "json_extract(x, '$.a')")
refuse("json_value", "its paths are another language", "json_extract_scalar(x, '$.a')")
refuse("json_exists", "its paths are another language", "json_extract(x, '$.a') is not null")
refuse("json_array_get", "Athena warns against it itself", "json_extract(x, '$[0]')")
