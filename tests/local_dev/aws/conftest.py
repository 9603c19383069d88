"""A local AWS of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyathena
import pytest
from asking_athena import Place
from running_aws import RunningAws, running_aws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAws]:
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture
def place(aws: RunningAws) -> Place:
    """A database of one test on the local Athena."""
    for bucket in ("lake", "results"):
        aws.client("s3").create_bucket(Bucket=bucket)
    return Place(aws)


@pytest.fixture
def connected(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A connection of PyAthena's, pointed here by the environment alone."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", place.aws.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    where = {"s3_staging_dir": "s3://results/pyathena/", "region_name": "us-east-1"}
    with pyathena.connect(**where, schema_name=place.database, poll_interval=0.05) as connection:
        yield connection
