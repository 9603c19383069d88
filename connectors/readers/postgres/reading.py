"""Reads PostgreSQL: streams of COPY batches, of which a large table has several, all of one moment.

Decides what is selected, and in which ranges. Never holds more than a few batches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pyarrow as pa

from connectors.politeness import connections
from connectors.reader import MOMENT, Asked, Reading
from connectors.readers.database.again import kept_again
from connectors.readers.database.agreement import agree
from connectors.readers.database.counted import counted
from connectors.readers.database.cursor import Cursor, cursor_of
from connectors.readers.database.rows import Flag, Keys, Plan, Rows, batches, key_plan, no_table
from connectors.readers.postgres.count import count
from connectors.readers.postgres.moment import Moment
from connectors.readers.postgres.ranges import ctid_ranges, in_turns
from connectors.readers.postgres.transaction import Transaction
from connectors.readers.postgres.types import SourceColumn, literal, quoted, quoted_table
from connectors.readers.words import truncates
from connectors.seats import Seat
from transforms.column import Column


class PostgresReader:
    """One table a call; `table:` names it when it is not called as in the lake."""

    def read(self, asked: Asked) -> Reading:
        """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on."""
        look = _Look(asked)
        try:
            return _reading(look, asked)
        except BaseException:
            look.close()
            raise

    parse_again = staticmethod(kept_again)


class _Look:
    """The transactions of one reading: the first one asks the catalog, further ones stream ranges."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.moment, self.first = Moment.join(asked)
        self._further: list[Transaction] = []
        self._seats: list[Seat] = []
        self._left = False

    def further(self, most: int) -> int:
        """How many further connections there may be now: the first one has its seat, and nobody waits with one."""
        seats = connections(self._asked.storage, self._asked.source)
        while seats is not None and len(self._seats) < most and (seat := seats.free()):
            self._seats.append(seat)
        return len(self._seats)

    def another(self) -> Transaction:
        """One more, of the same moment."""
        self._further.append(self.moment.another(self._asked, self.first))
        return self._further[-1]

    def cancel(self) -> None:
        """From another thread: ends what runs."""
        for one in (self.first, *self._further):
            one.cancel()

    def close(self) -> None:
        """Ends all of them; may be called more than once."""
        if not self._left:
            self._left = True
            try:
                for one in self._further:
                    one.close()
                self.moment.leave(self.first)
            finally:
                for seat in self._seats:
                    seat.give_back()


def _reading(look: _Look, asked: Asked) -> Reading:
    source, table, state = asked.source, asked.table, asked.state
    database = look.first
    name = str(table.options.get("table", table.name.table))
    names = table.options.get("columns", {})
    live = {names.get(column.name, column.name): column for column in database.columns(name)}
    if not live:
        raise no_table(source, table, name, _tables(database))
    agreed = agree(source, table, live, state)
    columns = agreed.columns
    primary, unique = database.unique_keys(name, names)
    cursor = cursor_of(asked, columns)
    flags = _flags(columns)
    plan = Plan(
        name,
        columns,
        truncate=truncates(source, table),
        appends=table.mode == "append",
        cursor=cursor,
        flags={flag: Flag(column, "an array of more than one dimension") for flag, column in flags.items()},
    )
    reading = agreed.reading(state)
    reading.close, reading.cancel = look.close, look.cancel
    reading.state[MOMENT] = look.moment.number
    reading.unique = frozenset(table.key) in unique if table.key else True
    reading.primary = primary
    reading.again = cursor.again(table.key or primary) if cursor else None
    reading.replaces = cursor.replaces if cursor else None
    waits = cursor is not None and look.moment.late_writers
    select, where = _select(name, live, columns), _where(live, cursor)
    reading.expected_rows = 0 if where else database.about_rows(name)
    ranges = [where] if where else ctid_ranges(database, source, table, name, look.further)
    transactions = [database, *(look.another() for _ in ranges[1:])]
    streams = [
        counted(asked, one.stream(select + part), partial(count, one, name, part, scanned=not where))
        for one, part in zip(transactions, ranges, strict=True)
    ]
    stream = (_rows(raw, columns) for raw in in_turns(streams))
    reading.batches = batches(plan, reading, stream, waits=waits, keys=_keys(database, asked, plan, live))
    return reading


def _keys(database: Transaction, asked: Asked, plan: Plan, live: Mapping[str, SourceColumn]) -> Keys | None:
    by = key_plan(asked, plan)
    if by is None:
        return None
    stream = database.stream(_select(plan.name, live, by.columns))
    stream = counted(asked, stream, partial(count, database, plan.name, "", scanned=False))
    return Keys(by, (_rows(raw, by.columns) for raw in stream))


def _flags(columns: Sequence[Column]) -> dict[str, str]:
    """The flag column of each array, by its name in the SELECT."""
    return {f"bad {number}": column.name for number, column in enumerate(columns) if column.type.name == "array"}


def _select(name: str, live: Mapping[str, SourceColumn], columns: Sequence[Column]) -> str:
    selected = [live[column.name].select(column.type, column.name) for column in columns]
    for flag, column_name in _flags(columns).items():
        own = live[column_name].quoted
        selected.append(f"case when array_ndims({own}) > 1 then {own}::text end as {quoted(flag)}")
    return f"select {', '.join(selected)} from {quoted_table(name)}"


def _where(live: Mapping[str, SourceColumn], cursor: Cursor | None) -> str:
    if cursor is None or cursor.since is None:
        return ""
    own = live[cursor.name].quoted
    return f" where {own} >= {literal(str(cursor.since))}::{live[cursor.name].type} or {own} is null"


def _rows(raw: pa.RecordBatch, columns: Sequence[Column]) -> Rows:
    return Rows(raw, [(raw.column(column.name), {}) for column in columns], raw.nbytes)


def _tables(database: Transaction) -> list[str]:
    rows = database.rows(
        "select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f') "
        "and n.nspname not in ('pg_catalog', 'information_schema') order by 1"
    )
    return [str(row[0]) for row in rows]
