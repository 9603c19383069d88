"""Values that a reject keeps, as values of the lake's types once more.

Decides which of them fit; the form in which they are kept is of `connectors/kept.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from connectors.arrow_types import arrow_type
from connectors.kept import BYTES
from connectors.readers.database.typed_values import Bad, rounded
from connectors.readers.json_shape import Misfit, Shape, column_name, fit
from transforms.lake_types import NUMBERS, Type

_FLOATS = {"NaN", "Infinity", "-Infinity"}
_NO_TEXT = "bytes that are not UTF-8; write binary"
_NAN = "NaN, which the lake does not hold"


def typed_again(values: Sequence[Any], declared: Type, truncate: bool) -> tuple[pa.Array, Bad]:
    """What was kept, in the lake's type, NULL where it cannot be held."""
    return converted(values, declared, lambda value: again(value, declared, truncate))


def converted(values: Sequence[Any], declared: Type, convert: Callable[[Any], Any]) -> tuple[pa.Array, Bad]:
    """`convert` is given no NULL; it raises Misfit."""
    result, bad = list[Any](), Bad()
    for row, value in enumerate(values):
        try:
            result.append(None if value is None else convert(value))
        except Misfit as misfit:
            result.append(None)
            bad[row] = misfit.reason
    return pa.array(result, arrow_type(declared)), bad


def again(value: Any, declared: Type, truncate: bool) -> Any:
    """One value. Numbers may be texts, as databases write some; a text is no number's. Raises Misfit."""
    name = declared.name
    if value is None:
        return None
    if name == "varbinary":
        return again_bytes(value)
    if name == "varchar":
        return _text(value)
    if name == "row" and isinstance(value, Mapping):
        found = {column_name(key): one for key, one in value.items()}
        parts = ((str(field.name), field.type) for field in declared.fields)
        return {part: again(found.get(part), type_, truncate) for part, type_ in parts}
    if name == "array" and isinstance(value, list):
        return [again(one, declared.element, truncate) for one in value]
    if name == "map" and (pairs := _pairs(value)) is not None:
        key, item = declared.parts
        return [(again(one, key, truncate), again(other, item, truncate)) for one, other in pairs]
    if name in NUMBERS and isinstance(value, str):
        value = _number(value, declared)
        if isinstance(value, float):
            return value
    if name == "timestamp" and isinstance(value, str):
        value = value.replace("T", " ", 1).removesuffix("+00:00")  # as the reasons of the first reading say it
    return _settled(fit(value, Shape.of(declared), truncate), name)


def again_bytes(value: Any) -> bytes:
    """Raises Misfit."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, Mapping) and value.keys() == {BYTES}:
        try:
            return bytes.fromhex(value[BYTES])
        except (ValueError, TypeError):
            pass
    raise Misfit('no bytes; write a text, or {"bytes": "00ff"}')


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and value.keys() == {BYTES}:
        raise Misfit(_NO_TEXT)
    kind = {dict: "an object", list: "an array", bool: "a boolean"}.get(type(value), "a number")
    raise Misfit(f"{kind} is not string")


def _number(text: str, declared: Type) -> Decimal | float:
    if text in _FLOATS and declared.name in ("real", "double"):
        if text == "NaN":
            raise Misfit(_NAN)
        return float(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Misfit(f"{text} is not {declared.hive}") from None
    if declared.name in ("real", "double") and (told := rounded(text, float(number))):
        raise Misfit(told)
    return number


def _pairs(value: Any) -> Collection[Sequence[Any]] | None:
    if isinstance(value, Mapping):
        return list(value.items())
    pairs = isinstance(value, list) and all(isinstance(one, list) and len(one) == 2 for one in value)
    return value if pairs else None


def _settled(value: Any, name: str) -> Any:
    """As Python holds what JSON's form of a type says."""
    if name == "decimal":
        return Decimal(value)
    if name == "date":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name == "timestamp" else value
