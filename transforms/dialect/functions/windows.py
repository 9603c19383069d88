"""Window functions. Frames and partitions are written by `queries`; defaults are the same on both engines."""

from __future__ import annotations

from transforms.dialect.macros import failing
from transforms.dialect.rules import Invocation, aggregate, family, rule_of_call

family("Windows")

for _name in ("row_number", "rank", "dense_rank"):
    aggregate(f"{_name}() -> bigint", f"{_name}(){{tail}}")
for _name in ("percent_rank", "cume_dist"):
    aggregate(f"{_name}() -> double", f"{_name}(){{tail}}")
aggregate("first_value(x T) -> T", "first_value({inside}){tail}")
aggregate("last_value(x T) -> T", "last_value({inside}){tail}")


@rule_of_call("ntile(bigint) -> bigint")
def ntile(call: Invocation) -> str:
    """Buckets are numbered from 1."""
    return f"ntile({call.args[0]}){call.tail}"


@rule_of_call("lag(T) -> T", "lag(T, bigint) -> T", "lag(T, bigint, T) -> T")
@rule_of_call("lead(T) -> T", "lead(T, bigint) -> T", "lead(T, bigint, T) -> T")
def neighbour(call: Invocation) -> str:
    """So many rows away; an offset that is NULL or below 0 is an error."""
    if len(call.args) == 1 or (call.args[1].number or -1) > 0:
        return f"{call.name}({call.inside}){call.tail}"
    x, offset, *default = call.args
    checked = failing(
        f"case when {offset} is null then fail('Offset must not be null') "
        f"when {offset} < 0 then fail('Offset must be at least 0') else {offset} end"
    )
    return f"{call.name}({', '.join((x, checked, *default))}{' ignore nulls' * call.ignore_nulls}){call.tail}"


@rule_of_call("nth_value(T, bigint) -> T")
def nth_value(call: Invocation) -> str:
    """The n-th row of the frame; a position that is NULL gives NULL, one below 1 is an error."""
    x, position = call.args
    checked: str = position
    if (position.number or 0) < 1:
        checked = failing(f"case when {position} < 1 then fail('Offset must be at least 1') else {position} end")
    return f"nth_value({x}, {checked}{' ignore nulls' * call.ignore_nulls}){call.tail}"
