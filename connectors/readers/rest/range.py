"""Which part of a list is asked for: everything, from the last cursor on, or the newest days, which are restated.

Decides what the API is asked, in its own words, and which of the rows that it gives were asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors.landing import company_days
from connectors.reader import Again, Asked, Batch, Reject
from connectors.readers.margin import present, span_before
from connectors.readers.rest.answer import Request
from connectors.rejects import as_rejects
from transforms.fields import read_span
from transforms.source import SourceTable
from transforms.window import Window

FIRST_DAY = date(1970, 1, 1)
"""From which on everything is asked for, where a request must name a first day and the table none."""

_TICKS = {"epoch": timedelta(seconds=1), "epoch_ms": timedelta(milliseconds=1)}


@dataclass(frozen=True)
class Span:
    """What one request asks for: from `since` on, and up to a day, which is in it, or a moment, which is not."""

    since: Any
    until: date | None


@dataclass(frozen=True)
class Range:
    """`since` is None when everything is asked for. `days` are read whole and replace themselves."""

    table: SourceTable
    since: Any
    today: date
    now: datetime
    again: Again | None = None
    days: Window | None = None

    @classmethod
    def of(cls, asked: Asked) -> Range:
        """From what the reading before left."""
        table, today = asked.table, asked.now.date()
        last = asked.state.get("cursor") if table.mode != "snapshot" else None
        kind = _kind(table)
        begin = date.fromisoformat(str(table.options["begin"])) if "begin" in table.options else None
        if last is None:
            return cls(table, begin, today, asked.now)
        newest = _value(last, kind)
        if reads_days(table):
            day = _company_day(newest, asked.now)
            last_day = today if "window" in table.options else max(day, today)  # windows end today
            first = max(min(day, today) - timedelta(days=table.restate_days), begin or date.min)
            days = Window(first, max(first, last_day))
            return cls(table, days.start, today, asked.now, days=days)
        since = _value(asked.state.get("since", last), kind)
        return cls(table, since, today, asked.now, Again(str(table.cursor), since, newest, table.key))

    def spans(self) -> Iterator[Span]:
        """One, or one for each `window:` of days."""
        window = read_span(self.table.options.get("window"))
        if window is None:
            yield Span(self.since, self.days.end if self.days else None)
            return
        first = self.since or FIRST_DAY
        start, end = _day(first), max(self.today, _day(first))
        while start <= end:
            last = min(start + window - timedelta(days=1), end)
            yield Span(start, last)
            start = last + timedelta(days=1)

    def newest(self) -> Span:
        """Of windows the newest one that is over; else what the first reading asks for."""
        window = read_span(self.table.options.get("window"))
        if window is None:
            return next(self.spans())
        start = max(_day(self.since or FIRST_DAY), self.today - window)
        return Span(start, start + window - timedelta(days=1))

    def halves(self, span: Span) -> tuple[Span, Span] | None:
        """Two spans that ask for the same together; None where the API cannot be asked for less."""
        first = FIRST_DAY if span.since is None else span.since
        if _kind(self.table) == "timestamp":
            start = _aware(self._moment(first))
            end = self.now if span.until is None else span.until
            end = end if isinstance(end, datetime) else self._moment(end + timedelta(days=1))
            middle = start + timedelta(seconds=(end - start).total_seconds() // 2)
            halves = Span(first, middle), Span(middle, span.until)
        elif _kind(self.table) == "date":
            end = self.today if span.until is None else span.until
            before = first + (end - first) // 2
            halves = Span(first, before), Span(before + timedelta(days=1), span.until)
            if before >= end:
                return None
        else:
            return None
        asked = self.request(span)
        return None if any(self.request(half) == asked for half in halves) else halves

    def request(self, span: Span) -> Request:
        """The request for it in the API's words."""
        options, since, until = self.table.options, span.since, span.until
        last = until if until is not None else self.now if _kind(self.table) == "timestamp" else self.today
        moments, excluded = _kind(self.table) == "timestamp", options.get("until_excluded")
        if type(last) is date and (moments or excluded):
            last = self._moment(last + timedelta(days=1))
        if moments and not excluded and until is not None and _tells_days(options.get("time_format")):
            last -= timedelta(milliseconds=1)
        form = options.get("time_format")
        words = {
            "since": _written(self._moment(FIRST_DAY if since is None else since), form),
            "until": _written(self._moment(last), form),
            "columns": ",".join(_names(self.table)),
            "object": str(options.get("object", self.table.name.table)),
        }
        given = {str(name): filled(str(value), words) for name, value in options.get("parameters", {}).items()}
        if "since" in options and since is not None:
            given[str(options["since"])] = words["since"]
        if "until" in options and (since is not None or until is not None):
            given[str(options["until"])] = words["until"]
        report = options.get("report")
        before = report and Request(filled(str(report["path"]), words), filled(report.get("parameters", {}), words))
        return Request(filled(str(options.get("path", "")), words), given, before or None)

    def _moment(self, value: Any) -> Any:
        """A day is the company's midnight for a cursor of timestamps."""
        if type(value) is not date or _kind(self.table) != "timestamp":
            return value
        return datetime.combine(value, time(), self.now.tzinfo)

    def _end(self, span: Span) -> datetime | None:
        """The moment, in UTC, from which on rows are of the next span; None where a day tells."""
        if span.until is None or _kind(self.table) != "timestamp":
            return None
        until = span.until if isinstance(span.until, datetime) else self._moment(span.until + timedelta(days=1))
        return _aware(until).astimezone(UTC).replace(tzinfo=None)

    def asked_for(self, batch: Batch, span: Span | None) -> Batch:
        """Days that were not asked for would stand twice: rejects. So would rows before the cursor: left out.

        An API that includes the end of a span gives the rows of that very moment, or second, with the next one too.
        """
        table, rows, rejects = self.table, batch.rows, list(batch.rejects)
        cursor = table.cursor
        if cursor is None or table.mode == "snapshot" or cursor not in rows.schema.names or not rows.num_rows:
            return batch
        if self.days is not None:
            found = company_days(rows.column(cursor), _zone(self.now))
            inside = pc.and_(
                pc.greater_equal(found, pa.scalar(self.days.start)), pc.less_equal(found, pa.scalar(self.days.end))
            )
            inside = pc.fill_null(inside, True)
            rejects += (_outside(row, cursor, self.days) for row in rows.filter(pc.invert(inside)).to_pylist())
            rows = rows.filter(inside)
        elif table.mode == "append" and table.day != cursor:
            unknown = pc.is_null(rows.column(cursor))
            if pc.any(unknown).as_py():
                rejects += as_rejects(rows.filter(unknown), f"{cursor} is the cursor and NULL", file=str(table.name))
                rows = rows.filter(pc.invert(unknown))
        if self.again is not None:
            since = pa.scalar(self.again.since).cast(rows.column(cursor).type)
            rows = rows.filter(pc.fill_null(pc.greater_equal(rows.column(cursor), since), True))
        if span is not None and (end := self._end(span)) is not None:
            behind = pa.scalar(end).cast(rows.column(cursor).type)
            rows = rows.filter(pc.fill_null(pc.less(rows.column(cursor), behind), True))
        return Batch(rows, tuple(rejects), bytes=batch.bytes)

    def meet(self, rows: pa.RecordBatch, state: dict[str, Any]) -> None:
        """Remembers the greatest cursor, and where the next reading begins."""
        cursor = self.table.cursor
        if cursor is None or self.table.mode == "snapshot" or cursor not in rows.schema.names:
            return
        found = pc.max(rows.column(cursor)).as_py()
        if found is None:
            return
        kind = _kind(self.table)
        newest = found if "cursor" not in state else max(found, _value(state["cursor"], kind))
        state["cursor"] = _text(newest)
        state["since"] = state["cursor"] if reads_days(self.table) else _text(self._next(newest))

    def _next(self, newest: Any) -> Any:
        """Where the next reading begins: never before this one, since rows from there on are known as such."""
        earlier = _earlier(newest, self.table, self.now)
        return earlier if self.again is None else max(earlier, self.again.since)

    @property
    def told(self) -> str | None:
        """What a person must know: an earlier version let a row of the future move the cursor there."""
        since = self.again.since if self.again else None
        if not isinstance(since, date) or since <= present(since, self.now):
            return None
        return (
            f"rows before {since} are not asked for, to where one row of the future had moved the cursor; "
            f"write baikal run {self.table.name} --full"
        )


def reads_days(table: SourceTable) -> bool:
    """Whether whole days are read, which replace themselves: those of the cursor's dates, or times with `restate:`.

    Never those of an upsert: a row that changed has another day by then, and its old one would keep it.
    """
    if table.mode != "append" or table.day is None or table.day != table.cursor:
        return False
    return _kind(table) == "date" or table.restate_days > 0


def _kind(table: SourceTable) -> str:
    """The type of the cursor; an empty text where none is declared."""
    return next((column.type.name for column in table.columns if column.name == table.cursor), "")


def _value(text: Any, kind: str) -> Any:
    read = {"timestamp": datetime.fromisoformat, "date": date.fromisoformat}.get(kind)
    return read(str(text)) if read else text


def _text(value: Any) -> Any:
    return value if isinstance(value, int | str) else value.isoformat()


def _earlier(value: Any, table: SourceTable, now: datetime) -> Any:
    """A margin before the greatest cursor; texts have none, and numbers only a declared one."""
    declared = table.options.get("margin")
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return value - (declared if isinstance(declared, int) else 0)
    return span_before(value, declared, now)


def _tells_days(form: Any) -> bool:
    """Whether a text of this form is a whole day, which an end that is included includes to its last moment."""
    return form is not None and form not in _TICKS and not re.search(r"%-?[HIMSfsXcTRr]", str(form))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _written(value: Any, form: Any) -> str:
    """As the API writes moments: `epoch`, `epoch_ms`, directives such as %Y, or as ISO 8601 does."""
    if not isinstance(value, date):
        return str(value)
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if form in _TICKS:
        return str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // _TICKS[form])
    if form:
        return moment.strftime(str(form))
    if not isinstance(value, datetime):
        return value.isoformat()
    whole = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=whole) + "Z"


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """The text, or all texts in a mapping or list, with the words in it; `{other}` stays."""
    if isinstance(value, Mapping):
        return {str(name): filled(inner, words) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, words) for inner in value]
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(f"{{{word}}}", text)
    return value


def _company_day(value: date, now: datetime) -> date:
    """Of a cursor's value: moments are in UTC."""
    return value.replace(tzinfo=UTC).astimezone(now.tzinfo).date() if isinstance(value, datetime) else value


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _zone(now: datetime) -> ZoneInfo:
    assert isinstance(now.tzinfo, ZoneInfo)
    return now.tzinfo


def _names(table: SourceTable) -> list[str]:
    """The columns as the source calls them."""
    named = {column: name for name, column in table.options.get("columns", {}).items()}
    return [named.get(column.name, column.name) for column in table.columns]


def _outside(row: Mapping[str, Any], cursor: str, days: Window) -> Reject:
    reason = f"{cursor} is {row[cursor]}, and days from {days.start} to {days.end} were asked for"
    return Reject(row["_file"], row["_line"], reason, json.dumps(row, default=str).encode())
