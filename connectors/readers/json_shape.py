"""What JSON objects must look like to become rows: each key's column and type, learned where nobody declared it.

Decides how one JSON value fits one lake type, and which type a new key gets. Never reads text and never drops a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import pyarrow as pa

from connectors.arrow_types import arrow_type
from transforms.column import Column
from transforms.lake_types import BIGINT, BOOLEAN, DOUBLE, UNKNOWN, VARCHAR, Field, Type, array

_RANGE = {"tinyint": 1 << 7, "smallint": 1 << 15, "integer": 1 << 31, "bigint": 1 << 63}
_MICROSECONDS = pa.timestamp("us")
_EXACT = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN)


class Misfit(ValueError):
    """A value that does not fit its column. `column` is the top-level one, `found` the type that the value has."""

    def __init__(self, reason: str, found: Type | None = None) -> None:
        super().__init__(reason)
        self.reason, self.found = reason, found
        self.column = ""


@dataclass(frozen=True)
class Shape:
    """A lake type together with the JSON keys of its fields. Rows have `fields`: key -> (name, shape).

    `learned`: nobody declared it, so that it may still become wider.
    """

    type: Type
    fields: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    element: Shape | None = None
    learned: bool = False

    @staticmethod
    def of(type_: Type, *, learned: bool = False) -> Shape:
        """The shape of a declared type: keys are the names of fields."""
        if type_.name == "row":
            parts = {str(f.name): (str(f.name), Shape.of(f.type, learned=learned)) for f in type_.fields}
            return Shape(type_, parts, None, learned)
        if type_.name == "array":
            return Shape(type_, {}, Shape.of(type_.element, learned=learned), learned)
        return Shape(type_, {}, None, learned)

    @staticmethod
    def of_columns(columns: Iterable[Column], keys: dict[str, str]) -> Shape:
        """The shape of whole rows; `keys` names the JSON key of columns that have another name there."""
        parts = {keys.get(c.name, c.name): (c.name, Shape.of(c.type)) for c in columns}
        return Shape(Type("row"), parts)

    @cached_property
    def wire(self) -> pa.DataType:
        """The type to parse JSON text into: what can be settled into the lake's type without a loss."""
        if self.type.name == "row":
            return pa.struct([pa.field(key, shape.wire) for key, (_, shape) in self.fields.items()])
        if self.element is not None:
            return pa.list_(self.element.wire)
        if self.type.name == "timestamp":
            return _MICROSECONDS
        if self.type.name in ("date", "map"):
            return pa.string()
        return arrow_type(self.type)

    @cached_property
    def arrow(self) -> pa.DataType:
        """The lake type as Arrow's."""
        return arrow_type(self.settled)

    @cached_property
    def settled(self) -> Type:
        """The lake type, with the fields that were learned since."""
        if self.type.name == "row":
            return Type("row", (), (), tuple(Field(name, shape.settled) for name, shape in self.fields.values()))
        return array(self.element.settled) if self.element is not None else self.type

    def key_for(self, key: str) -> str | None:
        """The key under which the field stands that this key means; None for an unknown key."""
        if key in self.fields:
            return key
        name = column_name(key)
        return next((known for known, (other, _) in self.fields.items() if other == name), None)


def column_name(key: str) -> str:
    """The lake's name of a JSON key: lower case letters, digits and underscores.

    >>> column_name("userId"), column_name("utm-source"), column_name("2nd")
    ('userid', 'utm_source', '_2nd')
    """
    name = re.sub(r"[^a-z0-9_]+", "_", key.lower())
    return name if re.match(r"[a-z_]", name) else f"_{name}"


def fit(value: Any, shape: Shape, truncate: bool) -> Any:
    """The value as the wire type takes it. Raises Misfit. Numbers with a point come as Decimal."""
    if value is None:
        return None
    name = shape.type.name
    if name == "row":
        return _fit_row(value, shape, truncate)
    if shape.element is not None:
        if not isinstance(value, list):
            raise _wrong(value, shape.type)
        return [fit(item, shape.element, truncate) for item in value]
    if name == "varchar":
        return value if isinstance(value, str) else json_text(value)
    if name in _RANGE:
        return _fit_integer(value, shape.type)
    if name in ("double", "real"):
        return _fit_float(value, shape.type)
    if name == "decimal":
        return _fit_decimal(value, shape.type)
    if name == "map":
        return _fit_map(value, shape.type, truncate)
    if name == "boolean" and isinstance(value, bool):
        return value
    if name == "timestamp" and isinstance(value, str):
        return fit_timestamp(value, truncate)
    if name in ("date", "varbinary") and isinstance(value, str):
        return fit_date(value) if name == "date" else value
    raise _wrong(value, shape.type)


def _fit_row(value: Any, shape: Shape, truncate: bool) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(value, shape.type)
    result: dict[str, Any] = {}
    for key, item in value.items():
        known = shape.key_for(key)
        if known is None or item is None:
            continue
        if result.get(known) is not None:
            raise Misfit(f'"{key}" and another key of the same column both have values')
        try:
            result[known] = fit(item, shape.fields[known][1], truncate)
        except Misfit as misfit:
            name = shape.fields[known][0]
            misfit.reason = f"{name}{'.' if misfit.column else ': '}{misfit.reason}"
            misfit.column = name
            raise
    return result


def _fit_integer(value: Any, type_: Type) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong(value, type_)
    if isinstance(value, Decimal) and (
        not value.is_finite() or value.adjusted() > 40 or value != value.to_integral_value()
    ):
        raise _wrong(value, type_)
    if not -_RANGE[type_.name] <= value < _RANGE[type_.name]:
        raise Misfit(f"{_shown(value)} is too large for {type_.hive}", _type_of(value))
    return int(value)


def _fit_float(value: Any, type_: Type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong(value, type_)
    try:
        result = float(value)
    except OverflowError:
        result = float("inf")
    if result in (float("inf"), float("-inf")):
        raise Misfit(f"{_shown(value)} is too large for {type_.hive}")
    return result


def _fit_decimal(value: Any, type_: Type) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _wrong(value, type_)
    try:
        return fit_decimal(Decimal(value), type_)
    except InvalidOperation:
        raise _wrong(value, type_) from None


def fit_decimal(number: Decimal, type_: Type) -> str:
    """Plain digits that the decimal type holds exactly. Raises Misfit."""
    precision, scale = type_.numbers
    if not number.is_finite():
        raise Misfit(f"{number} has no place in {type_.hive}")
    sign, digits, exponent = number.normalize(_EXACT).as_tuple()
    if any(digits) and -int(exponent) > scale:
        raise Misfit(f"{_shown(number)} has more than {scale} decimals", Type("decimal", (38, min(38, -int(exponent)))))
    if any(digits) and len(digits) + int(exponent) > precision - scale:
        raise Misfit(f"{_shown(number)} has more digits than {type_.hive} holds")
    return f"{'-' if sign else ''}{number.copy_abs():f}" if any(digits) else "0"


def _fit_map(value: Any, type_: Type, truncate: bool) -> str:
    if not isinstance(value, dict) or type_.parts[0].name != "varchar":
        raise _wrong(value, type_)
    inner = Shape.of(type_.parts[1])
    if inner.fields or inner.element:
        raise Misfit("a map of arrays or structs cannot be read; write the column as string")
    return json.dumps({key: fit(item, inner, truncate) for key, item in value.items()})


def fit_date(text: str) -> str:
    """`2024-05-01` or `20240501`. Raises Misfit."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Misfit(f'"{_shown(text)}" is not a date', VARCHAR) from None


def fit_timestamp(text: str, truncate: bool) -> str:
    """UTC, in milliseconds; a time without a zone is UTC. Raises Misfit."""
    stripped = re.sub(r"(\.\d{6})(\d+)", r"\1", text)
    rest = re.search(r"\.\d{6}(\d+)", text)
    try:
        value = datetime.fromisoformat(stripped)
        value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except (ValueError, OverflowError):
        raise Misfit(f'"{_shown(text)}" is not a timestamp', VARCHAR) from None
    if not truncate and (value.microsecond % 1000 or (rest and rest[1].strip("0"))):
        raise Misfit(UNDER_A_MILLISECOND.format(_shown(text)))
    return value.isoformat(timespec="milliseconds")


UNDER_A_MILLISECOND = "{} has digits under a millisecond, which the lake does not hold; write timestamps: truncate"


def json_text(value: Any) -> str:
    """A value as JSON text, numbers as they were written."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{json_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def learned(shape: Shape, value: Any) -> Shape:
    """The shape with the keys of a row that it does not know yet, and its own guesses widened to hold the value."""
    if value is None:
        return shape
    if shape.type.name == "row" and isinstance(value, dict):
        return _learned_row(shape, value)
    if shape.element is not None and isinstance(value, list):
        element = shape.element
        for item in value:
            element = learned(element, item)
        return shape if element is shape.element else replace(shape, type=array(element.settled), element=element)
    if not shape.learned:
        return shape
    return _unified(shape, guess(value))


def _learned_row(shape: Shape, value: dict[str, Any]) -> Shape:
    fields = dict(shape.fields)
    for key, item in value.items():
        if item is None:
            continue
        if key in fields:
            name, inner = fields[key]
            grown = learned(inner, item)
            if grown is not inner:
                fields[key] = (name, grown)
            continue
        known = shape.key_for(key)
        if known is None:
            fields[key] = (column_name(key), guess(item))
        elif known in fields and known not in value:
            fields = {key if k == known else k: found for k, found in fields.items()}
    return shape if fields == shape.fields else replace(shape, fields=fields)


def guess(value: Any) -> Shape:
    """The shape that a value without a declaration gets. Text stays text, whatever it looks like."""
    if isinstance(value, dict):
        grown = _learned_row(Shape(Type("row"), learned=True), value)
        return grown if grown.fields else Shape(VARCHAR, learned=True)
    if isinstance(value, list):
        element = Shape(UNKNOWN, learned=True)
        for item in value:
            element = learned(element, item)
        return Shape(array(element.settled), {}, element, True)
    return Shape(_type_of(value), learned=True)


def _unified(old: Shape, new: Shape) -> Shape:
    if old.type.name == "unknown" or old == new:
        return new if old.type.name == "unknown" else old
    if new.type.name == "unknown":
        return old
    if old.element is not None and new.element is not None:
        element = _unified(old.element, new.element)
        return old if element is old.element else Shape(array(element.settled), {}, element, True)
    if {old.type, new.type} == {BIGINT, DOUBLE}:
        return Shape(DOUBLE, learned=True)
    return old if old.type == VARCHAR else Shape(VARCHAR, learned=True)


def certain(shape: Shape) -> Shape:
    """The shape without unknown types: arrays that were always empty are arrays of text."""
    if shape.type == UNKNOWN:
        return replace(shape, type=VARCHAR)
    if shape.element is not None:
        element = certain(shape.element)
        return shape if element is shape.element else replace(shape, type=array(element.settled), element=element)
    fields = {key: (name, certain(inner)) for key, (name, inner) in shape.fields.items()}
    return shape if fields == shape.fields else replace(shape, fields=fields)


def _type_of(value: Any) -> Type:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        return BIGINT if -(1 << 63) <= value < 1 << 63 else VARCHAR
    if isinstance(value, Decimal | float):
        return DOUBLE
    return VARCHAR


def _wrong(value: Any, type_: Type) -> Misfit:
    found = guess(value).settled if isinstance(value, dict | list) else _type_of(value)
    kind = {dict: "an object", list: "an array", str: "text", bool: "a boolean"}.get(type(value), "a number")
    shown = "" if isinstance(value, dict | list) else f" ({_shown(value)})"
    return Misfit(f"{kind}{shown} is not {type_.hive}", found)


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
