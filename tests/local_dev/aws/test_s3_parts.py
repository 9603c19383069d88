"""The parts of S3 that need no server: order of keys, chunked bodies, ranges."""

from __future__ import annotations

import base64
import io
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_dev.aws.s3_body import Body
from local_dev.aws.s3_errors import S3Error
from local_dev.aws.s3_keys import page
from local_dev.aws.s3_reading import byte_range, require_unexpired

NAMES = st.lists(st.lists(st.sampled_from(["a", "b", "a.x", "a-", "記", "Z"]), min_size=1, max_size=3), max_size=12)


@given(NAMES, st.sampled_from(["", "a", "a/", "b/a"]), st.sampled_from(["", "/", "a"]), st.integers(1, 4))
def test_pages_are_the_sorted_keys(paths: list[list[str]], prefix: str, delimiter: str, size: int) -> None:
    with TemporaryDirectory() as folder:
        keys = set()
        for parts in paths:
            path = Path(folder).joinpath(*parts)
            if not path.exists() and not any(parent.is_file() for parent in path.parents):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                keys.add("/".join(parts))
        found, after = [], ""
        while True:
            one = page(Path(folder), (), prefix=prefix, delimiter=delimiter, after=after, size=size)
            found += sorted(one.keys + one.prefixes, key=str.encode)
            assert len(one.keys) + len(one.prefixes) <= size
            if one.next is None:
                break
            after = one.next
        assert found == expected(keys, prefix, delimiter)


def expected(keys: set[str], prefix: str, delimiter: str) -> list[str]:
    found = {}
    for key in sorted((key for key in keys if key.startswith(prefix)), key=str.encode):
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        found[key if at < 0 else key[: at + len(delimiter)]] = None
    return list(found)


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 50))
def test_chunks_arrive_in_any_pieces(data: bytes, sizes: list[int], piece: int) -> None:
    sent, at = bytearray(), 0
    while at < len(data):
        part = data[at : at + sizes[at % len(sizes)]]
        sent += f"{len(part):x};chunk-signature=abc\r\n".encode() + part + b"\r\n"
        at += len(part)
    checksum = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    sent += f"0;chunk-signature=abc\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    out = io.BytesIO()
    headers = {
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": str(len(data)),
    }
    body = Body(headers, out)
    for start in range(0, len(sent), piece):
        body.write(bytes(sent[start : start + piece]))
    body.finish()
    assert out.getvalue() == data


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"5\r\nhello\r\n", "IncompleteBody"),
        (b"zz\r\nhello\r\n0\r\n\r\n", "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"),
        (b"2\r\nhe\r\n0\r\n\r\n", "IncompleteBody"),
    ],
)
def test_a_body_that_was_cut_or_changed_is_refused(sent: bytes, code: str) -> None:
    headers = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "5"}
    body = Body(headers, io.BytesIO())

    def receive() -> None:
        body.write(sent)
        body.finish()

    with pytest.raises(S3Error) as caught:
        receive()
    assert caught.value.code == code


@pytest.mark.parametrize("told", [None, "", "bytes=-", "bytes=0-1,3-4", "rows=1-2"])
def test_what_is_no_single_range_is_the_whole(told: str | None) -> None:
    assert byte_range(told, 5) is None


@pytest.mark.parametrize(
    "asked",
    [
        {"X-Amz-Expires": "60"},
        {"X-Amz-Expires": "soon", "X-Amz-Date": "20240501T000000Z"},
        {"Signature": "x", "Expires": "tomorrow"},
    ],
)
def test_a_link_that_cannot_be_read_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(S3Error) as caught:
        require_unexpired(asked)
    assert caught.value.code == "AuthorizationQueryParametersError"
