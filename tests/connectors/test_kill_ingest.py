"""`kill -9` at every step of an ingest: nothing lost, nothing twice, the next run finishes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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
