"""The bytes of an object that break off are asked for again, a few times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ResponseStreamingError

from connectors.aws.bucket import READS, Bucket
from transforms.aws_target import Aws
from transforms.errors import OutsideError


class _Session:
    """An S3 whose answers break off a number of times."""

    def __init__(self, broken: int) -> None:
        self.broken, self.asked = broken, 0

    def client(self, service: str) -> _Session:
        assert service == "s3"
        return self

    def get_object(self, **asked: Any) -> dict[str, Any]:
        assert asked["Key"] == "lake/a.txt"
        self.asked += 1
        return {"Body": self, "ETag": '"1"'}

    def read(self) -> bytes:
        if self.asked <= self.broken:
            raise ResponseStreamingError(error="broken off")
        return b"whole"


def _bucket(session: Any, folder: Path) -> Bucket:
    return Bucket(session, Aws("us-east-1", "lake"), folder)


def test_what_breaks_off_is_read_again(tmp_path: Path) -> None:
    session = _Session(READS - 1)
    assert _bucket(session, tmp_path).read("a.txt") == b"whole"
    assert session.asked == READS


def test_what_always_breaks_off_is_told(tmp_path: Path) -> None:
    session = _Session(READS)
    with pytest.raises(OutsideError, match=r"cannot read s3://lake/lake/a\.txt"):
        _bucket(session, tmp_path).read("a.txt")
    assert session.asked == READS
