"""What people write into the cells of a spreadsheet, as values: yen signs, thousands, percent, Japanese dates.

Decides how one cell is read for one type. Never guesses: a cell that could mean two things is a misfit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.readers.json_shape import Misfit
from transforms.lake_types import NUMBERS, VARCHAR, Type

DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
TIMESTAMPS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S")
ERA = "era"
"""The word of `date_format:` for days in years of an era; no day is read so unless it is declared."""
_ERAS = {
    name: first
    for names, first in {
        "明治M": date(1868, 1, 25),
        "大正T": date(1912, 7, 30),
        "昭和S": date(1926, 12, 25),
        "平成H": date(1989, 1, 8),
        "令和R": date(2019, 5, 1),
    }.items()
    for name in (names[:2], names[2])
}
_ERA_DAY = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?\Z")
_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][-+]?\d+)?\Z")
_SIGNS = re.compile(r"[¥\\$€£円\s]|JPY|USD|EUR")
_EXACT = Context(prec=1000)
_TRUE = frozenset(("true", "t", "yes", "y", "1", "はい", "○", "〇"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "いいえ", "×", "✕"))


@dataclass(frozen=True)
class Cells:
    """How the cells of one table are written. A time without a zone is in `timezone`.

    `nulls` are texts that mean NULL in every type; `thousands` and `decimal` are the signs in numbers.
    """

    dates: Sequence[str] = DATES
    timestamps: Sequence[str] = TIMESTAMPS
    timezone: ZoneInfo | None = None
    nulls: Sequence[str] = ()
    thousands: str = ","
    decimal: str = "."

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Cells:
        """As the words of a table say. With a decimal comma no comma stands between thousands."""
        zone, decimal = options.get("timezone"), options.get("decimal", ".")
        return cls(
            dates=_listed(options.get("date_format"), DATES),
            timestamps=_listed(options.get("timestamp_format"), TIMESTAMPS),
            timezone=ZoneInfo(zone) if zone else None,
            nulls=_listed(options.get("nulls"), ()),
            thousands=options.get("thousands", "" if decimal == "," else ","),
            decimal=decimal,
        )

    def value(self, text: str, type_: Type) -> Any:
        """The value of a cell as JSON would hold it; an empty cell is NULL in every type. Raises Misfit."""
        if not text.strip() or text.strip() in self.nulls:
            return None
        if type_.name in NUMBERS:
            return number(text, type_, thousands=self.thousands, decimal=self.decimal)
        if type_.name == "date":
            return self._moment(text, self.dates, type_).date().isoformat()
        if type_.name == "timestamp":
            return self._timestamp(text, type_)
        if type_.name == "boolean":
            return _boolean(text)
        return text

    def _timestamp(self, text: str, type_: Type) -> str:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            moment = self._moment(text, self.timestamps, type_)
        if moment.tzinfo is None and self.timezone is not None:
            moment = moment.replace(tzinfo=self.timezone)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat()

    def _moment(self, text: str, formats: Sequence[str], type_: Type) -> datetime:
        plain = unicodedata.normalize("NFKC", text).strip()
        for form in formats:
            try:
                return era_day(plain) if form == ERA else datetime.strptime(plain, form)
            except ValueError:
                continue
        word = "date_format" if type_.name == "date" else "timestamp_format"
        raise Misfit(f'"{text[:40]}" is not a {type_.name} as {word} says ({", ".join(formats)})', VARCHAR)


def era_day(text: str) -> datetime:
    """A day in a year of an era, as Japan writes it, from the era's first day on. Raises ValueError.

    >>> [str(era_day(t).date()) for t in ("令和6年5月1日", "R6.5.1", "平成元年1月8日", "S64/1/7")]
    ['2024-05-01', '2024-05-01', '1989-01-08', '1989-01-07']
    """
    found = _ERA_DAY.match(text)
    if found is None:
        raise ValueError(text)
    era, year, month, day = found.groups()
    first = _ERAS[era]
    result = datetime(first.year + (1 if year == "元" else int(year)) - 1, int(month), int(day))
    if result.date() < first:
        raise ValueError(text)
    return result


def _listed(value: Any, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    return otherwise if value is None else tuple(value) if isinstance(value, list) else (str(value),)


def number(text: str, type_: Type, *, thousands: str = ",", decimal: str = ".") -> Decimal:
    """A number as people write it, with these signs in it. Raises Misfit.

    >>> [str(number(t, Type("double"))) for t in ("￥1,200", "△300", "(1,000)", "35%", "１２")]
    ['1200', '-300', '-1000', '0.35', '12']
    >>> str(number("1.234,5", Type("double"), thousands=".", decimal=","))
    '1234.5'
    """
    usual = {",": "?", ".": "?", thousands: ",", decimal: "."}  # ?: a sign that has no meaning here makes no number
    plain = "".join(usual.get(letter, letter) for letter in unicodedata.normalize("NFKC", text))
    plain = _SIGNS.sub("", plain)
    negative = plain[:1] in ("△", "▲", "−")
    plain = plain[1:] if negative else plain
    if plain.startswith("(") and plain.endswith(")"):
        negative, plain = True, plain[1:-1]
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    if not _NUMBER.match(plain) or (negative and plain[0] in "-+"):
        raise Misfit(f'"{text[:40]}" is not {type_.hive}', VARCHAR)
    value = Decimal(plain.replace(",", ""))
    value = value.scaleb(-2, _EXACT) if percent else value
    return value.copy_negate() if negative else value


def _boolean(text: str) -> bool:
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Misfit(f'"{text[:40]}" is neither true nor false', VARCHAR)
