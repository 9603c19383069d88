"""The text of a new table or view: a header that is valid and SQL that runs, with the columns of an upstream."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from transforms.column import Column
from transforms.content import Content
from transforms.names import TableName, quoted

if TYPE_CHECKING:
    from transforms.relation import Kind

_OF_INGEST = ("_file", "_line", "_ingested_at")
"""Columns that say where a row came from, and mean nothing in a table that is computed."""
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def relation_text(
    content: Content, kind: Kind, upstream: TableName | None, owner: str, description: str | None = None
) -> str:
    """A whole file. Without an upstream it returns one example row."""
    days = _days(content, upstream) if kind == "table" else None
    told = description or (f"One row for each row of {upstream}." if upstream else "One row, as an example.")
    header = [f"description: {_scalar(told)}", f"owner: {owner}"]
    header += [f"partition: {days}"] if days else []
    header += ["checks:", "  - row_count: {min: 1}"] if kind == "table" else []
    select = _select(content, upstream, days) if upstream else _EXAMPLE
    return "\n".join(["/*", *header, "*/", *select, ""])


_EXAMPLE = [
    "select",
    "  cast(1 as bigint) as id,  -- Number of the row",
    "  'example' as name  -- What it is called",
]


def _select(content: Content, upstream: TableName, days: str | None) -> list[str]:
    alias = upstream.table[0] if upstream.table[0].isalpha() else "t"
    columns = [c for c in content.columns(upstream) if c.name not in _OF_INGEST and c.name != days]
    columns += [c for c in content.columns(upstream) if c.name == days]
    names = [f"{alias}.{_name(column.name)}{',' if i < len(columns) - 1 else ''}" for i, column in enumerate(columns)]
    width = max(map(len, names), default=0)
    lines = [f"  {name:<{width}}  -- {_comment(column)}" for name, column in zip(names, columns, strict=True)]
    where = [f"where {alias}.{days} between :start and :end"] if days else []
    return ["select", *lines, f"from {upstream.database}.{_name(upstream.table)} {alias}", *where]


def _days(content: Content, upstream: TableName | None) -> str | None:
    """The column by whose days the upstream is split."""
    if upstream is None:
        return None
    if upstream in content.raw:
        return "day" if content.raw[upstream][1].day else None
    return content.relations[upstream].partition


def _name(name: str) -> str:
    """As SQL writes it: in quotes where it is a word of the language."""
    from transforms.analyzer.words import RESERVED

    if _PLAIN.match(name) and name.upper() not in RESERVED:
        return name
    return quoted(name)


def _comment(column: Column) -> str:
    told = " ".join(column.description.split()) or column.name.replace("_", " ").strip().capitalize()
    return f"@personal {told}" if column.personal else told


def _scalar(text: str) -> str:
    """The text as YAML reads it back: quoted when it would mean something else."""
    plain = re.match(r"[A-Za-z][^:#\n]*\Z", text) and "*/" not in text
    return text.strip() if plain else json.dumps(text.replace("*/", "* /"), ensure_ascii=False)
