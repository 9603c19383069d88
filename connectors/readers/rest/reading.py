"""Reads REST APIs: lists of objects in pages, as a table's words say, or what a generator in Python yields.

Decides nothing about days, pages or keys itself: each has a module of its own.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.json_lines import LineParser
from connectors.readers.json_shape import column_name
from connectors.readers.misfits import require_same_types
from connectors.readers.objects_again import objects_again
from connectors.readers.pieces import Parsed
from connectors.readers.rest.answer import Form
from connectors.readers.rest.client import Client
from connectors.readers.rest.csv_answer import CsvForm, csv_again
from connectors.readers.rest.generator import generated
from connectors.readers.rest.json_answer import JsonForm
from connectors.readers.rest.paging import Paging
from connectors.readers.rest.range import Range, Span
from connectors.readers.rest.report import Report
from transforms.errors import DataError
from transforms.lake_types import Type
from transforms.source import SourceTable

Pieces = Iterator[tuple[Parsed, int, Span | None]]
"""Rows in the order of the answers, the bytes that came for them, and what was asked for."""


class RestReader:
    """`sleep` waits so many seconds; left out, the wait ends when the reading is closed."""

    def __init__(self, sleep: Callable[[float], object] | None = None) -> None:
        self._sleep = sleep

    def read(self, asked: Asked) -> Reading:
        """A snapshot asks for everything; append and upsert ask from the newest day or cursor on."""
        source, table = asked.source, asked.table
        where = f"{source.path}:{table.line}: {table.name}"
        at_once = int(source.options.get("concurrency", 1))
        client = Client(source, asked.address, where, asked.secret, self._sleep, at_once, asked.storage)
        range_ = Range.of(asked)
        reading = Reading(iter(()), dict(asked.state), again=range_.again, replaces=range_.days)
        reading.close = reading.cancel = client.close
        if table.options.get("python"):
            json = JsonForm(asked, client, reading, where)
            pages = generated(asked, client, range_, reading.state)
            pieces: Pieces = ((json.rows(page), size, None) for page, size in pages)
            parser = json.parser
        else:
            made = _form(asked, client, reading, where)
            one_list = len([*range_.spans()]) == 1

            def expect(rows: int) -> None:
                reading.expected_rows = rows if one_list else 0

            def warn(told: str) -> None:
                reading.warnings.append(f"{table.name}: {told}")

            paging = Paging(client, {**source.options, **table.options}, at_once, made, expect, warn)
            pieces, parser = _listed(paging, made, client, table, range_), made.parser
        if range_.told:
            reading.warnings.append(f"{table.name}: {range_.told}")
        reading.batches = _batches(asked, parser, pieces, range_, reading)
        return reading

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Rows that were rejects."""
        objects = [one for one in rejects if one.raw.startswith(b"{") or not is_csv(asked.table)]
        yield from objects_again(asked, file, objects, reading)
        if others := [one for one in rejects if one not in objects]:
            yield csv_again(asked, file, others, reading)


def _form(asked: Asked, client: Client, reading: Reading, where: str) -> Form[Any, Any]:
    return (CsvForm if is_csv(asked.table) else JsonForm)(asked, client, reading, where)


def _listed(paging: Paging, form: Form[Any, Any], client: Client, table: SourceTable, range_: Range) -> Pieces:
    """Where the API cuts an answer off, nothing of it is taken: both halves of what was asked for are asked for."""
    most: Any = table.options.get("most_rows")
    report = Report(client, table.options["report"]) if "report" in table.options else None
    waiting = deque(range_.spans())
    while waiting:
        span = waiting.popleft()
        request = range_.request(span)
        for answers in paging.pages(report.made(request) if report else request):
            if most is not None and answers[0].count() >= most:
                answers[0].close()
                halves = range_.halves(span)
                if halves is None:
                    told = f"an answer has {most:,} rows, at which the API cuts it off, and cannot be asked for less"
                    raise DataError(f"{client.where}: {told}")
                waiting.extendleft(reversed(halves))
                continue
            size = sum(answer.size for answer in answers)
            for parsed in form.parsed(answers):
                yield parsed, size, span
                size = 0


def _batches(asked: Asked, parser: LineParser, pieces: Pieces, range_: Range, reading: Reading) -> Iterator[Batch]:
    misfits: Counter[tuple[str, Type]] = Counter()
    unwanted = ignored(asked.table)
    number = 0
    for parsed, size, span in pieces:
        misfits.update(parsed.misfits)
        reading.new_columns[:] = [column for column in parser.new_columns() if column.name not in unwanted]
        rows = parsed.rows.drop_columns([name for name in parsed.rows.schema.names if name in unwanted])
        found = range_.asked_for(Batch(rows, tuple(parsed.rejects), bytes=size), span)
        range_.meet(found.rows, reading.state)
        yield replace(found, rejects=tuple(_numbered(reject, number) for reject in found.rejects))
        number += parsed.lines
    require_same_types(asked.source, asked.table, misfits, number)


def is_csv(table: SourceTable) -> bool:
    """Whether its answers are CSV."""
    return table.options.get("format") == "csv"


def ignored(table: SourceTable) -> frozenset[str]:
    """Columns that nobody wants to hear of."""
    names = table.options.get("ignore", [])
    return frozenset(map(column_name, names if isinstance(names, list) else [names]))


def _numbered(reject: Reject, before: int) -> Reject:
    """With its number among all rows of the reading."""
    return replace(reject, line=reject.line + before)
