"""200 ingests of each kind and mode die at random moments, some beside another one, while the source changes.

Each is a child of one process that has imported what they need; their clocks differ by up to five minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from running_aws import RunningAws

SCRIPT = Path(__file__).parent / "random_kills.py"
KILLS = 200
MODES = ("append", "upsert", "snapshot")
pytestmark = pytest.mark.long


def require_nothing_lost(
    folder: Path, kind: str, mode: str, kills: int = KILLS, least: int = 25, aws: RunningAws | None = None
) -> None:
    words = [sys.executable, SCRIPT, folder, kind, mode, str(kills), "4711", *([aws.url, aws.data] if aws else [])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["killed"] >= kills
    assert found["doubled"] == 0
    assert found["seen"] == found["expected"]
    assert len(found["expected"]) > least


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["jsonl", "rest", "sqlite", "duckdb"])
def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, kind: str, mode: str) -> None:
    require_nothing_lost(tmp_path, kind, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["csv", "logs", "parquet", "xlsx"])
def test_nothing_of_other_files_is_lost_or_comes_twice(tmp_path: Path, kind: str, mode: str) -> None:
    """What was read is known of them as of JSON lines: a third of the kills for each mode, 200 for each kind."""
    require_nothing_lost(tmp_path, kind, mode, KILLS // len(MODES) + 1)


def test_nothing_of_days_that_are_restated_is_lost_or_comes_twice(tmp_path: Path) -> None:
    require_nothing_lost(tmp_path, "rest", "append+restate")


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


@pytest.mark.aws
@pytest.mark.parametrize("kind", ["s3", "sqlite"])
def test_nothing_of_a_lake_on_aws_is_lost_or_comes_twice(tmp_path: Path, aws: RunningAws, kind: str) -> None:
    """Files of a bucket, whose days switch one by one, and a database. Of 100 kills: each run opens clients anew."""
    require_nothing_lost(tmp_path, kind, "append", KILLS // 2, aws=aws)
