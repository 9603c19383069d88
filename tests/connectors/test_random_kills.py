"""200 ingests of each kind and mode die at random moments, some beside another one, while the source changes.

Each is a child of one process that has imported what they need; their clocks differ by up to five minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent / "random_kills.py"
KILLS = 200
MODES = ("append", "upsert", "snapshot")
pytestmark = pytest.mark.long


def require_nothing_lost(folder: Path, kind: str, mode: str, least: int = 25) -> None:
    words = [sys.executable, SCRIPT, folder, kind, mode, str(KILLS), "4711"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["killed"] >= KILLS
    assert found["doubled"] == 0
    assert found["seen"] == found["expected"]
    assert len(found["expected"]) > least


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["files", "rest", "sqlite", "duckdb"])
def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, kind: str, mode: str) -> None:
    require_nothing_lost(tmp_path, kind, mode)


@pytest.mark.postgres
@pytest.mark.usefixtures("postgres", "sql")
@pytest.mark.parametrize("mode", [*MODES, "upsert+deletes", "append+full"])
def test_nothing_of_a_postgres_is_lost_or_comes_twice(tmp_path: Path, mode: str) -> None:
    """Rows are committed late and have equal cursors; of `full`, half of the runs read everything again."""
    require_nothing_lost(tmp_path, "postgres", mode, least=15)


@pytest.mark.mariadb
@pytest.mark.usefixtures("mariadb_place", "mariadb_sql")
@pytest.mark.parametrize("mode", [*MODES, "upsert+deletes"])
def test_nothing_of_a_mariadb_is_lost_or_comes_twice(tmp_path: Path, mode: str) -> None:
    require_nothing_lost(tmp_path, "mysql", mode, least=15)
