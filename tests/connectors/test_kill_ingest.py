"""`kill -9` at every step of an ingest: nothing lost, nothing twice, the next run finishes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kill_ingest import place

SCRIPT = Path(__file__).parent / "kill_ingest.py"


def walk(folder: Path, kind: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, SCRIPT, folder, kind], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def require_nothing_lost(found: dict[str, Any], after: Any) -> None:
    outcomes = found["outcomes"]
    assert [outcome["looked"] for outcome in outcomes] == [0] * len(outcomes)
    assert [outcome["killed"] for outcome in outcomes] == [True] * (len(outcomes) - 1) + [False]
    assert outcomes[-1]["code"] == 0
    assert len(outcomes) > 20
    for number, outcome in enumerate(outcomes, 1):
        assert outcome["seen"] in (found["before"], after), number
        assert (outcome["finished"], outcome["idle"], outcome["left"], outcome["same"]) == (after, True, [], True), (
            number
        )
    assert outcomes[0]["seen"] == found["before"]
    assert outcomes[-1]["seen"] == after


@pytest.mark.river
def test_files_are_ingested_once_wherever_a_run_dies(tmp_path: Path) -> None:
    after = [
        [
            [1, 10, "2024-05-01"],
            [3, 3, "2024-05-01"],
            [4, 4, "2024-05-01"],
            [5, 5, "2024-05-02"],
            [6, None, "2024-05-02"],
        ],
        2,
    ]
    require_nothing_lost(walk(tmp_path, "files"), after)


@pytest.mark.long
def test_deleted_rows_leave_once_wherever_a_run_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE_URL", str(tmp_path / "shop.db"))
    with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as file:
        times = "created_at datetime, updated_at datetime, deleted_at datetime"
        file.execute(f"create table t (id int primary key, amount int, {times})")
        for n in range(1, 7):
            file.execute("insert into t values (?, ?, ?, '2024-05-10', null)", (n, n, f"2024-05-0{1 + n % 2} 00:00:00"))
        place(tmp_path / "walk" / "origin", "sqlite+deletes").ingest()
        file.execute("delete from t where id in (1, 2)")
        file.execute("update t set deleted_at = '2024-05-11', updated_at = '2024-05-11' where id = 3")
        file.execute("insert into t values (7, 7, '2024-05-02', '2024-05-11', null)")
    rows = [[n, n, "2024-05-02" if n % 2 else "2024-05-01"] for n in (4, 5, 6, 7)]
    require_nothing_lost(walk(tmp_path / "walk", "sqlite+deletes"), [rows, 0])
