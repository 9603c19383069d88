"""Values with a time zone: DuckDB keeps the instant, the compiler knows the zone; between them stand these two."""

from __future__ import annotations

import re

from transforms.dialect.errors import NotPortable
from transforms.dialect.types import text

_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})")


def local(instant: str, zone: str | None) -> str:
    """The clock's time in the zone, as a timestamp."""
    minutes = _minutes(_known(zone))
    if minutes is None:
        return f"timezone({text(_known(zone))}, {instant})"
    return f"(timezone('UTC', {instant}) + to_minutes({minutes}))" if minutes else f"timezone('UTC', {instant})"


def instant(local: str, zone: str | None) -> str:
    """The instant at which the zone's clock shows this timestamp."""
    minutes = _minutes(_known(zone))
    if minutes is None:
        return f"timezone({text(_known(zone))}, {local})"
    return f"timezone('UTC', {local} - to_minutes({minutes}))" if minutes else f"timezone('UTC', {local})"


def _known(zone: str | None) -> str:
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
