"""Calls that AWS slows down are made again until it takes them, however many there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse

from connectors.aws.patience import ATTEMPTS
from connectors.aws.session import AwsSession, asking_aws
from transforms.aws_target import Aws
from transforms.errors import OutsideError


class _Body:
    """Of an answer that came over no network."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Any:
        yield self._content


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setattr(botocore.endpoint.time, "sleep", pauses.append)
    return pauses


def _glue(refused: int) -> Any:
    """A client of Glue that is told to slow down so many times before each answer."""
    client, numbers = AwsSession(Aws(region="us-east-1", bucket="lake")).client("glue"), count()

    def answer(**_: object) -> AWSResponse:
        if next(numbers) % (refused + 1) < refused:
            error = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
            return AWSResponse("https://glue", 400, {}, _Body(error))
        return AWSResponse("https://glue", 200, {}, _Body(b'{"DatabaseList": []}'))

    client.meta.events.register("before-send.glue", answer)
    return client


@pytest.mark.slow
def test_many_calls_that_are_slowed_down_are_all_made(slept: list[float]) -> None:
    glue = _glue(refused=4)
    for _ in range(300):
        assert glue.get_databases()["DatabaseList"] == []
    assert len(slept) == 1200
    assert max(slept) <= 8


def test_a_service_that_never_answers_is_given_up(slept: list[float]) -> None:
    with (
        pytest.raises(OutsideError, match="cannot read Glue: ThrottlingException: Rate exceeded"),
        asking_aws("read Glue"),
    ):
        _glue(refused=100).get_databases()
    assert len(slept) == ATTEMPTS - 1


def test_where_nobody_answers_on_this_machine_it_is_told_soon(slept: list[float]) -> None:
    glue = AwsSession(Aws(region="us-east-1", bucket="lake", endpoint="http://127.0.0.1:9")).client("glue")
    with (
        pytest.raises(OutsideError, match=r"nobody answers at .*; baikal aws starts a local AWS"),
        asking_aws("x"),
    ):
        glue.get_databases()
    assert len(slept) == 2


def test_times_of_answers_are_read_as_botocore_reads_them(slept: list[float]) -> None:
    session = AwsSession(Aws(region="us-east-1", bucket="lake"))
    listed = b"<R><Contents><Key>a</Key><LastModified>2024-02-29T23:59:59.000Z</LastModified></Contents></R>"
    headers = {"last-modified": "Thu, 29 Feb 2024 23:59:59 GMT"}
    session.client("s3").meta.events.register(
        "before-send.s3", lambda **_: AWSResponse("https://s3", 200, headers, _Body(listed))
    )
    session.client("glue").meta.events.register(
        "before-send.glue",
        lambda **_: AWSResponse("https://glue", 200, {}, _Body(b'{"Table": {"CreateTime": 1709251199.5}}')),
    )
    second = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    [found] = session.client("s3").list_objects_v2(Bucket="lake")["Contents"]
    assert found["LastModified"] == second
    assert session.client("s3").head_object(Bucket="lake", Key="a")["LastModified"] == second
    made = session.client("glue").get_table(DatabaseName="d", Name="t")["Table"]["CreateTime"]
    assert made == second + timedelta(milliseconds=500)
