"""One CSV file, or an answer in CSV, on its way to rows: its header names the columns, and each record is a row.

Never decides what a cell means: `cells` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from connectors.reader import Batch, Reading, Reject
from connectors.readers.cells import Cells
from connectors.readers.csv.records import NO_HEADER, Dialect, Record, is_wide, lettered, records
from connectors.readers.header import Names
from connectors.readers.json_lines import LineParser
from connectors.readers.json_shape import Misfit
from connectors.readers.whole import require_whole
from transforms.errors import SchemaChanged
from transforms.lake_types import VARCHAR, Type
from transforms.source import Source, SourceTable

_RECORDS = 20_000
"""Records that become rows together."""


class CsvFile:
    """`headers` are the names in all headers so far. `reading` is told of columns that the header lacks.

    `numbered`: the place of a record is its number among the rows, not the line that it begins on.
    """

    def __init__(
        self,
        source: Source,
        table: SourceTable,
        file: str,
        parser: LineParser,
        reading: Reading,
        headers: set[str],
        *,
        numbered: bool = False,
    ) -> None:
        self.headers, self.numbered = headers, numbered
        self.header_cells: list[str] = []
        options = {**source.options, **table.options}
        self.source, self.table, self.file, self.parser, self.reading = source, table, file, parser, reading
        self.dialect = Dialect.of(options)
        self.names = Names(source, table)
        self.headless = options.get("header") == NO_HEADER
        self.header = 1 if self.headless else int(options.get("header", 1))
        self.cells = Cells.of(options)
        self.types = self.names.types
        self.personal = {column.name for column in table.columns if column.personal}

    def parsed(self, data: Iterable[bytes]) -> Iterator[tuple[Batch, Counter[tuple[str, Type]], int]]:
        """Batches with the misfits and the records that they stand for. Raises DataError when one lost a record."""
        found = self._records(data)
        columns = self._columns(found)
        held: list[Record] = []
        for number, record in enumerate(found if columns else (), 1):
            held.append(replace(record, line=number) if self.numbered else record)
            if len(held) == _RECORDS:
                yield self._whole(held, columns)
                held = []
        if held:
            yield self._whole(held, columns)

    def _whole(self, held: list[Record], columns: list[str]) -> tuple[Batch, Counter[tuple[str, Type]], int]:
        batch, misfits, count = self._batch(held, columns)
        require_whole(f"{self.file}:{held[0].line:,}-{held[-1].line:,}", len(held), "records", batch)
        return batch, misfits, count

    def count(self, data: Iterable[bytes]) -> int:
        """How many records there are, without a look at their cells."""
        found = self._records(data)
        return sum(1 for _ in found) if self._columns(found) else 0

    def again(self, data: bytes, rejects: Sequence[Reject]) -> Batch:
        """The rows of rejects of the file that holds `data`."""
        columns = self._columns(self._records([data]))
        dialect = replace(self.dialect, encoding="utf-8") if is_wide(self.dialect.encoding) else self.dialect
        found = []
        for one in rejects:
            several = list(records([one.raw], dialect))
            fault = several[0].fault if len(several) == 1 else f"{len(several)} records, and one stood here"
            found.append(Record(one.line, several[0].cells if several else [], one.raw, fault))
        return self._batch(found, columns)[0]

    def _records(self, data: Iterable[bytes]) -> Iterator[Record]:
        """All of a file; letters stand in front where it has no header."""
        found = records(data, self.dialect, self.file)
        if not self.headless:
            return found
        begun = list[Record]()
        for record in found:
            begun.append(record)
            if record.cells or len(begun) == _RECORDS:
                break
        return chain([lettered(len(begun[-1].cells))] if begun else (), begun, found)

    def _columns(self, found: Iterator[Record]) -> list[str]:
        """The column of every cell, from the header; an empty file has none."""
        header = self._header(found)
        if header is None:
            return []
        self.header_cells = header.cells
        self.headers.update(cell.strip() for cell in header.cells)
        where = f"{self.file}:{header.line}"
        columns = [self.names.column(cell.strip(), self.file) for cell in header.cells]
        doubled = [name for name, count in Counter(columns).items() if count > 1]
        if doubled:
            raise SchemaChanged(f"{self.names.place(where)}: two columns of the header become {doubled[0]}")
        self.names.require_known(columns, where, self._remedy(header.cells))
        self.names.tell_missing(columns, self.reading)
        return columns

    def _remedy(self, cells: Sequence[str]) -> str:
        """What to write when no name is one of a column."""
        if not self.headless:
            return "delimiter:, encoding: or columns: {name in the file: column}"
        return f"columns: {{{', '.join(f'{cell}: {name}' for cell, name in zip(cells, self.types, strict=False))}}}"

    def _header(self, found: Iterator[Record]) -> Record | None:
        """The record with the names, of a file that has any. Raises SchemaChanged when all of it stands above."""
        last = None
        for record in found:
            if record.line >= self.header:
                return record
            last = record
        if last is None:
            return None
        count = last.line + last.raw.count(b"\n")
        raise SchemaChanged(
            f"{self.names.place(self.file)} has {count} line{'s' * (count > 1)}, header: {self.header}; "
            "write header: and the line on which the columns are named"
        )

    def _batch(self, held: list[Record], columns: list[str]) -> tuple[Batch, Counter[tuple[str, Type]], int]:
        values, rejects = [], []
        misfits: Counter[tuple[str, Type]] = Counter()
        for record in held:
            fault = record.fault
            if not fault and len(record.cells) != len(columns):
                where = "first row" if self.headless else "header"
                fault = f"{len(record.cells)} cells, and the {where} has {len(columns)}"
            value: dict[str, Any] = {}
            for name, text in zip(columns, record.cells, strict=False) if not fault else ():
                try:
                    value[name] = self.cells.value(text, self.types.get(name, VARCHAR))
                except Misfit as misfit:
                    fault = f"{name}: {'a value that does not fit' if name in self.personal else misfit.reason}"
                    if misfit.found is not None:
                        misfits[name, misfit.found] += 1
                    break
            if fault:
                rejects.append(Reject(self.file, record.line, fault, record.raw))
            else:
                values.append((record.line, value, record.raw))
        parsed = self.parser.parse_values(self.file, values, len(held))
        every = sorted((*rejects, *parsed.rejects), key=lambda reject: reject.line)
        return Batch(parsed.rows, tuple(every)), misfits + parsed.misfits, len(held)
