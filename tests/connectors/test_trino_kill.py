"""A build on Trino that dies at any step loses nothing and shows nothing by half, and the next run finishes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kill_trino import AFTER, BEFORE

SCRIPT = Path(__file__).parent / "kill_trino.py"


@pytest.mark.trino
@pytest.mark.parametrize("walk", ["before", "after", "granted"])
def test_a_kill_before_and_after_every_step(trino: None, tmp_path: Path, walk: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, SCRIPT, tmp_path, walk]
    done = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert len(outcomes) > (20 if walk == "granted" else 10)
    assert [outcome["killed"] for outcome in outcomes].count(False) == 1, "only the last is not killed"
    for outcome in outcomes:
        assert outcome["looked"] == 0, outcome
        assert outcome["seen"] in (BEFORE, AFTER), outcome
        assert outcome["finished"] == AFTER, outcome
    assert {json.dumps(outcome["seen"]) for outcome in outcomes} == {json.dumps(BEFORE), json.dumps(AFTER)}
