"""gc takes what is ours, superseded and old; rollback repoints; nothing foreign is ever touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from shop_lake import DAILY, NOW, ORDERS, land, make_home, open_shop, rows

from connectors.build import build
from connectors.content import open_content
from connectors.housekeeping import gc, history, rollback, undeclared
from connectors.lake import Lake
from connectors.location import Location, table_folder
from transforms.errors import OutsideError, UsageError
from transforms.names import TableName

ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three versions of a table: two days, one of them changed, both changed."""
    lake = open_shop(make_home(tmp_path))
    for orders in (
        {"2024-05-01": [1], "2024-05-02": [2]},
        {"2024-05-02": [20]},
        {"2024-05-01": [9], "2024-05-02": [9]},
    ):
        land(lake, orders)
        build(lake, DAILY, run=lake.new_run())
    return lake


def later(lake: Lake, days: int) -> Lake:
    return replace(lake, clock=lambda: NOW + timedelta(days=days))


def files(lake: Lake) -> set[str]:
    return {path.relative_to(lake.root).as_posix() for path in lake.root.rglob("*") if path.is_file()}


def test_history_tells_the_kept_versions_newest_first(lake: Lake) -> None:
    assert [snapshot.version for snapshot in history(lake, DAILY)] == [3, 2, 1]
    with pytest.raises(UsageError, match=r'never published; did you mean "core_shop\.daily"'):
        history(lake, TableName("core_shop", "dayly"))


def test_rollback_repoints_as_a_new_version(lake: Lake) -> None:
    assert [amount for _, _, amount in rows(lake, ALL)] == [9, 9]
    assert rollback(lake, DAILY, run="r").version == 4
    assert [amount for _, _, amount in rows(lake, ALL)] == [1, 20]
    rollback(lake, DAILY, 1, run="r")
    assert [amount for _, _, amount in rows(lake, ALL)] == [1, 2]


def test_rollback_names_the_versions_that_there_are(lake: Lake) -> None:
    with pytest.raises(UsageError, match="has no older version 9; older versions are 2, 1"):
        rollback(lake, DAILY, 9, run="r")


def test_rollback_to_files_that_are_gone_changes_nothing(lake: Lake) -> None:
    old = lake.catalog.get(DAILY, 1)
    assert old
    (lake.root / old.parts["2024-05-02"].files[0]).unlink()
    with pytest.raises(OutsideError, match="is missing in the lake"):
        rollback(lake, DAILY, 1, run="r")
    assert [amount for _, _, amount in rows(lake, ALL)] == [9, 9]


def test_nothing_is_taken_within_the_grace_period(lake: Lake) -> None:
    before = files(lake)
    assert gc(later(lake, 6)) == []
    assert files(lake) == before


def test_old_versions_go_with_the_files_that_only_they_speak_of(lake: Lake) -> None:
    cleaned = gc(later(lake, 8))
    assert {one.table: one.versions for one in cleaned} == {DAILY: (1, 2), ORDERS: (1, 2)}
    current = lake.catalog.get(DAILY)
    assert current
    left = {name for name in files(lake) if name.startswith("core_shop") and name.endswith(".parquet")}
    assert left == {file for part in current.parts.values() for file in part.files}
    assert [amount for _, _, amount in rows(lake, ALL)] == [9, 9]
    assert [snapshot.version for snapshot in history(lake, DAILY)] == [3]
    assert gc(later(lake, 8)) == []


def test_files_that_the_current_version_shares_with_an_old_one_stay(lake: Lake) -> None:
    land(lake, {"2024-05-02": [5]})
    build(lake, DAILY, run=lake.new_run())
    gc(later(lake, 8))
    assert [amount for _, _, amount in rows(lake, ALL)] == [9, 5]


def test_a_dry_gc_tells_and_takes_nothing(lake: Lake) -> None:
    before = files(lake)
    told = gc(later(lake, 8), dry=True)
    assert files(lake) == before
    done = gc(later(lake, 8))
    assert [(one.versions, one.locations, one.bytes) for one in told] == [
        (one.versions, one.locations, one.bytes) for one in done
    ]


def test_published_tables_that_no_file_declares_are_named(lake: Lake) -> None:
    home = lake.content.home
    assert undeclared(lake) == []
    (home / "transforms/tables/core_shop/daily.sql").write_text("select")
    assert undeclared(replace(lake, content=open_content(home))) == []
    (home / "transforms/tables/core_shop/daily.sql").unlink()
    assert undeclared(replace(lake, content=open_content(home))) == [DAILY]
    (home / "connectors/sources/shop.yaml").write_text("kind: [")
    assert undeclared(replace(lake, content=open_content(home))) == [DAILY]
    (home / "connectors/sources/shop.yaml").unlink()
    assert undeclared(replace(lake, content=open_content(home))) == [DAILY, ORDERS]


def test_foreign_files_are_never_touched(lake: Lake) -> None:
    home = table_folder(lake.root, DAILY)
    old = lake.catalog.get(DAILY, 1)
    assert old
    ours = lake.root / Path(old.parts["2024-05-01"].files[0]).parents[1]
    foreign = [
        home / "notes.txt",
        home / "20230101T000000-aa" / "x.parquet",
        ours / "README.md",
        ours / "day=1" / "a.csv",
    ]
    foreign += [lake.root / "other" / "x.parquet", home / "_pages" / "notes.json.bak"]
    for file in foreign:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("not ours")
    other = home / "20230102T000000-bb"
    shutil.copytree(ours, other)
    (other / "_baikal.json").write_text(json.dumps({"table": "core_x.y", "run": "r", "created": NOW.isoformat()}))
    gc(later(lake, 100))
    assert [file for file in foreign if not file.exists()] == []
    assert list(other.rglob("*.parquet")) != []


def test_what_a_killed_run_left_goes_after_the_grace_period_and_what_a_living_one_holds_stays(lake: Lake) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); from shop_lake import *\n"
        "lake = open_shop(Path(sys.argv[2])); location = Location.create(lake.storage, DAILY, 'killed', lake.now())\n"
        "(location.path / 'data_0.parquet').write_bytes(b'x' * 100); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent), str(lake.content.home)], check=False)
    with Location.create(lake.storage, DAILY, "living", lake.now()) as living:
        (living.path / "data_0.parquet").write_bytes(b"x" * 100)
        assert gc(later(lake, 6)) == []
        (cleaned,) = [one for one in gc(later(lake, 8)) if one.table == DAILY]
        assert "killed" in cleaned.locations
        assert not (table_folder(lake.root, DAILY) / "killed").exists()
        assert (living.path / "data_0.parquet").exists()
    assert not living.path.exists()


def test_staging_of_a_table_that_was_never_published_is_found(lake: Lake) -> None:
    name = TableName("core_shop", "never")
    location = Location.create(lake.storage, name, "r1", lake.now())
    location.close()
    (cleaned,) = [one for one in gc(later(lake, 8)) if one.table == name]
    assert cleaned.locations == ("r1",)


def test_what_a_killed_engine_had_spilled_goes_and_a_living_ones_stays(lake: Lake) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, living = (lake.root / "_tmp" / f"duckdb-{process}-00c0ffee" for process in (ended.pid, os.getpid()))
    for folder in (dead, living):
        folder.mkdir(parents=True)
        (folder / "duckdb_temp_storage-0.tmp").write_text("x")
    gc(lake)
    assert not dead.exists()
    assert (living / "duckdb_temp_storage-0.tmp").exists()


def test_an_empty_folder_that_a_killed_run_had_not_marked_goes_after_an_hour(lake: Lake) -> None:
    old, young = (table_folder(lake.root, DAILY) / f".20240520T030000-1f.0000000{n}" for n in (1, 2))
    old.mkdir()
    young.mkdir()
    os.utime(old, (0, 0))
    gc(lake)
    assert (old.exists(), young.exists()) == (False, True)
