"""Texts of log fields become values of lake types: whole columns at once, and the odd ones one by one.

A value is odd when it may be none of its type: whoever asks then looks at its line alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.arrow_types import arrow_type
from connectors.readers.json_shape import Misfit
from connectors.readers.logs.formats import ACCESS_TIME
from connectors.readers.settle import milliseconds
from transforms.lake_types import INTEGERS, NUMBERS, VARCHAR, Type

_WHOLE, _NUMBER = r"^-?[0-9]+$", r"^-?[0-9]+(\.[0-9]+)?$"
_ONE_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ACCESS_BYTES = 26
_SIGNS = {2: "/", 6: "/", 11: ":", 14: ":", 17: ":", 20: " "}
"""Of `10/Oct/2000:13:55:36 -0700`, by their places."""
_DAYS_OF_MONTHS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def typed(texts: pa.Array, type_: Type, truncate: bool) -> tuple[pa.Array, pa.Array]:
    """The values, NULL where one is odd, and which are. An empty text is a value of text only."""
    if type_ == VARCHAR:
        return texts, pa.repeat(False, len(texts))
    texts = _without(texts, pc.equal(texts, ""))
    odd = pa.repeat(False, len(texts))
    if type_.name == "boolean":
        odd = pc.invert(pc.is_in(texts, value_set=pa.array(["true", "false"])))
    elif type_.name in NUMBERS:
        odd = _odd_numbers(texts, type_)
    odd = pc.and_(odd, pc.is_valid(texts))
    texts = _without(texts, odd)
    try:
        return _cast(texts, type_, truncate), odd
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.nulls(len(texts), arrow_type(type_)), pc.or_(odd, texts.is_valid())


def _without(texts: pa.Array, those: pa.Array) -> pa.Array:
    return pc.if_else(those, pa.scalar(None, pa.string()), texts) if pc.any(those).as_py() else texts


def _odd_numbers(texts: pa.Array, type_: Type) -> pa.Array:
    whole = type_.name in INTEGERS
    if whole and pc.all(pc.fill_null(pc.ascii_is_decimal(texts), True)).as_py():
        return pa.repeat(False, len(texts))
    return pc.invert(pc.fill_null(pc.match_substring_regex(texts, _WHOLE if whole else _NUMBER), True))


def _cast(texts: pa.Array, type_: Type, truncate: bool) -> pa.Array:
    if type_.name != "timestamp":
        return texts.cast(arrow_type(type_))
    values = access_times(texts)
    if values is not None:
        return values
    try:
        moments = texts.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        moments = texts.cast(pa.timestamp("us"))
    return milliseconds(moments.cast(pa.timestamp("us")), truncate)


def access_times(texts: pa.Array) -> pa.Array | None:
    """Times as access logs have them, in UTC; None when one of the texts is none.

    >>> access_times(pa.array(["10/Oct/2000:13:55:36 -0700", None]))[0].as_py()
    datetime.datetime(2000, 10, 10, 20, 55, 36)
    >>> access_times(pa.array(["31/Apr/2000:13:55:36 -0700"]))
    """
    held = texts.drop_null() if texts.null_count else texts
    lengths = pc.min_max(pc.binary_length(held)).as_py()
    if lengths != {"min": _ACCESS_BYTES, "max": _ACCESS_BYTES}:
        return pa.nulls(len(texts), pa.timestamp("ms")) if not len(held) else None
    data, offset = held.buffers()[2], held.offset
    first = np.frombuffer(held.buffers()[1], np.int32)[offset]
    letters = np.frombuffer(data, np.uint8)[first : first + len(held) * _ACCESS_BYTES].reshape(-1, _ACCESS_BYTES).T
    seconds = _seconds(np.ascontiguousarray(letters))
    if seconds is None:
        return None
    values = pa.array(seconds * 1000).cast(pa.timestamp("ms"))
    if not texts.null_count:
        return values
    there = texts.is_valid().to_numpy(zero_copy_only=False)
    return values.take(pa.array(np.cumsum(there) - 1, mask=~there))


def _seconds(letters: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.int64]] | None:
    """Since 1970; None when one of the texts is no such time. A row of letters for each place."""
    digits = letters - np.uint8(48)
    numbers = [0, 1, 7, 8, 9, 10, 12, 13, 15, 16, 18, 19, 22, 23, 24, 25]
    if (digits[numbers] > 9).any() or any((letters[place] != ord(sign)).any() for place, sign in _SIGNS.items()):
        return None
    month = np.zeros(letters.shape[1], np.int64)
    for number, name in enumerate(_MONTHS, 1):
        month[(letters[3] == ord(name[0])) & (letters[4] == ord(name[1])) & (letters[5] == ord(name[2]))] = number
    two = {place: digits[place].astype(np.int64) * 10 + digits[place + 1] for place in (0, 7, 9, 12, 15, 18, 22, 24)}
    year = two[7] * 100 + two[9]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    most = _DAYS_OF_MONTHS[month] - ((month == 2) & ~leap)
    bad = (month == 0) | (two[0] == 0) | (two[0] > most) | (year < 2) | (year > 9998)
    for place, limit in ((12, 23), (15, 59), (18, 59), (22, 23), (24, 59)):
        bad |= two[place] > limit
    sign = np.where(letters[21] == ord("+"), 1, -1)
    if (bad | ((letters[21] != ord("+")) & (letters[21] != ord("-")))).any():
        return None
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + two[0] - 1
    clock = two[12] * 3600 + two[15] * 60 + two[18] - sign * (two[22] * 3600 + two[24] * 60)
    found: np.ndarray[Any, np.dtype[np.int64]] = days * 86400 + clock
    return found


def one_value(text: str | None, type_: Type) -> Any:
    """A text as JSON would hold the value. Raises Misfit."""
    if text is None or (not text and type_ != VARCHAR):
        return None
    if type_.name in NUMBERS:
        if not _ONE_NUMBER.match(text):
            raise Misfit(f'"{text[:40]}" is not {type_.hive}', VARCHAR)
        return Decimal(text)
    if type_.name == "boolean":
        if text not in ("true", "false"):
            raise Misfit(f'"{text[:40]}" is neither true nor false', VARCHAR)
        return text == "true"
    if type_.name == "timestamp":
        try:
            return datetime.strptime(text, ACCESS_TIME).astimezone(UTC).replace(tzinfo=None).isoformat()
        except (ValueError, OverflowError):
            return text
    return text
