"""Reads lines: files that are new or changed, each once, some blocks at a time.

Never decides how a line becomes a row.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from connectors.reader import Asked, Batch, Reading, Reject, no_rows
from connectors.readers.files.reading import FileReading, file_reading
from connectors.readers.json_lines import LineParser
from connectors.readers.jsonl.blocks import BadPart, Content, line_blocks
from connectors.readers.kept_memory import keep_memory
from connectors.readers.misfits import require_same_types
from connectors.readers.pieces import Block, Parsed, Place
from connectors.readers.unmet import UnmetColumns, has_values
from connectors.readers.whole import require_whole
from connectors.readers.words import truncates
from transforms.column import Column
from transforms.lake_types import Type
from transforms.source import Source, SourceTable

AHEAD = 2
"""Blocks on their way for each thread: with their size, what bounds the memory."""


class JsonLinesReader:
    """Files under a folder; `path` names them, `{day}` in it is the day of their rows."""

    def read(self, asked: Asked) -> Reading:
        """Of a snapshot every file is read when any of them changed; else the files that are not known."""
        source, table, work = asked.source, asked.table, file_reading(asked)
        keys = {column: key for key, column in table.options.get("columns", {}).items()}
        parser = LineParser(table.columns, keys, truncate=truncates(source, table))
        work.reading.batches = line_batches(source, table, work, parser, work.contents())
        return work.reading

    def parse_again(self, asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
        """Lines of a file that were rejects."""
        keys = {column: key for key, column in asked.table.options.get("columns", {}).items()}
        parser = LineParser(asked.table.columns, keys, truncate=truncates(asked.source, asked.table))
        for one in rejects:
            parsed = parser.parse(Block((Place(file, one.line, 1),), one.raw))
            reading.new_columns[:] = parser.new_columns()
            yield Batch(parsed.rows, tuple(parsed.rejects))


class Parser(Protocol):
    """Makes rows of blocks of lines; safe to use from several threads, of which there are `threads`.

    `block_bytes` is about how large a block is to be. `records`: see `line_blocks`.
    """

    @property
    def threads(self) -> int: ...
    @property
    def block_bytes(self) -> int: ...
    @property
    def records(self) -> bool: ...
    def parse(self, block: Block) -> Parsed: ...
    def new_columns(self) -> list[Column]: ...


def line_batches(
    source: Source, table: SourceTable, work: FileReading, parser: Parser, contents: Iterable[Content]
) -> Iterator[Batch]:
    """The rows and rejects of all lines."""
    reading, manner = work.reading, work.manner
    misfits: Counter[tuple[str, Type]] = Counter()
    lines, met = 0, _Met(table, reading, records=parser.records)
    blocks = line_blocks(contents, parser.block_bytes, records=parser.records)
    keep_memory()
    pool = ThreadPoolExecutor(parser.threads, thread_name_prefix="jsonl")
    try:
        for block, batch, parsed in _in_order(blocks, pool, parser):
            if block is not None and parsed is not None:
                met.take(block, parsed)
                unmet = manner.unmet()
                manner.meet(key for key, column in unmet.items() if has_values(parsed.rows, column))
                misfits.update(parsed.misfits)
                lines += parsed.lines
                reading.new_columns[:] = parser.new_columns()
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)
    reading.new_columns[:] = parser.new_columns()
    require_same_types(source, table, misfits, lines)
    manner.end(reading, len(work.files))


class _Met:
    """Tells a reading which columns none of its lines has."""

    def __init__(self, table: SourceTable, reading: Reading, *, records: bool) -> None:
        keys = {column: key for key, column in table.options.get("columns", {}).items()}
        self._unmet, self._reading, self._records = UnmetColumns(table.columns, keys), reading, records

    def take(self, block: Block, parsed: Parsed) -> None:
        """JSON has a key or not; lines of another form have its fields, whatever is in them."""
        count = parsed.rows.num_rows + len(parsed.rejects)
        if self._records:
            self._unmet.meet(parsed.rows, count, (block.data,))
        else:
            self._unmet.meet_names(parsed.rows.schema.names, count)
        self._reading.missing_columns[:] = self._unmet.missing


def _in_order(
    parts: Iterable[Block | BadPart], pool: ThreadPoolExecutor, parser: Parser
) -> Iterator[tuple[Block | None, Batch, Parsed | None]]:
    """Batches in the order of files and lines, while the blocks that follow are parsed."""
    waiting: deque[tuple[Block, Future[Parsed]]] = deque()
    for part in parts:
        if isinstance(part, BadPart):
            while waiting:
                yield _taken(*waiting.popleft())
            reject = Reject(part.file, part.line, part.reason, part.raw)
            yield None, Batch(no_rows(), (reject,), part.day), None
            continue
        waiting.append((part, pool.submit(parser.parse, part)))
        if len(waiting) > AHEAD * parser.threads:
            yield _taken(*waiting.popleft())
    while waiting:
        yield _taken(*waiting.popleft())


def _taken(block: Block, future: Future[Parsed]) -> tuple[Block, Batch, Parsed]:
    parsed = future.result()
    batch = Batch(parsed.rows, tuple(parsed.rejects), block.day, block.bytes)
    lines = max(block.lines, parsed.lines)  # records on one line have one each by now
    require_whole(block.name, lines, "lines", batch, parsed.blank)
    return block, batch, parsed
