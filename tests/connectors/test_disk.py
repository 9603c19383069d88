"""A disk that is full, read-only or not there: a clear error, and the published data as it was."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from shop_lake import DAILY, land, make_home, open_shop, rows

from connectors.build import build
from connectors.lake import Lake
from connectors.location import table_folder
from transforms.errors import OutsideError, UsageError

ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"
MAY_1, MAY_2, MAY_3 = date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_shop(make_home(tmp_path))
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    build(lake, DAILY, run=lake.new_run())
    return lake


def files(lake: Lake) -> set[Path]:
    return set(table_folder(lake.root, DAILY).rglob("*.parquet"))


@pytest.mark.river
def test_a_full_disk_is_a_clear_error_and_nothing_is_lost(lake: Lake) -> None:
    before, held = rows(lake, ALL), files(lake)
    land(lake, {"2024-05-03": list(range(1000))})
    code = (
        "import resource, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from shop_lake import *; from connectors.build import build; from transforms.errors import OutsideError\n"
        "lake = open_shop(Path(sys.argv[2])); lake.engine; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))\n"
        "try: build(lake, DAILY, full=True, run='r')\n"
        "except OutsideError as error: print(error); sys.exit(3)\n"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(lake.content.home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3, done.stderr
    assert "File too large" in done.stdout
    assert rows(lake, ALL) == before
    assert files(lake) == held


@pytest.mark.river
def test_a_disk_that_fills_up_at_any_step_loses_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(lake, ALL)
    after = [(MAY_1, 2, 150), (MAY_2, 1, 70), (MAY_3, 1, 5)]
    land(lake, {"2024-05-03": [5]})
    number, seen = 0, set()
    while (MAY_3, 1, 5) not in rows(lake, ALL):
        number += 1
        with monkeypatch.context() as patch:
            full_after(patch, number)
            said = failure(lake)
            assert said is None or "No space left on device" in said, number
        seen.add(len(rows(open_shop(lake.content.home), ALL)))
        assert rows(open_shop(lake.content.home), ALL) in (before, after), number
    assert number > 10
    assert seen == {2, 3}
    assert build(lake, DAILY, run=lake.new_run()).fresh


def failure(lake: Lake) -> str | None:
    try:
        build(lake, DAILY, run=lake.new_run())
    except OutsideError as error:
        return str(error)
    return None


def full_after(patch: pytest.MonkeyPatch, steps: int) -> None:
    """From now on the step after these fails as on a full disk, and so do all later ones but removals."""
    left = [steps]

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def fails(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return step(*args, **options)

        return fails

    for name in ("mkdir", "write", "fsync", "replace", "rename"):
        patch.setattr(os, name, counted(getattr(os, name)))


@pytest.mark.river
def test_a_read_only_lake_can_be_read_and_a_build_says_that_it_cannot_write() -> None:
    code = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); from shop_lake import *\n"
        "from connectors.build import build; from transforms.errors import OutsideError\n"
        "query = 'select count(*) from core_shop.daily'; rows(open_shop(Path(sys.argv[2])), query)\n"
        "if os.geteuid() == 0: os.seteuid(65534)\n"
        "lake = open_shop(Path(sys.argv[2])); print(rows(lake, query))\n"
        "try: build(lake, DAILY, full=True, run='r')\n"
        "except OutsideError as error: print(error)\n"
    )
    with TemporaryDirectory() as folder:
        home = make_home(Path(folder))
        lake = open_shop(home)
        land(lake, {"2024-05-01": [1]})
        build(lake, DAILY, run=lake.new_run())
        folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
        for path in folders:
            path.chmod(0o555)
        command = [sys.executable, "-c", code, str(Path(__file__).parent), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        for path in folders:
            path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    seen, said = done.stdout.splitlines()
    assert seen == "[(1,)]"
    assert said.startswith("cannot write to the lake for core_shop.daily: Permission denied")


def test_a_lake_that_cannot_be_written_is_a_clear_error(lake: Lake) -> None:
    home = lake.content.home
    blocked = home / "blocked"
    other = open_shop(home, blocked)
    blocked.write_text("not a folder")
    with pytest.raises(OutsideError, match="cannot write to the lake"):
        land(other, {"2024-05-01": [1]})
    with pytest.raises(UsageError, match="blocked is no folder; set BAIKAL_LAKE"):
        open_shop(home, blocked)
