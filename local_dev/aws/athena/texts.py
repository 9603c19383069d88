"""Values as Athena writes them into a result: expressions of DuckDB that give the text of a column.

A number is written as Java does, an array as `[1, 2]`, a row as `{a=1, b=x}`, a map as `{k=v}`; NULL inside of them is
`null`. A column of these texts is what GetQueryResults and the result file hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from transforms.analysis import Compiled
from transforms.dialect import casts
from transforms.dialect.types import row_fields, text
from transforms.lake_types import VARCHAR, Type

_PLAIN = ("varchar", "char", "boolean", "tinyint", "smallint", "integer", "bigint", "json", "unknown", "uuid")
_MOMENTS = ("timestamp", "timestamp with time zone", "time")
"""Shown in milliseconds, whatever they hold."""


def text_query(compiled: Compiled) -> str:
    """The rows of a query as texts, its columns named by their numbers: two may have one name."""
    names = [f"c{index}" for index, _ in enumerate(compiled.columns)]
    zoned = zip_longest(names, compiled.columns, compiled.zones[: len(names)])
    items = ", ".join(f"{text_of(name, column.type, zone)} as {name}" for name, column, zone in zoned)
    return f"select {items} from (\n{compiled.duckdb}\n) as r({', '.join(names)})"


def csv_line(values: Iterable[str]) -> str:
    """Values that are not NULL as a line of a result file."""
    return ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


def text_of(value: str, type_: Type, zone: str | None = None) -> str:
    """The text of a value; `zone` is the one in which its instants are shown.

    >>> from transforms.lake_types import BIGINT, array
    >>> text_of("x", BIGINT)
    'cast(x as varchar)'
    >>> text_of("x", array(VARCHAR))
    "('[' || array_to_string(list_transform(x, lambda e1: coalesce(e1, 'null')), ', ') || ']')"
    """
    return _text(value, type_, zone, 1)


def _text(value: str, type_: Type, zone: str | None, depth: int) -> str:
    if type_.name in ("varchar", "char"):
        return value
    if type_.name in _PLAIN:
        return f"cast({value} as varchar)"
    if type_.name in ("real", "double"):
        return f"athena_java_{type_.name}({value})"
    if type_.name == "varbinary":
        return f"rtrim(regexp_replace(lower(hex({value})), '(..)', '\\1 ', 'g'))"
    item = f"e{depth}"
    if type_.name == "array":
        each = _inside(item, type_.element, zone, depth)
        return _joined("[", f"list_transform({value}, lambda {item}: {each})", "]")
    if type_.name == "map":
        key = _inside(f"{item}['key']", type_.parts[0], zone, depth)
        held = _inside(f"{item}['value']", type_.parts[1], zone, depth)
        return _joined("{", f"list_transform(map_entries({value}), lambda {item}: {key} || '=' || {held})", "}")
    if type_.name == "row":
        return _row_text(value, type_, zone, depth)
    shown = Type(type_.name, (3,)) if type_.name in _MOMENTS else type_
    return casts.cast(casts.cast(value, type_, shown, zone=zone), shown, VARCHAR, zone=zone)


def _row_text(value: str, type_: Type, zone: str | None, depth: int) -> str:
    parts = []
    for name, field in row_fields(type_):
        held = _inside(f"struct_extract({value}, {text(name)})", field.type, zone, depth)
        parts.append(f"{text(f'{name}=')} || {held}")
    separator = " || ', ' || "
    return f"case when {value} is not null then '{{' || {separator.join(parts)} || '}}' end"


def _joined(opening: str, texts: str, closing: str) -> str:
    return f"('{opening}' || array_to_string({texts}, ', ') || '{closing}')"


def _inside(value: str, type_: Type, zone: str | None, depth: int) -> str:
    return f"coalesce({_text(value, type_, zone, depth + 1)}, 'null')"
