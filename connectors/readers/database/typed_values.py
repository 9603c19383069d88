"""Arrow arrays of a database's types become the lake's arrays; values that do not fit are named by row and reason.

Whole columns at once; only columns with a bad value are looked at value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from connectors.arrow_types import arrow_type
from connectors.readers.json_shape import UNDER_A_MILLISECOND, Misfit, column_name, fit_decimal
from connectors.readers.settle import milliseconds
from transforms.lake_types import DOUBLE_DIGITS, INTEGERS, Field, Type, array

Bad = dict[int, str]
"""Row of the batch -> why its value cannot be held."""
_FIRST_MICROSECOND, _LAST_MICROSECOND = -62135596800000000, 253402300799999999
_TOLD = 60
"""Digits of a number."""
_FIRST_DAY, _LAST_DAY = -719162, 2932896


def held(values: pa.Array, declared: Type, truncate: bool) -> tuple[pa.Array, Bad]:
    """The array in the lake's type, NULL where the value is bad."""
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if pa.types.is_fixed_size_list(values.type):
        values = values.cast(pa.list_(values.type.value_field))
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), arrow_type(declared)), {}
    if declared.name == "array":
        return _held_lists(values, declared, truncate)
    if declared.name == "row":
        return _held_rows(values, declared, truncate)
    if declared.name == "map":
        return _held_maps(values, declared, truncate)
    if declared.name == "decimal":
        return _held_decimals(values, declared)
    if declared.name == "timestamp":
        return _held_timestamps(values, truncate)
    if declared.name == "date":
        days = values.cast(pa.int32())
        return without(values, _outside(days, _FIRST_DAY, _LAST_DAY), "a day outside the years 1 to 9999, or infinity")
    if declared.name in ("real", "double"):
        return _held_floats(values, declared)
    if declared.name in INTEGERS and pa.types.is_string(values.type):
        return integers(values, declared)
    return values.cast(arrow_type(declared)), {}


def _held_lists(values: pa.Array, declared: Type, truncate: bool) -> tuple[pa.Array, Bad]:
    inner, bad = held(values.values, declared.element, truncate)
    mask = values.is_null() if values.null_count else None
    lists = pa.ListArray.from_arrays(values.offsets, inner, mask=mask)
    if not bad:
        return lists, {}
    rows = pc.list_parent_indices(values).to_pylist()
    first = values.offsets[0].as_py()
    reasons = {rows[position - first]: f"an element is {reason}" for position, reason in bad.items()}
    return nulled(lists, reasons), reasons


def _held_rows(values: pa.Array, declared: Type, truncate: bool) -> tuple[pa.Array, Bad]:
    """Fields by the names that they have in the lake; those that are not there are NULL."""
    children = {column_name(part.name): child for part, child in zip(values.type, values.flatten(), strict=True)}
    arrays, bad = [], Bad()
    for field in declared.fields:
        child = children.get(field.name or "")
        inner, reasons = (
            (pa.nulls(len(values), arrow_type(field.type)), Bad())
            if child is None
            else held(child, field.type, truncate)
        )
        arrays.append(inner)
        for row, reason in reasons.items():
            bad.setdefault(row, f"{field.name} is {reason}")
    mask = values.is_null() if values.null_count else None
    rows = pa.StructArray.from_arrays(arrays, names=[field.name for field in declared.fields], mask=mask)
    return (nulled(rows, bad) if bad else rows), bad


def _held_maps(values: pa.Array, declared: Type, truncate: bool) -> tuple[pa.Array, Bad]:
    """Keys and values as lists, which name the rows of what does not fit."""
    lists = pa.list_(pa.struct([("key", values.type.key_type), ("value", values.type.item_type)]))
    entry = Type("row", (), (), (Field("key", declared.parts[0]), Field("value", declared.parts[1])))
    entries, bad = held(values.cast(lists), array(entry), truncate)
    offsets, inner = entries.offsets, entries.values
    mask = entries.is_null() if entries.null_count else None
    return pa.MapArray.from_arrays(offsets, inner.field(0), inner.field(1), mask=mask), bad


def _held_decimals(values: pa.Array, declared: Type) -> tuple[pa.Array, Bad]:
    wanted = arrow_type(declared)
    try:
        return values.cast(wanted), {}
    except pa.ArrowInvalid:
        return _one_by_one(values, declared, lambda text: Decimal(fit_decimal(Decimal(text), declared)))


def integers(values: pa.Array, declared: Type) -> tuple[pa.Array, Bad]:
    """Whole numbers of texts."""
    try:
        return values.cast(arrow_type(declared)), {}
    except pa.ArrowInvalid:
        return _one_by_one(values, declared, lambda text: int(fit_decimal(Decimal(text), Type("decimal", (38, 0)))))


def _one_by_one(values: pa.Array, declared: Type, convert: Callable[[str], int | Decimal]) -> tuple[pa.Array, Bad]:
    """Numbers of texts; `convert` raises Misfit for a text whose number cannot be held."""
    result: list[int | Decimal | None] = []
    bad: Bad = {}
    for row, text in enumerate(values.cast(pa.string()).to_pylist()):
        try:
            result.append(None if text is None else convert(text))
        except Misfit as misfit:
            result.append(None)
            bad[row] = misfit.reason
        except InvalidOperation:
            result.append(None)
            bad[row] = f"{text} is not {declared.hive}"
    try:
        return pa.array(result, arrow_type(declared)), bad
    except (OverflowError, pa.ArrowInvalid):
        limit = 1 << (arrow_type(declared).bit_width - 1)
        for row, number in enumerate(result):
            if number is not None and not -limit <= number < limit:
                bad[row] = f"{number} is too large for {declared.hive}"
        return pa.array(
            [None if row in bad else number for row, number in enumerate(result)], arrow_type(declared)
        ), bad


def _held_timestamps(values: pa.Array, truncate: bool) -> tuple[pa.Array, Bad]:
    if values.type.unit == "ns":
        return _held_nanoseconds(values, truncate)
    ticks = values.cast(pa.timestamp("us")).cast(pa.int64())
    inside, bad = without(
        values,
        _outside(ticks, _FIRST_MICROSECOND, _LAST_MICROSECOND),
        "a time outside the years 1 to 9999, or infinity",
    )
    naive = inside.cast(pa.timestamp("us"))
    try:
        return milliseconds(naive, truncate), bad
    except pa.ArrowInvalid:
        whole = pc.floor_temporal(naive, unit="millisecond")
        finer = pc.fill_null(pc.not_equal(whole, naive), False)
        texts = pc.filter(naive, finer).cast(pa.string()).to_pylist()
        rows = pc.indices_nonzero(finer).to_pylist()
        bad |= {row: UNDER_A_MILLISECOND.format(text) for row, text in zip(rows, texts, strict=True)}
        return nulled(whole, bad).cast(pa.timestamp("ms")), bad


def _held_nanoseconds(values: pa.Array, truncate: bool) -> tuple[pa.Array, Bad]:
    """These lie within the years that the lake holds."""
    whole = pc.floor_temporal(values, unit="millisecond")
    finer = pc.fill_null(pc.not_equal(whole, values), False)
    rows = [] if truncate else pc.indices_nonzero(finer).to_pylist()
    bad = {row: UNDER_A_MILLISECOND.format(values[row].cast(pa.string()).as_py()) for row in rows}
    kept = whole.cast(pa.timestamp("ms"))
    return (nulled(kept, bad) if bad else kept), bad


def _held_floats(values: pa.Array, declared: Type) -> tuple[pa.Array, Bad]:
    numbers = values.cast(pa.float64()) if not pa.types.is_floating(values.type) else values
    kept, bad = without(
        numbers.cast(arrow_type(declared)), pc.fill_null(pc.is_nan(numbers), False), "NaN, which the lake does not hold"
    )
    inexact = _rounded(values, numbers) if pa.types.is_string(values.type) else {}
    return (nulled(kept, inexact), bad | inexact) if inexact else (kept, bad)


def _rounded(texts: pa.Array, numbers: pa.Array) -> Bad:
    """The decimal numbers of which a double is another one."""
    long = pc.fill_null(pc.greater(pc.utf8_length(texts), DOUBLE_DIGITS), False)
    bad: Bad = {}
    for row in pc.indices_nonzero(long).to_pylist():
        told = rounded(texts[row].as_py(), numbers[row].as_py())
        if told:
            bad[row] = told
    return bad


def rounded(text: str, number: float) -> str:
    """Why a double is another number than a text; empty where it is that number, or is written as it."""
    if Decimal(text) in (Decimal(number), Decimal(repr(number))):
        return ""
    told = text if len(text) <= _TOLD else f"{text[:_TOLD]}.."
    return f"{told} is rounded as a double; write decimal(38,9) or string"


def _outside(numbers: pa.Array, least: int, most: int) -> pa.Array:
    return pc.fill_null(pc.or_(pc.less(numbers, least), pc.greater(numbers, most)), False)


def without(values: pa.Array, bad: pa.Array, reason: str) -> tuple[pa.Array, Bad]:
    """The array, NULL where `bad` says so, and the reason for each such row."""
    if not pc.any(bad).as_py():
        return values, {}
    rows = dict.fromkeys(pc.indices_nonzero(bad).to_pylist(), reason)
    return pc.if_else(bad, pa.scalar(None, values.type), values), rows


def nulled(values: pa.Array, bad: Container[int]) -> pa.Array:
    """The array, NULL in these rows."""
    keep = pa.array([row not in bad for row in range(len(values))])
    return pc.if_else(keep, values, pa.scalar(None, values.type))
