"""Reads tables of a SQLite file in one read transaction, with every value looked at by itself.

Decides what is selected. Never holds more than a few thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.reader import Asked, Reading
from connectors.readers.database.counted import counted
from connectors.readers.database.cursor import Cursor
from connectors.readers.database.file import count, reading_of
from connectors.readers.database.rows import Plan, Rows
from connectors.readers.objects_again import objects_again
from connectors.readers.sqlite.file import FileColumn, SqliteFile
from connectors.readers.sqlite.values import shown, typed
from transforms.names import quoted

BATCH_ROWS = 8_000


class SqliteReader:
    """One table a call; `table:` names it when it is not called as in the lake."""

    def read(self, asked: Asked) -> Reading:
        """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on."""
        file = SqliteFile(asked.source, asked.address)
        return reading_of(file, asked, partial(_stream, file, asked))

    parse_again = staticmethod(objects_again)


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
        raw = pa.RecordBatch.from_arrays([pa.array(map(shown, values), pa.string()) for values in columns], names=names)
        rows = Rows(raw, [typed(c, to.type) for c, to in zip(columns, plan.columns, strict=True)], raw.nbytes)
        yield _from_cursor(rows, plan.cursor, names) if since is not None else rows


def _day_before(since: str) -> str:
    """Texts of moments have many forms, all of which begin with a day, in some zone."""
    return (date.fromisoformat(since[:10]) - timedelta(days=1)).isoformat()


def _from_cursor(rows: Rows, cursor: Cursor | None, names: list[str]) -> Rows:
    """Without the rows before the place from which the read was to begin."""
    assert cursor is not None
    found = rows.typed[names.index(cursor.name)][0]
    since = datetime.fromisoformat(cursor.since) if isinstance(cursor.since, str) else cursor.since
    first = pa.scalar(since).cast(found.type, safe=False)
    keep = pc.fill_null(pc.greater_equal(found, first), True)
    if pc.all(keep).as_py():
        return rows
    kept = pc.indices_nonzero(keep)
    places = {old: new for new, old in enumerate(kept.to_pylist())}
    columns = [
        (values.take(kept), {places[row]: why for row, why in bad.items() if row in places})
        for values, bad in rows.typed
    ]
    return Rows(rows.raw.take(kept), columns, rows.bytes)
