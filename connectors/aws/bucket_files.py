"""A source's files in a bucket on S3. See `connectors.file_store`.

Lists from a day or a name on, several pages at a time: a request names a thousand files, and answers after 0.1 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BufferedReader
from os import environ
from typing import Any, BinaryIO, cast

import botocore.session

from connectors.aws.bucket import Bucket
from connectors.aws.object_stream import ObjectStream
from connectors.aws.session import AwsSession, asking_aws
from connectors.file_store import Look, Stored
from connectors.storage import Storage
from transforms.aws_target import Aws
from transforms.file_path import FilePath, literal, matcher

AT_ONCE = 16
PAGE = 1000
MOST_FOLDERS = 1000
"""Above the days, that are looked into one by one; where there are more, everything below them is listed."""
_OTHER_BUCKET = "lake"


def session_of(storage: Storage | None) -> AwsSession:
    """The session of the lake's target; of one that is not on AWS, what the environment says."""
    if isinstance(storage, Bucket):
        return storage.session
    region = botocore.session.get_session().get_config_variable("region") or "us-east-1"
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    return AwsSession(Aws(region, _OTHER_BUCKET, endpoint=endpoint))


class BucketFiles:
    """The address is `s3://bucket/folder`."""

    ahead = AT_ONCE

    def __init__(self, session: AwsSession, address: str) -> None:
        self._session, self.listed = session, 0
        self._bucket, _, folder = address.removeprefix("s3://").partition("/")
        self._folder = f"{folder.strip('/')}/" if folder.strip("/") else ""

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self._folder}".rstrip("/")

    def find(self, path: FilePath, look: Look) -> Iterator[Stored]:
        """In requests as few as the days since `look.since`, or the names after `look.after`, need."""
        with asking_aws(f"list {self}"), ThreadPoolExecutor(AT_ONCE, thread_name_prefix="list") as threads:
            for prefix, after in self._starts(path, look, threads):
                for stored in self._listed(prefix, after, look, threads):
                    self.listed += 1
                    if path.meaning(stored.name) is not False:
                        yield stored

    def any_name(self) -> str | None:
        """Of one request."""
        with asking_aws(f"list {self}"):
            return next((stored.name for stored in self._page("", "", size=1)[0]), None)

    def open(self, file: Stored) -> BinaryIO:
        """Asks for the first bytes at once, so that files that are opened ahead are on their way."""
        stream = ObjectStream(self._session.client("s3"), self._bucket, self._folder + file.name, file)
        opened = BufferedReader(stream, 1 << 18)
        opened.peek(1)
        return cast(BinaryIO, opened)

    def _starts(self, path: FilePath, look: Look, threads: ThreadPoolExecutor) -> Iterator[tuple[str, str]]:
        """Where to list: what names begin with, and after which one."""
        if look.since is None or path.above_day is None:
            yield path.literal, look.after
            return
        above, lead = path.above_day
        folders = self._folders(above, threads)
        if folders is None:
            yield path.literal, look.after
        for folder in folders or ():
            day = path.written(look.since, look.known)
            yield folder + lead, f"{folder}{lead}{day}"

    def _folders(self, pattern: str, threads: ThreadPoolExecutor) -> list[str] | None:
        """The folders that a pattern means, None for too many; a request for each that has a pattern below it."""
        found = [""]
        for step in re.findall(r"[^/]*/", pattern):
            if literal(step) == step:
                found = [folder + step for folder in found]
                continue
            below = threads.map(self._inner, [folder + literal(step) for folder in found])
            means = matcher(step).match
            found = [folder for some in below for folder in some if means(f"{folder.split('/')[-2]}/")]
            if len(found) > MOST_FOLDERS:
                return None
        return found

    def _inner(self, prefix: str) -> list[str]:
        """The folders whose names begin so; a request for each thousand."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._folder + prefix, Delimiter="/"
        )
        return [found["Prefix"][len(self._folder) :] for page in pages for found in page.get("CommonPrefixes", ())]

    def _listed(self, prefix: str, after: str, look: Look, threads: ThreadPoolExecutor) -> Iterator[Stored]:
        """The first page, and where there are more, the others of several stretches at once."""
        first, last = self._page(prefix, after)
        yield from first
        if last is None:
            return
        starts = [last, *(cut for cut in self._cuts(prefix, look) if cut > last)]
        ends = [*starts[1:], None]
        for stretch in threads.map(lambda start, end: list(self._stretch(prefix, start, end)), starts, ends):
            yield from stretch

    def _stretch(self, prefix: str, after: str, until: str | None) -> Iterator[Stored]:
        """The files after a name, up to another one with it."""
        start: str | None = after
        while start is not None and (until is None or start < until):
            found, start = self._page(prefix, start)
            yield from (stored for stored in found if until is None or stored.name <= until)

    def _cuts(self, prefix: str, look: Look) -> list[str]:
        """Names that part what is to be listed about evenly: known files, or else the folders that are there."""
        names = sorted(name for name in look.known if name.startswith(prefix))
        least = 2 * PAGE if names else 1
        names = names or self._inner(prefix)
        return names[least - 1 :: max(least, len(names) // (2 * AT_ONCE))]

    def _page(self, prefix: str, after: str, size: int = PAGE) -> tuple[list[Stored], str | None]:
        """At most a thousand files after a name, and the last of them when there are more."""
        answer = self._s3.list_objects_v2(
            Bucket=self._bucket,
            Prefix=self._folder + prefix,
            MaxKeys=size,
            **({"StartAfter": self._folder + after} if after else {}),
        )
        found = answer.get("Contents", [])
        now = datetime.now(UTC)
        stored = [
            Stored(
                each["Key"][len(self._folder) :],
                each["Size"],
                each["ETag"],
                (now - each["LastModified"]).total_seconds(),
            )
            for each in found
            if not each["Key"].endswith("/")
        ]
        return stored, found[-1]["Key"][len(self._folder) :] if answer["IsTruncated"] else None

    @property
    def _s3(self) -> Any:
        return self._session.client("s3")
