"""What the headers of a request ask for: conditions, ranges, what is kept with an object, how long a link lives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from local_dev.aws.s3_errors import S3Error, precondition_failed
from local_dev.aws.s3_store import Object

_KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def require_unexpired(asked: Mapping[str, str]) -> None:
    """Of a presigned URL the time counts; its signature is not checked, as nobody's is here."""
    try:
        end = _expiry(asked)
    except ValueError:
        what = "X-Amz-Date, X-Amz-Expires or Expires is not in the form of a presigned URL"
        raise S3Error("AuthorizationQueryParametersError", what) from None
    if end is not None and datetime.now(UTC) > end:
        raise S3Error("AccessDenied", "Request has expired", 403)


def _expiry(asked: Mapping[str, str]) -> datetime | None:
    """None for a request that is no link. Raises ValueError for one that cannot be read."""
    if "X-Amz-Expires" in asked:
        signed = datetime.strptime(asked.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return signed + timedelta(seconds=int(asked["X-Amz-Expires"]))
    if "Signature" in asked and "Expires" in asked:  # version 2, which boto3 still takes for links
        return datetime.fromtimestamp(int(asked["Expires"]), UTC)
    return None


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that go with the object."""
    found = {name: value for name, value in headers.items() if name in _KEPT or name.startswith("x-amz-meta-")}
    encodings = [part.strip() for part in found.pop("content-encoding", "").split(",")]
    left = ",".join(part for part in encodings if part and part != "aws-chunked")
    return found | ({"content-encoding": left} if left else {})


def condition(headers: Mapping[str, str]) -> Callable[[Object | None], None]:
    """`If-None-Match: *` writes only what is not there; `If-Match` replaces only what was seen."""

    def judge(found: Object | None) -> None:
        if headers.get("if-none-match") == "*" and found is not None:
            raise precondition_failed("If-None-Match")
        wanted = headers.get("if-match")
        if wanted is not None and found is None:
            raise S3Error("NoSuchKey", "The specified key does not exist.", 404)
        if wanted is not None and found is not None and wanted not in ("*", found.etag, f'"{found.etag}"'):
            raise precondition_failed("If-Match")

    return judge


def anyway(found: Object | None) -> None:
    """No condition."""


def read(asked: Mapping[str, str], query: Mapping[str, str], found: Object) -> tuple[int, dict[str, str], range]:
    """Status, headers and the bytes of the answer to GET and HEAD."""
    match, none_match = asked.get("if-match"), asked.get("if-none-match")
    if match is not None and match not in ("*", found.etag, f'"{found.etag}"'):
        raise precondition_failed("If-Match")
    unmodified, modified = _date(asked.get("if-unmodified-since")), _date(asked.get("if-modified-since"))
    if match is None and unmodified is not None and found.modified > unmodified:
        raise precondition_failed("If-Unmodified-Since")
    headers = {
        "content-type": "binary/octet-stream",
        **found.headers,
        "accept-ranges": "bytes",
        "etag": f'"{found.etag}"',
        "last-modified": format_datetime(found.modified, usegmt=True),
    }
    headers |= {
        name.removeprefix("response-"): value
        for name, value in query.items()
        if name.removeprefix("response-") in _KEPT and name.startswith("response-")
    }
    seen = none_match in ("*", found.etag, f'"{found.etag}"')
    if seen or (none_match is None and modified is not None and found.modified <= modified):
        return 304, headers, range(0)
    part = byte_range(asked.get("range"), found.size)
    if part is None:
        return 200, headers | {"content-length": str(found.size)}, range(found.size)
    headers |= {
        "content-length": str(len(part)),
        "content-range": f"bytes {part.start}-{part.stop - 1}/{found.size}",
    }
    return 206, headers, part


def byte_range(told: str | None, size: int) -> range | None:
    """The bytes that a Range header asks for; None for all of them. Several ranges are not S3's."""
    found = _RANGE.fullmatch(told or "")
    if found is None or not (found[1] or found[2]):
        return None
    first, last = (int(found[1]), int(found[2] or size)) if found[1] else (max(0, size - int(found[2])), size)
    if first >= size or (found[1] and last < first):
        raise S3Error("InvalidRange", "The requested range is not satisfiable", 416)
    return range(first, min(last + 1, size))


def _date(told: str | None) -> datetime | None:
    try:
        return None if told is None else parsedate_to_datetime(told)
    except ValueError:
        return None
