"""The items that a path of SQL/JSON finds, as Trino holds them: plain values of Python, and how they compare.

An object is a dict with the last of the members that share a name, at the place of the first, as Jackson reads it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import orjson

from transforms.json_text import Malformed, Number, Object, Reader, double, written

Items = list[Any]
_ODD = re.compile(r"[0-9]{8}\.|[0-9]e|0\.000|\\u|null|[\U00010000-\U0010ffff]")
"""What orjson and Jackson may write otherwise, as null for infinity; it may match inside of strings too."""
_BLANKS = " \t\r\n"
_LONG = range(-(2**63), 2**63)
_INTEGER = range(-(2**31), 2**31)
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PathError(Exception):
    """The path cannot be followed in this document: what ON ERROR is for."""


class _Missing:
    """What a text without any value is read as: neither null nor an object."""


MISSING = _Missing()


def read(document: str) -> Any:
    """The first value of a text, whatever stands behind it. PathError where there is none."""
    try:
        value = orjson.loads(document)
    except orjson.JSONDecodeError:
        return _read_as_jackson(document)
    return _plain(Reader(document).value()) if _LARGE.search(document) else value


_LARGE = re.compile(r"[0-9]{20}")
"""Of a whole number with more digits orjson makes a double."""


def _read_as_jackson(document: str) -> Any:
    if not document.strip(_BLANKS):
        return MISSING
    reader = Reader(document)
    try:
        value = reader.value()
        if isinstance(value, Number):
            reader.apart()
    except Malformed as error:
        raise PathError("the text is not JSON") from error
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Object):
        return {name: _plain(each) for name, each in value}
    if isinstance(value, Number):
        return float(value) if any(mark in value for mark in ".eE") else int(value)
    return [_plain(each) for each in value] if isinstance(value, list) else value


def text(value: Any) -> str:
    """The JSON text of an item in Jackson's words: by orjson, where it writes the same."""
    try:
        found = orjson.dumps(value).decode()
    except TypeError:  # half of a pair of surrogates, or a number of more than 64 bits
        return written(value)
    return written(value) if _ODD.search(found) else found


def filled(items: Items) -> Items:
    """The items as they are written: an empty text is null."""
    return [None if item is MISSING else item for item in items]


def encoded(value: Any) -> Any:
    """A value as Trino holds it between two functions: in UTF-8, where half of a pair of surrogates is no letter."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {encoded(name): encoded(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(encoded, value))
    return None if value is MISSING else value


def unwrapped(items: Items) -> Items:
    """The items of the arrays among the items, in their place: what lax paths do before most steps."""
    return [each for item in items for each in (item if type(item) is list else (item,))]


def compare(sign: str, left: Items, right: Items, lax: bool) -> bool | None:
    """Whether a pair of items from both sides compares so; None (unknown) where a pair cannot be compared."""
    if lax:
        left, right = unwrapped(left), unwrapped(right)
    if not left or not right:
        return False
    if len(left) == len(right) == 1 and isinstance(left[0], str) and isinstance(right[0], str):
        return _compared(sign, left[0], right[0])
    kinds, others = set(map(_kind, left)), set(map(_kind, right))
    if ("nested" in kinds and others - {"null"}) or ("nested" in others and kinds - {"null"}):
        return None
    found = sign == "==" and "null" in kinds and "null" in others
    if sign in ("!=", "<>"):
        found = ("null" in kinds and bool(others - {"null"})) or ("null" in others and bool(kinds - {"null"}))
    if found and lax:
        return True
    scalars, other_scalars = _scalars(left), _scalars(right)
    if not scalars or not other_scalars:
        return found
    if not all(map(_held, (*scalars, *other_scalars))):
        return None
    return _any_pair(sign, scalars, other_scalars, lax, found)


def _any_pair(sign: str, left: Items, right: Items, lax: bool, found: bool) -> bool | None:
    for one in left:
        for other in right:
            outcome = _compared(sign, one, other)
            if outcome is None:
                return None
            found = found or outcome
            if found and lax:
                return True
    return found


def _kind(item: Any) -> str:
    if item is None:
        return "null"
    return "nested" if isinstance(item, (list, dict, _Missing)) else "scalar"


def _scalars(items: Items) -> Items:
    return [item for item in items if _kind(item) == "scalar"]


def _held(item: Any) -> bool:
    """Whether Trino has a number for it: whole numbers have 64 bits."""
    return type(item) is not int or item in _LONG


def _compared(sign: str, one: Any, other: Any) -> bool | None:
    kinds = {_comparable_as(one), _comparable_as(other)}
    if len(kinds) > 1:
        return None
    if float in (type(one), type(other)):
        one, other = float(one), float(other)
    return bool(_COMPARED[sign](one, other))


def _comparable_as(item: Any) -> type:
    return type(item) if isinstance(item, (bool, str)) else Decimal


def starts_with(items: Items, prefix: Items, lax: bool) -> bool | None:
    """Whether one of the texts begins so; None where one is no text."""
    if len(prefix) != 1 or not isinstance(prefix[0], str):
        return None
    found = False
    for item in unwrapped(items) if lax else items:
        if not isinstance(item, str):
            return None
        if item.startswith(prefix[0]):
            found = True
            if lax:
                return True
    return found


def number(item: Any) -> int | float:
    """The item as a number of Trino. PathError for anything else."""
    if type(item) is int and item in _LONG:
        return item
    if type(item) is float:
        return item
    raise PathError("a number is expected")


def absolute(item: Any) -> int | float:
    """abs() of an item; the smallest whole number has none in its type."""
    value = number(item)
    if value in (_INTEGER[0], _LONG[0]) and type(value) is int:
        raise PathError("the number has no absolute value")
    return value if value >= 0 else -value


def members(items: Iterable[Any]) -> Items:
    """keyvalue() of objects: an object with name, value and the object's number for each member."""
    found = []
    for position, item in enumerate(items):
        if type(item) is not dict:
            raise PathError("an object is expected")
        found += [{"name": name, "value": value, "id": position} for name, value in item.items()]
    return found


def type_name(item: Any) -> str:
    """type() of an item."""
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "boolean"
    if isinstance(item, (int, float)):
        return "number"
    if item is MISSING:
        raise ValueError("type() of a text without any value is not portable: Athena fails")
    return "string" if isinstance(item, str) else "array" if isinstance(item, list) else "object"


def scalar(item: Any) -> str | None:
    """A single value with its kind before it: `s` text, `i` whole number, `d` double, `b` boolean, `n` null.

    None for what is no single value of Trino.

    >>> scalar("a"), scalar(1), scalar(1.5), scalar(True), scalar([1])
    ('sa', 'i1', 'd1.5', 'btrue', None)
    """
    if item is None:
        return "n"
    if isinstance(item, str):
        return f"s{encoded(item)}"
    if isinstance(item, bool):
        return "btrue" if item else "bfalse"
    if type(item) is int:
        return f"i{item}" if item in _LONG else None
    return f"d{double(item)}" if type(item) is float else None
