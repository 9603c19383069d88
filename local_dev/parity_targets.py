"""`baikal parity --with TARGET`: what two targets have published of the same tables, compared by value and type.

Both are read as Parquet by DuckDB, so that only what was published is compared. When a row was ingested is left out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from connectors.engines.duckdb import DuckdbEngine
from connectors.landing import INGESTED_AT
from local_dev.parity import Compared, key_of, shown
from local_dev.parity_rows import first_difference
from local_dev.rows_output import lists
from transforms.analyzer.rounded import rounded_columns
from transforms.analyzer.unfixed import unfixed_columns
from transforms.compile import compile_sql
from transforms.names import TableName

if TYPE_CHECKING:
    from connectors.lake import Lake
    from transforms.snapshot import Snapshot

Rows = list[list[Any]]


def compare_targets(here: Lake, there: Lake, names: Sequence[TableName]) -> Iterator[Compared]:
    """One table after the other; views, which hold nothing, are left out."""
    known: dict[TableName, dict[str, str]] = {}
    for name in names:
        if here.content.kind(name) != "view":
            yield _compare(here, there, name, _added_up(here, name, known))


def _added_up(lake: Lake, name: TableName, known: dict[TableName, dict[str, str]]) -> dict[str, str]:
    """The columns whose last digits go with the order of rows, by lineage; `known` are those of other tables."""
    if name not in known:
        relation = lake.content.relations.get(name)
        inputs = lake.content.analyses[name].inputs if relation else ()
        given = {column for one in inputs for column in _added_up(lake, one.table, known)}
        known[name] = rounded_columns(relation.text, lake.content.schema, given) if relation else {}
    return known[name]


def _compare(here: Lake, there: Lake, name: TableName, added_up: Mapping[str, str]) -> Compared:
    began = time.monotonic()
    ours, theirs = here.catalog.get(name), there.catalog.get(name)
    if ours is None or theirs is None:
        missing = {lake.target.name: "not published" for lake, one in ((here, ours), (there, theirs)) if one is None}
        return Compared(name, 0, 0.0, missing)
    types = [[(column.name, str(column.type)) for column in one.columns] for one in (ours, theirs)]
    if types[0] != types[1]:
        told = next(pair for pair in zip_longest(*types) if pair[0] != pair[1])
        return Compared(name, ours.rows, 0.0, dict(zip((here.target.name, there.target.name), told, strict=True)))
    left, right = _rows(here, ours), _rows(there, theirs)
    columns = [column.name for column in ours.columns]
    ignored = dict.fromkeys((INGESTED_AT,), "when it was read")
    found = first_difference(columns, key_of(here, name), left, right, ignored)
    if found is not None and name in here.content.relations:
        ignored |= unfixed_columns(here.content.relations[name].text, set())
        found = first_difference(columns, key_of(here, name), left, right, ignored, added_up)
    hidden = {column.name for column in ours.columns if column.personal}
    difference = None
    if found is not None:
        difference = {
            "column": found.column or None,
            "key": shown(found.key, "", hidden),
            here.target.name: shown(found.laptop, found.column, hidden),
            there.target.name: shown(found.trino, found.column, hidden),
        }
    unfixed = {column: why for column, why in ignored.items() if column != INGESTED_AT}
    return Compared(name, len(left), time.monotonic() - began, difference, unfixed)


def _rows(lake: Lake, snapshot: Snapshot) -> Rows:
    """The published rows, encoded as in Trino's client protocol."""
    for part in snapshot.parts.values():
        for file in part.files:
            lake.storage.local(file)
    with closing(DuckdbEngine(lake.root, lake.root / "_tmp" / "parity")) as engine:
        engine.attach([snapshot], {})
        compiled = compile_sql(f"select * from {snapshot.table}", {snapshot.table: snapshot.columns})
        return list(lists(compiled, engine.query(compiled)))
