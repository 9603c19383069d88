"""A source as it is declared beside what its live system says: how they differ, and the two files with what is new.

Writes no file, and of a person's text changes only types that are no longer the source's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from connectors.address import address, key
from connectors.introspect import Named, column_text, named_tables, table_lines, table_words
from connectors.lake import Lake
from connectors.lake_names import lake_names, yaml_text
from connectors.live import KINDS, Access, LiveColumn, LiveTable, live, original
from connectors.readers.database.agreement import TYPES
from transforms.column import Column
from transforms.drift import Change, Difference, ToldColumn, column_differences
from transforms.errors import UsageError
from transforms.fields import listed
from transforms.lake_types import Type
from transforms.source import Source, SourceTable
from transforms.yaml_edit import YamlEdit


@dataclass(frozen=True)
class Comparison:
    """`new` are the tables that are not declared, `tables` the declared ones that are there, by their names here.

    `untold` are those of which the system tells nothing, and why: they are not compared.
    """

    source: Source
    differences: tuple[Difference, ...]
    new: tuple[Named, ...]
    tables: Mapping[str, Named]
    untold: Mapping[str, str] = field(default_factory=dict)


def compare(lake: Lake, source: Source) -> Comparison:
    """Asks the live system. Raises UsageError for a kind that cannot be asked, OutsideError when it is not there."""
    if source.kind not in KINDS:
        raise UsageError(f"a source of {source.kind} cannot be asked what it has; those of {listed(KINDS)} can")
    now = lake.now().astimezone(lake.target.timezone)
    system = live(source, Access(address(lake, source), lake.storage, partial(key, lake, source), now))
    try:
        found = system.tables()
        told = {table.name.table: system.table(original(source, table)) for table in source.tables}
        taken = {one.name for one in told.values()}
        others = [name for name, sort in found.items() if sort == "table" and name not in taken]
        others = [name for name in others if not _ignored(source, name)]
        described = [table for name in others if (table := system.table(name)).columns]
        new = named_tables(described, taken=told)
    finally:
        system.close()
    untold = {name: table.untold for name, table in told.items() if table.untold}
    tables = {
        table.name.table: _named(table, told[table.name.table])
        for table in source.tables
        if table.name.table not in untold and told[table.name.table].columns
    }
    found_as = [(each, tables.get(each.name.table)) for each in source.tables if each.name.table not in untold]
    differences = [one for table, named in found_as for one in _differences(lake, source, table, named)]
    differences += [Difference(table.name, "", "new", "", table.live.name) for table in new]
    return Comparison(source, tuple(differences), new, tables, untold)


def updated(comparison: Comparison, source_text: str, schema_text: str) -> tuple[str, str]:
    """The two files with what is new in the source, and with its types. What is gone stays."""
    source = comparison.source
    top, schema = YamlEdit(source_text, source.path), YamlEdit(schema_text, source.schema_path)
    declared = {table.name.table: {column.name: column for column in table.columns} for table in source.tables}
    for table in comparison.new:
        words, lines = table_words(table), table_lines(table)
        columns = [column_text(table.names[column.name], column) for column in table.live.columns]
        top.add(("tables",), f"{table.name}: {words}", lines)
        schema.add((), f"{table.name}: {{{', '.join(columns)}}}", (f"{table.name}:", *(f"  {one}" for one in columns)))
    for name, table in comparison.tables.items():
        of_table = [one for one in comparison.differences if one.table == name and one.change != "gone"]
        for column in dict.fromkeys(one.column for one in of_table):
            changes = {one.change for one in of_table if one.column == column}
            if "new" in changes:
                schema.add((name,), column_text(column, table.column(column)))
            else:
                _change(schema, (name, column), table.column(column), declared[name][column], changes)
    for name, table in comparison.tables.items():
        added = [one.column for one in comparison.differences if (one.table, one.change) == (name, "new")]
        _map(top, name, {table.column(one).name: one for one in added if table.column(one).name != one})
    return top.text, schema.text


def _map(top: YamlEdit, table: str, names: Mapping[str, str]) -> None:
    """Columns whose names the lake does not take, under `columns:` of their table."""
    mapped = [f"{yaml_text(name)}: {column}" for name, column in names.items()]
    way = ("tables", table)
    if not mapped:
        return
    if not top.is_mapping(*way):
        top.put(way, f"{{mode: snapshot, columns: {{{', '.join(mapped)}}}}}")
    elif top.has(*way, "columns"):
        for one in mapped:
            top.add((*way, "columns"), one)
    else:
        top.add(way, f"columns: {{{', '.join(mapped)}}}")


def _change(schema: YamlEdit, way: tuple[str, str], live: LiveColumn, declared: Column, changes: set[Change]) -> None:
    """The type and the description of a column, where the source has others."""
    type_ = yaml_text((declared.type if changes == {"comment"} else live.type).hive)
    description = f"description: {yaml_text(' '.join(live.comment.split()))}"
    if schema.is_mapping(*way):
        if changes != {"comment"}:
            schema.put((*way, "type"), type_)
        if "comment" in changes:
            schema.add(way, description)
    else:
        schema.put(way, f"{{type: {type_}, {description}}}" if "comment" in changes else type_)


def _differences(lake: Lake, source: Source, table: SourceTable, found: Named | None) -> Iterable[Difference]:
    name = table.name.table
    if found is None:
        return [Difference(name, "", "gone", original(source, table))]
    current = lake.catalog.get(table.name)
    before = {column: Type.parse(text) for column, text in (current.state if current else {}).get(TYPES, {}).items()}
    told = {
        found.names[one.name]: ToldColumn(
            Column(found.names[one.name], one.type, " ".join(one.comment.split())), one.written, one.takes
        )
        for one in found.live.columns
    }
    return column_differences(name, table.columns, told, before, frozenset(table.dropped))


def _named(table: SourceTable, found: LiveTable) -> Named:
    """Columns that are mapped have their own names, new ones what `new source` would make of theirs."""
    mapping: Mapping[str, Any] = table.options.get("columns", {})
    others = lake_names(column.name for column in found.columns if column.name not in mapping)
    return Named(table.name.table, found, {**others, **mapping})


def _ignored(source: Source, name: str) -> bool:
    patterns: str | Sequence[str] = source.options.get("ignore", ())
    return any(fnmatchcase(name, one) for one in ([patterns] if isinstance(patterns, str) else patterns))
