"""Types of columns that nobody declared, by a sample of their values: the narrowest that holds each of them.

Proposes; what a reader does with a value of a declared type decides here too. Never reads a file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from math import ceil
from typing import Any, TypeVar

from connectors.lake_names import lake_name
from connectors.live import LiveColumn
from connectors.readers.cells import Cells
from connectors.readers.grid.sheet import Cell
from connectors.readers.grid.values import natural, text, value
from connectors.readers.json_shape import Misfit, Shape, certain, column_name, fit, learned
from transforms.lake_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, UNKNOWN, VARCHAR, Type
from transforms.source import SourceTable

_IDENTIFIER = re.compile(r"\s*[-+]?(0\d+|\d{19,})\s*\Z")
"""A text of digits that a number would not keep: 00123."""
_WORDS = re.compile(r"\s*(true|false)\s*\Z", re.IGNORECASE)
_MOMENT = re.compile(r"\s*\d{4}\D")
_MOST_SAMPLES = 200
TOLERATED = 0.01
"""Of the values of a column, so many may be dirt, which says nothing about its type."""
_FEW = 0.0005
"""Of rows, so many rejects are less than `rejects:` allows by itself."""
_MOST_REJECTS = 50
"""Percent of rows, over which nothing is proposed: most of what such a run lands would be luck."""
_KINDS = {BIGINT: DOUBLE, DOUBLE: DOUBLE, DATE: TIMESTAMP, TIMESTAMP: TIMESTAMP, BOOLEAN: BOOLEAN}
"""Types of cells that one column may have together, and the type that it then has."""
T = TypeVar("T")

Convert = Callable[[Any, Type], Any]
"""A value of a source as JSON would hold it in a column of a type. Raises Misfit."""


@dataclass
class Sample:
    """What was found. `rows` were looked at, of which `bad` would be rejects, about; `reason` is that of the first.

    `told` are notes that a person should not only find in the file.
    """

    columns: list[LiveColumn] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    rows: int = 0
    bad: int = 0
    reason: str = ""

    def add(
        self, name: str, type_: Type, values: Sequence[Any], convert: Convert, written: str = "", note: str = ""
    ) -> None:
        """A column with these values, none of them empty; a name that the lake could not have says what it is."""
        samples = tuple(one for one in map(_shown, values[:_MOST_SAMPLES]) if one) if type_ == VARCHAR else ()
        finer = type_ == TIMESTAMP and not _holds(type_, values, convert, truncate=False)
        comment = "" if name.isascii() else name
        taken = partial(_holds, values=values, convert=convert)
        self.spoil(_misfits(type_, values, convert), f"{name} has values that are not {type_.hive}")
        column = LiveColumn(name, type_, written or type_.hive, taken, comment, finer, note, samples)
        self.columns.append(column)

    def spoil(self, count: int, reason: str) -> None:
        """So many more would be rejects; the reason shows no value, which may be personal."""
        self.bad += count
        self.reason = self.reason or (reason if count else "")

    def end(self) -> Sample:
        """With what must be declared so that the rows that are like the bad ones do not stop a run, if they are few."""
        share = self.bad / self.rows if self.rows else 0
        if share <= _FEW:
            return self
        note = f"of {self.rows:,} rows that were looked at, about {self.bad:,} would be rejects"
        percent = max(1, ceil(200 * share))
        if percent <= _MOST_REJECTS:
            self.words["rejects"] = f"{percent}%"
            self.told.append(f"{note}, so rejects: {percent}% is written; the first: {self.reason}")
        else:
            self.told.append(
                f"{note}, too many to allow, so a run fails until files or types are mended; the first: {self.reason}"
            )
        self.notes.append(note)
        return self


def as_it_is(value: Any, type_: Type) -> Any:
    """For sources of JSON."""
    return value


def text_type(texts: Sequence[str], convert: Convert) -> Type:
    """Of texts that are read as `convert` does."""
    if not texts or any(map(_IDENTIFIER.match, texts)):
        return VARCHAR
    if all(map(_WORDS.match, texts)):
        return BOOLEAN
    moments = sum(map(bool, map(_MOMENT.match, texts))) >= (1 - TOLERATED) * len(texts)
    for type_ in (DATE, TIMESTAMP) if moments else (BIGINT, DOUBLE, DATE):
        if _holds(type_, texts, convert):
            return type_
    return VARCHAR


def json_type(values: Sequence[Any]) -> Type:
    """Of values of JSON that are mostly of one kind; texts that are days or moments, as JSON has them, are such."""
    kept = mostly(values, _json_kind)
    if not kept:
        return VARCHAR
    shape = Shape(UNKNOWN, learned=True)
    for one in kept:
        shape = learned(shape, one)
    type_ = certain(shape).settled
    if type_ != VARCHAR or not all(isinstance(one, str) for one in kept):
        return type_
    if sum(map(bool, map(_MOMENT.match, kept))) < (1 - TOLERATED) * len(kept):
        return VARCHAR
    return next((type_ for type_ in (DATE, TIMESTAMP) if _holds(type_, kept, as_it_is)), VARCHAR)


def _json_kind(one: Any) -> str:
    return "number" if isinstance(one, int | Decimal) and not isinstance(one, bool) else type(one).__name__


def mostly(values: Sequence[T], kind: Callable[[T], Hashable]) -> list[T]:
    """The values of the kind that nearly all of them have; all of them, when there is none."""
    counts = Counter(map(kind, values))
    if not counts:
        return []
    most, count = counts.most_common(1)[0]
    return [one for one in values if kind(one) == most] if count >= (1 - TOLERATED) * len(values) else list(values)


def add_cells(sample: Sample, name: str, cells: Sequence[Cell], options: Cells) -> None:
    """A column of a sheet."""

    def convert(cell: Cell, type_: Type) -> Any:
        return value(cell, type_, options, errors_as_null=True)

    filled = [cell for cell in cells if natural(cell) is not None]
    kept = mostly(filled, lambda cell: _KINDS.get(natural(cell) or VARCHAR, VARCHAR))
    types = {type_ for cell in kept if (type_ := natural(cell)) is not None}
    note, texts = "", [cell for cell in kept if isinstance(cell, str)]
    if types == {VARCHAR} and len(texts) == len(kept):
        found = text_type(texts, convert)
    elif len(kinds := {_KINDS.get(one, VARCHAR) for one in types}) == 1:
        found = next(iter(kinds)) if len(types) > 1 else next(iter(types))
    else:
        found = VARCHAR
        if types:
            note = f"text: its cells are of several kinds, {len(texts):,} of {len(filled):,} are texts"
    written = " and ".join(sorted(one.hive for one in types)) or "nothing"
    sample.add(name, found, filled, convert, written, note)


def told_name(key: str, table: SourceTable | None) -> str:
    """The name that a column goes by: the one of the lake where that needs no mapping, or as it is declared."""
    own = column_name(key)
    if table is None:
        return own if own == lake_name(key) else key
    mapping = table.options.get("columns", {})
    declared = {column.name for column in table.columns} | table.dropped
    return key if key in mapping or (own not in declared and own != lake_name(key)) else own


def _holds(type_: Type, values: Sequence[Any], convert: Convert, *, truncate: bool = True) -> bool:
    allowed = int(TOLERATED * len(values)) if truncate else 0
    return _misfits(type_, values, convert, truncate=truncate, most=allowed) <= allowed


def _misfits(
    type_: Type, values: Sequence[Any], convert: Convert, *, truncate: bool = True, most: int | None = None
) -> int:
    """How many values a type does not hold; counting ends behind `most`."""
    shape, count = Shape.of(type_), 0
    for one in values:
        try:
            fit(convert(one, type_), shape, truncate)
        except Misfit:
            count += 1
            if most is not None and count > most:
                break
    return count


def _shown(one: Any) -> str:
    if isinstance(one, Decimal):  # JSON has it beside texts, a sheet has none
        return str(one)
    return one if isinstance(one, str) else "" if isinstance(one, dict | list) else text(one)
