"""Reads JSON lines: files that are new or changed, each once, two blocks at a time.

Never decides how a line becomes a row.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.files import Bytes, FileReading, Found, LongLine, blocks, file_reading
from connectors.readers.json_lines import Block, LineParser, Parsed
from connectors.readers.misfits import require_same_types
from connectors.readers.words import truncates
from transforms.lake_types import Type
from transforms.source import Source, SourceTable

THREADS = 2
AHEAD = 4
"""Blocks on their way at once: with BLOCK_BYTES, what bounds the memory."""

_Work = tuple[Found, Future[Parsed], int]


class JsonLinesReader:
    """Files under a folder; `path` names them, `{day}` in it is the day of their rows."""

    def read(self, asked: Asked) -> Reading:
        """Of a snapshot every file is read when any of them changed; else the files that are not known."""
        source, table, work = asked.source, asked.table, file_reading(asked)
        keys = {column: key for key, column in table.options.get("columns", {}).items()}
        parser = LineParser(table.columns, keys, truncate=truncates(source, table))
        work.reading.batches = _batches(source, table, work, parser)
        return work.reading

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Lines of a file that were rejects."""
        keys = {column: key for key, column in asked.table.options.get("columns", {}).items()}
        parser = LineParser(asked.table.columns, keys, truncate=truncates(asked.source, asked.table))
        for one in rejects:
            parsed = parser.parse(Block(file, one.line, one.raw, 1))
            reading.new_columns[:] = parser.new_columns()
            yield Batch(parsed.rows, tuple(parsed.rejects))


def reader() -> JsonLinesReader:
    """The reader of this kind."""
    return JsonLinesReader()


def _batches(source: Source, table: SourceTable, work: FileReading, parser: LineParser) -> Iterator[Batch]:
    reading, manner = work.reading, work.manner
    misfits: Counter[tuple[str, Type]] = Counter()
    lines = 0
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="jsonl")
    try:
        for batch, parsed in _in_order(work.files, pool, parser.parse, reading):
            if parsed is not None:
                unmet = manner.unmet()
                manner.meet(key for key, column in unmet.items() if _has_values(parsed.rows, column))
                misfits.update(parsed.misfits)
                lines += parsed.lines
                reading.new_columns[:] = parser.new_columns()
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)
    reading.new_columns[:] = parser.new_columns()
    require_same_types(source, table, misfits, lines)
    manner.end(reading, len(work.files))


def _has_values(rows: pa.RecordBatch, column: str) -> bool:
    index = rows.schema.get_field_index(column)
    return index >= 0 and bool(rows.column(index).null_count < rows.num_rows)


def _in_order(
    files: list[Found], pool: ThreadPoolExecutor, parse: Callable[[Block], Parsed], reading: Reading
) -> Iterator[tuple[Batch, Parsed | None]]:
    """Batches in the order of files and lines, while the blocks that follow are parsed."""
    waiting: deque[_Work] = deque()
    for file in files:
        content = Bytes(file)
        line = 1
        read = 0
        for block in blocks(file, content):
            size, read = content.raw_bytes - read, content.raw_bytes
            if isinstance(block, LongLine):
                while waiting:
                    yield _taken(waiting.popleft())
                yield _long(file, block), None
                line = block.number + 1
                continue
            waiting.append((file, pool.submit(parse, block), size))
            line = block.first + block.lines
            if len(waiting) > AHEAD:
                yield _taken(waiting.popleft())
        if content.cut:
            while waiting:
                yield _taken(waiting.popleft())
            yield Batch(no_rows(), (Reject(file.name, line, content.cut, b""),), file.day), None
        reading.state["files"][file.name] = [file.size, file.modified, content.checksum]
    while waiting:
        yield _taken(waiting.popleft())


def _taken(work: _Work) -> tuple[Batch, Parsed]:
    file, future, size = work
    parsed = future.result()
    return Batch(parsed.rows, tuple(parsed.rejects), file.day, size), parsed


def _long(file: Found, line: LongLine) -> Batch:
    reason = f"the line has {line.length:,} bytes, too many for one row; its first bytes are kept"
    return Batch(no_rows(), (Reject(line.file, line.number, reason, line.start),), file.day)
