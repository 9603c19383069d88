"""Values with a time zone: DuckDB keeps the instant, the compiler knows the zone; between them stand these two.

DuckDB's `timezone` asks ICU for every row. A zone whose clock has not been changed for decades needs it only before.
"""

from __future__ import annotations

import re

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import helper
from transforms.dialect.types import text
from transforms.gaps import gap

_CLOCK_OF = {"athena_iso_instant(": "athena_iso_local(", "athena_stamp_instant(": "athena_stamp("}
"""Texts that name their zone row by row: what makes an instant of one, and what reads its clock."""
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})")
_MINUTE = 60_000_000
STEADY = {
    "Asia/Tokyo": (1952, 9 * 60),
    "Asia/Seoul": (1989, 9 * 60),
    "Asia/Shanghai": (1992, 8 * 60),
    "Asia/Taipei": (1980, 8 * 60),
    "Asia/Hong_Kong": (1980, 8 * 60),
    "Asia/Singapore": (1983, 8 * 60),
    "Asia/Bangkok": (1921, 7 * 60),
    "Asia/Jakarta": (1965, 7 * 60),
    "Asia/Kolkata": (1946, 5 * 60 + 30),
}
"""Zones by name: the year from which their clock is always so many minutes ahead of UTC."""

_LOCAL = helper(
    "steady_local(x, zone, since, ahead)",
    "case when epoch_us(x) >= since then make_timestamp(epoch_us(x) + ahead) else timezone(zone, x) end",
)
_INSTANT = helper(
    "steady_instant(x, zone, since, ahead)",
    "case when epoch_us(x) >= since then make_timestamptz(epoch_us(x) - ahead) "
    "else athena_earlier_instant(x, zone) end",
)
_EARLIER = helper(
    "earlier_instant(x, zone)",
    "case when timezone(zone, timezone(zone, x) - to_hours(1)) = x then timezone(zone, x) - to_hours(1) "
    "else timezone(zone, x) end",
)
"""An hour that the clock shows twice, when summer time ends, means the first of them to Java and the second to ICU."""


def local(instant: str, zone: str | None) -> str:
    """The clock's time in the zone, as a timestamp. A text in ISO 8601 tells its own."""
    for read, clock in _CLOCK_OF.items():
        if zone is None and instant.startswith(read):
            return f"{clock}{instant.removeprefix(read)}"
    name = known(zone)
    minutes = _minutes(name)
    if minutes is not None:
        return f"make_timestamp(epoch_us({instant}){_plus(minutes)})"
    if name in STEADY:
        return f"{_LOCAL}({instant}, {_steady(name)})"
    return f"timezone({text(name)}, {instant})"


def instant(local: str, zone: str | None) -> str:
    """The instant at which the zone's clock shows this timestamp."""
    name = known(zone)
    minutes = _minutes(name)
    if minutes is not None:
        return f"make_timestamptz(epoch_us({local}){_plus(-minutes)})"
    if name in STEADY:
        return f"{_INSTANT}({local}, {_steady(name)})"
    return f"{_EARLIER}({local}, {text(name)})"


def _steady(name: str) -> str:
    year, minutes = STEADY[name]
    return f"{text(name)}, epoch_us(timestamp '{year}-01-01'), {minutes * _MINUTE}"


def _plus(minutes: int) -> str:
    return f" {'+' if minutes > 0 else '-'} {abs(minutes) * _MINUTE}" if minutes else ""


def fixed(zone: str) -> bool:
    """Whether a zone is UTC or a distance from it, which no summer changes."""
    return _minutes(zone) is not None


_UNCERTAIN = frozenset(("EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "CET", "EET", "MET", "WET"))
"""Names whose past is told differently by versions of the time zone database."""


@gap(
    "select hour(t) from (values now(), timestamp '2024-05-01 10:00:00 Asia/Tokyo') as two(t)",
    "t at time zone 'EST5EDT'",
)
def known(zone: str | None) -> str:
    """The zone; a refusal if only the rows know it."""
    if zone in _UNCERTAIN:
        raise NotPortable(f"{zone} has a past that engines tell differently", "a name like 'America/New_York'")
    if zone is None:
        raise NotPortable("a time zone that varies by row", "at time zone 'Asia/Tokyo' (or another constant)")
    return zone


def _minutes(zone: str) -> int | None:
    """The distance from UTC of a zone that is written as an offset; None for a named one."""
    if zone.upper() in ("UTC", "Z", "GMT", "UT"):
        return 0
    found = _OFFSET.fullmatch(zone)
    if not found:
        return None
    return (1 if found[1] == "+" else -1) * (int(found[2]) * 60 + int(found[3]))
