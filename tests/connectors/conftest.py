"""What tests share: a local AWS, on which each has a shop of its own, a PostgreSQL and a MariaDB; one for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pymysql
import pytest
from api_server import Api, serve
from landing_place import Place
from running_aws import RunningAws, running_aws
from running_postgres import Sql, connected, running_postgres
from shop_on_aws import BUCKET, aws_home, open_aws_shop

from connectors.lake import Lake
from connectors.readers import rest
from connectors.readers.rest.reading import RestReader
from local_dev.mariadb_server import PASSWORD, MariaDb

NUMBERS = count(1)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAws]:
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        running.client("s3").create_bucket(Bucket=BUCKET)
        yield running


@pytest.fixture
def home(aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return aws_home(aws, tmp_path, f"lake{next(NUMBERS)}")


@pytest.fixture
def lake(home: Path) -> Iterator[Lake]:
    lake = open_aws_shop(home)
    yield lake
    lake.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A home with a source that is still to be declared."""
    return Place(tmp_path)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """An API, which is the source of a place; what asks it to wait is not waited for."""
    with serve() as api:
        monkeypatch.setenv("PLACE_URL", api.address)
        monkeypatch.setattr(rest, "reader", lambda: RestReader(sleep=lambda _: None))
        yield api


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL."""
    with running_postgres() as address:
        yield address


@pytest.fixture
def sql(server: str) -> Iterator[Sql]:
    """Runs statements; the public schema is empty before and after."""
    with connected(server) as run:
        run("drop schema public cascade", "create schema public")
        yield run
        run("drop schema public cascade", "create schema public")


@pytest.fixture
def postgres(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A home whose source is read from that PostgreSQL."""
    monkeypatch.setenv("PLACE_URL", server)
    return Place(tmp_path)


@pytest.fixture
def mariadb_sql(mariadb: MariaDb) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Runs statements, each in a transaction of its own; the database shop is empty before and after."""
    there = {"host": "127.0.0.1", "port": mariadb.port, "user": "root", "password": PASSWORD}
    with closing(pymysql.connect(**there, autocommit=True)) as connection, connection.cursor() as cursor:

        def run(*statements: str) -> list[tuple[Any, ...]]:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

        run("set sql_mode = 'NO_ENGINE_SUBSTITUTION'", "create or replace database shop charset utf8mb4", "use shop")
        yield run
        run("drop database shop")


@pytest.fixture
def mariadb_place(tmp_path: Path, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A home whose source is the database shop."""
    monkeypatch.setenv("PLACE_URL", mariadb.address("shop"))
    return Place(tmp_path)
