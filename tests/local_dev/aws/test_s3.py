"""S3 as boto3, polars and DuckDB use it: none of them knows that it is not Amazon's."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import httpx
import polars as pl
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from running_aws import RunningAws, running_aws

MB = 1 << 20
pytestmark = pytest.mark.aws
NUMBERS = count(1)


@pytest.fixture
def s3(aws: RunningAws) -> Any:
    return aws.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"of-test-{next(NUMBERS)}"
    s3.create_bucket(Bucket=name)
    return name


def code(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def keys(s3: Any, bucket: str, **asked: Any) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, **asked)
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


@pytest.mark.parametrize("key", ["a", "a/b c+d%.txt", "記事/😀 &<>\"'.json", "day=2024-05-01/x=a%2Fb/0.parquet"])
def test_an_object_comes_back_with_what_came_with_it(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=b"hello", ContentType="text/plain", Metadata={"owner": "ads"})
    found = s3.get_object(Bucket=bucket, Key=key)
    assert found["Body"].read() == b"hello"
    assert (found["ContentType"], found["Metadata"], found["ContentLength"]) == ("text/plain", {"owner": "ads"}, 5)
    assert found["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert keys(s3, bucket) == [key]


def test_an_object_is_a_file_and_a_file_is_an_object(aws: RunningAws, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/1.txt", Body=b"one")
    assert (aws.data / bucket / "a" / "1.txt").read_bytes() == b"one"
    (aws.data / bucket / "a" / "2.txt").write_bytes(b"two")
    assert keys(s3, bucket) == ["a/1.txt", "a/2.txt"]
    found = s3.get_object(Bucket=bucket, Key="a/2.txt")
    assert found["Body"].read() == b"two"
    assert s3.get_object(Bucket=bucket, Key="a/2.txt", IfMatch=found["ETag"])["ETag"] == found["ETag"]
    (aws.data / bucket / "a" / "1.txt").write_bytes(b"another one")
    assert s3.head_object(Bucket=bucket, Key="a/1.txt")["ETag"] != found["ETag"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("bytes=1-2", b"el"), ("bytes=3-", b"lo"), ("bytes=-2", b"lo"), ("bytes=0-99", b"hello"), ("bytes=4-4", b"o")],
)
def test_a_range_is_a_part(s3: Any, bucket: str, asked: str, expected: bytes) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    found = s3.get_object(Bucket=bucket, Key="a", Range=asked)
    assert (found["Body"].read(), found["ResponseMetadata"]["HTTPStatusCode"]) == (expected, 206)
    assert found["ContentRange"].endswith("/5")
    assert code(lambda: s3.get_object(Bucket=bucket, Key="a", Range="bytes=5-")) == ("InvalidRange", 416)


def test_an_upload_in_parts_is_one_object(s3: Any, bucket: str) -> None:
    data = os.urandom(12 * MB + 1)
    config = TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
    s3.upload_fileobj(io.BytesIO(data), bucket, "big", Config=config)
    assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-3"')
    found = io.BytesIO()
    s3.download_fileobj(bucket, "big", found)
    assert found.getvalue() == data
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copy", Config=config)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == data
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_parts_must_be_those_that_were_sent(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    asked = {"Bucket": bucket, "Key": "big", "UploadId": upload}
    etags = [s3.upload_part(**asked, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]

    def complete(*parts: tuple[int, str]) -> tuple[str, int]:
        told = {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in parts]}
        return code(lambda: s3.complete_multipart_upload(**asked, MultipartUpload=told))

    assert complete((1, etags[0]), (2, '"0123"')) == ("InvalidPart", 400)
    assert complete((2, etags[1]), (1, etags[0])) == ("InvalidPartOrder", 400)
    assert complete((1, etags[0]), (2, etags[1])) == ("EntityTooSmall", 400)
    assert [each["PartNumber"] for each in s3.list_parts(**asked)["Parts"]] == [1, 2]
    s3.abort_multipart_upload(**asked)
    assert complete((1, etags[0])) == ("NoSuchUpload", 404)
    assert keys(s3, bucket) == []


def test_pages_and_delimiters(s3: Any, bucket: str) -> None:
    names = ["a", "a.txt", "a-/x", "b/1/x", "b/1/y", "b/2/x", "b/z", "c/x"]
    for name in names:
        if name != "a":
            s3.put_object(Bucket=bucket, Key=name, Body=b"")
    names.remove("a")
    assert keys(s3, bucket, PaginationConfig={"PageSize": 2}) == sorted(names)
    assert keys(s3, bucket, Prefix="b/", StartAfter="b/1/x") == ["b/1/y", "b/2/x", "b/z"]
    page = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/")
    assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["b/1/", "b/2/"]
    assert [each["Key"] for each in page["Contents"]] == ["b/z"]
    first = s3.list_objects(Bucket=bucket, Delimiter="/", MaxKeys=2)
    second = s3.list_objects(Bucket=bucket, Delimiter="/", MaxKeys=2, Marker=first["NextMarker"])
    found = [each["Prefix"] for page in (first, second) for each in page.get("CommonPrefixes", [])]
    assert found == ["a-/", "b/", "c/"]


def test_conditions_guard_a_write(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"1", IfNoneMatch="*")["ETag"]
    failed = ("PreconditionFailed", 412)
    assert code(lambda: s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfNoneMatch="*")) == failed
    s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfMatch=etag)
    assert code(lambda: s3.put_object(Bucket=bucket, Key="a", Body=b"3", IfMatch=etag)) == failed
    assert code(lambda: s3.get_object(Bucket=bucket, Key="a", IfMatch=etag)) == failed
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"


def test_of_many_who_would_be_the_first_one_is(aws: RunningAws, bucket: str) -> None:
    s3 = aws.client("s3", max_pool_connections=16)

    def write(number: int) -> int:
        try:
            s3.put_object(Bucket=bucket, Key="lock", Body=str(number), IfNoneMatch="*")
        except ClientError:
            return 0
        return 1

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(write, range(64))) == 1


def test_deleting_takes_empty_folders_along(aws: RunningAws, s3: Any, bucket: str) -> None:
    for key in ("a/b/1", "a/b/2", "c/"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert keys(s3, bucket) == ["a/b/1", "a/b/2", "c/"]
    assert code(lambda: s3.delete_bucket(Bucket=bucket)) == ("BucketNotEmpty", 409)
    asked = {"Objects": [{"Key": key} for key in ("a/b/1", "a/b/2", "never")]}
    assert [each["Key"] for each in s3.delete_objects(Bucket=bucket, Delete=asked)["Deleted"]] == [
        "a/b/1",
        "a/b/2",
        "never",
    ]
    assert not (aws.data / bucket / "a").exists()
    s3.delete_object(Bucket=bucket, Key="c/")
    s3.delete_bucket(Bucket=bucket)
    assert code(lambda: s3.list_objects_v2(Bucket=bucket)) == ("NoSuchBucket", 404)


@pytest.mark.parametrize("key", ["../x", "a//b", ".s3/x", "x" * 256, "a/./b"])
def test_a_key_that_no_file_can_have_is_refused(s3: Any, bucket: str, key: str) -> None:
    assert code(lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"")) == ("InvalidArgument", 400)


def test_a_key_below_another_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"kept")
    assert code(lambda: s3.put_object(Bucket=bucket, Key="a/b", Body=b"")) == ("InvalidArgument", 400)
    s3.put_object(Bucket=bucket, Key="c/d", Body=b"")
    assert code(lambda: s3.put_object(Bucket=bucket, Key="c", Body=b"")) == ("InvalidArgument", 400)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"kept"


def test_bytes_that_are_not_those_that_were_meant_are_refused(s3: Any, bucket: str) -> None:
    wrong = {"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert code(lambda: s3.put_object(Bucket=bucket, Key="a", Body=b"x", **wrong)) == ("BadDigest", 400)
    assert keys(s3, bucket) == []


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_link_works_until_it_expires(aws: RunningAws, bucket: str, version: str) -> None:
    s3 = aws.client("s3", signature_version=version)
    s3.put_object(Bucket=bucket, Key="a b", Body=b"hello")
    asked = {"Bucket": bucket, "Key": "a b"}
    assert httpx.get(s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=60)).content == b"hello"
    expired = s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=1)
    time.sleep(2.1)
    answer = httpx.get(expired)
    assert (answer.status_code, "Request has expired" in answer.text) == (403, True)


def test_what_is_not_there_is_said_to_be_missing(s3: Any, bucket: str) -> None:
    assert code(lambda: s3.get_object(Bucket=bucket, Key="never")) == ("NoSuchKey", 404)
    assert code(lambda: s3.head_object(Bucket=bucket, Key="never")) == ("404", 404)
    assert code(lambda: s3.get_bucket_acl(Bucket=bucket)) == ("NotImplemented", 501)


def test_polars_writes_and_reads(aws: RunningAws, bucket: str) -> None:
    frame = pl.DataFrame({"n": range(1000), "day": ["2024-05-01", "2024-05-02"] * 500})
    options = {
        "aws_endpoint_url": aws.url,
        "aws_region": "us-east-1",
        "aws_access_key_id": "local",
        "aws_secret_access_key": "local",
        "aws_allow_http": "true",
    }
    frame.write_parquet(f"s3://{bucket}/t/0.parquet", storage_options=options)
    scan = pl.scan_parquet(f"s3://{bucket}/t/*.parquet", storage_options=options)
    assert scan.filter(pl.col("n") < 10).select(pl.col("n").sum()).collect().item() == 45


def test_duckdb_writes_partitions_and_reads_them(aws: RunningAws, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyathena.filesystem.s3 import S3FileSystem

    for name, value in (
        ("AWS_ENDPOINT_URL", aws.url),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ):
        monkeypatch.setenv(name, value)
    database = duckdb.connect()
    database.register_filesystem(S3FileSystem(skip_instance_cache=True))
    query = "select i, date '2024-05-01' + (i % 3)::int as day from range(300) t(i)"
    database.execute(f"copy ({query}) to 's3://{bucket}/t' (format parquet, partition_by (day))")
    paths = f"s3://{bucket}/t/*/*.parquet"
    assert database.execute(f"select count(*), count(distinct day) from '{paths}'").fetchone() == (300, 3)


def test_state_survives_a_restart(tmp_path: Path) -> None:
    with running_aws(tmp_path) as first:
        s3 = first.client("s3")
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="a", Body=b"x", Metadata={"k": "v"})
        upload = s3.create_multipart_upload(Bucket="lake", Key="b")["UploadId"]
        part = s3.upload_part(Bucket="lake", Key="b", UploadId=upload, PartNumber=1, Body=b"y")["ETag"]
    assert first.process.returncode == 0
    with running_aws(tmp_path) as second:
        s3 = second.client("s3")
        assert s3.head_object(Bucket="lake", Key="a")["Metadata"] == {"k": "v"}
        parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
        s3.complete_multipart_upload(Bucket="lake", Key="b", UploadId=upload, MultipartUpload=parts)
        assert keys(s3, "lake") == ["a", "b"]


def test_faults_strike_as_often_as_they_were_asked_to(tmp_path: Path) -> None:
    with running_aws(tmp_path, "--fault", "slowdown=0.3,throttle=0.3,fail=0.1", "--seed", "7") as running:
        s3, glue = running.client("s3"), running.client("glue")
        codes = []
        for number in range(200):
            try:
                s3.create_bucket(Bucket=f"bucket-{number}")
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
            try:
                glue.get_databases()
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        for kind, least, most in (("SlowDown", 40, 80), ("ThrottlingException", 40, 80), ("InternalError", 5, 40)):
            assert least <= codes.count(kind) <= most, kind
        made = len(list(running.data.glob("bucket-*")))
        lost = codes.count("InternalError")
        assert made == 200 - codes.count("SlowDown") >= 200 - len(codes) + lost, (
            "a failed answer is of work that was done"
        )
