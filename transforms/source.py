"""A source as its YAML file declares it: a system outside, and the tables that ingest lands from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from transforms.column import Column
from transforms.names import TableName

Mode = Literal["snapshot", "append", "upsert"]
Kind = Literal["postgres", "jsonl", "csv", "rest"]


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table that a source lands in `raw_<source>.<name>`.

    snapshot: the whole table replaces itself. append: rows above the cursor (or files not yet seen) are added.
    upsert: rows above the cursor replace those with the same key.
    `day` is the column (files: the `{day}` of the path) that splits the raw table into company days.
    `restate_days`: the newest days that are fetched again and replace themselves.
    `columns` come from `<source>.schema.yaml`; `options` are the reader's own words, checked by it.
    """

    name: TableName
    mode: Mode
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    cursor: str | None = None
    day: str | None = None
    restate_days: int = 0
    rejects: float = 0.001
    options: dict[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """`connection` is the name under which the target finds the address: no secret is ever in the file.

    `every` decides when the source is due: the company's clock cut into such steps.
    """

    name: str
    path: str
    kind: Kind
    owner: str
    description: str
    connection: str
    tables: tuple[SourceTable, ...]
    every: timedelta = timedelta(days=1)
    options: dict[str, Any] = field(default_factory=dict)
