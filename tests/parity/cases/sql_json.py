"""SQL/JSON: json_value, json_query, json_exists over hard documents; json_object and json_array of all types."""

from pathlib import Path

_PATHS = (
    "lax $.a",
    "strict $.a",
    "lax $.a.a",
    "lax $.d.e",
    "lax $",
    "lax $.a[0]",
    "lax $[*]",
    "lax $.c[last].a",
    "lax $.*",
    "lax $..a",
    "strict $[0].a",
    'lax $."a"',
    "lax $.a.size()",
    "lax $[*] ? (@.a > 1)",
    'lax $.a ? (@ == 1 || @ starts with "t")',
    "lax $ ? (exists(@.b) && !(@.a == null))",
)
_FORMS = (
    "json_value({doc}, '%s')",
    "json_value({doc}, '%s' returning bigint)",
    "json_value({doc}, '%s' default 'none' on empty default 'bad' on error)",
    "json_query({doc}, '%s')",
    "json_query({doc}, '%s' with wrapper)",
    "json_query({doc}, '%s' with conditional wrapper empty array on empty empty object on error)",
    "json_exists({doc}, '%s')",
    "json_exists({doc}, '%s' unknown on error)",
)
_TYPES = (
    *("integer", "tinyint", "double", "real", "boolean", "decimal(10,2)", "varchar(3)", "date", "timestamp"),
    *("varchar(20)", "decimal(3,1)", "time"),
)

_TEMPLATES = [form % path for form in _FORMS for path in _PATHS]
_TEMPLATES += [f"json_value({{doc}}, 'lax $.a' returning {each})" for each in _TYPES]
_TEMPLATES += [f"json_value({{doc}}, 'lax $.a[*]' returning {each} error on empty)" for each in _TYPES[:4]]
_TEMPLATES += [
    f"json_object('k' : {{{each}}}, 'l' value {{{other}}} {nulls})"
    for each, other, nulls in (
        *(("int", "str", ""), ("big", "double", "absent on null"), ("real", "dec", "null on null")),
        *(("bool", "date", "with unique keys"), ("ts", "zoned", ""), ("time", "span", "absent on null")),
        *(("tiny", "months", ""), ("short", "micro", "null on null")),
    )
]
_TEMPLATES += [
    f"json_array({{{each}}}, {{{other}}} {nulls})"
    for each, other, nulls in (("int", "str", ""), ("double", "bool", "null on null"), ("date", "dec", ""))
]
_TEMPLATES += [
    "json_object({short} : {int}, 'zeta' : 1, 'id' : {bool})",
    "json_object({short} : {int}, {short} : 2 absent on null with unique keys)",
    "json_object('d' : {doc} format json)",
    "json_array({doc} format json, {doc})",
    "json_array(json_query({doc}, 'lax $.a'), json_value({doc}, 'lax $.a'))",
    "json_object('o' : json_object('x' : {dec}, 'y' : json_array({int}, {str} null on null)))",
    "json_exists({doc}, 'lax $.a ? (@ == $x)' passing {int} as \"x\")",
    "json_exists({doc}, 'lax $.a ? (@ > $X)' passing {double} as x)",
    "json_query({doc}, 'lax $.a ? (@ == $X || @ == $Y)' passing {dec} as x, {bool} as y with wrapper)",
    "json_query({doc}, 'lax $.a ? (@ starts with $X)' passing {short} as x with wrapper)",
    "json_query({doc}, 'lax $.c[$X]' passing {n} as x)",
]

_ROWS = """with t(s, n, k) as (
values ('{"a":1,"b":{"c":"x"},"t":["p","q"]}', 1, 'a'), ('{"a":2.5,"b":{"c":"y"}}', 2, 'b'),
('{"a":"z"}', 3, 'a'), (null, 4, 'c'), ('bad', 5, null), ('{"a":true,"t":"p"}', 6, 'a'))"""


def _written(ending: str) -> str:
    return (Path(__file__).parent / f"sql_json.{ending}").read_text(encoding="utf-8")


FAMILIES: dict[str, tuple[int, str]] = {"sql_json": (8, "\n".join(_TEMPLATES) + "\n" + _written("txt"))}
STATEMENTS: dict[str, str] = {"sql_json": _written("sql").replace("{rows}", _ROWS)}
