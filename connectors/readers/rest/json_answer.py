"""Answers in JSON: several that are clean are read at once, each of the others is taken apart first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from connectors.exchange import Reply
from connectors.reader import Asked, Reading, no_rows
from connectors.readers.json_lines import Inexact, LineParser, Listed, exactly
from connectors.readers.pieces import Block, Parsed, Pieces, Place
from connectors.readers.rest.answer import Request, place, posts
from connectors.readers.rest.client import Client
from connectors.readers.rest.page import BOM, NoRows, Page, page_of, steps
from connectors.readers.unmet import UnmetColumns
from connectors.readers.words import truncates
from transforms.errors import DataError

NO_CONTENT = 204


class JsonForm:
    """Rows are parsed where `answers` is called. `reading` is told of columns that no row has."""

    def __init__(self, asked: Asked, client: Client, reading: Reading, where: str) -> None:
        self._table, self._client, self._reading, self._where = asked.table, client, reading, where
        keys = {column: key for key, column in asked.table.options.get("columns", {}).items()}
        self._unmet = UnmetColumns(asked.table.columns, keys)
        self.parser = LineParser(asked.table.columns, keys, truncate=truncates(asked.source, asked.table))
        self._rows, self._post = str(self._table.options.get("rows", "")), posts(self._table)
        self._path = steps(self._rows)

    def ask(self, request: Request) -> Reply:
        """The answer as it came. Raises OutsideError."""
        return self._client.send(request.path, request.parameters, post=self._post)

    def answers(self, came: Sequence[Reply]) -> list[JsonAnswer]:
        """All at once where they are clean, which costs a third of taking their rows apart first.

        What is no JSON, or has no list where the rows are said to be, is told to whoever counts its rows.
        """
        bodies = [one.content.removeprefix(BOM).strip() for one in came]
        clean = self._clean(bodies) if all(one.status != NO_CONTENT for one in came) else None
        if clean is None and len(came) > 1:
            return [answer for one in came for answer in self.answers([one])]
        pairs = enumerate(zip(came, bodies, strict=True))
        answers = [JsonAnswer(self, body, one, Clean(clean, index) if clean else None) for index, (one, body) in pairs]
        if clean is None:
            with suppress(DataError):  # raised again when the answer is taken, if it ever is
                _ = answers[0].rows  # here, and not where one thread lands them all
        return answers

    def _clean(self, bodies: Sequence[bytes]) -> Listed | None:
        if self._path:
            return self.parser.parse_lists(bodies, self._path)
        return self.parser.parse_lists([b"".join((b'{"rows": ', body, b"}")) for body in bodies], ["rows"])

    def parsed(self, answers: Sequence[JsonAnswer]) -> Iterator[Parsed]:
        """Those that were read at once come at once."""
        for clean, some in groupby(answers, lambda answer: answer.clean and answer.clean.listed):
            group = list(some)
            if clean is None:
                for answer in group:
                    self._meet(answer.rows.rows, [answer])
                    yield answer.rows
                continue
            assert group[0].clean
            rows = clean.part(group[0].clean.index, len(group))
            self._meet(rows, group)
            yield self._numbered(rows)

    def around(self, clean: Clean) -> Any:
        """What stands around the rows. Raises Inexact."""
        return exactly(clean.listed.around.slice(clean.index, 1), self._path) if self._path else []

    def _numbered(self, rows: pa.RecordBatch) -> Parsed:
        pieces = Pieces(Block((Place(place(self._table), 1, rows.num_rows),)))
        pieces.take(rows, np.arange(rows.num_rows))
        return pieces.result()

    def _meet(self, rows: pa.RecordBatch, answers: Sequence[JsonAnswer]) -> None:
        """Looks for the columns that no page had so far, in the order of the pages."""
        count = sum(answer.count() for answer in answers)
        self._unmet.meet(rows, count, (answer.body for answer in answers))
        self._reading.missing_columns[:] = self._unmet.missing

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
        name = place(self._table)
        parsed = self.parser.parse(Block((Place(name, 1, page.count),), page.lines))
        if parsed.rows.num_rows + len(parsed.rejects) != page.count:
            raise DataError(f"{self._where}: {name} did not answer with JSON: a row is empty")
        return parsed


@dataclass(frozen=True)
class Clean:
    """One of the lists that were read at once."""

    listed: Listed
    index: int


@dataclass(frozen=True)
class JsonAnswer:
    """One page. Taken apart only when it is not `clean`, or what a page needs to know is not exact as Arrow has it."""

    form: JsonForm
    body: bytes
    reply: Reply
    clean: Clean | None

    @property
    def size(self) -> int:
        return len(self.body)

    @property
    def headers(self) -> Mapping[str, str]:
        return self.reply.headers

    @cached_property
    def page(self) -> Page:
        return self.form.page(self.body) if self.reply.status != NO_CONTENT else Page(b"", 0, {})

    @cached_property
    def rows(self) -> Parsed:
        """Of a page that is taken apart. Raises DataError."""
        return self.form.rows(self.page) if self.page.count else Parsed(no_rows())

    def count(self) -> int:
        return self.clean.listed.counts[self.clean.index] if self.clean else self.page.count

    def around(self) -> Any:
        if self.clean:
            with suppress(Inexact):
                return self.form.around(self.clean)
        return self.page.around

    def last(self) -> bytes:
        return self.page.last

    def mark(self) -> object:
        return self.clean.listed.part(self.clean.index) if self.clean else self.page.lines

    def close(self) -> None:
        return
