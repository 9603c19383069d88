"""One driver's database for all connections to an address that are open at the same time.

To open one, the driver reads every type and column of the server: 70 ms of CPU with 900 types, more with each table.
Closed with the last connection, so that types which are made later are known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import adbc_driver_manager
import adbc_driver_postgresql


@dataclass
class _Shared:
    """`lock` is held while it is opened; `users` are those who have it or wait for it."""

    lock: Lock = field(default_factory=Lock)
    users: int = 0
    database: adbc_driver_manager.AdbcDatabase | None = None


_SHARED: dict[str, _Shared] = {}
_COUNTING = Lock()


def connect(address: str) -> adbc_driver_manager.AdbcConnection:
    """A connection of its own, which `disconnect` closes."""
    with _COUNTING:
        shared = _SHARED.setdefault(address, _Shared())
        shared.users += 1
    try:
        with shared.lock:
            if shared.database is None:
                shared.database = adbc_driver_postgresql.connect(address)
        return adbc_driver_manager.AdbcConnection(shared.database)
    except BaseException:
        _leave(address)
        raise


def disconnect(address: str, connection: adbc_driver_manager.AdbcConnection) -> None:
    """Closes a connection to the address, and with the last one what they shared."""
    try:
        connection.close()
    finally:
        _leave(address)


def _leave(address: str) -> None:
    with _COUNTING:
        shared = _SHARED[address]
        shared.users -= 1
        if shared.users:
            return
        del _SHARED[address]
    if shared.database is not None:
        shared.database.close()
