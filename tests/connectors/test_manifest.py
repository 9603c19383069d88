"""The catalog of a laptop: versions, conflicts, and a cost that grows with what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.catalogs.manifest import ManifestCatalog
from connectors.location import table_folder
from transforms.column import Column
from transforms.errors import Conflict, OutsideError
from transforms.lake_types import BIGINT, DATE, VARCHAR
from transforms.names import TableName
from transforms.snapshot import Part, Snapshot

NAME = TableName("core_ads", "campaign_daily")
NOW = datetime(2024, 5, 3, 9, tzinfo=UTC)
COLUMNS = (Column("clicks", BIGINT, "Billed clicks"), Column("day", DATE, "Calendar day"))


def snapshot(parts: dict[str, Part], run: str = "r1") -> Snapshot:
    return Snapshot(NAME, 0, run, NOW, COLUMNS, "day", parts)


def days(count: int, fingerprint: str = "f") -> dict[str, Part]:
    first = date(1997, 1, 1)
    return {str(first + timedelta(n)): Part((), n, 0, fingerprint) for n in range(count)}


def with_parts(old: Snapshot, changed: dict[str, Part]) -> Snapshot:
    return replace(old, parts={**old.parts, **changed})


def test_a_commit_is_what_the_next_reader_gets(tmp_path: Path) -> None:
    published = ManifestCatalog(tmp_path).commit(NAME, None, snapshot({"2024-05-01": Part((), 0, 0, "a")}))
    assert published.version == 1
    assert ManifestCatalog(tmp_path).get(NAME) == published
    assert list(ManifestCatalog(tmp_path).names()) == [NAME]


def test_a_table_that_was_never_published_is_none(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path / "nothing")
    assert catalog.get(NAME) is None
    assert list(catalog.names()) == []
    assert catalog.history(NAME) == []


def test_a_commit_on_an_older_version_is_a_conflict_and_changes_nothing(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path)
    first = catalog.commit(NAME, None, snapshot(days(3)))
    with pytest.raises(Conflict, match="at version 1, not none"):
        catalog.commit(NAME, None, snapshot(days(1), "other"))
    assert ManifestCatalog(tmp_path).get(NAME) == first


def test_older_versions_stay_readable(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path)
    first = catalog.commit(NAME, None, snapshot(days(40)))
    second = catalog.commit(NAME, 1, with_parts(first, {"1997-01-05": Part((), 9, 9, "new")}))
    fresh = ManifestCatalog(tmp_path)
    assert fresh.history(NAME) == [second, first]
    assert fresh.get(NAME, 1) == first
    assert fresh.get(NAME, 7) is None


def test_a_day_published_writes_one_page(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path)
    first = catalog.commit(NAME, None, snapshot(days(400)))
    pages = {file.name for file in (table_folder(catalog.root, NAME) / "_pages").iterdir()}
    catalog.commit(NAME, 1, with_parts(first, {"1997-01-05": Part((), 9, 9, "new")}))
    added = {file.name for file in (table_folder(catalog.root, NAME) / "_pages").iterdir()} - pages
    assert len(pages) == 14
    assert [name[:7] for name in added] == ["1997-01"]


def test_a_long_state_is_written_where_it_changed(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path)
    read = {f"dt={day}/part-{n}.jsonl.gz": [n, 7] for day in days(200) for n in range(10)}
    first = catalog.commit(NAME, None, replace(snapshot({}), state={"files": read, "cursor": 5}))
    pages = {file.name for file in (table_folder(catalog.root, NAME) / "_pages").iterdir()}
    more = {**read, "dt=1997-03-05/late.jsonl.gz": [1, 8]}
    second = catalog.commit(NAME, 1, replace(first, state={"files": more, "cursor": 6}))
    added = {file.name for file in (table_folder(catalog.root, NAME) / "_pages").iterdir()} - pages
    fresh = ManifestCatalog(tmp_path)
    assert [found.state for found in fresh.history(NAME)] == [second.state, first.state]
    assert second.state["files"] == more
    assert len(pages) > 3
    assert len(added) <= 2
    assert (table_folder(catalog.root, NAME) / "_snapshots" / "2.json").stat().st_size < 2000


def test_files_must_be_there_to_be_published(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path)
    with pytest.raises(OutsideError, match=r"core_ads/x\.parquet is missing"):
        catalog.commit(NAME, None, snapshot({"2024-05-01": Part(("core_ads/x.parquet",), 1, 1, "a")}))
    assert ManifestCatalog(tmp_path).get(NAME) is None


def test_a_column_added_beside_old_files_is_remembered(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path)
    for file in ("a.parquet", "b.parquet"):
        (tmp_path / file).touch()
    first = catalog.commit(NAME, None, snapshot({"2024-05-01": Part(("a.parquet",), 1, 1, "a")}))
    wider = replace(first, columns=(Column("label", VARCHAR), *COLUMNS))
    second = catalog.commit(NAME, 1, with_parts(wider, {"2024-05-02": Part(("b.parquet",), 1, 1, "a")}))
    third = catalog.commit(NAME, 2, replace(second, parts={"2024-05-02": Part(("b.parquet",), 1, 1, "a")}))
    assert [first.evolved, second.evolved, third.evolved] == [False, True, True]
    anew = replace(third, parts={"2024-05-02": Part(("a.parquet",), 1, 1, "a")}, evolved=False)
    assert not catalog.commit(NAME, 3, anew).evolved


def test_a_damaged_snapshot_is_named(tmp_path: Path) -> None:
    catalog = ManifestCatalog(tmp_path)
    catalog.commit(NAME, None, snapshot(days(3)))
    (table_folder(catalog.root, NAME) / "_snapshots" / "1.json").write_text("{")
    with pytest.raises(OutsideError, match=r"_snapshots/1\.json is damaged"):
        ManifestCatalog(tmp_path).get(NAME)


def test_one_day_into_ten_thousand_writes_little_more_than_into_ten(tmp_path: Path) -> None:
    """`make bench` tells what it costs; here: which files it leaves, and their bytes."""

    def written(count: int) -> dict[Path, int]:
        catalog = ManifestCatalog(tmp_path / str(count))
        current = catalog.commit(NAME, None, snapshot(days(count)))
        before = {path: path.stat().st_ino for path in catalog.root.rglob("*.json")}
        catalog.commit(NAME, 1, with_parts(current, {"1997-01-05": Part((), 9, 9, "new")}))
        after = {path.relative_to(catalog.root): path.stat() for path in catalog.root.rglob("*.json")}
        return {path: stat.st_size for path, stat in after.items() if before.get(catalog.root / path) != stat.st_ino}

    few, many = written(10), written(10_000)
    assert len(many) == len(few) == 3, "the pointer, the snapshot, and the page of one month"
    assert sum(many.values()) - sum(few.values()) < 64_000
