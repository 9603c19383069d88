"""Types of columns that nobody declared, by a sample of their values: the narrowest that holds each of them.

Proposes; what a reader does with a value of a declared type decides here too. Never reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors.lake_names import lake_name
from connectors.live import LiveColumn
from connectors.readers.cells import Cells
from connectors.readers.grid import Cell, is_blank
from connectors.readers.grid_values import natural, text, value
from connectors.readers.json_shape import Misfit, Shape, column_name, fit
from transforms.lake_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, Type
from transforms.source import SourceTable

_IDENTIFIER = re.compile(r"\s*[-+]?(0\d+|\d{19,})\s*\Z")
"""A text of digits that a number would not keep: 00123."""
_WORDS = re.compile(r"\s*(true|false)\s*\Z", re.IGNORECASE)
_MOMENT = re.compile(r"\s*\d{4}\D")
_MOST_SAMPLES = 200


Convert = Callable[[Any, Type], Any]
"""A value of a source as JSON would hold it in a column of a type. Raises Misfit."""


@dataclass
class Sample:
    """What was found; `word` is what the table may be called, where its files say so."""

    columns: list[LiveColumn] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    word: str = ""


def as_it_is(value: Any, type_: Type) -> Any:
    """For sources of JSON."""
    return value


def live_column(
    name: str, type_: Type, values: Iterable[Any], convert: Convert = as_it_is, written: str = "", note: str = ""
) -> LiveColumn:
    """A column with these values, none of them empty; a name that the lake could not have says what it is."""
    kept = list(values)
    samples = tuple(one for one in map(_shown, kept[:_MOST_SAMPLES]) if one) if type_ == VARCHAR else ()
    finer = type_ == TIMESTAMP and not _holds(type_, kept, convert, truncate=False)
    comment = "" if name.isascii() else name
    taken = partial(_holds, values=kept, convert=convert)
    return LiveColumn(name, type_, written or type_.hive, taken, comment, finer, note, samples)


def text_type(texts: Sequence[str], convert: Convert) -> Type:
    """Of texts that are read as `convert` does."""
    if not texts or any(map(_IDENTIFIER.match, texts)):
        return VARCHAR
    if all(map(_WORDS.match, texts)):
        return BOOLEAN
    moments = all(map(_MOMENT.match, texts))
    for type_ in (DATE, TIMESTAMP) if moments else (BIGINT, DOUBLE, DATE):
        if _holds(type_, texts, convert):
            return type_
    return VARCHAR


def json_type(shape: Type, values: Sequence[Any]) -> Type:
    """A learned type; texts that all are days or moments, as JSON has them, are such."""
    if shape != VARCHAR or not values or not all(isinstance(one, str) and _MOMENT.match(one) for one in values):
        return shape
    return next((type_ for type_ in (DATE, TIMESTAMP) if _holds(type_, values, as_it_is)), VARCHAR)


def cells_column(name: str, cells: Sequence[Cell], options: Cells) -> LiveColumn:
    """A column of a sheet."""

    def convert(cell: Cell, type_: Type) -> Any:
        return value(cell, type_, options, errors_as_null=True)

    filled = [cell for cell in cells if not is_blank(cell)]
    types = {type_ for cell in filled if (type_ := natural(cell)) is not None}
    note, texts = "", [cell for cell in filled if isinstance(cell, str) and natural(cell) is not None]
    if types == {VARCHAR} and len(texts) == sum(natural(cell) is not None for cell in filled):
        found = text_type(texts, convert)
    elif types <= {BIGINT, DOUBLE} and types:
        found = DOUBLE if DOUBLE in types else BIGINT
    elif types <= {DATE, TIMESTAMP} and types:
        found = TIMESTAMP if TIMESTAMP in types else DATE
    else:
        found = BOOLEAN if types == {BOOLEAN} else VARCHAR
        if len(types) > 1:
            note = f"text: its cells are of several kinds, {len(texts):,} of {len(filled):,} are texts"
    written = " and ".join(sorted(one.hive for one in types)) or "nothing"
    return live_column(name, found, filled, convert, written, note)


def told_name(key: str, table: SourceTable | None) -> str:
    """The name that a column goes by: the one of the lake where that needs no mapping, or as it is declared."""
    own = column_name(key)
    if table is None:
        return own if own == lake_name(key) else key
    mapping = table.options.get("columns", {})
    declared = {column.name for column in table.columns} | table.dropped
    return key if key in mapping or (own not in declared and own != lake_name(key)) else own


def _holds(type_: Type, values: Iterable[Any], convert: Convert, *, truncate: bool = True) -> bool:
    shape = Shape.of(type_)
    try:
        for one in values:
            fit(convert(one, type_), shape, truncate)
    except Misfit:
        return False
    return True


def _shown(one: Any) -> str:
    return one if isinstance(one, str) else "" if isinstance(one, dict | list) else text(one)
