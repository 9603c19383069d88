"""What a value of a test case means as a value of a lake type: YAML's plain values to Python's.

Never rounds and never guesses: a value that the type cannot hold is an error that says what to write.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from transforms.errors import did_you_mean
from transforms.lake_types import Type

_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def value_of(value: Any, type_: Type) -> Any:
    """The Python value that Arrow takes for the type; None is NULL. Raises ValueError with the line to write.

    >>> value_of("2024-05-01", Type.parse("date")), value_of(1.5, Type.parse("decimal(10,2)"))
    (datetime.date(2024, 5, 1), Decimal('1.50'))
    """
    if value is None:
        return None
    return _READERS.get(type_.name, _other)(value, type_)


def _other(value: Any, type_: Type) -> Any:
    raise ValueError(f"a case cannot hold a value of type {type_}; leave it out")


def _boolean(value: Any, type_: Type) -> bool:
    return bool(value) if isinstance(value, bool) else _wrong(value, type_, "true")


def _integer(value: Any, type_: Type) -> int:
    limit = 2 ** (_BITS[type_.name] - 1)
    if isinstance(value, bool) or not isinstance(value, int):
        return int(_wrong(value, type_, "42"))
    if not -limit <= value < limit:
        raise ValueError(f"{value} does not fit into {type_}; it holds {-limit} to {limit - 1}")
    return value


def _float(value: Any, type_: Type) -> float:
    if isinstance(value, str) and value in _FLOATS:
        return _FLOATS[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return float(_wrong(value, type_, "1.5, NaN or Infinity"))
    return float(value)


def _decimal(value: Any, type_: Type) -> Decimal:
    precision, scale = type_.numbers
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        _wrong(value, type_, "1.50")
    try:
        exact = Decimal(str(value))
        held = exact.quantize(Decimal(1).scaleb(-scale)) if exact.is_finite() else exact
    except InvalidOperation:
        return Decimal(_wrong(value, type_, "1.50"))
    if held != exact or len(held.as_tuple().digits) > precision:
        raise ValueError(f"{value} does not fit into {type_}; it holds {scale} digits after the point of {precision}")
    return held


def _text(value: Any, type_: Type) -> str:
    if isinstance(value, bool | float) or not isinstance(value, str | int):
        shown = str(value).lower() if isinstance(value, bool) else value
        return str(_wrong(value, type_, f'"{shown}"' if isinstance(value, bool | float) else '"text"'))
    return str(value)


def _bytes(value: Any, type_: Type) -> bytes:
    return (
        value.encode() if isinstance(value, str) else bytes(_wrong(value, type_, '"text", whose UTF-8 bytes are meant'))
    )


def _date(value: Any, type_: Type) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return date.fromisoformat(_wrong(value, type_, "2024-05-01"))


def _timestamp(value: Any, type_: Type) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return datetime.fromisoformat(_wrong(value, type_, "2024-05-01 10:00:00.000 (UTC)"))
    if found.tzinfo is not None or found.microsecond % 1000:
        _wrong(value, type_, "2024-05-01 10:00:00.000, which is UTC without a zone and ends with milliseconds")
    return found


def _array(value: Any, type_: Type) -> list[Any]:
    if not isinstance(value, list):
        _wrong(value, type_, "a list, [..]")
    return [value_of(item, type_.element) for item in value]


def _map(value: Any, type_: Type) -> list[tuple[Any, Any]]:
    if not isinstance(value, dict):
        _wrong(value, type_, "a mapping, {key: value}")
    key, item = type_.parts
    return [(value_of(_map_key(k, key), key), value_of(v, item)) for k, v in value.items()]


def _map_key(text: str, type_: Type) -> Any:
    return int(text) if type_.name in _BITS and text.lstrip("-").isdigit() else text


def _row(value: Any, type_: Type) -> dict[str, Any]:
    if not isinstance(value, dict):
        _wrong(value, type_, "a mapping, {field: value}")
    names = [field.name or "" for field in type_.fields]
    for name in value:
        if name not in names:
            raise ValueError(f'"{name}" is not a field of {type_}; {did_you_mean(name, names)}'.rstrip("; "))
    return {name: value_of(value.get(name), field.type) for name, field in zip(names, type_.fields, strict=True)}


def _wrong(value: Any, type_: Type, write: str) -> Any:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
    raise ValueError(f"{shown} is not a value of type {type_}; write {write}")


_READERS: dict[str, Callable[[Any, Type], Any]] = {
    "boolean": _boolean,
    **dict.fromkeys(_BITS, _integer),
    "real": _float,
    "double": _float,
    "decimal": _decimal,
    "varchar": _text,
    "char": _text,
    "varbinary": _bytes,
    "date": _date,
    "timestamp": _timestamp,
    "array": _array,
    "map": _map,
    "row": _row,
}
