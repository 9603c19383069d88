"""Reads PostgreSQL: a stream of COPY batches inside one repeatable-read transaction for each table.

Decides which rows are read again because late ones may stand among them. Never holds more than a few batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.lake_names import is_lake_name, lake_name, yaml_text
from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.misfits import changed
from connectors.readers.postgres_cursor import Cursor, cursor_of
from connectors.readers.postgres_transaction import Transaction
from connectors.readers.postgres_types import SourceColumn, literal, quoted, quoted_table
from connectors.readers.postgres_values import Bad, held
from connectors.readers.words import truncates
from connectors.rejects import row_bytes
from transforms.column import Column
from transforms.errors import SchemaChanged, did_you_mean
from transforms.source import Source, SourceTable


class PostgresReader:
    """One table a call; `table:` names it when it is not called as in the lake."""

    def read(self, asked: Asked) -> Reading:
        """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on."""
        database = Transaction(asked.source, asked.address)
        try:
            return _reading(database, asked.source, asked.table, asked.state)
        except BaseException:
            database.close()
            raise


def reader() -> PostgresReader:
    """The reader of this kind."""
    return PostgresReader()


@dataclass(frozen=True)
class _Plan:
    """What one read selects from the source's table `name`.

    `bad_arrays` are flag columns that are not empty where an array has two dimensions. `appends`: a row without a
    cursor would be read again and again, so it is a reject.
    """

    name: str
    columns: tuple[Column, ...]
    sql: str
    bad_arrays: Mapping[str, str]
    truncate: bool
    appends: bool
    cursor: Cursor | None


def _reading(database: Transaction, source: Source, table: SourceTable, state: Mapping[str, Any]) -> Reading:
    name = str(table.options.get("table", table.name.table))
    names = table.options.get("columns", {})
    live = {names.get(column.name, column.name): column for column in database.columns(name)}
    if not live:
        raise _no_table(database, source, table, name)
    columns, new, missing = _agreed(source, table, live)
    primary, unique = database.unique_keys(name, names)
    cursor = cursor_of(source, table, columns, state)
    plan = _Plan(
        name,
        columns,
        _select(name, live, columns, cursor),
        _flags(columns),
        truncate=truncates(source, table),
        appends=table.mode == "append",
        cursor=cursor,
    )
    reading = Reading(iter(()), dict(state), new_columns=new, missing_columns=missing)
    reading.close = database.close
    reading.unique = frozenset(table.key) in unique if table.key else True
    reading.again = cursor.again(table.key or primary) if cursor else None
    waits = cursor is not None and database.has_late_writers()
    reading.batches = _batches(database, plan, reading, waits)
    return reading


def _agreed(
    source: Source, table: SourceTable, live: Mapping[str, SourceColumn]
) -> tuple[tuple[Column, ...], list[Column], list[str]]:
    """The columns to read, those among them that nobody declared, and those that are gone."""
    declared = {column.name: column for column in table.columns}
    for column in table.columns:
        found = live.get(column.name)
        if found is not None and not found.takes(column.type):
            raise changed(
                source, table, column.name, column.type, found.lake_type, f"but {found.written} in the source"
            )
    new = [Column(name, c.lake_type, c.comment) for name, c in live.items() if name not in declared]
    for column in new:
        if not is_lake_name(column.name):
            raise SchemaChanged(
                f"{source.path}:{table.line}: {table.name}: the source has a column {column.name!r}, a name that "
                "the lake does not take; lower case letters, digits and underscores are allowed; "
                f"write columns: {{{yaml_text(column.name)}: {lake_name(column.name)}}}"
            )
    kept = tuple(column for column in table.columns if column.name in live)
    return (*kept, *new), new, [column.name for column in table.columns if column.name not in live]


def _flags(columns: Sequence[Column]) -> dict[str, str]:
    """The flag column of each array, by its name in the SELECT."""
    return {f"bad {number}": column.name for number, column in enumerate(columns) if column.type.name == "array"}


def _select(name: str, live: Mapping[str, SourceColumn], columns: Sequence[Column], cursor: Cursor | None) -> str:
    selected = [live[column.name].select(column.type, column.name) for column in columns]
    for flag, column_name in _flags(columns).items():
        own = live[column_name].quoted
        selected.append(f"case when array_ndims({own}) > 1 then {own}::text end as {quoted(flag)}")
    sql = f"select {', '.join(selected)} from {quoted_table(name)}"
    if cursor and cursor.since is not None:
        own = live[cursor.name].quoted
        sql += f" where {own} >= {literal(str(cursor.since))}::{live[cursor.name].type} or {own} is null"
    return sql


def _batches(database: Transaction, plan: _Plan, reading: Reading, waits: bool) -> Iterator[Batch]:
    number = 1
    try:
        for raw in database.stream(plan.sql):
            if plan.cursor:
                plan.cursor.meet(raw.column(plan.cursor.name))
            yield _batch(raw, plan, number)
            number += raw.num_rows
    finally:
        database.close()
    if plan.cursor:
        reading.state |= plan.cursor.state(waits=waits)


def _batch(raw: pa.RecordBatch, plan: _Plan, first: int) -> Batch:
    """`first` is the number of the first row in this read."""
    arrays, bad = [], Bad()
    for column in plan.columns:
        values, reasons = held(raw.column(column.name), column.type, plan.truncate)
        arrays.append(values)
        for row, reason in reasons.items():
            bad.setdefault(row, f"{column.name}: {'a value that does not fit' if column.personal else reason}")
    for flag, column_name in plan.bad_arrays.items():
        texts = raw.column(flag)
        for row in pc.indices_nonzero(pc.is_valid(texts)).to_pylist() if texts.null_count < len(texts) else ():
            bad.setdefault(row, f"{column_name}: an array of more than one dimension")
    if plan.appends and plan.cursor:
        values = raw.column(plan.cursor.name)
        for row in pc.indices_nonzero(pc.is_null(values)).to_pylist() if values.null_count else ():
            bad.setdefault(row, f"{plan.cursor.name} is the cursor and NULL")
    rows = pa.RecordBatch.from_arrays(arrays, names=[column.name for column in plan.columns])
    if not bad:
        return Batch(rows, bytes=raw.nbytes)
    wrong = raw.take(pa.array(sorted(bad)))
    rejects = tuple(
        Reject(plan.name, first + row, bad[row], row_bytes(_plain(wrong, position)))
        for position, row in enumerate(sorted(bad))
    )
    keep = pa.array([row not in bad for row in range(raw.num_rows)])
    return Batch(rows.filter(keep), rejects, bytes=raw.nbytes)


def _plain(rows: pa.RecordBatch, position: int) -> dict[str, object]:
    """A row as it came; days and times that Python cannot hold stay numbers."""
    result: dict[str, object] = {}
    for field in rows.schema:
        values = rows.column(field.name)
        values = values.storage if isinstance(values, pa.ExtensionArray) else values
        try:
            result[field.name] = values[position].as_py()
        except (ValueError, OverflowError):
            result[field.name] = values[position].value
    return {key: value for key, value in result.items() if not key.startswith("bad ") or value is not None}


def _no_table(database: Transaction, source: Source, table: SourceTable, name: str) -> SchemaChanged:
    rows = database.rows(
        "select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f') "
        "and n.nspname not in ('pg_catalog', 'information_schema') order by 1"
    )
    tables = [str(row[0]) for row in rows]
    hint = did_you_mean(name, tables) or f"tables are {', '.join(tables[:20]) or 'none'}"
    return SchemaChanged(f"{source.path}:{table.line}: {table.name}: the source has no table {name}; {hint}")
