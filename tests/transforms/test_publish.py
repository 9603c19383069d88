"""What the next snapshot is, what a retry keeps, what gc may take."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.column import Column
from transforms.lake_types import BIGINT, VARCHAR
from transforms.names import TableName
from transforms.plan import Step
from transforms.publish import (
    Release,
    chunked,
    complete,
    droppable,
    evolved,
    next_snapshot,
    paged,
    published_by,
    referenced,
    remaining,
    reusable,
    rolled_back,
)
from transforms.snapshot import WHOLE, Part, Snapshot

NAME = TableName("core_ads", "daily")
NOW = datetime(2024, 5, 3, tzinfo=UTC)
COLUMNS = (Column("clicks", BIGINT),)
RELEASE = Release(NAME, "r2", NOW, COLUMNS, "day")


def part(fingerprint: str, *files: str) -> Part:
    return Part(files, len(files), 10 * len(files), fingerprint)


def snapshot(parts: dict[str, Part], version: int = 1, columns: tuple[Column, ...] = COLUMNS) -> Snapshot:
    return Snapshot(NAME, version, "r1", NOW, columns, "day", parts, state={"cursor": 7})


def test_the_next_snapshot_keeps_the_days_that_were_not_staged() -> None:
    current = snapshot({"2024-05-01": part("a", "f1"), "2024-05-02": part("b", "f2")})
    new = next_snapshot(current, RELEASE, {"2024-05-02": part("c", "f3")})
    assert dict(new.parts) == {"2024-05-01": part("a", "f1"), "2024-05-02": part("c", "f3")}
    assert (new.run, new.state) == ("r2", {"cursor": 7})


def test_a_step_that_replaces_keeps_nothing() -> None:
    current = snapshot({"2024-05-01": part("a", "f1")})
    assert dict(next_snapshot(current, RELEASE, {}, replaces=True).parts) == {}


def test_days_that_came_out_empty_are_complete_too() -> None:
    staged = {"2024-05-01": part("", "f1")}
    assert complete(staged, {"2024-05-01": "a", "2024-05-02": "b"}) == {
        "2024-05-01": part("a", "f1"),
        "2024-05-02": part("b"),
    }
    assert complete({}, {WHOLE: "a"}) == {WHOLE: part("a")}


def test_a_retry_keeps_what_is_still_wanted_and_does_the_rest() -> None:
    days = (date(2024, 5, 1), date(2024, 5, 2))
    step = Step(NAME, days, {"2024-05-01": "a", "2024-05-02": "b"}, "first build")
    kept = reusable({"2024-05-01": part("a", "f1"), "2024-05-02": part("old", "f2")}, step.wanted)
    assert kept == {"2024-05-01": part("a", "f1")}
    todo = remaining(step, kept)
    assert (todo.days, todo.wanted) == (days[1:], {"2024-05-02": "b"})


def test_a_run_knows_what_it_has_published_itself() -> None:
    parts = {
        "2024-05-01": part("a", "core_ads/daily/r2/day=2024-05-01/x.parquet"),
        "2024-05-02": part("a", "core_ads/daily/r2-2/day=2024-05-02/x.parquet"),
        "2024-05-03": part("a", "core_ads/daily/r22/day=2024-05-03/x.parquet"),
        "2024-05-04": part("a"),
    }
    wanted = dict.fromkeys(parts, "a")
    assert sorted(published_by(snapshot(parts), "r2", wanted)) == ["2024-05-01", "2024-05-02"]


def test_a_rollback_is_the_old_rows_as_a_new_version() -> None:
    old, current = snapshot({"2024-05-01": part("a", "f1")}), snapshot({"2024-05-01": part("b", "f2")}, version=5)
    back = rolled_back(current, old, "r9", NOW + timedelta(days=1))
    assert (back.version, back.parts, back.run) == (5, old.parts, "r9")


@pytest.mark.parametrize(
    ("files", "columns", "is_evolved"),
    [
        (("f1", "f2"), COLUMNS, False),
        (("f1", "f2"), (*COLUMNS, Column("label", VARCHAR)), True),
        (("f2",), (*COLUMNS, Column("label", VARCHAR)), False),
        (("f1", "f2"), (Column("clicks", BIGINT, "described"),), False),
    ],
)
def test_old_files_beside_new_columns_are_noticed(
    files: tuple[str, ...], columns: tuple[Column, ...], is_evolved: bool
) -> None:
    previous = snapshot({"2024-05-01": part("a", "f1")})
    assert evolved(previous, snapshot({"2024-05-01": part("b", *files)}, columns=columns)) is is_evolved


def test_a_version_goes_when_its_successor_is_older_than_the_grace_period() -> None:
    published = [(1, NOW), (2, NOW + timedelta(days=1)), (3, NOW + timedelta(days=9))]
    assert droppable(published, NOW + timedelta(days=2)) == [1]
    assert droppable(published, NOW + timedelta(days=1)) == []
    assert droppable(published, NOW + timedelta(days=99)) == [1, 2]
    assert droppable([], NOW) == []


def test_rejects_are_referenced_like_rows() -> None:
    one = Snapshot(NAME, 1, "r", NOW, COLUMNS, None, {WHOLE: part("a", "f1")}, rejects=("bad.jsonl",))
    assert referenced([one]) == {"f1", "bad.jsonl"}


DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31)).map(str)


@given(st.dictionaries(DAYS, st.text(max_size=3), max_size=50))
def test_pages_hold_every_part_once(prints: dict[str, str]) -> None:
    parts = {day: part(print_) for day, print_ in prints.items()}
    pages = paged(parts)
    assert {value: p for page in pages.values() for value, p in page.items()} == parts
    assert all(value.startswith(key) for key, page in pages.items() for value in page)
    assert all(len(page) <= 31 for page in pages.values())


@given(st.dictionaries(st.text(max_size=4), st.integers(), max_size=600), st.text(max_size=4))
def test_chunks_hold_every_key_and_an_added_one_changes_at_most_two(items: dict[str, int], added: str) -> None:
    chunks = chunked(items)
    assert [key for chunk in chunks for key in chunk] == sorted(items)
    assert len([chunk for chunk in chunked({**items, added: 1}) if chunk not in chunks]) <= 2


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(0, 400))
def test_gc_never_drops_the_newest_nor_what_was_current_within_the_grace_period(gaps: list[int], now: int) -> None:
    published, at = [], NOW
    for version, gap in enumerate(gaps, start=1):
        at += timedelta(days=gap)
        published.append((version, at))
    before = NOW + timedelta(days=now)
    dropped = droppable(published, before)
    assert len(gaps) not in dropped
    current_then = [version for version, since in published if since <= before]
    assert not current_then or current_then[-1] not in dropped
