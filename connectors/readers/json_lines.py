"""Blocks of JSON lines become rows of lake types: clean blocks at once, dirty ones down to the single bad line.

Decides which line is a reject and why. Never reads files and never decides what is too many.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from itertools import groupby
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.json

from connectors.readers.json_shape import Misfit, Shape, certain, fit, learned
from connectors.readers.outline import Lines, is_deep, is_utf8, outline
from connectors.readers.pieces import Block, Parsed, Pieces, Place
from connectors.readers.records import JOINT, Joined, apart
from connectors.readers.settle import settle
from transforms.column import Column

_CHUNK = 64
"""Lines of a dirty block that are tried together."""
_PIECE = 128 << 10
"""Bytes that Arrow's stream parses at once; lines of them that stand before a dirty one are parsed twice."""
_STRIDE = 256 << 10
"""Bytes that are parsed at once where the stream does not tell what is wrong; each call costs 0.15 ms."""
_RETRIES = 3
_MOST_LEVELS = 100
_TOO_DEEP = f"nested deeper than {_MOST_LEVELS} levels"
_EXACT = (pa.string(), pa.int64(), pa.bool_(), pa.null())
"""Types that hold what JSON had, where Arrow chose them."""
_ROW, _VALUE = re.compile(r" in row (\d+)\Z"), re.compile(r"couldn't parse:(.+)\Z", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Listed:
    """The rows of lists, one after the other, how many each has, and the objects in which they stand."""

    rows: pa.RecordBatch
    counts: Sequence[int]
    around: pa.StructArray

    def part(self, first: int, lists: int = 1) -> pa.RecordBatch:
        """The rows of so many lists."""
        return self.rows.slice(sum(self.counts[:first]), sum(self.counts[first : first + lists]))


@dataclass(frozen=True, eq=False)
class Form:
    """What lines are parsed by: the shape of their objects, as far as it is certain, and the same for Arrow."""

    shape: Shape

    @cached_property
    def schema(self) -> pa.Schema:
        """The types to parse into, by key."""
        return pa.schema(list(self.shape.wire))

    @cached_property
    def options(self) -> pyarrow.json.ParseOptions:
        """The same, as Arrow's parser takes it."""
        return pyarrow.json.ParseOptions(explicit_schema=self.schema)

    def read(self, text: bytes | memoryview) -> pa.Table:
        """The lines of a text. Raises ArrowInvalid."""
        return _read(text, self.options)

    def stream(self, text: bytes | memoryview) -> pyarrow.json.StreamingJSONReader:
        """The same by pieces: what stands before a dirty line is not lost. Only the first piece may have new keys."""
        return pyarrow.json.open_json(
            pa.BufferReader(pa.py_buffer(text)),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=_PIECE),
            parse_options=self.options,
        )

    def knows(self, schema: pa.Schema) -> bool:
        """Whether what was read has no key that the shape does not know, at any depth."""
        return schema.equals(self.schema) or not _unknown(schema, self.schema)


@dataclass(frozen=True)
class Wired:
    """Clean lines as Arrow read them, not yet in the lake's types."""

    batches: Sequence[pa.RecordBatch]
    form: Form
    lines: Lines


class LineParser:
    """Safe to use from several threads: the shape only grows, and each block is parsed with one shape."""

    threads, block_bytes, records = 3, 1 << 20, True
    """Blocks are about what a core's cache holds: Arrow parses larger ones more slowly, and smaller ones too."""

    def __init__(self, columns: Iterable[Column], keys: dict[str, str], *, truncate: bool) -> None:
        self._declared = {column.name: column for column in columns}
        self.shape = Shape.of_columns(self._declared.values(), keys)
        self._form = Form(certain(self.shape))
        self._personal = {column.name for column in self._declared.values() if column.personal}
        self._truncate = truncate
        self._lock = threading.Lock()

    def new_columns(self) -> list[Column]:
        """Columns that were learned, and declared ones that gained fields."""
        found = []
        for name, shape in self._form.shape.fields.values():
            declared = self._declared.get(name)
            if declared is None:
                found.append(Column(name, shape.settled))
            elif shape.settled != declared.type:
                found.append(Column(name, shape.settled, declared.description, declared.personal))
        return found

    def parse(self, block: Block) -> Parsed:
        """The rows and rejects of a block, in the order of its lines; again when a key was learned on the way.

        That a line is two records is seen where it is not one: every line of the others begins and ends as an object.
        """
        try:
            return self._parse(block)
        except Joined:
            return self._parse(apart(block))

    def _parse(self, block: Block) -> Parsed:
        lines, odd = outline(block.data, block.newlines)
        for _ in range(_RETRIES):
            parsed = self._parsed(block, lines, odd)
            if parsed.alike:
                break
        return parsed.result()

    def _parsed(self, block: Block, lines: Lines, odd: Sequence[tuple[int, bytes]]) -> Pieces:
        parsed = Pieces(block)
        rest = []
        for number, line in odd:
            reason = _broken(line.strip())
            if reason:
                _require_one(line, parsed)
                parsed.reject(number, reason, line)
            elif line.strip():
                rest.append((number, line.strip()))
            else:
                parsed.leave_out()
        self._add(lines, parsed)
        self._add(Lines.of(rest), parsed)
        return parsed

    def _add(self, lines: Lines, parsed: Pieces) -> None:
        """Read first, then settled all at once, which costs less than part by part; where that fails, parts are."""
        held = list[Wired]()
        self._read_into(held, lines, parsed)
        for form, group in groupby(held, key=lambda one: one.form):
            some = list(group)
            if not self._settled_into(parsed, some, form):
                for one in some:
                    if len(some) == 1 or not self._settled_into(parsed, [one], form):
                        self._eighths(one.lines, parsed)

    def _settled_into(self, parsed: Pieces, some: Sequence[Wired], form: Form) -> bool:
        """Fields that the shape does not know, which are all NULL, are left out."""
        batches = [batch for one in some for batch in one.batches]
        try:
            rows = self._settled(lambda key: pa.concat_arrays([batch.column(key) for batch in batches]), form.shape)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return False
        parsed.take(rows, np.concatenate([one.lines.numbers for one in some]))
        return True

    def parse_values(self, file: str, values: Sequence[tuple[int, dict[str, Any], bytes]], lines: int) -> Parsed:
        """The same for objects that were read already: their line, the object, and its original bytes."""
        parsed = Pieces(Block((Place(file, 0, lines),)))
        self.fit_into(values, parsed)
        return parsed.result()

    def parse_lists(self, documents: Sequence[bytes], path: Sequence[str]) -> Listed | None:
        """The rows of the list at a path in each of some objects; None when anything in them is not as it should be.

        Then their rows are to be parsed as lines, by which keys are learned too. An object stands on one line.
        """
        if not all(map(_is_object, documents)):
            return None
        shape = self._form.shape
        inner = pa.list_(pa.struct(list(shape.wire)))
        for step in reversed(path[1:]):
            inner = pa.struct([(step, inner)])
        try:
            options = pyarrow.json.ParseOptions(explicit_schema=pa.schema([pa.field(path[0], inner)]))
            table = _read(b"\n".join(documents), options)
            names = table.schema.names
            around = pa.StructArray.from_arrays([_whole(table, name) for name in names], names)
            lists = _lists_at(around, path) if len(around) == len(documents) else None
            if lists is None or _unknown(lists.type.value_type, shape.wire):
                return None
            rows = lists.flatten()
            if rows.null_count:
                return None
            return Listed(self._settled(rows.field, shape), lists.value_lengths().to_pylist(), around)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None

    def _read_into(self, held: list[Wired], lines: Lines, parsed: Pieces) -> None:
        """All lines: those that are clean are held, the others go to `parsed`, one that is known alone."""
        begin = 0
        while begin < len(lines):
            rest = lines.part(begin, len(lines))
            clean, dirty = self._stream_into(held, rest)
            if clean == len(rest):
                return
            begin += clean
            if dirty is None:
                stride = lines.stride(begin, _STRIDE)
                self._stride_into(held, stride, parsed)
                begin += len(stride)
            else:
                before, after = (dirty, dirty + 1) if dirty >= _CHUNK else (clean, clean + _CHUNK)
                self._read_into(held, rest.part(clean, before), parsed)
                self._one_by_one(rest.part(before, after), parsed)
                begin += after - clean

    def _stream_into(self, held: list[Wired], lines: Lines) -> tuple[int, int | None]:
        """How many lines were clean, and which one is dirty, when it is known."""
        form, clean, ends = self._form, 0, lines.ends(_PIECE)
        try:
            stream = form.stream(lines.text)
            if not form.knows(stream.schema):
                return clean, None
            for batch, end in zip(stream, ends, strict=False):
                if batch.num_rows != end - clean:
                    break
                held.append(Wired([batch], form, lines.part(clean, end)))
                clean = end
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            end = next(end for end in ends if end > clean)
            found = _suspect(str(error), lines.part(clean, end))
            return clean, None if found is None else clean + found
        return clean, None

    def _stride_into(self, held: list[Wired], stride: Lines, parsed: Pieces) -> None:
        """At once where they are clean, by which keys are learned; else around the dirty line."""
        found = self._clean(stride)
        if isinstance(found, Wired):
            held.append(found)
        elif found is None or len(stride) <= _CHUNK:
            self._eighths(stride, parsed)
        else:
            before, after = (found, found + 1) if found >= _CHUNK else (0, _CHUNK)
            self._read_into(held, stride.part(0, before), parsed)
            self._one_by_one(stride.part(before, after), parsed)
            self._read_into(held, stride.part(after, len(stride)), parsed)

    def _eighths(self, lines: Lines, parsed: Pieces) -> None:
        """Lines with a dirty one among them: smaller and smaller parts, at last line by line."""
        if len(lines) <= _CHUNK:
            self._one_by_one(lines, parsed)
            return
        size = max(_CHUNK, -(-len(lines) // 8))
        for start in range(0, len(lines), size):
            self._add(lines.part(start, min(start + size, len(lines))), parsed)

    def _clean(self, lines: Lines) -> Wired | int | None:
        """The rows when every line is clean, else the place of a dirty line, or None when nothing says where it is.

        Keys that nobody knows yet are learned.
        """
        form = self._form
        for _ in range(_RETRIES):
            try:
                table = form.read(lines.text)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                return _suspect(str(error), lines)
            if table.num_rows != len(lines):
                return None
            if form.knows(table.schema):
                return Wired(table.to_batches(), form, lines)
            grown = self._learn(_loaded(line) for _, line in lines)
            if grown is form:
                return None
            form = grown
        return None

    def _learn(self, values: Iterable[Any]) -> Form:
        with self._lock:
            shape = self.shape
            for value in values:
                if isinstance(value, dict):
                    shape = learned(shape, value)
            if shape is not self.shape:
                self.shape = shape
                grown = certain(shape)
                if grown != self._form.shape:
                    self._form = Form(grown)
            return self._form

    def _settled(self, values: Callable[[str], pa.Array], shape: Shape) -> pa.RecordBatch:
        arrays, names = [], []
        for key, (name, inner) in shape.fields.items():
            arrays.append(settle(values(key), inner, self._truncate))
            names.append(name)
        return pa.RecordBatch.from_arrays(arrays, names=names)

    def _one_by_one(self, lines: Iterable[tuple[int, bytes]], parsed: Pieces) -> None:
        values = []
        for number, line in lines:
            try:
                values.append((number, load_exactly(line), line))
            except ValueError as error:
                _require_one(line, parsed)
                parsed.reject(number, why_not(error), line)
        self.fit_into(values, parsed)

    def fit_into(self, values: Sequence[tuple[int, Any, bytes]], parsed: Pieces) -> None:
        """Objects that were read already, by their line in the block, with their original bytes."""
        form = self._learn(value for _, value, _ in values)
        kept, fitted = [], []
        for number, value, line in values:
            try:
                fitted.append(orjson.dumps(fit(value, form.shape, self._truncate)))
                kept.append((number, line))
            except Misfit as misfit:
                if misfit.column in self._personal:
                    misfit.reason = f"{misfit.column}: a value that does not fit its type"
                parsed.misfit(number, misfit, line)
            except orjson.JSONEncodeError as error:
                parsed.reject(number, f"not JSON: {error}", line)
        self._fitted(kept, fitted, form, parsed)

    def _fitted(self, lines: Sequence[tuple[int, bytes]], fitted: Sequence[bytes], form: Form, parsed: Pieces) -> None:
        if not lines:
            return
        try:
            rows = self._settled(partial(_whole, form.read(b"\n".join(fitted))), form.shape)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            if len(lines) == 1:
                parsed.reject(lines[0][0], "a value cannot be held by its column", lines[0][1])
                return
            for line, value in zip(lines, fitted, strict=True):
                self._fitted([line], [value], form, parsed)
        else:
            parsed.take(rows, np.array([number for number, _ in lines]))


def _whole(table: pa.Table, key: str) -> pa.Array:
    values = table.column(key)  # a last line without a newline comes as a chunk of its own
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


class Inexact(Exception):
    """Arrow read a value as another one: a number with a point, or a text that looks like a time."""


def exactly(value: pa.Array, path: Sequence[str]) -> Any:
    """An array of one value as JSON has it, the list at the path empty. Raises Inexact."""
    if not path:
        return []
    return {
        field.name: exactly(value.field(index), path[1:]) if field.name == path[0] else _exact(value.field(index))
        for index, field in enumerate(value.type)
    }


def _exact(value: pa.Array) -> Any:
    if not _is_exact(value.type):
        raise Inexact
    return value[0].as_py()


def _is_exact(type_: pa.DataType) -> bool:
    if pa.types.is_struct(type_):
        return all(_is_exact(field.type) for field in type_)
    if pa.types.is_list(type_):
        return _is_exact(type_.value_type)
    return type_ in _EXACT


def _lists_at(values: pa.Array, path: Sequence[str]) -> pa.ListArray | None:
    """The lists of objects at a path; None when there is no such list, or something else is in one."""
    for step in path:
        if values.null_count or not pa.types.is_struct(values.type) or values.type.get_field_index(step) < 0:
            return None
        values = values.field(step)
    of_objects = pa.types.is_list(values.type) and pa.types.is_struct(values.type.value_type)
    return values if of_objects and not values.null_count else None


def _is_object(document: bytes) -> bool:
    """Whether it may be an object, and is on one line."""
    one_line = document.startswith(b"{") and b"\n" not in document and b"\r" not in document
    return one_line and not is_deep(document) and is_utf8(document)


def _read(text: bytes | memoryview, options: pyarrow.json.ParseOptions) -> pa.Table:
    return pyarrow.json.read_json(
        pa.BufferReader(pa.py_buffer(text)),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1),
        parse_options=options,
    )


def _suspect(message: str, lines: Lines) -> int | None:
    """The line that Arrow's message is about: by its number, or by a value that stands in no other line."""
    if (row := _ROW.search(message)) and int(row[1]) < len(lines):
        return int(row[1])
    value = _VALUE.search(message)
    return lines.only(value[1].encode()) if value and value[1] else None


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


def _require_one(line: bytes, parsed: Pieces) -> None:
    if parsed.records and JOINT in line:
        raise Joined


def _broken(line: bytes) -> str:
    """Why a line cannot be a row at all, or an empty text. Blank lines are no rows and no rejects."""
    if not line:
        return ""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if not line.isascii() and not is_utf8(line):
            return "not UTF-8"
        told = str(error).split(":")[0]
        return _TOO_DEEP if "limit" in told else f"not JSON: {told}"
    return "" if isinstance(value, dict) else "not a JSON object"


def _loaded(line: bytes) -> Any:
    try:
        return load_exactly(line)
    except ValueError:
        return None


class TooDeep(ValueError):
    """A value in so many others that what walks through them would not come back."""


def load_exactly(line: bytes) -> Any:
    """Numbers with a point as Decimal, so that no digit is lost; a key that stands twice is an error, so is depth."""
    try:
        value = json.loads(line, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError:
        raise TooDeep(_TOO_DEEP) from None
    if line.count(b"[") + line.count(b"{") > _MOST_LEVELS:
        _require_levels(value)
    return value


def why_not(error: ValueError) -> str:
    """The reason of a reject that `load_exactly` raised for."""
    return str(error) if isinstance(error, TooDeep) else f"not JSON: {error}"


def _require_levels(value: Any) -> None:
    """Raises TooDeep."""
    within = [value]
    for _ in range(_MOST_LEVELS + 1):
        within = [item for one in within for item in _items(one)]
    if within:
        raise TooDeep(_TOO_DEEP)


def _items(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = Counter(key for key, _ in pairs)
        raise ValueError(f'"{names.most_common(1)[0][0]}" stands twice in one object')
    return result
