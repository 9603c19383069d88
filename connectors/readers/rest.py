"""Reads REST APIs: lists of objects in pages, as a table's words say, or what a generator in Python yields.

Decides nothing about days, pages or keys itself: each has a module of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.json_lines import Block, LineParser, Parsed, Place
from connectors.readers.json_shape import column_name
from connectors.readers.misfits import require_same_types
from connectors.readers.rest_client import Client
from connectors.readers.rest_generator import generated
from connectors.readers.rest_page import Page
from connectors.readers.rest_paging import Paging
from connectors.readers.rest_range import Range
from connectors.readers.words import truncates
from transforms.errors import DataError
from transforms.lake_types import Type
from transforms.source import SourceTable

Pieces = Iterator[tuple[Parsed, int]]
"""What was made of a page, and the bytes that came."""


class RestReader:
    """`sleep` waits so many seconds; left out, the wait ends when the reading is closed."""

    def __init__(self, sleep: Callable[[float], object] | None = None) -> None:
        self._sleep = sleep

    def read(self, asked: Asked) -> Reading:
        """A snapshot asks for everything; append and upsert ask from the newest day or cursor on."""
        source, table = asked.source, asked.table
        where = f"{source.path}:{table.line}: {table.name}"
        at_once = int(source.options.get("concurrency", 1))
        client = Client(source, asked.address, where, asked.secret, self._sleep, at_once)
        range_ = Range.of(asked)
        reading = Reading(iter(()), dict(asked.state), again=range_.again, replaces=range_.days, close=client.close)
        keys = {column: key for key, column in table.options.get("columns", {}).items()}
        parser = LineParser(table.columns, keys, truncate=truncates(source, table))
        make = partial(_parsed, parser, table, where)
        if table.options.get("python"):
            pieces: Pieces = ((make(page), size) for page, size in generated(asked, client, range_, reading.state))
        else:
            pieces = _listed(Paging(client, {**source.options, **table.options}, at_once, make), range_)
        reading.batches = _batches(asked, parser, pieces, range_, reading)
        return reading


def reader() -> RestReader:
    """The reader of this kind."""
    return RestReader()


def _listed(paging: Paging[Parsed], range_: Range) -> Pieces:
    for request in range_.requests():
        for answer in paging.pages(request):
            yield answer.made, answer.size


def _parsed(parser: LineParser, table: SourceTable, where: str, page: Page) -> Parsed:
    place = str(table.options.get("path", table.name))
    parsed = parser.parse(Block((Place(place, 1, page.count),), page.lines))
    if parsed.rows.num_rows + len(parsed.rejects) != page.count:
        raise DataError(f"{where}: {place} did not answer with JSON: a row is empty")
    return parsed


def _batches(asked: Asked, parser: LineParser, pieces: Pieces, range_: Range, reading: Reading) -> Iterator[Batch]:
    misfits: Counter[tuple[str, Type]] = Counter()
    ignored = _ignored(asked.table)
    number = 0
    for parsed, size in pieces:
        misfits.update(parsed.misfits)
        reading.new_columns[:] = [column for column in parser.new_columns() if column.name not in ignored]
        rows = parsed.rows.drop_columns([name for name in parsed.rows.schema.names if name in ignored])
        found = range_.asked_for(Batch(rows, tuple(parsed.rejects), bytes=size))
        range_.meet(found.rows, reading.state)
        yield replace(found, rejects=tuple(_numbered(reject, number) for reject in found.rejects))
        number += parsed.lines
    require_same_types(asked.source, asked.table, misfits, number)


def _ignored(table: SourceTable) -> frozenset[str]:
    """Columns that nobody wants to hear of."""
    names = table.options.get("ignore", [])
    return frozenset(map(column_name, names if isinstance(names, list) else [names]))


def _numbered(reject: Reject, before: int) -> Reject:
    """With its number among all rows of the reading."""
    return replace(reject, line=reject.line + before)
