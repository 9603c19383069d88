"""A large table read in several ranges at once: of its blocks, which the server finds without an index.

Decides how many ranges and where they end; rows come in an order that is the same as long as the table is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from connectors.readers.postgres.transaction import Transaction
from connectors.readers.postgres.types import literal, quoted_table
from transforms.source import Source, SourceTable

RANGES = 4
LARGE_BYTES = 512 << 20
"""A table from this size on is read in ranges, if it does not say otherwise: below, connections cost what they save."""
_SIZE = """
select pg_relation_size(c.oid), current_setting('block_size')::int from pg_class c
where c.oid = to_regclass({table}) and c.relkind in ('r', 'm')
  and current_setting('server_version_num')::int >= 140000"""
"""Of what has blocks; servers before 14 would read the whole table for each range."""
Item = TypeVar("Item")


def ctid_ranges(
    database: Transaction, source: Source, table: SourceTable, name: str, further: Callable[[int], int]
) -> list[str]:
    """The condition of each range; one without any condition where one range is enough.

    `further` tells how many connections there may be besides the first, at most so many.
    """
    found = database.rows(_SIZE.format(table=literal(quoted_table(name))))
    if not found:
        return [""]
    size, block = found[0]
    asked: Any = table.options.get("ranges", source.options.get("ranges"))
    blocks = -(-size // block)
    count = min(int(asked) if asked else RANGES if size >= LARGE_BYTES else 1, blocks)
    count = 1 + further(count - 1)
    if count < 2:
        return [""]
    ends = [blocks * number // count for number in range(1, count)]
    first = [f" where ctid < '({ends[0]},0)'::tid"]
    middle = [f" where ctid >= '({a},0)'::tid and ctid < '({b},0)'::tid" for a, b in pairwise(ends)]
    return [*first, *middle, f" where ctid >= '({ends[-1]},0)'::tid"]


def in_turns(streams: Sequence[Iterator[Item]]) -> Iterator[Item]:
    """The first item of each stream, then the second of each, and so on: an order that does not depend on time."""
    left = list(streams)
    while left:
        for stream in tuple(left):
            item = next(stream, None)
            if item is None:
                left.remove(stream)
            else:
                yield item
