"""A real PostgreSQL and a hot standby of it: rows come from the standby, and none is lost because it lags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from landing_place import Place
from running_postgres import Sql, connected, running_replica

from connectors.readers.postgres import replica as postgres_replica
from transforms.errors import ContentError, OutsideError

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def replica(server: str) -> Iterator[str]:
    with running_replica(server) as address:
        yield address


@pytest.fixture
def near(postgres: Place, sql: Sql, replica: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A home whose source is read from the standby: three rows."""
    monkeypatch.setenv("NEAR_URL", replica)
    sql("create table t (id bigint primary key)", "insert into t values (1), (2), (3)")
    postgres.declare("postgres", "t: {mode: append, cursor: id}", "t: {id: bigint}", top="replica: near\n")
    return postgres


def test_what_the_primary_had_is_read_from_the_replica(near: Place, sql: Sql, replica: str, server: str) -> None:
    assert near.ingest().rows == 3
    with connected(replica) as asked:
        assert asked("select pg_is_in_recovery()") == [(True,)]
        asked("select pg_wal_replay_pause()")
        sql("insert into t values (4)")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postgres_replica, "WAIT_S", 0.3)
            behind = r"place.yaml:5: near does not have what place had 0.3 s ago; its newest .* remove replica: to read"
            with pytest.raises(OutsideError, match=behind):
                near.ingest()
        asked("select pg_wal_replay_resume()")
    assert near.ingest().rows == 1
    assert near.rows("t", "id") == [1, 2, 3, 4]


def test_a_transaction_that_is_open_on_the_primary_is_waited_for(
    near: Place, sql: Sql, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    near.declare("postgres", "t: {mode: append, cursor: id, margin: 1}", "t: {id: bigint}", top="replica: near\n")
    near.ingest()
    monkeypatch.setattr("connectors.readers.postgres.transaction._OPEN", _OPEN_NOW)
    with connected(server) as late:
        late("begin", "insert into t values (10)")
        sql("insert into t values (100)")
        assert near.ingest().rows == 1
        late("commit")
    assert near.ingest().rows == 1
    assert near.rows("t", "id") == [1, 10, 100, 2, 3]


_OPEN_NOW = """
select count(*) from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
  and datname = current_database()"""


def test_a_replica_that_is_none_or_not_there_is_told(
    near: Place, sql: Sql, server: str, replica: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEAR_URL")
    with pytest.raises(ContentError, match=r"place.yaml:5: the environment variable NEAR_URL is not set"):
        near.ingest()
    monkeypatch.setenv("NEAR_URL", "postgresql://me:secret@127.0.0.1:1/db")
    with pytest.raises(OutsideError, match="cannot connect to near: ") as told:
        near.ingest()
    assert "secret" not in str(told.value)
    monkeypatch.setenv("NEAR_URL", server)
    assert near.ingest().rows == 3, "the primary is as good as a replica of itself"
