"""Time zones: the zone of a value is known to the compiler and constant; a zone that varies by row is refused."""

from __future__ import annotations

from transforms.dialect.rules import Arg, Invocation, family, refuse, rule, rule_of_call, sql
from transforms.dialect.zoned import instant, known, local
from transforms.gaps import gap

family("Dates and times")


@rule_of_call(
    "at_timezone(timestamp with time zone, varchar|interval day to second) -> timestamp with time zone",
    "from_unixtime(double, varchar) -> timestamp with time zone",
    "from_unixtime(double, bigint, bigint) -> timestamp with time zone",
)
@gap("at_timezone(z, s)", "from_unixtime(x, s)")
def shown_in_zone(call: Invocation) -> str:
    """The same instant; the zone is how it is shown."""
    known(call.zone)
    return f"athena_from_unixtime({call.args[0]})" if call.name == "from_unixtime" else str(call.args[0])


@rule_of_call("with_timezone(timestamp, varchar) -> timestamp with time zone")
@gap("with_timezone(t, s)")
def with_timezone(call: Invocation) -> str:
    """The same clock time, said to be of a zone."""
    return instant(call.args[0], call.zone)


@rule("timezone_hour(timestamp with time zone) -> bigint")
def timezone_hour(x: Arg) -> str:
    """Hours between the zone and UTC at that instant."""
    return f"((epoch_us({local(x, x.zone)}) - epoch_us({x})) // 3600000000)"


@rule("timezone_minute(timestamp with time zone) -> bigint")
def timezone_minute(x: Arg) -> str:
    """Minutes beyond those hours."""
    return f"((epoch_us({local(x, x.zone)}) - epoch_us({x})) // 60000000 % 60)"


sql("current_timezone() -> varchar", "'UTC'")
refuse("timezone", "not on Athena")
