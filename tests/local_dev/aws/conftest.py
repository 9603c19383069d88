"""A local AWS of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

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
