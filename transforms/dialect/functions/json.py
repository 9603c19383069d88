"""JSON. A value of the type json is the text that Jackson writes for Trino: json_parse sorts the members of objects.

DuckDB's own reader finds what a plain path of a sound text names. Texts that only Jackson reads so far (broken behind
the value, or with what only DuckDB takes: `[1,]`, NaN) and digits that only Java writes so are left to `json_text`.
"""

from __future__ import annotations

import re
from contextlib import suppress

import orjson

from transforms import json_text
from transforms.dialect.errors import Invalid
from transforms.dialect.row_functions import row_by_row
from transforms.dialect.rules import Arg, family, helper, macro, refuse, rule, sql
from transforms.dialect.types import text
from transforms.json_text import Malformed, Number, Reader, steps

family("JSON")

_LAX = r",[ \t\r\n]*[\]}]|(^|[,:\[])[ \t\r\n]*-?(?i:nan|inf|0([^.eE]|$))"
"""What DuckDB reads and Jackson does not, and -0, of which DuckDB loses the sign; may match inside of strings too."""
_ODD = r"[\x{10000}-\x{10ffff}]|\\u|(^|[:,\[])-?([0-9]{8,}\.|[0-9.]+[eE]|0\.000)"
"""What DuckDB writes otherwise than Jackson; may match inside of strings too."""
_SIMPLE = re.compile(r'\.([A-Za-z_]\w*)|\[(0|[1-9]\d{0,8})\]|\["([^"\\*]*[^"\\*0-9][^"\\*]*)"\]', re.ASCII)
_HALF = re.compile(r"\\u(D[89AB]..(?!\\uD[C-F])|(?<!\\uD[89AB]..\\u)D[C-F])")
_SURROGATES = re.compile(r"\\\\|\\u(D[89AB]..)\\u(D[C-F]..)|\\uD[89A-F]..")
_PLAIN = re.compile(r"-0|[0-9][.eE]|[0-9]{16}|\\u|[\ud800-\udfff\U00010000-\U0010ffff]")


@row_by_row("json_canonical(varchar) -> varchar")
def canonical(document: str) -> str:
    """The text of a sound document in Jackson's words."""
    return _held(json_text.written(Reader(document).value()))


@row_by_row("json_ordered(varchar) -> varchar")
def ordered(document: str) -> str:
    """json_parse: members in the order of their names, the last of those with one name."""
    found = None
    if _PLAIN.search(document):
        found = json_text.ordered(document)
    else:
        with suppress(orjson.JSONDecodeError):
            found = orjson.dumps(orjson.loads(document), option=orjson.OPT_SORT_KEYS).decode()
    if found is None:
        raise ValueError(f"Cannot convert value to JSON\n{document}")
    return _held(found)


@row_by_row("json_element_written(varchar) -> varchar")
def element_written(document: str) -> str:
    """A value of type json in what a cast reads: no character is escaped for its size there, no name is twice."""
    return _SURROGATES.sub(_unescaped, json_text.written(json_text.merged(Reader(document).value())))


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0] if found[0] == "\\\\" else "?"
    return (chr(int(found[1], 16)) + chr(int(found[2], 16))).encode("utf-16", "surrogatepass").decode("utf-16")


def _held(found: str) -> str:
    if _HALF.search(found):
        raise ValueError("JSON with half of a pair of surrogates is not portable: DuckDB cannot hold it")
    return found


def _read(document: str, path: str) -> list[object]:
    """The value at a path as the only item; none where there is no such value or the text breaks before its end."""
    names = steps(path)
    if names is None:
        raise ValueError(f"Invalid JSON path: '{path}'")
    reader = Reader(document)
    try:
        if not reader.seek(names):
            return []
        value = reader.value()
        if not names and isinstance(value, Number):
            reader.apart()
    except Malformed:
        return []
    return [value]


@row_by_row("json_read(varchar, varchar) -> varchar")
def read(document: str, path: str) -> str | None:
    """json_extract."""
    return next((_held(json_text.written(value)) for value in _read(document, path)), None)


@row_by_row("json_read_scalar(varchar, varchar) -> varchar")
def read_scalar(document: str, path: str) -> str | None:
    """json_extract_scalar; half of a pair of surrogates is a question mark."""
    for value in _read(document, path):
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            return value.encode("utf-8", "replace").decode()
    return None


@row_by_row("json_read_size(varchar, varchar) -> bigint")
def read_size(document: str, path: str) -> int | None:
    """json_size."""
    return next((len(value) if isinstance(value, list) else 0 for value in _read(document, path)), None)


@row_by_row("json_read_length(varchar) -> bigint")
def read_length(document: str) -> int | None:
    """json_array_length."""
    return next((len(value) for value in _read(document, "$") if type(value) is list), None)


@row_by_row("json_read_contains(varchar, varchar) -> boolean")
def read_contains(document: str, wanted: str) -> bool | None:
    """json_array_contains of a JSON text; what is broken behind the item that was found does not matter."""
    key = _comparable(Reader(wanted).value())
    try:
        return any(_comparable(item) == key for item in Reader(document).items())
    except Malformed:
        return None


def _comparable(value: object) -> object:
    """Whole numbers, doubles, strings and booleans equal only their like."""
    if not isinstance(value, Number):
        return type(value), value
    whole = not any(mark in value for mark in ".eE")
    return (int, int(value)) if whole else (float, float(value))


helper("json_lax(j)", f"regexp_matches(j, {text(_LAX)})")
helper(
    "json_kept(j)",
    f"case when regexp_matches(j, {text(_ODD)}) then cast(athena_json_canonical(j) as json) else cast(j as json) end",
)
helper(
    "json_element(j)",
    f"case when regexp_matches(j, {text(_ODD)}) or (json_type(j) = 'OBJECT' and len(json_keys(j)) <> "
    "len(list_distinct(json_keys(j)))) then cast(athena_json_element_written(j) as json) else cast(j as json) end",
)
helper("json_sound(j)", "json_valid(j) and not athena_json_lax(j)")
helper(
    "json_scalar(j, p, path, elsewhere)",
    "case when json_type(try_cast(j as json), p) in ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN') and not "
    "athena_json_lax(j) then json_extract_string(j, p) when elsewhere or json_type(try_cast(j as json), p) in "
    "('DOUBLE', 'HUGEINT') or not athena_json_sound(j) then athena_json_read_scalar(j, path) end",
)
helper(
    "json_at(j, p, path, elsewhere)",
    "case when elsewhere or not athena_json_sound(j) then cast(athena_json_read(j, path) as json) "
    "else athena_json_kept(cast(json_extract(try_cast(j as json), p) as varchar)) end",
)
helper(
    "json_size(j, p, path, elsewhere)",
    "case when elsewhere or not athena_json_sound(j) then athena_json_read_size(j, path) "
    "else case json_type(try_cast(j as json), p) when 'ARRAY' then cast(json_array_length(try_cast(j as json), p) as "
    "bigint) when 'OBJECT' then cast(len(json_keys(try_cast(j as json), p)) as bigint) "
    "else case when json_type(try_cast(j as json), p) is not null then 0 end end end",
)
helper(
    "json_many(j)",
    "len(regexp_extract_all(j, '\\{\\s*\"')) > 1 or (json_type(try_cast(j as json)) = 'OBJECT' and "
    "json_keys(try_cast(j as json)) <> list_sort(list_distinct(json_keys(try_cast(j as json)))))",
)
macro(
    "json_parse(s varchar) -> json",
    "case when not athena_json_sound(s) or athena_json_many(s) then cast(athena_json_ordered(s) as json) "
    "else athena_json_kept(cast(json_extract(try_cast(s as json), '$') as varchar)) end",
)
helper(
    "json_unordered(s)",
    "case when athena_json_sound(s) then athena_json_kept(cast(json_extract(try_cast(s as json), '$') as varchar)) "
    "when athena_json_ordered(s) is not null then cast(athena_json_canonical(s) as json) end",
)
sql("json_format(j json) -> varchar", "cast({j} as varchar)")


def _plain_path(given: str) -> tuple[str, list[str]] | None:
    """DuckDB's spelling of a path, and the positions in it, which may be names too; None if it has none for it."""
    out, positions, at = "$", list[str](), 1
    while given.startswith("$") and at < len(given):
        found = _SIMPLE.match(given, at)
        if found is None:
            return None
        position, name = found[2], found[1] or found[3]
        positions += [position] if position else []
        out += f"[{position}]" if position else f'."{name}"'
        at = found.end()
    return (out, positions) if given.startswith("$") else None


def _looked_up(how: str, slow: str, j: Arg, p: Arg) -> str:
    """By DuckDB's reader where the path is a plain constant."""
    if p.constant is not None and steps(p.constant) is None and not j.is_null:
        raise Invalid(f"{p.constant!r} is not a path of JSON on Athena", "a path like '$.a[0].b' or '$[\"a b\"]'")
    plain = None if p.constant is None else _plain_path(p.constant)
    if plain is None:
        return f"{slow}({j}, {p})"
    elsewhere = " or ".join(f"contains({j}, '\"{position}\"')" for position in plain[1]) or "false"
    return f"athena_{how}({j}, {text(plain[0])}, {p}, ({elsewhere}))"


@rule("json_extract_scalar(varchar|json, varchar) -> varchar")
def json_extract_scalar(j: Arg, p: Arg) -> str:
    """A string, number or boolean as text; NULL for null, objects, arrays and what is not JSON."""
    return _looked_up("json_scalar", "athena_json_read_scalar", j, p)


@rule("json_extract(varchar|json, varchar) -> json")
def json_extract(j: Arg, p: Arg) -> str:
    """Members keep their order."""
    found = _looked_up("json_at", "athena_json_read", j, p)
    return found if found.startswith("athena_json_at") else f"cast({found} as json)"


@rule("json_size(varchar|json, varchar) -> bigint")
def json_size(j: Arg, p: Arg) -> str:
    """Members of an object or items of an array; 0 for a single value."""
    return _looked_up("json_size", "athena_json_read_size", j, p)


macro(
    "json_array_length(j varchar|json) -> bigint",
    "case when not athena_json_sound(j) then athena_json_read_length(j) "
    "when json_type(try_cast(j as json)) = 'ARRAY' then cast(json_array_length(try_cast(j as json)) as bigint) end",
)
macro(
    "is_json_scalar(j varchar|json) -> boolean",
    "case when not athena_json_sound(j) then json_type(athena_json_ordered(j)) not in ('OBJECT', 'ARRAY') "
    "else json_type(try_cast(j as json)) not in ('OBJECT', 'ARRAY') end",
)
helper(
    "json_contains(j, wanted, kinds)",
    "case when j is null or wanted is null then null when not athena_json_sound(j) then "
    "athena_json_read_contains(j, wanted) when json_type(try_cast(j as json)) = 'ARRAY' then "
    "list_contains(list_transform(list_filter("
    "cast(json_extract(try_cast(j as json), '$[*]') as json[]), lambda e: list_contains(kinds, json_type(e))), "
    "lambda e: cast(e as varchar)), wanted) end",
)
for _type, _kinds in {
    "varchar": ["VARCHAR"],
    "bigint": ["BIGINT", "UBIGINT"],
    "boolean": ["BOOLEAN"],
}.items():
    sql(
        f"json_array_contains(j varchar|json, x {_type}) -> boolean",
        f"athena_json_contains({{j}}, cast(to_json({{x}}) as varchar), {_kinds})",
    )
macro(
    "json_array_contains(j varchar|json, x double) -> boolean",
    "case when isfinite(x) then athena_json_contains(j, cast(to_json(x) as varchar), ['DOUBLE']) "
    "when j is not null and x is not null then false end",
)

refuse("json_array_get", "Athena warns against it itself", "json_extract(x, '$[0]')")
