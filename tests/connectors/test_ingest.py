"""When a source is due, and what an ingest that cannot begin says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from landing_place import Place

from connectors.address import address
from connectors.content import open_content
from connectors.ingest import due, due_tables, ingest, last_ingested
from connectors.lake import lake_at
from transforms.errors import ContentError
from transforms.names import TableName
from transforms.source import Source, tick

TOKYO = ZoneInfo("Asia/Tokyo")
SOURCE = Source("s", "s.yaml", "jsonl", "team", "", "s", ())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("every", "last", "now", "expected"),
    [
        (timedelta(days=1), "2024-05-01T23:59", "2024-05-02T00:00", True),
        (timedelta(days=1), "2024-05-02T00:00", "2024-05-02T23:59", False),
        (timedelta(hours=1), "2024-05-02T09:10", "2024-05-02T09:59", False),
        (timedelta(hours=1), "2024-05-02T09:10", "2024-05-02T10:00", True),
        (timedelta(hours=6), "2024-05-02T05:59", "2024-05-02T06:00", True),
        (timedelta(days=7), "2024-05-02T05:59", "2024-05-03T06:00", False),
        (timedelta(minutes=5), "2024-05-02T05:59", "2024-05-02T06:00", True),
    ],
)
def test_a_source_is_due_once_a_tick_of_the_company_clock(
    every: timedelta, last: str, now: str, expected: bool
) -> None:
    source = replace(SOURCE, every=every)
    assert due(source, at(last), at(now)) is expected
    assert due(source, at(last).astimezone(UTC), at(now)) is expected


def test_a_source_that_was_never_read_is_due() -> None:
    assert due(SOURCE, None, at("2024-05-01T00:00"))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from([5, 60, 360, 1440, 10080]))
def test_the_newest_tick_is_not_in_the_future_and_is_a_tick_itself(now: datetime, minutes: int) -> None:
    every, here = timedelta(minutes=minutes), now.replace(tzinfo=TOKYO)
    found = tick(every, here)
    assert found <= here < found + every
    assert tick(every, found) == found


def test_an_ingest_without_news_counts_as_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl"}', "t: {id: int}")
    assert [table.name.table for _, table in due_tables(place.lake())] == ["t"]
    place.ingest()
    assert due_tables(place.lake()) == []
    place.now += timedelta(days=1)
    assert len(due_tables(place.lake())) == 1
    assert place.ingest().unchanged
    assert last_ingested(place.lake(), TableName("raw_place", "t")) == place.now
    assert due_tables(place.lake()) == []


def test_a_connection_that_the_target_lacks_is_named_with_the_line_to_write(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl"}', "t: {id: int}")
    lake = place.lake()
    lake = replace(lake, target=replace(lake.target, connections={}))
    with pytest.raises(ContentError, match=r"place\.yaml:\d+: .*; write place: PLACE_URL under connections"):
        address(lake, lake.content.sources["place"])


@pytest.mark.parametrize(
    ("kind", "table", "value", "write"),
    [
        ("postgres", "t: snapshot", "mysql://host/shop", "postgresql://user@host:5432/database"),
        ("postgres", "t: snapshot", "/data/shop", "postgresql://user@host:5432/database"),
        ("jsonl", 't: {mode: append, path: "*.jsonl"}', "https://host/shop", "/data/shop"),
        ("rest", "t: {mode: snapshot, path: /t}", "host/shop", "https://api.example.com"),
        ("rest", "t: {mode: snapshot, path: /t}", "", "https://api.example.com"),
    ],
)
def test_an_address_of_another_kind_of_system_is_told_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, table: str, value: str, write: str
) -> None:
    place = Place(tmp_path)
    place.declare(kind, table, "t: {id: int}")
    monkeypatch.setenv("PLACE_URL", value)
    lake = place.lake()
    with pytest.raises(ContentError) as raised:
        address(lake, lake.content.sources["place"])
    assert re.search(
        rf"place\.yaml:\d+: the environment variable PLACE_URL .* export PLACE_URL={write}", str(raised.value)
    )
    assert not value or value not in str(raised.value)


def test_a_path_that_no_file_matches_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl"}', "t: {id: int}")
    assert place.ingest().warnings == (f"no file of {place.files} matches path: *.jsonl; there is no file at all",)
    (place.files / "a.json").touch()
    assert place.ingest().warnings[0].endswith("; there is a.json")
    (place.files / "a.jsonl").write_text('{"id": 1}\n')
    assert place.ingest().warnings == ()


def test_an_ingest_tells_which_days_got_rows_and_how_many_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", 't: {mode: append, path: "{day}/*.jsonl"}', "t: {id: int}")

    def written() -> int:
        return sum(path.stat().st_size for path in (tmp_path / "lake").rglob("*.parquet"))

    for file in ("2024-05-01/a", "2024-05-02/a", "2024-05-03/a"):
        (place.files / file).parent.mkdir()
        (place.files / f"{file}.jsonl").write_text('{"id": 1}\n')
    first = place.ingest()
    assert first.days == (date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3))
    assert first.bytes == written()
    (place.files / "2024-05-02/b.jsonl").write_text('{"id": 2}\n')
    second = place.ingest()
    assert (second.days, second.bytes) == ((date(2024, 5, 2),), written() - first.bytes)
    third = place.ingest()
    assert (third.unchanged, third.days, third.bytes) == (True, (), 0)


def test_a_source_whose_file_is_at_fault_is_not_ingested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    monkeypatch.setenv("PLACE_URL", str(place.files))
    place.declare("jsonl", 't: {mode: append, path: "*.jsonl", rejetcs: 1%}', "t: {id: int}")
    lake = lake_at(tmp_path / "lake", open_content(tmp_path))
    source = lake.content.sources["place"]
    with pytest.raises(ContentError, match="rejetcs"):
        ingest(lake, source, source.tables[0], run="20240520")
    assert list(lake.catalog.names()) == []
