"""A block of lines, and what comes of it: rows with their places and rejects, in the order of the lines.

Never decides which line is a reject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from connectors.reader import Reject
from connectors.readers.json_shape import Misfit
from connectors.readers.outline import Numbers, newlines_of
from transforms.lake_types import Type


@dataclass(frozen=True)
class Place:
    """So many lines of a file; `first` is the number of the first one."""

    file: str
    first: int
    lines: int


@dataclass(frozen=True)
class Block:
    """Whole lines of files of one day, counted from 0; `bytes` were read from the source for them.

    `header` are the names of the fields, where the files tell them; `known_newlines` are places in the data.
    `records`: several records of JSON may stand on one line.
    """

    places: tuple[Place, ...]
    data: bytes = b""
    day: date | None = None
    bytes: int = 0
    header: tuple[str, ...] = ()
    known_newlines: Numbers | None = None
    records: bool = False

    @property
    def lines(self) -> int:
        """Those of all places."""
        return sum(place.lines for place in self.places)

    @property
    def next_line(self) -> int:
        """The number of the line behind it, in the last file."""
        return self.places[-1].first + self.places[-1].lines

    @property
    def newlines(self) -> Numbers:
        """Their places in the data."""
        return newlines_of(self.data) if self.known_newlines is None else self.known_newlines

    @cached_property
    def starts(self) -> Numbers:
        """The number of each place's first line in the block."""
        return np.cumsum([0, *(place.lines for place in self.places[:-1])], dtype=np.int64)

    @property
    def name(self) -> str:
        """For messages: the files, and the lines of the first and the last one."""
        first, last = self.places[0], self.places[-1]
        end = f"{last.first + last.lines - 1:,}"
        return f"{first.file}:{first.first:,}-{end if first.file == last.file else f'{last.file}:{end}'}"

    def where(self, number: int) -> tuple[str, int]:
        """The file of a line of the block, and its number there."""
        index = int(np.searchsorted(self.starts, number, "right")) - 1
        place = self.places[index]
        return place.file, number - int(self.starts[index]) + place.first


@dataclass
class Parsed:
    """Rows with `_file` and `_line`, and the lines that are none. `misfits` counts columns and the types found.

    `blank` lines are neither.
    """

    rows: pa.RecordBatch
    rejects: list[Reject] = field(default_factory=list)
    misfits: Counter[tuple[str, Type]] = field(default_factory=Counter)
    lines: int = 0
    blank: int = 0


class Pieces:
    """The rows and rejects of one block, which come in any order, put in order at the end."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._rejects: list[tuple[int, str, bytes]] = []
        self._rows: list[pa.RecordBatch] = []
        self._numbers: list[Numbers] = []
        self._misfits: Counter[tuple[str, Type]] = Counter()
        self._blank = 0

    def leave_out(self) -> None:
        """A line that says nothing."""
        self._blank += 1

    @property
    def records(self) -> bool:
        """Whether several records may stand on one line."""
        return self._block.records

    def take(self, rows: pa.RecordBatch, numbers: Numbers) -> None:
        """Rows of lines of the block."""
        self._rows.append(rows)
        self._numbers.append(numbers)

    def reject(self, number: int, reason: str, line: bytes) -> None:
        """A line of the block."""
        self._rejects.append((number, reason, line))

    def misfit(self, number: int, misfit: Misfit, line: bytes) -> None:
        """A line with a value of another type."""
        self.reject(number, misfit.reason, line)
        if misfit.found is not None:
            self._misfits[misfit.column, misfit.found] += 1

    @property
    def alike(self) -> bool:
        """Whether all rows have the same columns and types."""
        return all(rows.schema.equals(self._rows[0].schema) for rows in self._rows[1:])

    def result(self) -> Parsed:
        """In the order of the lines. Pieces that were parsed before a key was learned have NULL in its column."""
        numbers = np.concatenate(self._numbers) if self._numbers else np.array([], np.int64)
        rows = _together(self._rows)
        if len(self._numbers) > 1 and bool((np.diff(numbers) < 0).any()):
            order = np.argsort(numbers)
            rows, numbers = rows.take(pa.array(order)), numbers[order]
        names = [*rows.schema.names, "_file", "_line"]
        placed = pa.RecordBatch.from_arrays([*rows.columns, *self._placed(numbers)], names=names)
        rejects = [
            Reject(*self._block.where(number), reason, line)
            for number, reason, line in sorted(self._rejects, key=lambda reject: reject[0])
        ]
        return Parsed(placed, rejects, self._misfits, self._block.lines, self._blank)

    def _placed(self, numbers: Numbers) -> tuple[pa.Array, pa.Array]:
        """The file and the line in it of lines of the block."""
        places, starts = self._block.places, self._block.starts
        index = np.searchsorted(starts, numbers, "right") - 1
        shift = np.array([place.first for place in places]) - starts
        files = pa.DictionaryArray.from_arrays(
            pa.array(index.astype(np.int32)), pa.array([place.file for place in places])
        )
        return files, pa.array(numbers + shift[index], pa.int64())


def _together(rows: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    if len(rows) <= 1:
        return rows[0] if rows else pa.RecordBatch.from_arrays([], names=[])
    tables = [pa.Table.from_batches([piece]) for piece in rows]
    batches = pa.concat_tables(tables, promote_options="permissive").combine_chunks().to_batches()
    return batches[0] if batches else rows[0]
