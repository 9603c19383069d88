"""Reads MySQL and MariaDB: a stream of rows inside one consistent snapshot for each table.

Decides what is selected. Never holds more than a few blocks of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.database.again import rows_again
from connectors.readers.database.agreement import agree
from connectors.readers.database.counted import counted
from connectors.readers.database.cursor import Cursor, cursor_of
from connectors.readers.database.rows import Flag, Keys, Plan, Rows, batches, key_plan, no_table
from connectors.readers.database.typed_values import Bad
from connectors.readers.mysql.again import again
from connectors.readers.mysql.transaction import Transaction
from connectors.readers.mysql.types import SourceColumn, quoted, quoted_table
from connectors.readers.mysql.values import Manner, typed
from connectors.readers.words import truncates
from transforms.column import Column
from transforms.fields import read_span
from transforms.source import Source, SourceTable

WALL_CLOCKS = "wall_clocks"
"""Where the state of a table with a `timezone:` remembers which columns it is the zone of."""


class MysqlReader:
    """One table a call; `table:` names it when it is not called as in the lake."""

    def read(self, asked: Asked) -> Reading:
        """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on."""
        words = {**asked.source.options, **asked.table.options}
        database = Transaction(asked.source, asked.address, read_span(words.get("statement_timeout")))
        try:
            return _reading(database, asked)
        except BaseException:
            database.close()
            raise

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Rows that were rejects, from the texts that the server sent."""
        manner, clocks = _manner(asked.source, asked.table), asked.state.get(WALL_CLOCKS)

        def typed_again(values: Sequence[Any], column: Column) -> tuple[pa.Array, Bad]:
            return again(values, column, manner, None if clocks is None else column.name in clocks)

        yield rows_again(asked, file, rejects, reading, typed_again)


def _reading(database: Transaction, asked: Asked) -> Reading:
    source, table, state = asked.source, asked.table, asked.state
    name = str(table.options.get("table", table.name.table))
    names = table.options.get("columns", {})
    if not database.has(name):
        raise no_table(source, table, name, [str(row[0]) for row in database.tables()])
    live = {names.get(column.name, column.name): column for column in database.columns(name)}
    agreed = agree(source, table, live, state)
    columns = agreed.columns
    primary, unique = database.unique_keys(name, names)
    cursor = cursor_of(asked, columns)
    manner = _manner(source, table)
    flags = {f"bad {i}": c.name for i, c in enumerate(columns) if live[c.name].lost(c.type)}
    plan = Plan(
        name,
        columns,
        truncate=truncates(source, table),
        appends=table.mode == "append",
        cursor=cursor,
        flags={flag: Flag(column, _lost(live[column]), of_bytes=True) for flag, column in flags.items()},
    )
    reading = agreed.reading(state)
    if manner.zone is not None:
        reading.state[WALL_CLOCKS] = [column.name for column in columns if live[column.name].zoneless]
    reading.close, reading.cancel = database.close, database.cancel
    reading.unique = frozenset(table.key) in unique if table.key else True
    reading.primary = primary
    reading.again = cursor.again(table.key or primary) if cursor else None
    reading.replaces = cursor.replaces if cursor else None
    where = _where(live, cursor, manner.zone)
    reading.expected_rows = 0 if where else database.about_rows(name)
    sent = database.stream(_select(name, live, columns, flags) + where)
    stream = counted(asked, sent, lambda *_: database.sent_rows())
    rows = (_rows(raw, [(live[column.name], column) for column in columns], manner) for raw in stream)
    keys = _keys(database, asked, plan, live, manner)
    reading.batches = batches(plan, reading, rows, waits=database.late_writers, keys=keys)
    return reading


def _keys(
    database: Transaction, asked: Asked, plan: Plan, live: Mapping[str, SourceColumn], manner: Manner
) -> Keys | None:
    by = key_plan(asked, plan)
    if by is None:
        return None
    sent = database.stream(_select(plan.name, live, by.columns, {}))
    stream = counted(asked, sent, lambda *_: database.sent_rows())
    columns = [(live[column.name], column) for column in by.columns]
    return Keys(by, (_rows(raw, columns, manner) for raw in stream))


def _manner(source: Source, table: SourceTable) -> Manner:
    words = {**source.options, **table.options}
    zone = words.get("timezone")
    return Manner(ZoneInfo(zone) if zone else None, words.get("zero_dates") == "as_null")


def _lost(column: SourceColumn) -> str:
    return f"a character of {column.charset} that Unicode does not have"


def _select(name: str, live: Mapping[str, SourceColumn], columns: Sequence[Column], flags: Mapping[str, str]) -> str:
    types = {column.name: column.type for column in columns}
    selected = [live[column].select(type_, column) for column, type_ in types.items()]
    selected += [f"{live[column].lost(types[column])} as {quoted(flag)}" for flag, column in flags.items()]
    return f"select {', '.join(selected)} from {quoted_table(name)}"


def _where(live: Mapping[str, SourceColumn], cursor: Cursor | None, zone: ZoneInfo | None) -> str:
    if cursor is None or cursor.since is None:
        return ""
    column, since = live[cursor.name], str(cursor.since)
    if column.zoneless and zone is not None:
        since = _wall(datetime.fromisoformat(since), zone).isoformat(timespec="microseconds")
    own, value = quoted(column.name), since if isinstance(cursor.since, int) else f"'{since}'"
    return f" where {own} >= {value} or {own} is null"


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock of the zone shows at the earliest from this moment (UTC) on: it may be put back soon after."""
    later = (moment.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(4))
    return moment + min(each.astimezone(zone).utcoffset() or timedelta() for each in later)


def _rows(raw: pa.RecordBatch, columns: Sequence[tuple[SourceColumn, Column]], manner: Manner) -> Rows:
    arrays = [typed(raw.column(column.name), found, column.type, manner) for found, column in columns]
    return Rows(raw, arrays, raw.nbytes)
