"""What tests share: the shop on a local AWS, one server for a module; a PostgreSQL, one for all tests that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from landing_place import Place
from running_aws import RunningAws, running_aws
from running_postgres import Sql, connected, running_postgres
from shop_on_aws import BUCKET, aws_home, open_aws_shop

from connectors.lake import Lake

NUMBERS = count(1)


@pytest.fixture(scope="module")
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
