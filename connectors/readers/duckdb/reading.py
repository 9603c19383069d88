"""Reads tables of a DuckDB file in one read transaction, as Arrow batches. Decides what is selected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.database.again import kept_again
from connectors.readers.database.counted import counted
from connectors.readers.database.file import count, reading_of
from connectors.readers.database.rows import Plan, Rows
from connectors.readers.database.typed_values import Bad
from connectors.readers.duckdb.file import DuckdbFile, FileColumn, quoted_table, selected_as
from transforms.names import quoted

BATCH_ROWS = 32_000


class DuckdbReader:
    """One table a call; `table:` names it when it is not called as in the lake."""

    def read(self, asked: Asked) -> Reading:
        """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on."""
        file = DuckdbFile(asked.source, asked.address)
        return reading_of(file, asked, partial(_stream, file, asked))

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Rows that were rejects, which are kept by the names in the file."""
        names: Mapping[str, str] = asked.table.options.get("columns", {})
        return kept_again(asked, file, rejects, reading, lambda name: names.get(name, name))


def _stream(file: DuckdbFile, asked: Asked, plan: Plan, live: Mapping[str, FileColumn]) -> Iterator[Rows]:
    columns = [live[column.name] for column in plan.columns]
    selected = ", ".join(selected_as(column.name, column.written) for column in columns)
    sql, values = f" from {quoted_table(plan.name)}", list[Any]()
    if plan.cursor and plan.cursor.since is not None:
        own = live[plan.cursor.name]
        sql += f" where {quoted(own.name)} >= cast(? as {own.written}) or {quoted(own.name)} is null"
        values.append(f"{plan.cursor.since}+00" if own.is_zoned else plan.cursor.since)
    stream = file.stream(f"select {selected}{sql}", values, BATCH_ROWS)
    for raw in counted(asked, stream, partial(count, file, plan.name, sql, values)):
        typed: list[tuple[pa.Array, Bad]] = [(_plain(array), {}) for array in raw.columns]
        yield Rows(raw, typed, raw.nbytes)


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
