"""What tells whether the rows of a part are those of before, so that equal ones are not published again.

Decides nothing else: a digest that differs without need, as under another DuckDB, costs one publish.
"""

from __future__ import annotations

import hashlib
from functools import cached_property, partial, reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.aside import Aside
from connectors.own_duckdb import own_duckdb

_BATCH = 64_000
"""Rows that are looked at together: each look costs 2 ms."""
_SUMS = "select sum(hash(row)::hugeint), sum(hash(row, 1)::hugeint) from (select {row} as row from rows)"
_VALUE = "if({name} is null, 0::ubigint, hash({text}, {name}))"
"""A column that a batch does not have counts as one of NULLs: it may be met later."""


class BatchDigest:
    """Of the same rows in the same batches."""

    def __init__(self) -> None:
        self._digest = 0

    def add(self, rows: pa.RecordBatch) -> None:
        """Takes the rows of a batch."""
        digest = hashlib.sha256(_clean(rows).serialize(), usedforsecurity=False).digest()[:16]
        self._digest = (self._digest * 31 + int.from_bytes(digest, "big")) % (1 << 128)

    def text(self) -> str:
        """Of all rows so far."""
        return f"{self._digest:032x}"

    def stop(self) -> None:
        """Of rows that nobody wants any more."""


class RowDigest:
    """Of the same rows in any order and any batches; equal rows count as often as they come.

    They are looked at beside the caller's own work: DuckDB leaves the interpreter alone.
    """

    def __init__(self) -> None:
        self._waiting: list[pa.Table] = []
        self._rows, self._sums = 0, (0, 0)
        self._aside = Aside("digest")

    def add(self, rows: pa.RecordBatch) -> None:
        """Takes the rows of a batch."""
        names = [name for name in rows.schema.names if name not in ("_file", "_line")]
        self._waiting.append(pa.Table.from_batches([rows.select(names)]))
        self._rows += rows.num_rows
        if self._rows >= _BATCH:
            self._look()

    def text(self) -> str:
        """Of all rows so far."""
        self._look()
        self._aside.close()
        return ":".join(f"{part:x}" for part in self._sums)

    def stop(self) -> None:
        """Of rows that nobody wants any more."""
        self._aside.stop()

    def _look(self) -> None:
        if not self._waiting:
            return
        self._aside.do(partial(self._sum, self._waiting))
        self._waiting, self._rows = [], 0

    def _sum(self, waiting: list[pa.Table]) -> None:
        rows = pa.concat_tables(waiting, promote_options="permissive")
        values = (_VALUE.format(text=_quoted(name, "'"), name=_quoted(name, '"')) for name in rows.schema.names)
        row = reduce("xor({}, {})".format, values, "0::ubigint")
        first, second = self._engine.register("rows", rows).execute(_SUMS.format(row=row)).fetchall()[0]
        self._sums = (self._sums[0] + first, self._sums[1] + second)

    @cached_property
    def _engine(self) -> Any:
        return own_duckdb()


def _quoted(name: str, quote: str) -> str:
    return quote + name.replace(quote, quote * 2) + quote


def _clean(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with nothing left over in the bits behind the last row, so that equal rows are equal bytes."""
    arrays = [
        pc.if_else(values.is_valid(), values, pa.scalar(None, values.type)) if values.null_count else values
        for values in rows.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=rows.schema.names)
