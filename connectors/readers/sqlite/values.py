"""Values of SQLite become the lake's, each looked at alone: a column there may hold anything in any row.

Decides which value fits which type. What does not fit is named by its row and why; nothing is cast.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

import pyarrow as pa

from connectors.arrow_types import arrow_type
from connectors.kept import BYTES
from connectors.readers.database.typed_values import Bad
from connectors.readers.json_shape import Misfit, fit_decimal, json_text
from connectors.readers.sqlite.file import Text
from transforms.lake_types import INTEGERS, Type

TEXT, REAL = "text", "real"
"""`{"text": "ff"}` is a text that is not UTF-8, by its bytes; `{"real": "inf"}` is infinity."""
_BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
_EXACT = {"real": 1 << 24, "double": 1 << 53}
"""Up to which whole numbers a float holds every one."""


def typed(values: Iterable[Any], declared: Type) -> tuple[pa.Array, Bad]:
    """NULL where the value is bad; timestamps in microseconds, which are cut or refused later."""
    convert, result, bad = _CONVERT[declared.name], list[Any](), Bad()
    for row, value in enumerate(values):
        try:
            result.append(None if value is None else convert(value, declared))
        except (Misfit, ValueError, OverflowError, InvalidOperation) as error:
            result.append(None)
            bad[row] = error.reason if isinstance(error, Misfit) else f"{shown(value)} is not {declared.hive}"
    wanted = pa.timestamp("us") if declared.name == "timestamp" else arrow_type(declared)
    return pa.array(result, wanted), bad


def shown(value: Any) -> str | None:
    """A value as messages name it."""
    if isinstance(value, Text):
        return value.decode("utf-8", "backslashreplace")
    return f"x'{value.hex()}'" if isinstance(value, bytes) else None if value is None else repr(value)


def kept(value: Any) -> object:
    """A value as a reject keeps it, in JSON: one that JSON has no word for by its name."""
    if isinstance(value, Text):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {TEXT: value.hex()}
    if isinstance(value, bytes):
        return {BYTES: value.hex()}
    return {REAL: repr(value)} if isinstance(value, float) and not isfinite(value) else value


def again(value: Any) -> Any:
    """What was kept, as SQLite has it; other lists and objects are texts. Numbers with a point come as Decimal."""
    if isinstance(value, dict) and len(value) == 1:
        (kind, text), *_ = value.items()
        with suppress(ValueError, TypeError):
            return _NAMED[kind](text) if kind in _NAMED else _as_text(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    return _as_text(value) if isinstance(value, str | dict | list) else value


def _as_text(value: Any) -> Text:
    return Text((value if isinstance(value, str) else json_text(value)).encode())


_NAMED: Mapping[str, Callable[[str], Any]] = {
    BYTES: bytes.fromhex,
    TEXT: lambda digits: Text(bytes.fromhex(digits)),
    REAL: float,
}


def _whole(value: Any, declared: Type) -> int:
    limit = 1 << _BITS[declared.name]
    if not isinstance(value, int) or not -limit <= value < limit:
        raise ValueError
    return value


def _float(value: Any, declared: Type) -> float:
    if isinstance(value, float) and (declared.name == "double" or _is_single(value)):
        return value
    if isinstance(value, int) and abs(value) <= _EXACT[declared.name]:
        return float(value)
    raise ValueError


def _is_single(value: float) -> bool:
    """Whether four bytes hold the number, or write it back as it was. Raises OverflowError when it is too large."""
    (single,) = struct.unpack("f", struct.pack("f", value))
    return single == value or any(float(f"{single:.{digits}g}") == value for digits in range(6, 10))


def _decimal(value: Any, declared: Type) -> Decimal:
    if isinstance(value, bytes) and not isinstance(value, Text):
        raise ValueError
    number = Decimal(value.decode() if isinstance(value, Text) else repr(value))
    return Decimal(fit_decimal(number, declared))


def _boolean(value: Any, declared: Type) -> bool:
    known = {0: False, 1: True, b"false": False, b"true": True}
    found = known.get(value.lower() if isinstance(value, Text) else value)
    if found is None or isinstance(value, float) or (isinstance(value, bytes) and not isinstance(value, Text)):
        raise ValueError
    return found


def _text(value: Any, declared: Type) -> str:
    if isinstance(value, Text):
        return value.decode()
    if isinstance(value, bytes):
        raise ValueError
    return repr(value)


def _bytes(value: Any, declared: Type) -> bytes:
    if not isinstance(value, bytes) or isinstance(value, Text):
        raise ValueError
    return value


def _date(value: Any, declared: Type) -> date:
    if not isinstance(value, Text):
        raise ValueError
    return datetime.strptime(value.decode(), "%Y-%m-%d").date()


def _timestamp(value: Any, declared: Type) -> datetime:
    """A time without a zone is UTC, as SQLite's own functions say."""
    if not isinstance(value, Text):
        raise ValueError
    moment = datetime.fromisoformat(value.decode())
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_CONVERT: Mapping[str, Callable[[Any, Type], Any]] = {
    **dict.fromkeys(INTEGERS, _whole),
    "real": _float,
    "double": _float,
    "decimal": _decimal,
    "boolean": _boolean,
    "varchar": _text,
    "varbinary": _bytes,
    "date": _date,
    "timestamp": _timestamp,
}
