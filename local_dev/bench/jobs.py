"""What the plain scripts run: SELECTs over the files of a lake, without anything of the platform."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.lake import Lake
from transforms.compile import compile_sql
from transforms.dialect.macros import Macro, RowFunction, needed
from transforms.names import TableName
from transforms.window import Window


def plain_jobs(lake: Lake, only: TableName | None = None) -> dict[str, list[object]]:
    """What the plain script runs: the compiled SELECTs over all days, in dependency order."""
    inputs: list[object] = []
    tables: list[object] = []
    macros: dict[str, None] = {}
    for name in lake.content.graph.order:
        relation = lake.content.relations.get(name)
        snapshot = lake.catalog.get(name)
        if relation is None or (only not in (None, name) and snapshot is not None):
            if snapshot is not None:
                inputs.append([str(name), read_of(lake, name)])
            continue
        if relation.kind == "table":
            compiled = compile_sql(relation.text, lake.content.schema, window=all_days(lake), path=relation.path)
            macros.update(dict.fromkeys(created(compiled.macros)))
            tables.append([str(name), compiled.duckdb])
    return {"macros": list(macros), "inputs": inputs, "tables": tables}


def created(macros: Iterable[str]) -> list[str]:
    """What makes the macros. A row function is for rare rows, which the sample has not: its name is enough."""
    return [made.statement if isinstance(made, Macro) else _named(made) for made in needed(macros)]


def _named(made: RowFunction) -> str:
    params = ", ".join(f"a{index}" for index in range(len(made.params)))
    return f"create or replace macro {made.name}({params}) as cast(error('a rare row') as {made.returns})"


def all_days(lake: Lake) -> Window:
    """From the first day of any table to the last one."""
    days = [day for name in lake.catalog.names() if (snapshot := lake.catalog.get(name)) for day in snapshot.days]
    return Window(min(days), max(days))


def read_of(lake: Lake, name: TableName) -> str:
    """A SELECT of a published table's files."""
    snapshot = lake.catalog.get(name)
    assert snapshot is not None
    files = [str(lake.root / file) for part in snapshot.parts.values() for file in part.files]
    days = f", hive_partitioning = true, hive_types = {{'{snapshot.partition}': DATE}}" if snapshot.partition else ""
    columns = ", ".join(f'"{column.name}"' for column in snapshot.columns)
    return f"select {columns} from read_parquet({files!r}, union_by_name = true{days})"
