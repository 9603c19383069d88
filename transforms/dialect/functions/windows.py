"""Window functions. Frames and partitions are written by `queries`; defaults are the same on both engines."""

from __future__ import annotations

from transforms.dialect.errors import NotPortable
from transforms.dialect.rules import Invocation, aggregate, family, rule_of_call
from transforms.gaps import gap

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
@gap("lag(i, i) over (order by i)", "lead(i, i) over (order by i)")
def neighbour(call: Invocation) -> str:
    """An offset below 0 is an error on Athena, so it must be a constant."""
    if len(call.args) > 1 and (call.args[1].number is None or call.args[1].number < 0):
        raise NotPortable(f"{call.name} with an offset that varies by row", "a constant offset")
    return f"{call.name}({call.inside}){call.tail}"


@rule_of_call("nth_value(T, bigint) -> T")
@gap("nth_value(i, i) over (order by i)")
def nth_value(call: Invocation) -> str:
    """The n-th row of the frame."""
    if call.args[1].number is None or call.args[1].number < 1:
        raise NotPortable("nth_value with a position that varies by row", "a constant position")
    return f"nth_value({call.inside}){call.tail}"
