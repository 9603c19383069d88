"""The YAML of a source's columns: their types, what they are, and what keeps personal values out of the lake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transforms.column import Column
from transforms.errors import Problem, did_you_mean
from transforms.fields import Fields, described
from transforms.lake_types import Type
from transforms.protection import KINDS, Protection, read_protection
from transforms.yaml_file import Document

OWN_COLUMNS = ("_file", "_line", "_ingested_at")
COLUMN_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The columns of one table; `protections` are those of them that have one, and the dropped ones, which are none."""

    columns: tuple[Column, ...] = ()
    protections: Mapping[str, Protection] = field(default_factory=dict)


def read_schema(document: Document, problems: list[Problem]) -> Mapping[str, TableSchema]:
    """The tables of the file, as far as they can be read; what is wrong is added to `problems`."""
    problems.extend(document.problems)
    top = Fields(document, problems)
    if document.value is not None and not isinstance(document.value, dict):
        top.problem(None, "a schema has one key per table", write="write users: {id: bigint}")
    result = {}
    for table in top.values:
        fields = top.inner(table, f"{table}: {{id: bigint}}")
        if fields is not None:
            result[table] = _table(fields)
    return result


def _table(fields: Fields) -> TableSchema:
    columns, protections = [], {}
    for name in fields.values:
        column = _column(name, fields)
        if column is None:
            continue
        protection = read_protection(_inner(name, fields), column)
        if protection:
            protections[name] = protection
        if protection is None or protection.kind != "drop":
            columns.append(column)
    return TableSchema(tuple(columns), protections)


def _inner(name: str, fields: Fields) -> Fields:
    return Fields(fields.document, fields.problems, *fields.way, name)


def _column(name: str, fields: Fields) -> Column | None:
    value = fields.values[name]
    if not COLUMN_NAME.match(name):
        what = f'"{name}" is not a column name; a column is lower case letters, digits and underscores'
        fields.problem(name, what, write=f"write {re.sub(r'[^a-z0-9_]+', '_', name.lower()).strip('_') or 'id'}: ..")
        return None
    if name in OWN_COLUMNS:
        fields.problem(name, f"the column {name} is added by ingest", write="give this column another name")
        return None
    if not isinstance(value, dict):
        type_ = _type(value, name, fields)
        return Column(name, type_) if type_ else None
    inner = _inner(name, fields)
    inner.known(("type", "description", "personal", *KINDS))
    if not inner.required("type", "type: bigint"):
        return None
    type_ = _type(inner.values["type"], "type", inner)
    return Column(name, type_, inner.text("description") or "", inner.flag("personal")) if type_ else None


def _type(value: Any, key: str, fields: Fields) -> Type | None:
    allowed = "types are those of a Hive table: bigint, double, decimal(14,2), string, date, timestamp, array<string>"
    if not isinstance(value, str):
        fields.problem(key, f"{described(value)} is not a type", allowed, f"write {key}: bigint")
        return None
    try:
        found = Type.parse(value)
    except ValueError as error:
        fields.problem(
            key, str(error), allowed, did_you_mean(value, ("bigint", "string", "timestamp", "double", "date"))
        )
        return None
    if not found.in_lake:
        write = "write timestamp" if found.name.startswith("timestamp") else "write string"
        fields.problem(key, f"the lake cannot hold {value}", allowed, write)
        return None
    return found
