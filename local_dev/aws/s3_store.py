"""Buckets as folders: an object is the file under its key, so that engines on this machine read it by path.

What a file cannot say (the ETag of an upload in parts, types, own metadata) stands in a small database beside them.
A file that somebody else wrote into the folder is an object too; its ETag comes from its size and time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISDIR
from threading import RLock
from typing import Any, BinaryIO

from local_dev.aws.s3_errors import S3Error, no_such_bucket, no_such_key, no_such_upload
from local_dev.aws.s3_keys import HIDDEN, Listing, page, path_of

SMALLEST_PART = 5 << 20
"""Bytes of every part but the last, by S3's rule."""
MOST_PARTS = 10_000
COPY_BYTES = 1 << 20
_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TABLES = """
create table if not exists object (
  bucket text, key text, size integer, modified_ns integer, etag text, headers text, primary key (bucket, key)
) without rowid;
create table if not exists upload (id text primary key, bucket text, key text, headers text, begun text) without rowid;
"""

Condition = Callable[["Object | None"], None]
"""Raises S3Error when an object must not be replaced; is told None when there is none."""


@dataclass(frozen=True, slots=True)
class Object:
    """`etag` without quotes; `headers` are those that came with it and go with it, by lower case name."""

    key: str
    size: int
    etag: str
    modified: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """One that is under way. `parts` maps the numbers of those that arrived to their size and ETag."""

    id: str
    key: str
    headers: Mapping[str, str]
    begun: datetime
    parts: Mapping[int, tuple[int, str]]


class Store:
    """All buckets below one folder; a bucket may be a link to a folder elsewhere. Safe to use from several threads."""

    def __init__(self, root: Path, read_only: str = "") -> None:
        """`read_only` is a bucket that takes no object and loses none."""
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self._read_only = read_only
        self._lock = RLock()
        self._database = sqlite3.connect(root / ".s3.sqlite", check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma cache_size = -256")  # KiB: the file itself is in the system's cache
        self._database.execute("pragma synchronous = normal")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Give back the database."""
        self._database.close()

    def buckets(self) -> list[tuple[str, datetime]]:
        """Names, and when each was made."""
        found = [path for path in self.root.iterdir() if path.is_dir() and _BUCKET.fullmatch(path.name)]
        return sorted((path.name, _time(path.lstat().st_mtime_ns)) for path in found)

    def create_bucket(self, name: str) -> None:
        """Making one that is there is no error, as in us-east-1."""
        if not _BUCKET.fullmatch(name):
            raise S3Error("InvalidBucketName", "The specified bucket is not valid.")
        (self.root / name).mkdir(exist_ok=True)

    def delete_bucket(self, name: str) -> None:
        """Only an empty one."""
        with self._lock:
            folder = self.folder(name)
            if self.listing(name, size=1).keys or folder.is_symlink():
                raise S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty", 409)
            shutil.rmtree(folder)

    def folder(self, bucket: str) -> Path:
        """Where a bucket's objects are. Raises S3Error when there is no such bucket."""
        folder = self.root / bucket
        if not _BUCKET.fullmatch(bucket) or not folder.is_dir():
            raise no_such_bucket(bucket)
        return folder

    def listing(
        self, bucket: str, *, prefix: str = "", delimiter: str = "", after: str = "", size: int = 1000
    ) -> Listing:
        """One page of keys; see `s3_keys.page`."""
        folder = self.folder(bucket)
        sql = "select key from object where bucket = ? and key like '%/'"
        markers = {key for (key,) in self._rows(sql, bucket)}
        return page(folder, markers, prefix=prefix, delimiter=delimiter, after=after, size=size)

    def head(self, bucket: str, key: str) -> Object:
        """What is known of an object. Raises S3Error when there is none."""
        found = self._find(bucket, key)
        if found is None:
            raise no_such_key(key)
        return found

    def heads(self, bucket: str, keys: Iterable[str]) -> list[Object]:
        """The same of the keys of a listing; one that was deleted meanwhile is left out."""
        folder = self.folder(bucket)
        found = (self._at(folder / key, bucket, key) for key in keys)
        return [each for each in found if each is not None]

    def opened(self, bucket: str, key: str) -> tuple[Object, BinaryIO]:
        """An object and its file, open: a reader has the whole of it, whatever becomes of the key. Raises S3Error."""
        path = self.path(bucket, key)
        while True:
            found = self.head(bucket, key)
            try:
                file = path.open("rb")
            except FileNotFoundError:  # deleted meanwhile
                continue
            try:
                if self.head(bucket, key) == found:
                    return found, file
            except S3Error:
                file.close()
                raise
            file.close()

    def path(self, bucket: str, key: str) -> Path:
        """The file of an object, or of one that is to be."""
        return path_of(self.folder(bucket), key)

    def scratch(self, bucket: str) -> Path:
        """A name for a file that becomes an object by one rename. Raises S3Error for the bucket that takes none."""
        folder = self._writable(bucket) / HIDDEN
        folder.mkdir(exist_ok=True)
        return folder / f"{os.getpid()}-{secrets.token_hex(8)}"

    def put(
        self, bucket: str, key: str, scratch: Path, etag: str, headers: Mapping[str, str], condition: Condition
    ) -> Object:
        """Make a written file the object, all at once. The scratch file is gone afterwards, whatever happens."""
        try:
            path = path_of(self.folder(bucket), key)
            with self._lock:
                condition(self._find(bucket, key))
                if key.endswith("/"):
                    if scratch.stat().st_size:
                        raise S3Error("InvalidArgument", "an object whose key ends with / holds no bytes here")
                    path.mkdir(parents=True, exist_ok=True)
                else:
                    _replace(scratch, path, key)
                stat = path.stat()
                size = 0 if key.endswith("/") else stat.st_size
                self._database.execute(
                    "insert or replace into object values (?, ?, ?, ?, ?, ?)",
                    (bucket, key, size, stat.st_mtime_ns, etag, json.dumps(dict(headers))),
                )
                return Object(key, size, etag, _time(stat.st_mtime_ns), headers)
        finally:
            scratch.unlink(missing_ok=True)

    def adopt(self, bucket: str, key: str, scratch: Path) -> None:
        """Make a file of this machine's own the object; like any such file it has no ETag of its bytes."""
        try:
            path = path_of(self.folder(bucket), key)
            with self._lock:
                _replace(scratch, path, key)
        finally:
            scratch.unlink(missing_ok=True)

    def delete(self, bucket: str, key: str, condition: Condition) -> None:
        """No error when there is none; folders that become empty go with it."""
        folder = self._writable(bucket)
        path = path_of(folder, key)
        with self._lock:
            condition(self._find(bucket, key))
            self._database.execute("delete from object where bucket = ? and key = ?", (bucket, key))
            if not key.endswith("/") and path.is_file():
                path.unlink()
            sql = "select key from object where bucket = ? and key like '%/'"
            kept = {folder / marker for (marker,) in self._rows(sql, bucket)}
            empty = path if key.endswith("/") else path.parent
            while empty != folder and empty not in kept:
                try:
                    empty.rmdir()
                except OSError:
                    break
                empty = empty.parent

    def begin(self, bucket: str, key: str, headers: Mapping[str, str]) -> str:
        """Begin an upload in parts; returns its id."""
        path_of(self._writable(bucket), key)
        upload = secrets.token_hex(16)
        self._upload_folder(bucket, upload).mkdir(parents=True)
        with self._lock:
            self._database.execute(
                "insert into upload values (?, ?, ?, ?, ?)",
                (upload, bucket, key, json.dumps(dict(headers)), datetime.now(UTC).isoformat()),
            )
        return upload

    def put_part(self, bucket: str, upload: str, number: int, scratch: Path, etag: str) -> None:
        """A part again replaces the one of this number."""
        if not 1 <= number <= MOST_PARTS:
            scratch.unlink(missing_ok=True)
            raise S3Error("InvalidArgument", f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive")
        with self._lock:
            self.upload(bucket, upload)
            folder = self._upload_folder(bucket, upload)
            for older in folder.glob(f"{number}-*"):
                older.unlink()
            scratch.replace(folder / f"{number}-{etag}")

    def upload(self, bucket: str, upload: str) -> Upload:
        """One that is under way. Raises S3Error when there is none."""
        found = self._rows("select key, headers, begun from upload where id = ? and bucket = ?", upload, bucket)
        if not found:
            raise no_such_upload()
        parts = {}
        for path in self._upload_folder(bucket, upload).iterdir():
            number, _, etag = path.name.partition("-")
            parts[int(number)] = (path.stat().st_size, etag)
        key, headers, begun = found[0]
        return Upload(upload, key, json.loads(headers), datetime.fromisoformat(begun), dict(sorted(parts.items())))

    def uploads(self, bucket: str, prefix: str = "") -> list[Upload]:
        """Those under way, by key."""
        self.folder(bucket)
        found = self._rows("select id, key from upload where bucket = ? order by key, begun", bucket)
        return [self.upload(bucket, upload) for upload, key in found if key.startswith(prefix)]

    def complete(self, bucket: str, upload: str, parts: Sequence[tuple[int, str]], condition: Condition) -> Object:
        """The parts as one object, in the order of their numbers; `parts` are numbers and ETags."""
        with self._lock:
            known = self.upload(bucket, upload)
            _require_parts(parts, known.parts)
            folder, scratch = self._upload_folder(bucket, upload), self.scratch(bucket)
            digests = hashlib.md5(usedforsecurity=False)
            with scratch.open("wb") as out:
                for number, etag in parts:
                    digests.update(bytes.fromhex(etag))
                    with (folder / f"{number}-{etag}").open("rb") as part:
                        shutil.copyfileobj(part, out, COPY_BYTES)
            etag = f"{digests.hexdigest()}-{len(parts)}"
            made = self.put(bucket, known.key, scratch, etag, known.headers, condition)
            self.abort(bucket, upload)
            return made

    def abort(self, bucket: str, upload: str) -> None:
        """Forget an upload and its parts."""
        with self._lock:
            self.upload(bucket, upload)
            self._database.execute("delete from upload where id = ?", (upload,))
            shutil.rmtree(self._upload_folder(bucket, upload), ignore_errors=True)

    def _writable(self, bucket: str) -> Path:
        if bucket == self._read_only:
            raise S3Error("AccessDenied", f"{bucket} is the laptop's lake, and read only: `baikal run` writes it", 403)
        return self.folder(bucket)

    def _upload_folder(self, bucket: str, upload: str) -> Path:
        return self.folder(bucket) / HIDDEN / "uploads" / upload

    def _find(self, bucket: str, key: str) -> Object | None:
        return self._at(path_of(self.folder(bucket), key), bucket, key)

    def _at(self, path: Path, bucket: str, key: str) -> Object | None:
        try:
            stat = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        known = self._rows(
            "select size, modified_ns, etag, headers from object where bucket = ? and key = ?", bucket, key
        )
        if key.endswith("/") or S_ISDIR(stat.st_mode):
            if not key.endswith("/") or not known:
                return None
            return Object(key, 0, known[0][2], _time(known[0][1]), json.loads(known[0][3]))
        if known and known[0][:2] == (stat.st_size, stat.st_mtime_ns):
            return Object(key, stat.st_size, known[0][2], _time(stat.st_mtime_ns), json.loads(known[0][3]))
        etag = hashlib.md5(f"{stat.st_size} {stat.st_mtime_ns}".encode(), usedforsecurity=False).hexdigest()
        return Object(key, stat.st_size, f"{etag}-1", _time(stat.st_mtime_ns))

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()


def _replace(scratch: Path, path: Path, key: str) -> None:
    if path.is_dir():
        what = f"objects are files here, and {key} is already the beginning of other keys"
        raise S3Error("InvalidArgument", what)
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch.replace(path)
        except FileNotFoundError:  # a delete removed the folder between the two
            continue
        except (FileExistsError, NotADirectoryError):
            what = f"objects are files here, and a part of {key} is already the key of another"
            raise S3Error("InvalidArgument", what) from None
        return


def _require_parts(parts: Sequence[tuple[int, str]], known: Mapping[int, tuple[int, str]]) -> None:
    if not parts:
        raise S3Error("MalformedXML", "You must specify at least one part")
    if [number for number, _ in parts] != sorted({number for number, _ in parts}):
        raise S3Error("InvalidPartOrder", "The list of parts was not in ascending order.")
    for number, etag in parts:
        if known.get(number, (0, ""))[1] != etag:
            what = f"One or more of the specified parts could not be found, or its ETag is another: part {number}"
            raise S3Error("InvalidPart", what)
    if any(known[number][0] < SMALLEST_PART for number, _ in parts[:-1]):
        raise S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.")


def _time(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // 1_000_000_000, UTC)
