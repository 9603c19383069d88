"""Time zones: the zone of a value is known to the compiler and constant; a zone that varies by row is refused."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Arg, family, refuse, rule, sql
from transforms.dialect.zoned import instant, local
from transforms.gaps import gap

family("Dates and times")


@rule("at_timezone(timestamp with time zone, varchar) -> timestamp with time zone")
def at_timezone(x: Arg, zone: Arg) -> str:
    """The same instant, shown in another zone."""
    _constant(zone)
    return str(x)


@rule("with_timezone(timestamp, varchar) -> timestamp with time zone")
def with_timezone(x: Arg, zone: Arg) -> str:
    """The same clock time, said to be of a zone."""
    return instant(x, _constant(zone))


@rule("timezone_hour(timestamp with time zone) -> bigint")
def timezone_hour(x: Arg) -> str:
    """Hours between the zone and UTC at that instant."""
    return f"((epoch_us({local(x, x.zone)}) - epoch_us({x})) // 3600000000)"


@rule("timezone_minute(timestamp with time zone) -> bigint")
def timezone_minute(x: Arg) -> str:
    """Minutes beyond those hours."""
    return f"((epoch_us({local(x, x.zone)}) - epoch_us({x})) // 60000000 % 60)"


@gap("with_timezone(t, s)", "at_timezone(z, s)")
def _constant(zone: Arg) -> str:
    if zone.constant is None:
        raise NotPortable("a time zone that varies by row", "a constant zone: 'Asia/Tokyo'")
    return zone.constant


sql("current_timezone() -> varchar", "'UTC'")
refuse("timezone", "not on Athena")
