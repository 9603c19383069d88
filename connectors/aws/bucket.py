"""The lake's files in a bucket on S3. What a process writes or reads lies in a folder of its own beside it.

Files that a person may look for are under the lake's folder; the platform's own small files under `_notes` in it,
where listing them costs nothing. Decides nothing about tables.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import random
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError

from connectors.aws.session import AwsSession, asking_aws, code
from connectors.durable import outside
from connectors.location import MARKER, STAGED
from transforms.aws_target import Aws
from transforms.errors import OutsideError

if TYPE_CHECKING:
    from connectors.aws.slots import Slots

AT_ONCE = 16
"""Objects on their way at the same time."""
NOTES = "_notes"
PUBLISHING_TIME = timedelta(hours=1)
"""A publish takes less from its first note to the switch."""
DEAD = timedelta(minutes=15)
"""How old a lock is when whoever made it is taken for dead: what is done under one takes seconds, or a few minutes."""
LOCK_PATIENCE_S = 60.0
_BATCH = 1000
"""The most keys that S3 deletes in one request."""
READS = 4
"""How often an object is asked for whose bytes break off: botocore repeats a call until it is answered, no further."""
_BROKEN_OFF = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
_MISSING = ("404", "NoSuchKey", "NotFound")
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


class Bucket:
    """See Storage. `root` is the scratch folder of this process, which need not exist."""

    shared = True

    def __init__(self, session: AwsSession, aws: Aws, root: Path) -> None:
        self.root = root
        self.session, self._bucket, self._folder = session, aws.bucket, aws.folder
        self._seats: dict[tuple[str, int], Slots] = {}
        self._lock = Lock()

    def url(self, name: str) -> str:
        """`s3://bucket/folder/name`."""
        return f"s3://{self._bucket}/{self._key(name)}"

    def local(self, file: str) -> Path:
        """Fetches the object when it is not here yet."""
        path = self.root / file.lstrip("/")
        if not path.is_file():
            beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
            with outside(f"keep {file} on this machine"):
                path.parent.mkdir(parents=True, exist_ok=True)
            with asking_aws(f"read {self.url(file)}"), outside(f"keep {file} on this machine"):
                self._s3.download_file(self._bucket, self._key(file), str(beside))
                beside.replace(path)
        return path

    def has(self, file: str) -> bool:
        """Whether the object is there."""
        with asking_aws(f"read {self.url(file)}"):
            try:
                self._s3.head_object(Bucket=self._bucket, Key=self._key(file))
            except ClientError as error:
                if code(error) in _MISSING:
                    return False
                raise
        return True

    def keep(self, files: Iterable[str], location: str) -> None:
        """Uploads the files that this process wrote; S3 has an object whole or not at all, durable once it answers.

        What Athena wrote is there already.
        """

        def upload(file: str) -> None:
            self._s3.upload_file(str(self.root / file), self._bucket, self._key(file))

        with asking_aws(f"write {self.url(location)}"), outside(f"read what was staged in {location}"):
            self.each(upload, [file for file in files if (self.root / file).is_file()])

    def claim(self, location: str, marker: bytes) -> bool:
        """Writes the marker unless there is one: S3 takes the first of two."""
        with asking_aws(f"write {self.url(location)}"):
            try:
                key = self._key(f"{location}/{MARKER}")
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=marker, IfNoneMatch="*")
            except ClientError as error:
                if code(error) in _TAKEN:
                    return False
                raise
        return True

    def drop(self, location: str) -> None:
        """Deletes the location's objects, the marker last: what a killed drop leaves is still known as ours."""
        self.unnote(f"{location}/{STAGED}")
        names = [name for name, _ in self.objects(location)]
        self.delete(name for name in names if not name.endswith(f"/{MARKER}"))
        self.delete([f"{location}/{MARKER}"])

    def objects(self, location: str) -> Iterator[tuple[str, int]]:
        """Names and sizes in bytes of all that lies under a location."""
        return ((name, size) for name, size, _ in self.dated_objects(location))

    def dated_objects(self, location: str) -> Iterator[tuple[str, int, datetime]]:
        """The same with when each was written."""
        with asking_aws(f"list {self.url(location)}"):
            pages = self._s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._key(location) + "/"):
                for found in page.get("Contents", ()):
                    name = found["Key"].removeprefix(f"{self._folder}/")
                    yield name, int(found["Size"]), found["LastModified"]

    def folders(self, folder: str) -> Iterator[str]:
        """The names of the folders in a folder of the lake; hidden ones are left out."""
        prefix = self._key(folder).rstrip("/") + "/"
        with asking_aws(f"list {self.url(folder)}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, Delimiter="/"
            )
            for page in pages:
                for found in page.get("CommonPrefixes", ()):
                    name = found["Prefix"].removeprefix(prefix).rstrip("/")
                    if name[:1] not in "_.":
                        yield name

    def delete(self, names: Iterable[str]) -> None:
        """Deletes these objects, whether or not they are there."""
        keys = [{"Key": self._key(name)} for name in names]
        with asking_aws(f"delete from s3://{self._bucket}/{self._folder}"):
            for start in range(0, len(keys), _BATCH):
                some = {"Objects": keys[start : start + _BATCH], "Quiet": True}
                for error in self._s3.delete_objects(Bucket=self._bucket, Delete=some).get("Errors", ()):
                    raise OutsideError(f"cannot delete {error.get('Key')}: {error.get('Message')}")

    def read(self, name: str, first: int = 0, last: int | None = None) -> bytes:
        """Bytes of an object, from `first` to `last`, both included; a negative `first` counts from its end."""
        span = f"bytes={first}" if first < 0 else f"bytes={first}-{'' if last is None else last}"
        with asking_aws(f"read {self.url(name)}"):
            return self._get(self._bucket, self._key(name), Range=span)[0]

    def _get(self, bucket: str, key: str, **asked: str) -> tuple[bytes, str]:
        """The bytes of an object, and its tag."""
        for _ in range(READS - 1):
            with suppress(*_BROKEN_OFF):
                return self._get_once(bucket, key, **asked)
        return self._get_once(bucket, key, **asked)

    def _get_once(self, bucket: str, key: str, **asked: str) -> tuple[bytes, str]:
        found = self._s3.get_object(Bucket=bucket, Key=key, **asked)
        return bytes(found["Body"].read()), str(found["ETag"])

    def write(self, name: str, content: bytes) -> None:
        """An object of these bytes."""
        with asking_aws(f"write {self.url(name)}"):
            self._s3.put_object(Bucket=self._bucket, Key=self._key(name), Body=content)

    def replace(self, name: str, content: bytes, tag: str | None) -> str | None:
        """Writes an object in the place of the one with that tag, None: of none; its own tag, or None if it is another.

        A call whose answer was lost is repeated, and meets itself: contents should differ, so that this can be told.
        """
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        with asking_aws(f"write {self.url(name)}"):
            try:
                made = self._s3.put_object(Bucket=self._bucket, Key=self._key(name), Body=content, **condition)
                return str(made["ETag"])
            except ClientError as error:
                if code(error) not in (*_TAKEN, *_MISSING):
                    raise
            try:
                found, its_tag = self._get(self._bucket, self._key(name))
                return its_tag if found == content else None
            except ClientError as error:
                if code(error) not in _MISSING:
                    raise
                return None

    def dated_tags(self, location: str) -> dict[str, tuple[str, timedelta]]:
        """The tags of at most 1,000 objects, and how long ago each was written by S3's own clock."""
        with asking_aws(f"list {self.url(location)}"):
            found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=self._key(location) + "/")
            now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
            return {
                each["Key"].removeprefix(f"{self._folder}/"): (each["ETag"], now - each["LastModified"])
                for each in found.get("Contents", ())
            }

    def write_all(self, objects: Mapping[str, bytes]) -> None:
        """Several at a time."""
        self.each(lambda name: self.write(name, objects[name]), objects)

    def named(self, manifest: str) -> set[str] | None:
        """The files of this lake that an object names by their addresses, a line each; None when it is not there."""
        bucket, _, key = manifest.removeprefix("s3://").partition("/")
        with asking_aws(f"read {manifest}"):
            try:
                lines = self._get(bucket, key)[0].decode().split()
            except ClientError as error:
                if code(error) in _MISSING:
                    return None
                raise
        return {line.removeprefix(self.url("")) for line in lines}

    def note(self, name: str, content: bytes) -> None:
        """One PUT."""
        with asking_aws(f"write {self.url(name)}"):
            self._s3.put_object(Bucket=self._bucket, Key=self._key(f"{NOTES}/{name}"), Body=content)

    def noted(self, name: str) -> bytes | None:
        """One GET."""
        with asking_aws(f"read {self.url(name)}"):
            try:
                return self._get(self._bucket, self._key(f"{NOTES}/{name}"))[0]
            except ClientError as error:
                if code(error) in _MISSING:
                    return None
                raise

    def notes(self, folder: str, name: str) -> Iterator[str]:
        """One list of the folders, and one look into each: only runs that are not published have one."""
        prefix = self._key(f"{NOTES}/{folder}") + "/"
        with asking_aws(f"list {self.url(folder)}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, Delimiter="/"
            )
            inner = [found["Prefix"].removeprefix(prefix) for page in pages for found in page.get("CommonPrefixes", ())]
        for run in sorted(each for each in inner if not each.startswith("_")):
            if self.has(f"{NOTES}/{folder}/{run}{name}"):
                yield f"{folder}/{run}{name}"

    def notes_in(self, folder: str) -> Iterator[str]:
        """One list."""
        for name, _ in self.objects(f"{NOTES}/{folder}"):
            yield name.removeprefix(f"{NOTES}/")

    def old_notes_in(self, folder: str) -> Iterator[str]:
        """One list."""
        before = datetime.now(UTC) - PUBLISHING_TIME
        for name, _, at in self.dated_objects(f"{NOTES}/{folder}"):
            if at < before:
                yield name.removeprefix(f"{NOTES}/")

    def unnote(self, name: str) -> None:
        """One DELETE."""
        self.delete([f"{NOTES}/{name}"])

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """By an object that only one can make; one that is older than DEAD is of a process that died."""
        file, mine, until = f"{NOTES}/{name}", os.urandom(16), time.monotonic() + LOCK_PATIENCE_S
        while not (tag := self.replace(file, mine, None) or self._outlived(file, mine)):
            if time.monotonic() > until:
                raise OutsideError(f"another run holds {self.url(file)}")
            time.sleep(1 + random())
        try:
            yield
        finally:
            if self.replace(file, os.urandom(16), tag):  # not when another one took this process for dead
                self.unnote(name)

    def _outlived(self, file: str, mine: bytes) -> str | None:
        tag, age = self.dated_tags(file.rpartition("/")[0]).get(file, ("", timedelta(0)))
        return self.replace(file, mine, tag) if age > DEAD else None

    def seats(self, name: str, count: int) -> Slots:
        """The same ones for the same name: a lease that one reading leaves is there for the next one."""
        from connectors.aws.slots import Slots  # it needs this module

        with self._lock:
            found = self._seats.get((name, count)) or Slots(self, count, Event(), f"{NOTES}/{name}")
            self._seats[name, count] = found
        return found

    def swap(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """By a PUT that S3 takes only if nobody was faster; the bytes should differ from all that others write."""
        file = f"{NOTES}/{name}"
        while True:
            with asking_aws(f"read {self.url(file)}"):
                try:
                    old, tag = self._get(self._bucket, self._key(file))
                except ClientError as error:
                    if code(error) not in _MISSING:
                        raise
                    old, tag = b"", None
            new = change(old)
            if new == old or self.replace(file, new, tag):
                return
            time.sleep(random() / 4)

    def wait(self, attempt: int) -> None:
        """Longer each time, and never as long as another run that was refused together with this one."""
        time.sleep(min(2**attempt, 30) * (0.5 + random()))

    def close(self) -> None:
        """Removes the scratch folder, which is this process's own; gives back the seats that nobody has."""
        for slots in self._seats.values():
            with suppress(OutsideError):
                slots.give_back()
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def _s3(self) -> Any:
        return self.session.client("s3")

    def _key(self, name: str) -> str:
        """A name that begins with a slash counts from the bucket's root: the folder of somebody else's lake."""
        return name[1:] if name.startswith("/") else f"{self._folder}/{name}"

    def each(self, work: Callable[[str], None], items: Iterable[str]) -> None:
        """Does it with every item, several at a time; what one of them raises is raised."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(work, items):
                pass
