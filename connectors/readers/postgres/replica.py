"""A read replica and the primary that it follows: when a reading of the one misses nothing that the other would show.

Decides how long a replica is waited for. Never reads a row of a table.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

from connectors.reader import Asked
from connectors.readers.postgres.transaction import Transaction
from connectors.readers.postgres.types import literal
from transforms.errors import OutsideError
from transforms.source import Source

WAIT_S = 30.0
LOOK_S = 0.1
_WRITTEN = """
select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text,
  system_identifier from pg_control_system()"""
_REPLAYED = """
select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end >= {written}::pg_lsn,
  system_identifier, extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::bigint
from pg_control_system()"""


def read_source(asked: Asked) -> Source:
    """The source as errors name the system that is read."""
    return replace(asked.source, connection=asked.source.addresses["replica"]) if asked.primary else asked.source


def first_transaction(asked: Asked) -> Transaction:
    """The first one of a moment; of a replica once it has what its primary had when this was called.

    The primary knows of late writers, and a replica does not. What the primary says then holds for the replica: a
    transaction that had ended by then is seen. Raises OutsideError when the replica takes too long.
    """
    if not asked.primary:
        return Transaction(asked.source, asked.address)
    with closing(Transaction(asked.source, asked.primary)) as primary:
        ((written, system),) = primary.rows(_WRITTEN)
    _wait(asked, str(written), system)
    first = Transaction(read_source(asked), asked.address)
    first.late_writers = primary.late_writers
    return first


def _wait(asked: Asked, written: str, system: object) -> None:
    source, until = read_source(asked), time.monotonic() + WAIT_S
    with closing(Transaction(source, asked.address)) as replica:
        while True:
            ((has_it, of_system, behind_s),) = replica.rows(_REPLAYED.format(written=literal(written)))
            where = f"{source.path}:{source.lines.get('replica', 1)}"
            if of_system != system:
                raise OutsideError(
                    f"{where}: {source.connection} is no replica of {asked.source.connection}: it is another system; "
                    "write one that follows it, or make it the connection"
                )
            if has_it:
                return
            if time.monotonic() > until:
                raise OutsideError(
                    f"{where}: {source.connection} does not have what {asked.source.connection} had {WAIT_S:g} s ago; "
                    f"its newest transaction is {behind_s or 0:,} s old; nothing was read; run again when it has "
                    f"caught up, or remove replica: to read {asked.source.connection} itself"
                )
            time.sleep(LOOK_S)
