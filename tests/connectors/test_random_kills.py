"""200 ingests of each kind and mode die at random moments, some beside another one, while the source changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "random_kills.py"
KILLS = 200


@pytest.mark.long
@pytest.mark.parametrize("mode", ["append", "upsert", "snapshot"])
@pytest.mark.parametrize("kind", ["files", "rest", "sqlite", "duckdb"])
def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, kind: str, mode: str) -> None:
    words = [sys.executable, SCRIPT, tmp_path, kind, mode, str(KILLS), "4711"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["killed"] >= KILLS
    assert found["doubled"] == 0
    assert found["seen"] == found["expected"]
    assert len(found["expected"]) > 25
