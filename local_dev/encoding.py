"""Values as Trino's client protocol writes them in JSON: what `query --batch` and `--json` answer with.

Decimals, dates and times are text, NaN is "NaN", varbinary is base64, rows are lists, maps are objects.
Works on whole columns and on counted days and microseconds, because Python's own dates end with the year 9999.
"""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from transforms.lake_types import Type

EPOCH = date(1970, 1, 1).toordinal()
DAY_MS = 86_400_000
CYCLE_DAYS = 146_097
"""After 400 years the calendar repeats itself, weekdays and so summer time included."""
CYCLE_MS = CYCLE_DAYS * DAY_MS
FIRST_MS, LAST_MS = (date(2, 1, 1).toordinal() - EPOCH) * DAY_MS, (date(9999, 1, 1).toordinal() - EPOCH) * DAY_MS
"""The instants that Python's own zones can tell."""


def encoded_rows(batch: pa.RecordBatch, types: list[Type], zones: Sequence[str | None] = ()) -> list[list[Any]]:
    """The rows of a batch as lists of JSON values; `types` has one type for each column.

    `zones` holds the zone in which the instants of a column are shown, nested ones too; UTC where it has none.
    """
    shown = zip_longest(types, zones)
    columns = [encoded(batch.column(i), type_, zone) for i, (type_, zone) in enumerate(shown)]
    return [list(row) for row in zip(*columns, strict=True)]


def encoded(column: pa.Array, type_: Type, zone: str | None = None) -> list[Any]:
    """The values of one column; `zone` is that of all instants in it, also inside of arrays and rows."""
    if column.null_count == len(column):
        return [None] * len(column)
    if type_.name == "array":
        return _sliced(column, encoded(column.values, type_.element, zone), list)
    if type_.name == "map":
        keys = _each(_key, encoded(column.keys, type_.parts[0], zone))
        return _sliced(column, list(zip(keys, encoded(column.items, type_.parts[1], zone), strict=True)), dict)
    if type_.name == "row":
        fields = [encoded(column.field(i), field.type, zone) for i, field in enumerate(type_.fields)]
        rows = [list(row) for row in zip(*fields, strict=True)]
        return [row if valid else None for row, valid in zip(rows, column.is_valid().to_pylist(), strict=True)]
    if type_.name == "timestamp with time zone":
        return _each(_in_zone(zone or "UTC"), _micros(column))
    return _BY_TYPE.get(type_.name, _same)(column, type_)


def _same(column: pa.Array, type_: Type) -> list[Any]:
    return column.to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types


def _each(encode: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    return [None if value is None else encode(value) for value in values]


def _text(column: pa.Array, type_: Type) -> list[Any]:
    return _each(str, column.to_pylist())


def _char(column: pa.Array, type_: Type) -> list[Any]:
    return _each(lambda value: str(value).ljust(type_.numbers[0]), column.to_pylist())


def _decimal(column: pa.Array, type_: Type) -> list[Any]:
    return _each(lambda value: format(value, "f"), column.to_pylist())


def _real(column: pa.Array, type_: Type) -> list[Any]:
    """The shortest digits that mean the same 32 bits: 0.1, not 0.10000000149011612; but two, as Java writes them."""
    pairs = zip(column.cast(pa.string()).to_pylist(), column.to_pylist(), strict=True)
    return [None if text is None else _finite(float(text if abs(x) >= 1e-43 else f"{x:.1e}")) for text, x in pairs]


def _double(column: pa.Array, type_: Type) -> list[Any]:
    return _each(_finite, column.to_pylist())


def _finite(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _varbinary(column: pa.Array, type_: Type) -> list[Any]:
    return _each(lambda value: b64encode(value).decode(), column.to_pylist())


def _date(column: pa.Array, type_: Type) -> list[Any]:
    return _each(day_text, column.cast(pa.int32()).to_pylist())


def _timestamp(column: pa.Array, type_: Type) -> list[Any]:
    return _each(lambda value: _instant(_milliseconds(value)), _micros(column))


def _micros(column: pa.Array) -> list[Any]:
    values: list[Any] = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64()).to_pylist()
    return values


def _in_zone(name: str) -> Callable[[int], str]:
    """The wall clock of a zone (`Asia/Tokyo`, `+09:00`) at an instant, as Trino writes it."""
    fixed = re.fullmatch(r"([+-])(\d\d):(\d\d)", name)
    if fixed:
        ahead = timedelta(hours=int(fixed[2]), minutes=int(fixed[3])) * (-1 if fixed[1] == "-" else 1)
        zone: tzinfo = timezone(ahead)
    else:
        zone = ZoneInfo(name)

    def text(micros: int) -> str:
        ms = _milliseconds(micros)
        known = ms
        if not FIRST_MS <= ms < LAST_MS:
            start = FIRST_MS if ms < FIRST_MS else LAST_MS - CYCLE_MS
            known = start + (ms - start) % CYCLE_MS
        ahead = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=known)).astimezone(zone).utcoffset()
        assert ahead is not None
        return f"{_instant(ms + ahead // timedelta(milliseconds=1))} {name}"

    return text


def _time(column: pa.Array, type_: Type) -> list[Any]:
    if pa.types.is_string(column.type):
        return _same(column, type_)
    return _each(lambda value: _clock(_milliseconds(value) % DAY_MS), column.cast(pa.int64()).to_pylist())


def _day_to_second(column: pa.Array, type_: Type) -> list[Any]:
    return _each(
        lambda span: _span(
            span.days * DAY_MS + span.nanoseconds // 1_000_000, lambda ms: f"{ms // DAY_MS} {_clock(ms)}"
        ),
        column.to_pylist(),
    )


def _year_to_month(column: pa.Array, type_: Type) -> list[Any]:
    return _each(lambda span: _span(span.months, lambda n: f"{n // 12}-{n % 12}"), column.to_pylist())


def _sliced(column: pa.Array, values: list[Any], collect: Callable[[list[Any]], Any]) -> list[Any]:
    ends = column.offsets.to_pylist()
    valid = column.is_valid().to_pylist()
    return [collect(values[ends[i] : ends[i + 1]]) if valid[i] else None for i in range(len(column))]


def _key(value: Any) -> str:
    """The key of a JSON object: what Java's `toString` makes of it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _java(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_key(part)}' for key, part in value.items())}}}"
    return f"[{', '.join(map(_key, value))}]" if isinstance(value, list) else str(value)


def _java(value: float) -> str:
    """A finite number in Java's words.

    >>> [_java(value) for value in (0.1, -0.0, 1e7, 1.25e-05)]
    ['0.1', '-0.0', '1.0E7', '1.25E-5']
    """
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    first, *others = map(str, digits)
    return f"{'-' * sign}{first}.{''.join(others) or '0'}E{int(exponent) + len(others)}"


def day_text(days: int) -> str:
    """The date that lies so many days after 1970-01-01, also outside the years 1 to 9999.

    >>> day_text(19844), day_text(2932897), day_text(-719529)
    ('2024-05-01', '+10000-01-01', '-0001-12-31')
    """
    if 1 <= days + EPOCH <= date.max.toordinal():
        return date.fromordinal(days + EPOCH).isoformat()
    cycles, rest = divmod(days, CYCLE_DAYS)
    within = date.fromordinal(rest + EPOCH)
    year = within.year + 400 * cycles
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04}-{within.month:02}-{within.day:02}"


def _milliseconds(micros: int) -> int:
    return (micros + 500) // 1000


def _instant(ms: int) -> str:
    return f"{day_text(ms // DAY_MS)} {_clock(ms % DAY_MS)}"


def _clock(ms: int) -> str:
    seconds, rest = divmod(ms % DAY_MS, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _span(amount: int, text: Callable[[int], str]) -> str:
    return f"-{text(-amount)}" if amount < 0 else text(amount)


_BY_TYPE: dict[str, Callable[[pa.Array, Type], list[Any]]] = {
    "decimal": _decimal,
    "real": _real,
    "double": _double,
    "varbinary": _varbinary,
    "date": _date,
    "timestamp": _timestamp,
    "time": _time,
    "time with time zone": _time,
    "interval day to second": _day_to_second,
    "interval year to month": _year_to_month,
    "char": _char,
    "uuid": _text,
    "json": _text,
    "ipaddress": _text,
}
