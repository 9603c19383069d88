"""Reads REST APIs: pages, keys from the environment, patience with errors and limits, days that are restated.

Decides which days are asked for again. Never shows a key, and never sends it to another host.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pyarrow as pa
import pyarrow.compute as pc

from connectors.reader import Again, Asked, Batch, Reading, Reject
from connectors.readers.json_lines import LineParser
from connectors.readers.json_shape import json_text
from connectors.readers.misfits import require_same_types
from connectors.readers.words import truncates
from connectors.retry_after import AGAIN, retry_after
from connectors.tls import certificates
from transforms.errors import ContentError, DataError, OutsideError, Problem
from transforms.lake_types import Type
from transforms.source import Source, SourceTable
from transforms.window import Window

ATTEMPTS = 6
LONGEST_WAIT = 60.0
"""Seconds that one answer with Retry-After may ask for; a longer wait ends the run, which can be repeated."""
MOST_PAGES = 100_000


class RestReader:
    """One list of objects a table, at `path` under the connection's address."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep

    def read(self, asked: Asked) -> Reading:
        """A snapshot asks for everything; append and upsert ask from the newest day or cursor on."""
        source, table = asked.source, asked.table
        client = _Client(source, table, asked.address, self._sleep)
        reading = Reading(iter(()), dict(asked.state))
        parameters: dict[str, str] = {}
        cursor = next((column for column in table.columns if column.name == table.cursor), None)
        last = asked.state.get("cursor") if table.mode != "snapshot" else None
        by_day = cursor is not None and cursor.type.name == "date" and table.day == table.cursor
        if last is not None and by_day:
            until = _last_day(last, asked.now.date())
            days = Window(date.fromisoformat(last) - timedelta(days=table.restate_days), until)
            parameters = {"since": days.start.isoformat(), "until": days.end.isoformat()}
            reading.replaces = days
        elif last is not None and cursor is not None:
            read = {"timestamp": datetime.fromisoformat, "date": date.fromisoformat}.get(cursor.type.name)
            value = read(last) if read else last
            parameters = {"since": str(last)}
            reading.again = Again(cursor.name, value, value, table.key)
        named = {str(table.options[word]): value for word, value in parameters.items() if word in table.options}
        reading.batches = _batches(source, table, client, named, reading)
        return reading


def reader() -> RestReader:
    """The reader of this kind."""
    return RestReader()


def _last_day(last: str, today: date) -> date:
    return max(date.fromisoformat(last), today)


def _batches(
    source: Source, table: SourceTable, client: _Client, parameters: dict[str, str], reading: Reading
) -> Iterator[Batch]:
    keys = {column: key for key, column in table.options.get("columns", {}).items()}
    parser = LineParser(table.columns, keys, truncate=truncates(source, table))
    misfits: Counter[tuple[str, Type]] = Counter()
    number = 1
    with client:
        for rows, size in client.pages(parameters):
            values = [(number + i, row, json_text(row).encode()) for i, row in enumerate(rows) if isinstance(row, dict)]
            wrong = [
                Reject(client.place, number + i, "not a JSON object", json_text(row).encode())
                for i, row in enumerate(rows)
                if not isinstance(row, dict)
            ]
            parsed = parser.parse_values(client.place, values, len(rows))
            number += len(rows)
            misfits.update(parsed.misfits)
            reading.new_columns[:] = parser.new_columns()
            yield _asked_for(Batch(parsed.rows, (*wrong, *parsed.rejects), bytes=size), table, reading)
    require_same_types(source, table, misfits, number - 1)


def _asked_for(batch: Batch, table: SourceTable, reading: Reading) -> Batch:
    """Rows of days that were not asked for would stand twice: they are rejects. Remembers the greatest cursor."""
    rows, rejects, asked = batch.rows, list(batch.rejects), reading.replaces
    if table.cursor and table.mode != "snapshot" and rows.num_rows and table.cursor in rows.schema.names:
        cursor = rows.column(table.cursor)
        if asked is not None:
            start, end = pa.scalar(asked.start), pa.scalar(asked.end)
            inside = pc.fill_null(pc.and_(pc.greater_equal(cursor, start), pc.less_equal(cursor, end)), True)
            for row in rows.filter(pc.invert(inside)).to_pylist():
                reason = (
                    f"{table.cursor} is {row[table.cursor]}, and days from {asked.start} to {asked.end} were asked for"
                )
                rejects.append(Reject(row["_file"], row["_line"], reason, json.dumps(row, default=str).encode()))
            rows = rows.filter(inside)
        found = pc.max(rows.column(table.cursor)).as_py()
        before = reading.state.get("cursor")
        if found is not None:
            text = found if isinstance(found, int | str) else found.isoformat()
            reading.state["cursor"] = text if before is None else max(before, text)
            reading.state["since"] = reading.state["cursor"]
    return Batch(rows, tuple(rejects), bytes=batch.bytes)


class _Client:
    """Asks one API; errors name the path but never a parameter or a header."""

    def __init__(self, source: Source, table: SourceTable, address: str, sleep: Callable[[float], None]) -> None:
        self._source, self._table, self._sleep = source, table, sleep
        self._options = {**source.options, **table.options}
        self._address = address.rstrip("/") + "/" + str(self._options["path"]).lstrip("/")
        timeout = httpx.Timeout(60, connect=10)
        self._client = httpx.Client(headers=_headers(source), timeout=timeout, verify=certificates())
        self.place = str(self._options["path"])

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def pages(self, parameters: dict[str, str]) -> Iterator[tuple[list[Any], int]]:
        """The rows of every page, with the bytes of its answer."""
        options = self._options
        page, following = options.get("page"), options.get("next")
        offset, size = options.get("offset"), options.get("size")
        asked = {**{k: str(v) for k, v in options.get("parameters", {}).items()}, **parameters}
        if size and options.get("limit"):
            asked[str(options["limit"])] = str(size)
        address, count, seen = self._address, 0, set[str]()
        for number in range(1, MOST_PAGES + 1):
            if page and not following:
                asked[str(page)] = str(number)
            if offset:
                asked[str(offset)] = str(count)
            answer = self._answer(address, asked)
            rows = self._rows(answer[0])
            yield rows, answer[1]
            count += len(rows)
            if following:
                after = _at(answer[0], str(following))
                if after in (None, "", False):
                    return
                if str(after) in seen:
                    raise DataError(f"{self._where}: the API names the same following page twice")
                seen.add(str(after))
                if page:
                    asked[str(page)] = str(after)
                else:
                    address, asked = self._same_host(str(after)), {}
            elif not rows or not (page or offset) or (size and len(rows) < int(size)):
                return
        raise DataError(f"{self._where}: more than {MOST_PAGES:,} pages")

    @property
    def _where(self) -> str:
        return f"{self._source.path}:{self._table.line}: {self._table.name}"

    def _same_host(self, following: str) -> str:
        address = urljoin(self._address, following)
        if urlsplit(address)[:2] != urlsplit(self._address)[:2]:
            raise DataError(f"{self._where}: the following page is on another host, {urlsplit(address).netloc}")
        return address

    def _rows(self, answer: Any) -> list[Any]:
        path = str(self._options.get("rows", ""))
        rows = _at(answer, path) if path else answer
        if rows is None and path and isinstance(answer, dict) and _at(answer, path.rpartition(".")[0]) is not None:
            rows = [] if path.rpartition(".")[2] in (_at(answer, path.rpartition(".")[0]) or {}) else None
        if not isinstance(rows, list):
            keys = ", ".join(map(str, answer)) if isinstance(answer, dict) else "no names"
            raise DataError(f"{self._where}: the answer has no list at rows: {path or '(its top)'}; it has {keys}")
        return rows

    def _answer(self, address: str, parameters: Mapping[str, str]) -> tuple[Any, int]:
        reason = ""
        for attempt in range(1, ATTEMPTS + 1):
            wait = min(0.5 * 2 ** (attempt - 1), 30.0)
            try:
                response = self._client.get(address, params=parameters or None)
            except httpx.TransportError as error:
                reason = f"{type(error).__name__}"
            else:
                if response.is_success:
                    return self._read(response), len(response.content)
                reason = f"HTTP {response.status_code}"
                if response.status_code not in AGAIN:
                    raise OutsideError(f"{self._where}: {self.place} answered {reason}{_hint(response.status_code)}")
                wait = retry_after(response, wait)
            if wait > LONGEST_WAIT:
                raise OutsideError(f"{self._where}: {self.place} answered {reason} and asks to wait {wait:.0f} s")
            if attempt < ATTEMPTS:
                self._sleep(wait)
        raise OutsideError(f"{self._where}: {self.place} failed {ATTEMPTS} times, at last with {reason}")

    def _read(self, response: httpx.Response) -> Any:
        try:
            return json.loads(response.content, parse_float=Decimal)
        except ValueError:
            raise DataError(f"{self._where}: {self.place} did not answer with JSON") from None


def _headers(source: Source) -> dict[str, str]:
    """The header with the key; the key itself is only in the environment."""
    wanted = source.options.get("api_key")
    if not wanted:
        return {}
    variable = str(wanted["variable"])
    key = os.environ.get(variable)
    if not key:
        raise _wrong_key(source, f"the environment variable {variable} is not set", "it holds the key of the API")
    if not re.fullmatch(r"[\x20-\x7e]+", key):
        raise _wrong_key(source, f"the environment variable {variable} holds letters that a header cannot have", "")
    return {str(wanted["header"]): key}


def _wrong_key(source: Source, what: str, allowed: str) -> ContentError:
    return ContentError([Problem(source.path, source.lines.get("api_key", 1), 0, what, allowed)])


def _hint(status: int) -> str:
    return {401: "; is the key right?", 403: "; may this key read it?", 404: "; is path: right?"}.get(status, "")


def _at(value: Any, path: str) -> Any:
    """The value at a path such as `report.rows`; None where there is none."""
    for step in filter(None, path.split(".")):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value
