"""A build that is killed at any step loses nothing, shows nothing by half, and the next run finishes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "kill_steps.py"


@pytest.mark.river
def test_a_kill_at_every_step_of_a_publish(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    before, outcomes = seen["before"], seen["outcomes"]
    after = [["2024-05-01", 2, 150], ["2024-05-02", 2, 71], ["2024-05-03", 1, 5]]
    assert before == [["2024-05-01", 2, 150], ["2024-05-02", 1, 70]]
    assert len(outcomes) > 25
    assert [outcome["killed"] for outcome in outcomes] == [True] * (len(outcomes) - 1) + [False]
    for number, outcome in enumerate(outcomes, start=1):
        assert outcome["looked"] == 0, number
        assert outcome["seen"] == (after if outcome["fresh"] else before), number
        assert outcome["finished"] == after, number
        assert outcome["exact"], number
    assert {outcome["fresh"] for outcome in outcomes} == {True, False}
