"""Reads CSV files as people export them: any encoding, a header in their language, yen signs and thousands.

Never decides how a file becomes rows: `file.py` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.csv.file import CsvFile
from connectors.readers.files.reading import FileReading, file_reading, whole_content
from connectors.readers.json_lines import LineParser
from connectors.readers.misfits import require_same_types
from connectors.readers.words import truncates
from transforms.lake_types import Type
from transforms.source import Source, SourceTable


class CsvReader:
    """Files under a folder, as for JSON lines."""

    def read(self, asked: Asked) -> Reading:
        """Of a snapshot every file is read when any of them changed; else the files that are not known."""
        work = file_reading(asked)
        work.reading.batches = _batches(asked.source, asked.table, work)
        return work.reading

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Records of a file that were rejects; its header still says which cell is which column."""
        source, table = asked.source, asked.table
        data = whole_content(asked, file)
        if data is None:
            reading.warnings.append(f"{table.name}: {file} is gone, whose header names the columns of its rejects")
            yield Batch(no_rows(), tuple(rejects))
            return
        parser = LineParser(table.columns, {}, truncate=truncates(source, table))
        yield CsvFile(source, table, file, parser, reading, set()).again(data, rejects)
        reading.new_columns[:] = parser.new_columns()


def _batches(source: Source, table: SourceTable, work: FileReading) -> Iterator[Batch]:
    reading = work.reading
    headers: set[str] = set()
    parser = LineParser(table.columns, {}, truncate=truncates(source, table))
    misfits: Counter[tuple[str, Type]] = Counter()
    total = 0
    for content in work.contents():
        told = 0
        file = CsvFile(source, table, content.name, parser, reading, headers)
        for batch, bad, count in file.parsed(content.pieces()):
            misfits.update(bad)
            total += count
            reading.new_columns[:] = parser.new_columns()
            yield Batch(batch.rows, batch.rejects, content.day, content.raw_bytes - told)
            told = content.raw_bytes
        if content.cut:
            reject = Reject(content.name, 0, content.cut, b"")
            yield Batch(parser.parse_values(content.name, [], 0).rows, (reject,), content.day)
    require_same_types(source, table, misfits, total)
    work.manner.meet(headers)
    work.manner.end(reading, len(work.files), headers)
