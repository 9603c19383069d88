"""Files on S3, by the real protocol: read once, listed by few requests, never torn when an object is replaced."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from botocore.exceptions import ResponseStreamingError
from landing_place import Place
from running_aws import RunningAws

from connectors.aws import bucket_files, object_stream
from connectors.aws.bucket import Bucket
from connectors.aws.bucket_files import BucketFiles, session_of
from connectors.aws.object_stream import ObjectStream
from connectors.aws.session import AwsSession
from connectors.file_store import Look, Stored
from connectors.introspect import introspect
from connectors.live import Access
from connectors.readers.files import reading
from connectors.storage import Folder
from transforms.aws_target import Aws
from transforms.errors import Conflict, OutsideError
from transforms.file_path import FilePath

SCHEMA = "t: {id: bigint}"
NUMBERS = count(1)


class S3Place(Place):
    """A place whose files are in a bucket; `asked` counts the requests to it."""

    def __init__(self, home: Path, aws: RunningAws, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(home)
        self.asked: Counter[str] = Counter()
        self.bucket = f"drops{next(NUMBERS)}"
        self.s3 = aws.client("s3")
        self.s3.create_bucket(Bucket=self.bucket)
        self.folder = aws.data / self.bucket
        self.session = AwsSession(Aws("us-east-1", "lake", endpoint=aws.url))
        self.session.client("s3").meta.events.register("before-call.s3", self._count)
        monkeypatch.setattr(bucket_files, "session_of", lambda storage: self.session)
        monkeypatch.setenv("PLACE_URL", f"s3://{self.bucket}/in")

    def _count(self, model: Any, **_: Any) -> None:
        self.asked[model.name] += 1

    def put(self, name: str, *ids: int) -> None:
        """An object of JSON lines."""
        self.put_bytes(name, "".join(json.dumps({"id": number}) + "\n" for number in ids).encode())

    def put_bytes(self, name: str, data: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"in/{name}", Body=data)

    def found(self, path: str, look: Look) -> tuple[list[str], int]:
        """What a listing finds, and the requests that it took."""
        self.asked.clear()
        names = [file.name for file in BucketFiles(self.session, f"s3://{self.bucket}/in/").find(FilePath(path), look)]
        return sorted(names), self.asked.total()


@pytest.fixture
def place(aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3Place:
    place = S3Place(tmp_path, aws, monkeypatch)
    place.declare("jsonl", 't: {mode: append, path: "dt={day}/*.jsonl*", rejects: 50%}', SCHEMA)
    return place


@pytest.mark.aws
def test_an_object_is_read_once_and_again_when_it_changed(place: S3Place) -> None:
    place.put("dt=2024-05-01/a.jsonl", 1, 2)
    place.put_bytes("dt=2024-05-02/b.jsonl.gz", gzip.compress(b'{"id": 3}\n'))
    place.put("elsewhere/c.jsonl", 9)
    assert place.ingest().rows == 3
    assert place.asked == {"ListObjectsV2": 1, "GetObject": 2}
    assert place.rows("t", "id", "_file", "day")[0] == (1, "dt=2024-05-01/a.jsonl", "2024-05-01")
    place.asked.clear()
    assert place.ingest().unchanged
    assert place.asked == {"ListObjectsV2": 1}
    place.put("dt=2024-05-01/a.jsonl", 1, 5, 6)
    place.put("dt=2024-05-02/late.jsonl", 4)
    assert place.ingest().rows == 4
    assert place.rows("t", "id") == [1, 3, 4, 5, 6]


@pytest.mark.aws
def test_a_file_of_a_day_before_the_margin_is_found_by_the_first_run_of_a_day(place: S3Place) -> None:
    place.put("dt=2024-05-10/a.jsonl", 1)
    place.ingest()
    place.put("dt=2024-05-08/within.jsonl", 2)
    place.put("dt=2024-05-07/before.jsonl", 3)
    assert place.ingest().rows == 1
    place.now = datetime(2024, 5, 20, 14, 59, tzinfo=UTC)  # a minute before midnight in Tokyo
    assert place.ingest().unchanged
    place.now = datetime(2024, 5, 20, 15, 0, tzinfo=UTC)
    assert place.ingest().rows == 1
    assert place.rows("t", "id") == [1, 2, 3]


@pytest.mark.aws
def test_old_days_are_not_listed(place: S3Place) -> None:
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 5) for day in range(1, 29)]
    for day in days:
        folder = place.folder / "in" / f"dt={day}"
        folder.mkdir(parents=True)
        for number in range(40):
            (folder / f"{number}.jsonl").touch()
    path = "dt={day}/*.jsonl"
    everything, requests = place.found(path, Look())
    assert (len(everything), requests) == (
        4480,
        1 + 1 + 30,
    )  # a page, the folders, a page of each three of them at once
    again, requests = place.found(path, Look(known=everything))
    assert (again, requests) == (everything, 1 + 1 + 2 + 1)  # up to the 2000th, the 4000th, and the end
    since = datetime(2024, 4, 27).date()
    newest, requests = place.found(path, Look(since, known=everything))
    assert (newest, requests) == ([name for name in everything if name >= "dt=2024-04-27"], 1)


@pytest.mark.aws
def test_days_below_accounts_and_regions_are_found_in_each(place: S3Place) -> None:
    for account in ("111", "222"):
        for region in ("eu-central-1", "us-east-1"):
            for day in ("2024/04/30", "2024/05/01"):
                place.put(f"AWSLogs/{account}/elb/{region}/{day}/x.log", 1)
            place.put(f"AWSLogs/{account}/other/{region}/2024/05/01/x.log", 1)
    path = "AWSLogs/*/elb/*/{day}/*.log"
    everything, _ = place.found(path, Look())
    assert len(everything) == 8
    newest, requests = place.found(path, Look(datetime(2024, 5, 1).date(), known=everything))
    assert newest == [name for name in everything if "2024/05/01" in name]
    assert requests == 1 + 2 + 4  # accounts, regions of each, days of each


@pytest.mark.aws
def test_where_names_grow_listing_begins_after_the_last_one(place: S3Place) -> None:
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl", names: growing}', SCHEMA)
    place.put("0001.jsonl", 1)
    place.put("0003.jsonl", 3)
    place.ingest()
    place.put("0002.jsonl", 2)
    place.put("0004.jsonl", 4)
    assert place.ingest().rows == 1
    place.now = datetime(2024, 5, 21, 3, tzinfo=UTC)
    assert place.ingest().rows == 1
    assert place.rows("t", "id") == [1, 2, 3, 4]


@pytest.mark.aws
def test_a_large_bucket_that_every_run_lists_whole_is_told_with_the_words_to_write(
    place: S3Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MANY", 3)
    path, told = (
        'path: "*/*.jsonl"',
        "raw_place.t: every run lists all {} names of s3://{}/in that may match path: {}; ",
    )
    place.declare("jsonl", f"t: {{mode: append, {path}}}", SCHEMA)
    for number in range(3):
        place.put(f"2024-05-0{number + 1}/{number}.jsonl", number)
    assert place.ingest().warnings == ()
    place.put("2024-05-04/other.txt", 9)
    [warning] = place.ingest().warnings
    assert warning.startswith(told.format(4, place.bucket, "*/*.jsonl"))
    assert "write {day} in path:" in warning
    assert "or names: growing" in warning
    place.declare("jsonl", f"t: {{mode: append, {path}, names: growing}}", SCHEMA)
    assert place.ingest().warnings == ()
    place.declare("jsonl", 'd: {mode: append, path: "{day}/*.jsonl"}', "d: {id: bigint}")
    assert place.ingest("d").warnings == ()
    place.declare("jsonl", f"s: {{mode: snapshot, {path}}}", "s: {id: bigint}")
    assert place.ingest("s").warnings == ()


@pytest.mark.aws
def test_an_object_that_is_replaced_while_it_is_read_is_read_anew(place: S3Place) -> None:
    place.put("dt=2024-05-01/a.jsonl", 1)
    place.put("dt=2024-05-01/b.jsonl", 2)

    def replace(**_: Any) -> None:
        place.session.client("s3").meta.events.unregister("before-call.s3.GetObject", replace)
        place.put("dt=2024-05-01/a.jsonl", 7, 8)

    place.session.client("s3").meta.events.register("before-call.s3.GetObject", replace)
    assert place.ingest().rows == 3
    assert place.rows("t", "id") == [2, 7, 8]


@pytest.mark.aws
def test_a_zip_file_is_its_members(place: S3Place) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("one.jsonl", '{"id": 1}\n')
        members.writestr("sub/two.jsonl.gz", gzip.compress(b'{"id": 2}\n{"id": "x"}\n'))
        members.writestr("__MACOSX/._one.jsonl", "\0\0")
    place.put_bytes("dt=2024-05-01/a.jsonl.zip", packed.getvalue())
    assert place.ingest().rejects == 1
    assert place.rows("t", "id", "_file") == [
        (1, "dt=2024-05-01/a.jsonl.zip/one.jsonl"),
        (2, "dt=2024-05-01/a.jsonl.zip/sub/two.jsonl.gz"),
    ]
    place.put("dt=2024-05-01/a.jsonl.zip", 5)
    assert place.ingest().rows == 1
    assert place.rows("t", "id", "_file") == [(5, "dt=2024-05-01/a.jsonl.zip")]


@pytest.mark.aws
def test_a_bucket_that_is_not_there_is_told(place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE_URL", "s3://no-such-bucket/in")
    with pytest.raises(OutsideError, match="cannot list s3://no-such-bucket/in: the bucket is not there"):
        place.ingest()


def test_a_target_on_aws_reads_sources_with_its_own_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = AwsSession(Aws("us-east-1", "lake"))
    assert session_of(Bucket(session, session.aws, tmp_path)) is session
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    other = session_of(Folder(tmp_path)).aws
    assert (other.region, other.endpoint, other.is_local) == ("eu-central-1", "http://127.0.0.1:1", True)


class _S3:
    """Answers whose bytes break off after so many, a number of times."""

    def __init__(self, data: bytes, after: int, times: int) -> None:
        self.data, self.after, self.times, self.asked = data, after, times, list[str]()

    def get_object(self, **asked: Any) -> dict[str, Any]:
        assert asked["IfMatch"] == '"tag"'
        self.asked.append(asked.get("Range", ""))
        first, _, last = asked.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        data = self.data[int(first) : int(last) + 1 if last else None]
        broken, self.times = self.times > 0, self.times - 1
        return {"Body": _Body(data[: self.after] if broken else data, broken)}


class _Body(io.BytesIO):
    def __init__(self, data: bytes, broken: bool) -> None:
        super().__init__(data)
        self.broken = broken

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data and self.broken:
            raise ResponseStreamingError(error="broken off")
        return data


DATA = bytes(range(256)) * 40


def stream(s3: _S3) -> io.BufferedReader:
    return io.BufferedReader(ObjectStream(s3, "drops", "a", Stored("a", len(DATA), '"tag"', 0)), 1000)


def test_bytes_that_break_off_are_asked_for_from_there() -> None:
    s3 = _S3(DATA, 3000, 2)
    assert stream(s3).read() == DATA
    assert s3.asked == ["", "bytes=3000-10239", "bytes=6000-10239"]


def test_what_always_breaks_off_at_one_place_is_told() -> None:
    s3 = _S3(DATA, 0, 99)
    with pytest.raises(OutsideError, match="cannot read s3://drops/a"):
        stream(s3).read()
    assert len(s3.asked) == object_stream.READS


def test_who_seeks_asks_for_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_stream, "AT_ONCE", 2000)
    s3 = _S3(DATA, 0, 0)
    file = stream(s3)
    file.seek(-10, io.SEEK_END)
    assert file.read(4) == DATA[-10:-6]
    file.seek(100)
    assert (file.read(3000), file.tell()) == (DATA[100:3100], 3100)
    assert s3.asked == ["bytes=10230-10239", "bytes=100-3099"]


@pytest.mark.aws
def test_an_object_that_went_away_is_a_conflict(place: S3Place) -> None:
    store = BucketFiles(place.session, f"s3://{place.bucket}/in")
    with pytest.raises(Conflict, match="was replaced while it was read"):
        store.open(Stored("gone", 5, '"tag"', 0))


@pytest.mark.aws
def test_a_spreadsheet_is_read_once_and_again_when_it_changed(place: S3Place) -> None:
    place.declare("xlsx", 't: {mode: append, path: "*.xlsx"}', SCHEMA)
    for ids in ((1, 2), (3,)):
        data = io.BytesIO()
        with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
            book.add_worksheet("s").write_column("A1", ["id", *ids])
        place.put_bytes("a.xlsx", data.getvalue())
        assert place.ingest().rows == len(ids)
        assert place.ingest().unchanged
    assert place.rows("t", "id", "_file") == [(3, "a.xlsx/s")]


@pytest.mark.aws
def test_a_bucket_tells_its_tables(place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.put("orders/dt=2024-05-01/a1.jsonl", 1)
    place.put("orders/dt=2024-05-02/a2.jsonl", 2)
    monkeypatch.setattr(bucket_files, "session_of", lambda storage: place.session)
    found = introspect("jsonl", Access(f"s3://{place.bucket}/in"), "drops", owner="team", connection="place")
    assert found.source.endswith('tables:\n  orders: {mode: append, path: "orders/dt={day}/a*.jsonl"}\n')
    assert found.schema == "orders:\n  id: {type: bigint}\n"
