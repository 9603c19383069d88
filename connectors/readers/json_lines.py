"""Blocks of JSON lines become rows of lake types: clean blocks at once, dirty ones down to the single bad line.

Decides which line is a reject and why. Never reads files and never decides what is too many.
"""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.json

from connectors.reader import Rejected
from connectors.readers.json_shape import Misfit, Shape, certain, fit, learned
from connectors.readers.outline import is_utf8, outline
from connectors.readers.settle import settle
from transforms.column import Column
from transforms.lake_types import Type

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
_CHUNK = 64
"""Lines of a dirty block that are tried together."""
_RETRIES = 3


@dataclass(frozen=True)
class Block:
    """Whole lines of a file; `first` is the number of the first one."""

    file: str
    first: int
    data: bytes
    lines: int


@dataclass
class Parsed:
    """Rows with `_file` and `_line`, and the lines that are none. `misfits` counts columns and the types found."""

    rows: pa.RecordBatch
    rejects: list[Rejected] = field(default_factory=list)
    misfits: Counter[tuple[str, Type]] = field(default_factory=Counter)
    lines: int = 0


class LineParser:
    """Safe to use from several threads: the shape only grows, and each block is parsed with one shape."""

    def __init__(self, columns: Iterable[Column], keys: dict[str, str], *, truncate: bool) -> None:
        self._declared = {column.name: column for column in columns}
        self.shape = Shape.of_columns(self._declared.values(), keys)
        self._personal = {column.name for column in self._declared.values() if column.personal}
        self._truncate = truncate
        self._lock = threading.Lock()

    def new_columns(self) -> list[Column]:
        """Columns that were learned, and declared ones that gained fields."""
        found = []
        for name, shape in certain(self.shape).fields.values():
            declared = self._declared.get(name)
            if declared is None:
                found.append(Column(name, shape.settled))
            elif shape.settled != declared.type:
                found.append(Column(name, shape.settled, declared.description, declared.personal))
        return found

    def parse(self, block: Block) -> Parsed:
        """The rows and rejects of a block, in the order of its lines."""
        lines = outline(block.data)
        numbers = lines.numbers + block.first
        parsed = _Pieces(block)
        rest = []
        for number, line in lines.odd:
            reason = _broken(line.strip())
            if reason:
                parsed.reject(number + block.first, reason, line)
            elif line.strip():
                rest.append((number + block.first, line.strip()))
        rows = self._whole(lines.data, len(numbers))
        if rows is not None:
            parsed.take(rows, numbers)
        else:
            self._eighths([*zip(numbers.tolist(), _split(lines.data), strict=True)], parsed)
        self._all_or_eighths(rest, parsed)
        return parsed.result()

    def parse_values(self, file: str, values: Sequence[tuple[int, dict[str, Any], bytes]], lines: int) -> Parsed:
        """The same for objects that were read already: their line, the object, and its original bytes."""
        parsed = _Pieces(Block(file, 1, b"", lines))
        self._fit(values, parsed)
        return parsed.result()

    def _whole(self, data: bytes, count: int) -> pa.RecordBatch | None:
        """The rows when every line is clean; keys that nobody knows yet are learned."""
        shape = certain(self.shape)
        for _ in range(_RETRIES if count else 0):
            table = _read(data, shape)
            if table is None or table.num_rows != count:
                return None
            if not _unknown(table.schema, shape.wire):
                return self._settled(table, shape)
            grown = self._learn(_loaded(line) for line in data.split(b"\n") if line)
            if grown == shape:
                return None
            shape = grown
        return None

    def _learn(self, values: Iterable[Any]) -> Shape:
        with self._lock:
            shape = self.shape
            for value in values:
                if isinstance(value, dict):
                    shape = learned(shape, value)
            self.shape = shape
            return certain(shape)

    def _settled(self, table: pa.Table, shape: Shape) -> pa.RecordBatch | None:
        try:
            arrays, names = [], []
            for key, (name, inner) in shape.fields.items():
                arrays.append(settle(table.column(key).combine_chunks(), inner, self._truncate))
                names.append(name)
        except pa.ArrowInvalid:
            return None
        return pa.RecordBatch.from_arrays(arrays, names=names)

    def _all_or_eighths(self, lines: Sequence[tuple[int, bytes]], parsed: _Pieces) -> None:
        """All lines at once when they are clean."""
        rows = self._chunk(lines) if lines else None
        if rows is not None:
            parsed.take(rows, np.array([number for number, _ in lines]))
        else:
            self._eighths(lines, parsed)

    def _eighths(self, lines: Sequence[tuple[int, bytes]], parsed: _Pieces) -> None:
        """Lines with a dirty one among them: smaller and smaller parts, at last line by line."""
        if len(lines) <= _CHUNK:
            self._one_by_one(lines, parsed)
            return
        size = max(_CHUNK, -(-len(lines) // 8))
        for start in range(0, len(lines), size):
            self._all_or_eighths(lines[start : start + size], parsed)

    def _chunk(self, lines: Sequence[tuple[int, bytes]]) -> pa.RecordBatch | None:
        """The rows when all lines are clean and hold only known keys."""
        shape = certain(self.shape)
        table = _read(b"\n".join([line for _, line in lines]), shape)
        if table is None or table.num_rows != len(lines) or _unknown(table.schema, shape.wire):
            return None
        return self._settled(table, shape)

    def _one_by_one(self, lines: Sequence[tuple[int, bytes]], parsed: _Pieces) -> None:
        values = []
        for number, line in lines:
            try:
                values.append((number, _load_exactly(line), line))
            except ValueError as error:
                parsed.reject(number, f"not JSON: {error}", line)
        self._fit(values, parsed)

    def _fit(self, values: Sequence[tuple[int, Any, bytes]], parsed: _Pieces) -> None:
        shape = self._learn(value for _, value, _ in values)
        kept, fitted = [], []
        for number, value, line in values:
            try:
                fitted.append(orjson.dumps(fit(value, shape, self._truncate)))
                kept.append((number, line))
            except Misfit as misfit:
                if misfit.column in self._personal:
                    misfit.reason = f"{misfit.column}: a value that does not fit its type"
                parsed.misfit(number, misfit, line)
            except orjson.JSONEncodeError as error:
                parsed.reject(number, f"not JSON: {error}", line)
        self._fitted(kept, fitted, shape, parsed)

    def _fitted(
        self, lines: Sequence[tuple[int, bytes]], fitted: Sequence[bytes], shape: Shape, parsed: _Pieces
    ) -> None:
        if not lines:
            return
        table = _read(b"\n".join(fitted), shape)
        rows = self._settled(table, shape) if table is not None else None
        if rows is not None:
            parsed.take(rows, np.array([number for number, _ in lines]))
        elif len(lines) == 1:
            parsed.reject(lines[0][0], "a value cannot be held by its column", lines[0][1])
        else:
            for line, value in zip(lines, fitted, strict=True):
                self._fitted([line], [value], shape, parsed)


class _Pieces:
    """The rows and rejects of one dirty block, put in order at the end."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._rejects: list[Rejected] = []
        self._rows: list[pa.RecordBatch] = []
        self._numbers: list[Numbers] = []
        self._misfits: Counter[tuple[str, Type]] = Counter()

    def take(self, rows: pa.RecordBatch, numbers: Numbers) -> None:
        self._rows.append(rows)
        self._numbers.append(numbers)

    def reject(self, number: int, reason: str, line: bytes) -> None:
        self._rejects.append(Rejected(self._block.file, number, reason, line))

    def misfit(self, number: int, misfit: Misfit, line: bytes) -> None:
        self.reject(number, misfit.reason, line)
        if misfit.found is not None:
            self._misfits[misfit.column, misfit.found] += 1

    def result(self) -> Parsed:
        """In the order of the lines. Pieces that were parsed before a key was learned have NULL in its column."""
        numbers = np.concatenate(self._numbers) if self._numbers else np.array([], np.int64)
        rows = _together(self._rows)
        line = pa.array(numbers, pa.int64())
        if len(self._numbers) > 1 and bool((np.diff(numbers) < 0).any()):
            order = pa.array(np.argsort(numbers))
            rows, line = rows.take(order), line.take(order)
        file = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(numbers), np.int32)), pa.array([self._block.file]))
        names = [*rows.schema.names, "_file", "_line"]
        placed = pa.RecordBatch.from_arrays([*rows.columns, file, line], names=names)
        rejects = sorted(self._rejects, key=lambda reject: reject.line)
        return Parsed(placed, rejects, self._misfits, self._block.lines)


def _together(rows: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    if len(rows) <= 1:
        return rows[0] if rows else pa.RecordBatch.from_arrays([], names=[])
    tables = [pa.Table.from_batches([piece]) for piece in rows]
    batches = pa.concat_tables(tables, promote_options="permissive").combine_chunks().to_batches()
    return batches[0] if batches else rows[0]


def _split(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _read(data: bytes, shape: Shape) -> pa.Table | None:
    try:
        return pyarrow.json.read_json(
            io.BytesIO(data),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=pyarrow.json.ParseOptions(explicit_schema=pa.schema(list(shape.wire))),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _unknown(found: Iterable[pa.Field], wire: Iterable[pa.Field]) -> bool:
    """Whether there are keys with values that the shape does not know, at any depth."""
    known = {part.name: part.type for part in wire}
    return any(_unknown_type(part.type, known.get(part.name)) for part in found)


def _unknown_type(found: pa.DataType, known: pa.DataType | None) -> bool:
    if known is None:
        return not pa.types.is_null(found)
    if pa.types.is_struct(found) and pa.types.is_struct(known):
        return _unknown(found, known)
    if pa.types.is_list(found) and pa.types.is_list(known):
        return _unknown_type(found.value_type, known.value_type)
    return False


def _broken(line: bytes) -> str:
    """Why a line cannot be a row at all, or an empty text. Blank lines are no rows and no rejects."""
    if not line:
        return ""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if not line.isascii() and not is_utf8(line):
            return "not UTF-8"
        return f"not JSON: {str(error).split(':')[0]}"
    return "" if isinstance(value, dict) else "not a JSON object"


def _loaded(line: bytes) -> Any:
    try:
        return _load_exactly(line)
    except ValueError:
        return None


def _load_exactly(line: bytes) -> Any:
    """Numbers with a point as Decimal, so that no digit is lost; a key that stands twice is an error."""
    return json.loads(line, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = Counter(key for key, _ in pairs)
        raise ValueError(f'"{names.most_common(1)[0][0]}" stands twice in one object')
    return result
