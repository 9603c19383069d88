"""Answers in CSV, which lie on disk until they are whole and their rows are asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

from connectors.file_store import Stored
from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.csv.file import CsvFile
from connectors.readers.files.contents import Content, Found, contents
from connectors.readers.json_lines import LineParser
from connectors.readers.pieces import Parsed
from connectors.readers.rest.answer import Request, place, posts
from connectors.readers.rest.client import Client, Downloaded
from connectors.readers.words import truncates
from transforms.errors import DataError

HEADER = "header"
"""Under which the state of a table keeps the header of its last answer in CSV: rejects are mended by it."""


class CsvForm:
    """Answers of any size lie on disk until their rows are asked for: only whole ones are read."""

    def __init__(self, asked: Asked, client: Client, reading: Reading, where: str) -> None:
        self._asked, self._client, self._reading, self._where = asked, client, reading, where
        self.parser = LineParser(asked.table.columns, {}, truncate=truncates(asked.source, asked.table))
        self._headers: set[str] = set()

    def ask(self, request: Request) -> Downloaded:
        """An answer with a status but without a body has no rows."""
        elsewhere, post = request.report is not None, posts(self._asked.table)
        return self._client.download(request.path, request.parameters, post=post, elsewhere=elsewhere)

    def answers(self, came: Sequence[Downloaded]) -> list[CsvAnswer]:
        """Nothing is read before it is asked for."""
        return [CsvAnswer(self, one) for one in came]

    def parsed(self, answers: Sequence[CsvAnswer]) -> Iterator[Parsed]:
        """One after the other, each of them closed behind its last row."""
        for answer in answers:
            with answer.found.body:
                yield from self.rows(answer.found)

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
        for content in contents(Found(Stored(place(table), found.size, 0, 0), None), found.body):
            yield (
                CsvFile(source, table, place(table), self.parser, self._reading, self._headers, numbered=True),
                content,
            )


class CsvAnswer:
    """One file."""

    def __init__(self, form: CsvForm, found: Downloaded) -> None:
        self._form, self.found = form, found
        self.size, self.headers = found.size, found.reply.headers

    def count(self) -> int:
        return self._form.count(self.found)

    def around(self) -> Any:
        return {}

    def last(self) -> bytes:
        return b""

    def mark(self) -> object:
        return self.found.mark

    def close(self) -> None:
        self.found.body.close()


def csv_again(asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Batch:
    """Records in CSV that were rejects, by the header of the last answer."""
    text = StringIO()
    table = replace(asked.table, options={**asked.table.options, "header": 1})
    parser = LineParser(table.columns, {}, truncate=truncates(asked.source, table))
    found = CsvFile(asked.source, table, file, parser, reading, set(), numbered=True)
    csv.writer(text, delimiter=found.dialect.delimiter).writerow(asked.state.get(HEADER, []))
    batch = found.again(text.getvalue().encode(found.dialect.encoding), rejects)
    reading.new_columns[:] = parser.new_columns()
    return batch
