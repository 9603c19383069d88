"""Texts as MySQL's protocol sends them become typed arrays; those that have no type are named by row and reason.

Whole columns at once; only those with an odd text are looked at value by value. Never decides what the lake holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.database.typed_values import Bad, integers, nulled, without
from connectors.readers.mysql.types import ZERO, SourceColumn
from transforms.lake_types import INTEGERS, Type

_MOMENTS: dict[str, tuple[pa.DataType, type[date]]] = {
    "date": (pa.date32(), date),
    "timestamp": (pa.timestamp("us"), datetime),
}
ZERO_DATE = "{} is a zero date; write zero_dates: as_null to make NULL of it"


@dataclass(frozen=True)
class Manner:
    """How values are taken that can mean two things. `zone` is that of datetimes; None is UTC."""

    zone: ZoneInfo | None = None
    zero_as_null: bool = False


def typed(values: pa.Array, column: SourceColumn, declared: Type, manner: Manner) -> tuple[pa.Array, Bad]:
    """The array with a type of which `held` makes the declared one, NULL where the text has no such value."""
    if declared.name == "varbinary":
        return values, {}
    if declared.name == "varchar":
        return _texts(values)
    texts = pa.Array.from_buffers(pa.string(), len(values), values.buffers(), values.null_count)
    if declared.name in INTEGERS:
        return integers(texts, declared)
    if declared.name == "boolean":
        return _booleans(texts, column)
    if declared.name in _MOMENTS:
        moments, bad = _moments(texts, declared, manner)
        if column.zoneless and manner.zone is not None:
            return _zoned(moments, bad, manner.zone)
        return moments, bad
    return (texts if declared.name == "decimal" else texts.cast(pa.float64())), {}


def _texts(values: pa.Array) -> tuple[pa.Array, Bad]:
    try:
        return values.cast(pa.string()), {}
    except pa.ArrowInvalid:
        bad: Bad = {}
        for row, value in enumerate(values.to_pylist()):
            try:
                (value or b"").decode()
            except UnicodeDecodeError:
                bad[row] = "bytes that are not UTF-8; write binary"
        return nulled(values, bad).cast(pa.string()), bad


def _booleans(texts: pa.Array, column: SourceColumn) -> tuple[pa.Array, Bad]:
    odd = pc.fill_null(pc.invert(pc.is_in(texts, value_set=pa.array(["0", "1"]))), False)
    rows = pc.indices_nonzero(pc.and_(odd, pc.is_valid(texts))).to_pylist()
    wider = "smallint" if column.unsigned else "tinyint"
    bad = {row: f"{texts[row]} is neither 0 nor 1; write {wider} to keep the number" for row in rows}
    return pc.equal(nulled(texts, bad) if bad else texts, "1"), bad


def _moments(texts: pa.Array, declared: Type, manner: Manner) -> tuple[pa.Array, Bad]:
    wanted, python = _MOMENTS[declared.name]
    try:
        return texts.cast(wanted), {}
    except pa.ArrowInvalid:
        zero = pc.fill_null(pc.starts_with(texts, ZERO), False)
        texts, bad = without(texts, zero, ZERO_DATE.format(ZERO))
    try:
        found = texts.cast(wanted)
    except pa.ArrowInvalid:
        read: Callable[[str], Any] = python.fromisoformat
        odd: Bad = {}
        for row, text in enumerate(texts.to_pylist()):
            try:
                read(text or "2000-01-01")
            except ValueError:
                odd[row] = f"{text} is a {declared.name} that no calendar has"
        found, bad = nulled(texts, odd).cast(wanted), bad | odd
    return found, {row: reason for row, reason in bad.items() if not (manner.zero_as_null and zero[row].as_py())}


def _zoned(moments: pa.Array, bad: Bad, zone: ZoneInfo) -> tuple[pa.Array, Bad]:
    """Wall times of a zone in UTC. Those that its clock shows twice, or never, are bad."""
    first, last = (
        pc.assume_timezone(moments, zone.key, ambiguous=which, nonexistent=which).cast(pa.timestamp("us", "UTC"))
        for which in ("earliest", "latest")
    )
    unclear = pc.fill_null(pc.not_equal(first, last), False)
    reason = f"a time that clocks of {zone.key} show twice or never"
    found, wrong = without(first.cast(pa.timestamp("us")), unclear, reason)
    return found, bad | wrong
