"""The shop on a local AWS of its own: one server for a module, a lake of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from running_aws import RunningAws, running_aws
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
