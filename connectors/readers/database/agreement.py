"""What a database has and what is declared of a table, brought together before it is read.

New columns are read too, lost ones are NULL, wider ones are read as they are; a narrower or another type is refused
with the line to write. Never casts where a value could change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.grown import announced
from connectors.lake_names import is_lake_name, lake_name, yaml_text
from connectors.reader import Reading
from connectors.readers.misfits import changed
from transforms.column import Column
from transforms.drift import change_of
from transforms.errors import SchemaChanged, did_you_mean
from transforms.lake_types import Type
from transforms.source import Source, SourceTable

TYPES = "types"
"""Where the state of a table remembers which types the source had."""


class SourceColumn(Protocol):
    """A column as its database describes it: `lake_type` when nobody declares another, `written` for messages."""

    @property
    def name(self) -> str: ...
    @property
    def comment(self) -> str: ...
    @property
    def lake_type(self) -> Type: ...
    @property
    def written(self) -> str: ...
    def takes(self, declared: Type) -> bool: ...


@dataclass(frozen=True)
class Agreement:
    """`columns` are those to read, `new` those among them that nobody declared, `widened` those that grew.

    `missing` are the names of those that are gone. `types` are the source's, for the next reading's state.
    """

    columns: tuple[Column, ...]
    new: tuple[Column, ...]
    widened: tuple[Column, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]
    types: Mapping[str, str]

    def reading(self, state: Mapping[str, Any]) -> Reading:
        """Of these columns, as yet without a batch; `state` is what the last one left."""
        return Reading(
            iter(()),
            {**state, TYPES: self.types},
            new_columns=list(self.new),
            widened_columns=list(self.widened),
            missing_columns=list(self.missing),
            warnings=list(self.warnings),
        )


def agree(source: Source, table: SourceTable, live: Mapping[str, SourceColumn], state: Mapping[str, Any]) -> Agreement:
    """`live` are the columns of the source by their name in the lake. Raises SchemaChanged."""
    known: Mapping[str, str] = state.get(TYPES, {})
    columns, widened = [], []
    deleted_at = table.options.get("deleted_at")
    if deleted_at is not None and deleted_at not in live:
        where = f"{source.path}:{table.line}: {table.name}"
        hint = did_you_mean(deleted_at, live)
        what = f"{where}: the source has no column {deleted_at}, by which deleted rows are known"
        raise SchemaChanged("; ".join(filter(None, (what, hint))))
    for column in table.columns:
        found = live.get(column.name)
        if found is None:
            continue
        before = Type.parse(known[column.name]) if column.name in known else None
        takes = found.takes(column.type)
        change = change_of(column.type, found.lake_type, takes=takes, before=before)
        if change == "widened":
            column = Column(column.name, found.lake_type, column.description, column.personal)
            widened.append(column)
        elif change:
            had = f", which had {before.hive} before" if before and before != found.lake_type else ""
            where = f"but {found.written} in the source{had}"
            kept = f", or keep {column.type.hive} by baikal run {table.name} --full" if takes else ""
            raise changed(source, table, column.name, column.type, found.lake_type, where, kept)
        columns.append(column)
    declared = {column.name: column for column in table.columns}
    new = tuple(Column(name, one.lake_type, one.comment) for name, one in live.items() if name not in declared)
    for column in new:
        _require_lake_name(source, table, column.name)
    return Agreement(
        columns=(*columns, *new),
        new=new,
        widened=tuple(widened),
        missing=tuple(column.name for column in table.columns if column.name not in live),
        warnings=tuple(announced(source, table, declared[column.name], column) for column in widened),
        types={name: one.lake_type.hive for name, one in live.items()},
    )


def _require_lake_name(source: Source, table: SourceTable, name: str) -> None:
    if not is_lake_name(name):
        raise SchemaChanged(
            f"{source.path}:{table.line}: {table.name}: the source has a column {name!r}, a name that "
            "the lake does not take; lower case letters, digits and underscores are allowed; "
            f"write columns: {{{yaml_text(name)}: {lake_name(name)}}}"
        )
