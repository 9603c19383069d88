"""How many rows a PostgreSQL gave: by its own count of what a transaction read, or else by counting them again.

Decides when the cheap count proves enough. Never takes longer than it may.
"""

from __future__ import annotations

from connectors.readers.postgres.transaction import Transaction
from connectors.readers.postgres.types import literal, quoted_table

_READ = """
with recursive t(oid) as (
  select to_regclass({table})::oid union select inhrelid from pg_inherits join t on inhparent = t.oid)
select coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)), 0)::bigint,
  coalesce(bool_or(c.relkind in ('v', 'f') and c.oid = to_regclass({table})), true)
from t join pg_class c on c.oid = t.oid"""


def count(database: Transaction, name: str, where: str, came: int, seconds: float, *, scanned: bool) -> int | None:
    """`where` is the condition of the rows; `scanned`: their blocks were read one after the other, and nothing else.

    A scan counts the rows that it returns. Where that is another number than came (there are policies, or workers
    beside it), or rows were looked for, they are counted. None for views and foreign tables: that is as dear as they.
    """
    ((returned, is_computed),) = database.rows(_READ.format(table=literal(quoted_table(name))))
    if is_computed:
        return None
    if scanned and returned == came:
        return came
    found = database.rows_within(seconds, f"select count(*) from {quoted_table(name)}{where}")
    return None if found is None else int(found[0][0])
