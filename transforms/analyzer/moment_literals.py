"""Texts of dates, times, timestamps and zones, read as Trino reads them; in any year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

EPOCH = date(1970, 1, 1).toordinal()
DAY_US = 86_400_000_000
_DATE = re.compile(r"[\x00-\x20]*([+-]?\d{1,9})-(\d{1,2})-(\d{1,2})[\x00-\x20]*", re.ASCII)
_CLOCK = r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?"
_TIMESTAMP = re.compile(rf"([+-]?\d{{4,9}})-(\d{{1,2}})-(\d{{1,2}})(?: (?:{_CLOCK})?\s*(\S.*?)?\s*)?", re.ASCII)
_TIME = re.compile(rf"{_CLOCK}\s*([+-]\d\d:?\d\d)?", re.ASCII)
_OFFSET = re.compile(r"([+-])(?:(\d)|(\d\d)(?::?(\d\d)(?::?00)?)?)", re.ASCII)
_PREFIXED = re.compile(r"(?:UTC|GMT|UT)([+-])(?:(\d)|(\d\d)(?::(\d\d))?)", re.ASCII)
_FIXED = re.compile(r"Etc/GMT([+-])(\d\d?)", re.ASCII)
_UTC = frozenset(
    (
        *("UTC", "Z", "GMT", "UT", "UCT", "Zulu", "Universal", "Greenwich", "GMT0"),
        *("Etc/UTC", "Etc/UCT", "Etc/GMT", "Etc/GMT0", "Etc/Universal"),
    )
)
_NO_ZONES = frozenset(("EST", "MST", "HST", "ROC", "Factory", "localtime", "posixrules", "Etc/Greenwich", "Etc/Zulu"))
"""Names of the time zone database that Java does not know, or not by this name."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Days since 1970-01-01 and the time of the day; `digits` are those of the second as it is written."""

    day: int
    micros: int
    digits: int
    zone: str | None = None

    @property
    def epoch_us(self) -> int:
        """Microseconds since 1970-01-01 by the clock."""
        return self.day * DAY_US + self.micros


def read_date(text: str) -> int | None:
    """The day, counted from 1970-01-01; None if it is none."""
    found = _DATE.fullmatch(text)
    return _day(found[1], found[2], found[3]) if found else None


def read_time(text: str) -> Moment | None:
    """A time of day, with the offset that may follow it."""
    found = _TIME.fullmatch(text)
    micros = _micros(*found.groups()[:4]) if found else None
    if found is None or micros is None:
        return None
    return Moment(0, micros, len(found[4] or ""), zone_name(found[5]) if found[5] else None)


@lru_cache(maxsize=1024)
def read_timestamp(text: str) -> Moment | str | None:
    """A timestamp; None if it is none, or the name of what should be a zone and is none."""
    found = _TIMESTAMP.fullmatch(text)
    day = _day(found[1], found[2], found[3]) if found else None
    micros = _micros(*found.groups()[3:7]) if found else None
    if found is None or day is None or micros is None:
        return None
    zone = zone_name(found[8]) if found[8] else None
    return found[8] if found[8] and zone is None else Moment(day, micros, len(found[7] or ""), zone)


def _day(year: str, month: str, day: str) -> int | None:
    """Leap years come again every 400 years."""
    cycles, rest = divmod(int(year), 400)
    try:
        return date(2000 + rest, int(month), int(day)).toordinal() - EPOCH + (cycles - 5) * 146_097
    except ValueError:
        return None


def _micros(hour: str | None, minute: str | None, second: str | None, fraction: str | None) -> int | None:
    h, m, s = int(hour or 0), int(minute or 0), int(second or 0)
    if h > 23 or m > 59 or s > 59:
        return None
    return ((h * 60 + m) * 60 + s) * 1_000_000 + int(((fraction or "") + "000000")[:6])


def skipped(moment: Moment) -> bool:
    """Whether the clock of the moment's zone never showed it, as when summer time begins."""
    if moment.zone is None or _OFFSET.fullmatch(moment.zone) or not 0 < moment.day + EPOCH < date.max.toordinal():
        return False
    zone = ZoneInfo(moment.zone)
    shown = datetime(1970, 1, 1) + timedelta(microseconds=moment.epoch_us)
    return shown.replace(tzinfo=zone).astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) != shown


@lru_cache(maxsize=512)
def zone_name(text: str) -> str | None:
    """A zone in the spelling of the typed tree: `UTC`, `+09:00`, `Asia/Tokyo`; None if there is no such zone."""
    if text in _UTC:
        return "UTC"
    found = _OFFSET.fullmatch(text) or _PREFIXED.fullmatch(text)
    if found:
        minutes = int(found[2] or found[3]) * 60 + int(found[4] or 0)
        return zone_offset(-minutes if found[1] == "-" else minutes)
    if found := _FIXED.fullmatch(text):
        return zone_offset(int(found[2]) * (60 if found[1] == "-" else -60))
    return text if text in _regions() else None


@cache
def _regions() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_ZONES


def zone_offset(minutes: int) -> str | None:
    """The zone so many minutes east of UTC; none is farther than 14 hours."""
    hours, rest = divmod(abs(minutes), 60)
    if abs(minutes) > 14 * 60:
        return None
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}" if minutes else "UTC"


def iso_zone(text: str) -> str | None:
    """The zone of a text in ISO 8601: UTC if it names none."""
    _, mark, clock = text.upper().partition("T")
    found = re.search(r"(Z|[+-]\d\d(?::?\d\d)?)\Z", clock) if mark else None
    return zone_name(found[1]) if found else "UTC"
