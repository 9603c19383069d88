"""What a declared table of an API has, by its first page: one request, whose rows are a sample.

An API does not say what it has: no other table is known, and a generator or a report is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.file_store import Stored
from connectors.live import Access, LiveTable, Sort, original
from connectors.reader import Asked, Reading
from connectors.readers.files.contents import Found, contents
from connectors.readers.files.samples import csv_sample, json_sample, start_of
from connectors.readers.json_shape import column_name
from connectors.readers.rest.answer import Request, place
from connectors.readers.rest.client import Client
from connectors.readers.rest.csv_answer import CsvForm
from connectors.readers.rest.json_answer import NO_CONTENT, JsonForm
from connectors.readers.rest.paging import first_page
from connectors.readers.rest.range import Range
from connectors.readers.rest.reading import ignored, is_csv
from transforms.source import Source, SourceTable

_UNASKED = {
    "python": "a generator of python: true cannot be asked for a page",
    "report": "a report is made for each reading, and none is made for a look",
}
_EMPTY = "its first page has no rows"


class ApiLive:
    """One look at each declared table, with one login for all."""

    def __init__(self, source: Source, access: Access) -> None:
        self._source, self._access = source, access
        self._client = Client(source, access.address, source.path, access.secret, storage=access.storage)
        self._declared = {original(source, table): table for table in source.tables}

    def tables(self) -> Mapping[str, Sort]:
        """The declared ones."""
        return dict.fromkeys(self._declared, "table")

    def table(self, name: str) -> LiveTable:
        """By the rows of its first page. Raises OutsideError and DataError."""
        table = self._declared[name]
        unasked = next((why for word, why in _UNASKED.items() if table.options.get(word)), "")
        if unasked:
            return LiveTable(name, (), untold=unasked)
        page = _FirstPage(self._source, table, self._access, self._client)
        found = (csv_sample if is_csv(table) else json_sample)(page)
        unwanted = ignored(table)
        columns = tuple(one for one in found.columns if column_name(one.name) not in unwanted)
        return LiveTable(name, columns, untold="" if found.rows else _EMPTY)

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()


@dataclass(frozen=True)
class _FirstPage:
    """`connectors.readers.files.samples.Starts` of an answer."""

    source: Source
    table: SourceTable
    access: Access
    client: Client

    @property
    def options(self) -> Mapping[str, Any]:
        """The words that are declared."""
        return {**self.source.options, **self.table.options}

    def starts(self) -> Iterator[tuple[str, bytes]]:
        """The rows in JSON, one a line; or the first whole lines of CSV."""
        access, where = self.access, f"{self.source.path}:{self.table.line}: {self.table.name}"
        assert access.storage is not None
        asked = Asked(self.source, self.table, access.address, {}, access.storage, access.now, access.secret, Path())
        range_ = Range.of(asked)
        request = first_page(self.options, range_.request(range_.newest()), where)
        if is_csv(self.table):
            yield from self._csv(CsvForm(asked, self.client, Reading(iter(()), {}), where), request)
            return
        form = JsonForm(asked, self.client, Reading(iter(()), {}), where)
        reply = form.ask(request)
        if reply.status != NO_CONTENT:
            yield place(self.table), form.page(reply.content).lines

    def _csv(self, form: CsvForm, request: Request) -> Iterator[tuple[str, bytes]]:
        came = form.ask(request)
        with came.body:
            for content in contents(Found(Stored(place(self.table), came.size, 0, 0), None), came.body):
                yield content.name, start_of(content)
