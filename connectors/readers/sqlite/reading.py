"""Reads tables of a SQLite file in one read transaction, with every value looked at by itself.

Decides what is selected. Never holds more than a few thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import pyarrow as pa

from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.database.again import rows_again
from connectors.readers.database.counted import counted
from connectors.readers.database.file import count, reading_of
from connectors.readers.database.rows import Plan, Rows
from connectors.readers.sqlite.file import FileColumn, SqliteFile
from connectors.readers.sqlite.values import again, kept, typed
from transforms.names import quoted

BATCH_ROWS = 8_000


class SqliteReader:
    """One table a call; `table:` names it when it is not called as in the lake."""

    def read(self, asked: Asked) -> Reading:
        """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on."""
        file = SqliteFile(asked.source, asked.address)
        return reading_of(file, asked, partial(_stream, file, asked))

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Rows that were rejects, each value as SQLite had it."""
        yield rows_again(asked, file, rejects, reading, lambda values, column: typed(map(again, values), column.type))


def _stream(file: SqliteFile, asked: Asked, plan: Plan, live: Mapping[str, FileColumn]) -> Iterator[Rows]:
    names = [column.name for column in plan.columns]
    selected, sql = ", ".join(quoted(live[name].name) for name in names), f" from {quoted(plan.name)}"
    since, values = plan.cursor.since if plan.cursor else None, list[Any]()
    if plan.cursor and since is not None:
        own = quoted(live[plan.cursor.name].name)
        of_texts = not isinstance(since, int)
        sql += f" where {own} >= ? or {own} is null" + (f" or typeof({own}) <> 'text'" if of_texts else "")
        values.append(_day_before(since) if of_texts else since)
    stream = file.stream(f"select {selected}{sql}", values, BATCH_ROWS)
    for some in counted(asked, stream, partial(count, file, plan.name, sql, values)):
        columns = list(zip(*some, strict=True))
        found = [typed(values, to.type) for values, to in zip(columns, plan.columns, strict=True)]
        raw = pa.RecordBatch.from_arrays([array for array, _ in found], names=names)
        yield Rows(raw, found, raw.nbytes, partial(_original, names, some))


def _original(names: Sequence[str], rows: Sequence[Sequence[Any]], row: int) -> dict[str, object]:
    return {name: kept(value) for name, value in zip(names, rows[row], strict=True)}


def _day_before(since: str) -> str:
    """Texts of moments have many forms, all of which begin with a day, in some zone."""
    return (date.fromisoformat(since[:10]) - timedelta(days=1)).isoformat()
