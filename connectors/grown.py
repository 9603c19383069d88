"""Declared columns that files have made wider: the table remembers them until the line is written in its schema file.

A database tells its types in every run, but of files only the new ones are read. Never decides that a type may grow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from transforms.column import Column
from transforms.lake_types import Type
from transforms.snapshot import Snapshot
from transforms.source import Source, SourceTable
from transforms.widening import widens

STATE = "grown"
"""Where the state of a table has, for each such column, the type that it is declared as and the wider one."""


def with_grown_columns(table: SourceTable, state: Mapping[str, Any]) -> SourceTable:
    """The table as its files have it by now; a column that is declared otherwise since then is what is declared."""
    grown = {name: Type.parse(wider) for name, wider in _still_declared(table, state)}
    columns = (replace(column, type=grown.get(column.name, column.type)) for column in table.columns)
    return replace(table, columns=tuple(columns))


def remembered(snapshot: Snapshot, declared: SourceTable, columns: Mapping[str, Column]) -> Snapshot:
    """The snapshot with those of the declared columns that have become wider; `columns` are all as they were read."""
    grown = {
        column.name: [column.type.hive, columns[column.name].type.hive]
        for column in declared.columns
        if column.name in columns and widens(columns[column.name].type, column.type)
    }
    return replace(snapshot, state={**snapshot.state, STATE: grown}) if grown else snapshot


def announcements(source: Source, declared: SourceTable, state: Mapping[str, Any]) -> list[str]:
    """The lines to write, told by each run until they are written."""
    columns = {column.name: column for column in declared.columns}
    return [
        announced(source, declared, columns[name], replace(columns[name], type=Type.parse(wider)))
        for name, wider in _still_declared(declared, state)
    ]


def announced(source: Source, table: SourceTable, old: Column, new: Column) -> str:
    """That a column grew, with the line to write."""
    return (
        f"{table.name}: {new.name} became {new.type.hive} in the source, and so in the lake; it is declared as "
        f"{old.type.hive}; write `{new.name}: {new.type.hive}` under `{table.name.table}:` in {source.schema_path}"
    )


def _still_declared(table: SourceTable, state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    declared = {column.name: column.type.hive for column in table.columns}
    for name, (before, wider) in state.get(STATE, {}).items():
        if declared.get(name) == before:
            yield name, wider
