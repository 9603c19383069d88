"""The cursor of a table: the column that new rows are found by, and from which value on the next read begins.

A read begins a margin before the greatest value met, because rows may have been committed late, and never later than a
margin before now: one row of a far future does not hide those that come until then. It never moves back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.reader import Again, Asked
from connectors.readers.database.restated import FIRST_DAY, begin, first_day
from connectors.readers.margin import span_before
from transforms.column import Column
from transforms.errors import SchemaChanged, did_you_mean
from transforms.lake_types import INTEGERS
from transforms.window import Window

INTEGER_MARGIN = 10_000
_EPOCH = datetime(1970, 1, 1)
_LEAST: Mapping[str, Any] = {
    "timestamp": datetime(1, 1, 1),
    "date": date(1, 1, 1),
    "bigint": -(1 << 63),
    "integer": -(1 << 31),
    "smallint": -(1 << 15),
}
_LAST_MICROSECOND = 253402300799999999
_LAST_DAY = 2932896
"""Those of the year 9999, since 1970: what lies behind them is infinity."""


class Cursor:
    """How far a table has been read. `since` is where this read begins, as text or number; None is the beginning.

    `state` is what the last read left: `cursor`, the greatest value met, and `since`. With `restated`, whole days are
    read from that one on, and replace themselves.
    """

    def __init__(
        self, column: Column, margin: Any, state: Mapping[str, Any], now: datetime, restated: date | None = None
    ) -> None:
        self.column, self._kind, self._now = column, column.type.name, now
        self.name, self._kept = column.name, state.get("since")
        self.restated, self._waited = restated, FIRST_DAY in state
        self.since = self._kept if restated is None else begin(restated, self._kind, now.tzinfo)
        self._until, self._margin = state.get("cursor"), margin
        self._greatest: Any = None

    @property
    def replaces(self) -> Window | None:
        """The days of which every row is read again: the first one and all behind it."""
        return None if self.restated is None else Window(self.restated, date.max)

    def again(self, key: tuple[str, ...]) -> Again | None:
        """What this read asks for a second time; None when it replaces what it reads again."""
        if self.restated is not None:
            return None
        if self._until is None:
            return Again(self.name, None, None, key)
        first = _LEAST[self._kind] if self.since is None else self._value(self.since)
        return Again(self.name, first, self._value(self._until), key)

    def meet(self, values: pa.Array) -> None:
        """Takes note of values that were read; infinity does not count."""
        if pa.types.is_timestamp(values.type):
            values = values.cast(pa.timestamp("us")).cast(pa.int64())
            values = values.filter(pc.less_equal(values, _LAST_MICROSECOND))
        elif pa.types.is_date(values.type):
            values = values.cast(pa.int32())
            values = values.filter(pc.less_equal(values, _LAST_DAY))
        found = [value for value in (self._greatest, pc.max(values).as_py()) if value is not None]
        self._greatest = max(found, default=None)

    def state(self, *, waits: bool) -> dict[str, Any]:
        """What the next read goes by, after the last batch; empty when no value was met. `waits`: it stays there."""
        if self._greatest is None:
            return {}
        newest = self._met()
        if self._until is not None:
            newest = max(newest, self._value(self._until))
        since = self._kept if waits else self._later(_text(self._earlier(newest)))
        state = {"cursor": _text(newest), "since": since}
        if self.restated is not None and (waits or self._waited):
            state[FIRST_DAY] = self.restated.isoformat() if waits else None
        return state

    def _earlier(self, newest: Any) -> Any:
        if self._kind in INTEGERS:
            return newest - (INTEGER_MARGIN if self._margin is None else self._margin)
        return span_before(newest, self._margin, self._now)

    def _later(self, since: Any) -> Any:
        return since if self._kept is None else max(since, self._kept, key=self._value)

    def _met(self) -> Any:
        if self._kind == "timestamp":
            return _EPOCH + timedelta(microseconds=self._greatest)
        return _EPOCH.date() + timedelta(days=self._greatest) if self._kind == "date" else self._greatest

    def _value(self, text: Any) -> Any:
        return _read(text, self._kind)


def cursor_of(asked: Asked, columns: Sequence[Column]) -> Cursor | None:
    """None for a table that is read whole. Raises SchemaChanged when the declared column cannot be a cursor."""
    source, table = asked.source, asked.table
    if table.mode == "snapshot":
        return None
    column = next((column for column in columns if column.name == table.cursor), None)
    where = f"{source.path}:{table.line}: {table.name}"
    if column is None:
        hint = did_you_mean(table.cursor or "", [column.name for column in columns])
        raise SchemaChanged(
            f"{where}: the source has no column {table.cursor}, which is the cursor; {hint}".rstrip("; ")
        )
    if column.type.name not in (*INTEGERS, "timestamp", "date"):
        raise SchemaChanged(
            f"{where}: the cursor {column.name} is {column.type.hive}; "
            "a cursor is a whole number, a date or a timestamp"
        )
    if "cursor" in asked.state:
        _require_same_kind(asked, column, where)
    restated = first_day(table, column.type.name, asked.state, asked.now)
    _require_same_measure(table.options.get("margin"), column, where)
    return Cursor(column, table.options.get("margin"), asked.state, asked.now, restated)


def _require_same_measure(margin: Any, column: Column, where: str) -> None:
    """Raises SchemaChanged for a number before a time, or a length of time before a number."""
    numbers = column.type.name in INTEGERS
    if margin is not None and isinstance(margin, int) != numbers:
        what = f"margin: is a {'length of time' if numbers else 'number'}, and the cursor {column.name} is"
        raise SchemaChanged(f"{where}: {what} {column.type.hive}; write margin: {INTEGER_MARGIN if numbers else '1h'}")


def _require_same_kind(asked: Asked, column: Column, where: str) -> None:
    """Raises SchemaChanged when the table was read by a cursor of another type, whose values are none of this one."""
    until = asked.state["cursor"]
    try:
        _read(until, column.type.name)
    except (TypeError, ValueError):
        raise SchemaChanged(
            f"{where}: it was read up to {until} of another cursor, and {column.name} is {column.type.hive}; "
            f"write the cursor as before, or baikal run {asked.table.name} --full"
        ) from None


def _read(text: Any, kind: str) -> Any:
    """A value of the state."""
    if kind == "timestamp":
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if kind == "date" else int(text)


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value if isinstance(value, int) else str(value)
