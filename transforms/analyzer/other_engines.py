"""What people write who come from other engines, and what to write for it on Athena: one table for each kind of word.

A test compiles every function that an advice names: none may be unknown or refused.
"""

from __future__ import annotations

from typing import Final

from sqlglot import TokenType, exp

Advice = tuple[str, str]
"""What is wrong, and what to write."""

_UNNEST = "cross join unnest(x) as t(item), behind FROM"
FUNCTIONS: Final = {
    "add_months": "date_add('month', n, x)",
    "any": "any_value(x)",
    "approx_count_distinct": "approx_distinct(x)",
    "arg_max": "max_by(x, y)",
    "arg_min": "min_by(x, y)",
    "argmax": "max_by(x, y)",
    "argmin": "min_by(x, y)",
    "array_append": "x || y",
    "array_construct": "array[x, y]",
    "array_contains": "contains(x, y)",
    "array_length": "cardinality(x)",
    "array_size": "cardinality(x)",
    "array_to_string": "array_join(x, ',')",
    "char_length": "length(x)",
    "charindex": "strpos(text, part)",
    "collect_list": "array_agg(x)",
    "collect_set": "array_agg(distinct x)",
    "convert_timezone": "x at time zone 'Asia/Tokyo'",
    "count_distinct": "count(distinct x)",
    "countif": "count_if(x)",
    "curdate": "current_date",
    "date_part": "year(x), or extract(year from x)",
    "date_sub": "date_add('day', -n, x)",
    "dateadd": "date_add('day', n, x)",
    "datediff": "date_diff('day', a, b)",
    "datepart": "year(x), or extract(year from x)",
    "datetime": "cast(x as timestamp)",
    "datetrunc": "date_trunc('day', x)",
    "decode": "case x when .. end",
    "div0": "coalesce(x / nullif(y, 0), 0)",
    "epoch": "to_unixtime(x)",
    "explode": _UNNEST,
    "first": "min_by(x, order)",
    "from_utc_timestamp": "x at time zone 'Asia/Tokyo'",
    "generate_series": "sequence(1, n), and cross join unnest(sequence(1, n)) as t(i) for rows",
    "get_json_object": "json_extract_scalar(x, '$.key')",
    "getdate": "now()",
    "group_concat": "listagg(x, ',') within group (order by x)",
    "hash": "xxhash64(to_utf8(x))",
    "iff": "if(condition, x, y)",
    "ifnull": "coalesce(x, y)",
    "initcap": r"regexp_replace(x, '(\w)(\w*)', m -> upper(m[1]) || lower(m[2]))",
    "instr": "strpos(text, part)",
    "int": "cast(x as integer)",
    "int64": "cast(x as bigint)",
    "isnull": "x is null",
    "json_extract_path_text": "json_extract_scalar(x, '$.key')",
    "last": "max_by(x, order)",
    "last_day": "last_day_of_month(x)",
    "len": "length(x)",
    "list_append": "x || y",
    "list_contains": "contains(x, y)",
    "locate": "strpos(text, part)",
    "log10e": "log10(x)",
    "map_contains_key": "contains(map_keys(x), key)",
    "mean": "avg(x)",
    "median": "a percentile by row_number() over (order by x)",
    "months_between": "date_diff('month', a, b)",
    "named_struct": "cast(row(x, y) as row(a integer, b varchar))",
    "nvl": "coalesce(x, y)",
    "nvl2": "if(x is not null, y, z)",
    "object_construct": "map(array['key'], array[x])",
    "parse_json": "json_parse(x)",
    "regexp_instr": "regexp_position(x, pattern)",
    "regexp_matches": "regexp_like(x, pattern)",
    "regexp_substr": "regexp_extract(x, pattern)",
    "right": "substr(x, -n)",
    "left": "substr(x, 1, n)",
    "safe_cast": "try_cast(x as type)",
    "safe_divide": "x / nullif(y, 0)",
    "sha": "sha1(to_utf8(x))",
    "sha2": "sha256(to_utf8(x))",
    "size": "cardinality(x)",
    "str_to_map": "split_to_map(x, ',', '=')",
    "strftime": "date_format(x, '%Y-%m-%d')",
    "str_to_date": "date_parse(x, '%Y-%m-%d')",
    "string": "cast(x as varchar)",
    "string_agg": "listagg(x, ',') within group (order by x)",
    "string_split": "split(x, ',')",
    "string_to_array": "split(x, ',')",
    "strptime": "date_parse(x, '%Y-%m-%d')",
    "struct": "cast(row(x, y) as row(a integer, b varchar))",
    "sumif": "sum(x) filter (where ..)",
    "timestamp_trunc": "date_trunc('day', x)",
    "timestampdiff": "date_diff('day', a, b)",
    "to_char": "date_format(x, '%Y-%m-%d')",
    "to_date": "date(x), or date_parse(x, '%Y-%m-%d')",
    "to_json": "json_format(cast(x as json))",
    "to_number": "cast(x as decimal(18,2))",
    "to_timestamp": "from_unixtime(x), or date_parse(x, '%Y-%m-%d')",
    "to_varchar": "cast(x as varchar)",
    "trunc": "truncate(x), or date_trunc('day', x)",
    "try_to_number": "try_cast(x as decimal(18,2))",
    "unix_timestamp": "to_unixtime(x)",
    "unnest": _UNNEST,
    "weekday": "day_of_week(x), which is 1 on Mondays",
    "zeroifnull": "coalesce(x, 0)",
}
"""Functions, and the expression that means the same."""

SIGNS: Final[dict[str, Advice]] = {
    "::": ("a cast with :: does not exist on Athena", "write cast(x as type)"),
    "==": ("== does not exist on Athena", "write ="),
    "//": ("// does not exist on Athena", "/ of two integers already truncates"),
    "<=>": ("<=> does not exist on Athena", "write is not distinct from"),
    "&&": ("&& does not exist on Athena", "write and"),
    "->>": ("->> does not exist on Athena", "write json_extract_scalar(x, '$.key')"),
    "**": ("** does not exist on Athena", "write power(x, y)"),
    "!": ("! does not exist on Athena", "write not"),
    "@": ("@ does not exist on Athena", "write the value, or :start and :end"),
}
TYPOGRAPHIC: Final = dict.fromkeys("‘’‚´", "'") | dict.fromkeys("“”„", '"')
"""Quotes of a text processor, and those of SQL."""

CLAUSES: Final[dict[TokenType, Advice]] = {
    TokenType.ILIKE: ("ILIKE does not exist on Athena", "write lower(x) like lower(pattern)"),
    TokenType.RLIKE: ("RLIKE does not exist on Athena", "write regexp_like(x, pattern)"),
    TokenType.QUALIFY: ("QUALIFY does not exist on Athena", "filter in an outer query: select .. from (..) where .."),
}

PARTS: Final[dict[str, Advice]] = {
    "qualify": ("QUALIFY", "filter in an outer query: select .. from (..) where .."),
    "laterals": ("LATERAL VIEW", "write cross join unnest(x) as t(item)"),
    "pivots": ("PIVOT", "write sum(x) filter (where kind = 'a') as a, .."),
    "cluster": ("CLUSTER BY", ""),
    "distribute": ("DISTRIBUTE BY", ""),
    "sort": ("SORT BY", "write order by"),
    "into": ("INTO", ""),
    "locks": ("FOR UPDATE", ""),
    "kind": ("SELECT AS", ""),
    "hint": ("a hint", ""),
    "connect": ("CONNECT BY", "write with recursive"),
    "prewhere": ("PREWHERE", "write where"),
    "settings": ("SETTINGS", ""),
    "format": ("FORMAT", ""),
}
"""Clauses, by the part of sqlglot's tree that has them."""

NODES: Final[dict[type[exp.Expr], Advice]] = {
    exp.BitwiseXor: ("^", "write power(x, y), or bitwise_xor(x, y)"),
    exp.BitwiseAnd: ("&", "write bitwise_and(x, y)"),
    exp.BitwiseOr: ("|", "write bitwise_or(x, y)"),
    exp.BitwiseNot: ("~", "write bitwise_not(x)"),
    exp.BitwiseLeftShift: ("<<", "write bitwise_left_shift(x, n)"),
    exp.BitwiseRightShift: (">>", "write bitwise_right_shift(x, n)"),
    exp.IntDiv: ("DIV", "write x / y: of two integers it truncates"),
    exp.JSONExtract: ("-> outside of a lambda", "write json_extract(x, '$.a')"),
    exp.National: ("N'..'", "write '..': every text is Unicode"),
    exp.Parameter: ("a word behind @", "write the value, or :start and :end"),
}
"""Operators and literals: how they are written, and what Athena has for them."""

TABLES: Final = {"generate_series": "unnest(sequence(1, n)) as t(i)", "flatten": "unnest(x) as t(item)"}
"""Functions that stand in FROM."""

_SHOWN = "run baikal show database.table"
_COMPILED = "run baikal compile --sql '..'"
_NO_CHANGE = "a file in transforms/tables makes a table: baikal new table"
STATEMENTS: Final = {
    **{"show": _SHOWN, "describe": _SHOWN, "desc": _SHOWN, "explain": _COMPILED, "analyze": _COMPILED},
    **dict.fromkeys(("insert", "create", "merge", "update", "delete", "drop", "alter", "truncate"), _NO_CHANGE),
    **dict.fromkeys(("unload", "msck", "call", "vacuum", "optimize", "copy"), _NO_CHANGE),
    **{"use": "write database.table for each table", "set": "write the value where it is used"},
}
"""Statements that are no query, by their first word."""

KEYWORDS: Final = ("select", "from", "where", "having", "limit", "offset", "join", "union", "between", "order", "group")
"""Words that are looked for when one is misspelt."""
