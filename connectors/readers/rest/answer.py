"""An answer with a list of rows in it, in JSON or in CSV: what pages need to know of it, and its rows.

Never decides which request comes next.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from typing import Any, Protocol

import httpx
import numpy as np
import pyarrow as pa

from connectors.file_store import Stored
from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.csv.file import CsvFile
from connectors.readers.files.contents import Content, Found, contents
from connectors.readers.json_lines import Inexact, LineParser, Listed, exactly
from connectors.readers.pieces import Block, Parsed, Pieces, Place
from connectors.readers.rest.client import Client, Downloaded
from connectors.readers.rest.page import BOM, NoRows, Page, page_of, steps
from connectors.readers.words import truncates
from transforms.errors import DataError
from transforms.source import SourceTable

HEADER = "header"
"""Under which the state of a table keeps the header of its last answer in CSV: rejects are mended by it."""
_NO_CONTENT = 204
TELLING = 100
"""Rows of which none has a column, when that is worth telling: APIs leave out what is null."""


@dataclass(frozen=True)
class Request:
    """What is asked for: a path, or an address of the API, and parameters; after the `report` was made, if one is."""

    path: str
    parameters: Mapping[str, Any]
    report: Request | None = None


class Answer(Protocol):
    """Rows of an answer, which are to be parsed or let go of by `close`. `size` are the bytes that came for them."""

    @property
    def size(self) -> int: ...
    @property
    def headers(self) -> httpx.Headers: ...
    def count(self) -> int:
        """How many rows there are."""

    def around(self) -> Any:
        """What stands around the rows, whose list is empty there."""

    def last(self) -> bytes:
        """The last row as it was written; empty when there is none, or nobody needs it."""

    def mark(self) -> object:
        """Equal of equal rows."""

    def parsed(self) -> Iterator[Parsed]: ...
    def close(self) -> None: ...


class Form(Protocol):
    """How the answers of a table are written. Safe to use from several threads."""

    @property
    def parser(self) -> LineParser: ...
    def ask(self, request: Request) -> Answer: ...


def form(asked: Asked, client: Client, reading: Reading, where: str) -> Form:
    """As the table says."""
    if asked.table.options.get("format") == "csv":
        return CsvForm(asked, client, reading, where)
    return JsonForm(asked, client, reading, where)


class JsonForm:
    """Rows are parsed in the thread that asks. `reading` is told of columns that no row has."""

    def __init__(self, asked: Asked, client: Client, reading: Reading, where: str) -> None:
        self._table, self._client, self._reading, self._where = asked.table, client, reading, where
        keys = {column: key for key, column in asked.table.options.get("columns", {}).items()}
        names = [column.name for column in asked.table.columns]
        self._unmet = {name: f'"{keys.get(name, name)}"'.lower().encode() for name in names}
        self._count = 0
        self.parser = LineParser(asked.table.columns, keys, truncate=truncates(asked.source, asked.table))
        self._rows, self._post = str(self._table.options.get("rows", "")), _posts(self._table)
        self._path = steps(self._rows)

    def ask(self, request: Request) -> JsonAnswer:
        """Raises DataError for what is no JSON, or has no list where the rows are said to be."""
        response = self._client.send(request.path, request.parameters, post=self._post)
        if response.status_code == _NO_CONTENT:
            return JsonAnswer(self, b"", Parsed(no_rows()), None, Page(b"", 0, {}), response)
        body = response.content.removeprefix(BOM).strip()
        clean = self._clean(body)
        if clean is not None:
            return JsonAnswer(self, body, self._numbered(clean.rows), clean, None, response)
        page = self.page(body)
        return JsonAnswer(self, body, self.rows(page), None, page, response)

    def _clean(self, body: bytes) -> Listed | None:
        """All of the answer at once, which costs a third of taking its rows apart first."""
        if self._path:
            return self.parser.parse_list(body, self._path)
        return self.parser.parse_list(b"".join((b'{"rows": ', body, b"}")), ["rows"])

    def around(self, clean: Listed) -> Any:
        """What stands around the rows. Raises Inexact."""
        return exactly(clean.around, self._path) if self._path else []

    def _numbered(self, rows: pa.RecordBatch) -> Parsed:
        pieces = Pieces(Block((Place(_place(self._table), 1, rows.num_rows),)))
        pieces.take(rows, np.arange(rows.num_rows))
        return pieces.result()

    def meet(self, answer: JsonAnswer) -> None:
        """Looks for the columns that no page had so far, in the order of the pages."""
        rows = answer.rows.rows
        self._count += answer.count()
        for name, key in tuple(self._unmet.items()):
            index = rows.schema.get_field_index(name)
            has_values = index >= 0 and rows.column(index).null_count < rows.num_rows
            if has_values or key in answer.body.lower():
                del self._unmet[name]
        self._reading.missing_columns[:] = self._unmet if self._count >= TELLING else ()

    def page(self, body: bytes) -> Page:
        """The answer taken apart."""
        try:
            return page_of(body, self._path)
        except NoRows as found:
            told = f"the answer has no list at rows: {self._rows or '(its top)'}; it has {found}"
            raise DataError(f"{self._where}: {told}") from None
        except (ValueError, RecursionError):
            told = f"{self._table.options.get('path')} did not answer with JSON"
            raise DataError(f"{self._where}: {told}") from None

    def rows(self, page: Page) -> Parsed:
        """The rows of a page, numbered from 1."""
        place = _place(self._table)
        parsed = self.parser.parse(Block((Place(place, 1, page.count),), page.lines))
        if parsed.rows.num_rows + len(parsed.rejects) != page.count:
            raise DataError(f"{self._where}: {place} did not answer with JSON: a row is empty")
        return parsed


@dataclass(frozen=True)
class JsonAnswer:
    """One page. Taken apart only when it is not `clean`, or what a page needs to know is not exact as Arrow has it."""

    form: JsonForm
    body: bytes
    rows: Parsed
    clean: Listed | None
    apart: Page | None
    response: httpx.Response

    @property
    def size(self) -> int:
        return len(self.body)

    @property
    def headers(self) -> httpx.Headers:
        return self.response.headers

    @cached_property
    def page(self) -> Page:
        return self.apart or self.form.page(self.body)

    def count(self) -> int:
        return self.rows.lines

    def around(self) -> Any:
        if self.clean is not None:
            with suppress(Inexact):
                return self.form.around(self.clean)
        return self.page.around

    def last(self) -> bytes:
        return self.page.last

    def mark(self) -> object:
        return self.page.lines if self.clean is None else self.clean.rows

    def parsed(self) -> Iterator[Parsed]:
        self.form.meet(self)
        yield self.rows

    def close(self) -> None:
        return


class CsvForm:
    """Answers of any size lie on disk until their rows are asked for: only whole ones are read."""

    def __init__(self, asked: Asked, client: Client, reading: Reading, where: str) -> None:
        self._asked, self._client, self._reading, self._where = asked, client, reading, where
        self.parser = LineParser(asked.table.columns, {}, truncate=truncates(asked.source, asked.table))
        self._headers: set[str] = set()

    def ask(self, request: Request) -> CsvAnswer:
        """An answer with a status but without a body has no rows."""
        elsewhere, post = request.report is not None, _posts(self._asked.table)
        found = self._client.download(request.path, request.parameters, post=post, elsewhere=elsewhere)
        return CsvAnswer(self, found)

    def rows(self, found: Downloaded) -> Iterator[Parsed]:
        """Some at a time, each file of a zip file after the other. Raises DataError for a file that is cut."""
        for file, content in self._files(found):
            for batch, misfits, count in file.parsed(content.pieces()):
                yield Parsed(batch.rows, list(batch.rejects), misfits, count)
            if content.cut:
                raise DataError(f"{self._where}: {content.name}: {content.cut}")
            if file.header_cells:
                self._reading.state[HEADER] = file.header_cells

    def count(self, found: Downloaded) -> int:
        """How many rows there are, by looking through all of it."""
        count = sum(file.count(content.pieces()) for file, content in self._files(found))
        found.body.seek(0)
        return count

    def _files(self, found: Downloaded) -> Iterator[tuple[CsvFile, Content]]:
        source, table = self._asked.source, self._asked.table
        for content in contents(Found(Stored(_place(table), found.size, 0, 0), None), found.body):
            yield (
                CsvFile(source, table, _place(table), self.parser, self._reading, self._headers, numbered=True),
                content,
            )


class CsvAnswer:
    """One file."""

    def __init__(self, form: CsvForm, found: Downloaded) -> None:
        self._form, self._found = form, found
        self.size, self.headers = found.size, found.headers

    def count(self) -> int:
        return self._form.count(self._found)

    def around(self) -> Any:
        return {}

    def last(self) -> bytes:
        return b""

    def mark(self) -> object:
        return self._found.mark

    def parsed(self) -> Iterator[Parsed]:
        with self._found.body:
            yield from self._form.rows(self._found)

    def close(self) -> None:
        self._found.body.close()


def csv_again(asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Batch:
    """Records in CSV that were rejects, by the header of the last answer."""
    text = StringIO()
    options = {**asked.source.options, **asked.table.options}
    table = replace(asked.table, options={**asked.table.options, "header": 1})
    parser = LineParser(table.columns, {}, truncate=truncates(asked.source, table))
    found = CsvFile(asked.source, table, file, parser, reading, set(), numbered=True)
    csv.writer(text, delimiter=found.dialect.delimiter).writerow(asked.state.get(HEADER, []))
    batch = found.again(text.getvalue().encode(options.get("encoding", "utf-8")), rejects)
    reading.new_columns[:] = parser.new_columns()
    return batch


def _place(table: SourceTable) -> str:
    return str(table.options.get("path", table.name))


def _posts(table: SourceTable) -> bool:
    return table.options.get("method") == "post"
