"""Kills builds on Trino before and after every statement, and at every durable step of the swap; looks at what is left.

Run by test_trino_kill.py: `python kill_trino.py FOLDER`. Forks from a process that has no threads.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from kill_steps import in_child
from shop_lake import DAILY, land
from shop_on_trino import open_trino_shop, told, trino_home

import connectors.engines.trino
import transforms.compile
from connectors.build import build
from connectors.trino.session import TrinoSession

ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"
BEFORE = [["2024-05-01", 2, 150], ["2024-05-02", 1, 70]]
AFTER = [["2024-05-01", 2, 150], ["2024-05-02", 2, 71], ["2024-05-03", 1, 5]]


def kill_at(number: int, when: str) -> None:
    """From now on the process dies before (or after) its `number`-th statement or rename."""
    left = [number]

    def counted(owner: Any, name: str) -> None:
        step = getattr(owner, name)

        def dies(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            last = left[0] == 0
            if last and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = step(*args, **options)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        setattr(owner, name, dies)

    counted(TrinoSession, "ask")
    counted(os, "replace")


def prepare(home: Path) -> Any:
    lake = open_trino_shop(home)
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    build(lake, DAILY, run="20240519T030000-00000001")
    before = told(lake, ALL)
    land(lake, {"2024-05-02": [70, 1], "2024-05-03": [5]})
    return before


def killed_build(home: Path, number: int, when: str) -> None:
    lake = open_trino_shop(home)
    kill_at(number, when)
    build(lake, DAILY, run=f"20240520T030000-{number:08x}")


def look(home: Path) -> Any:
    """What a reader sees, and what the next run makes of it."""
    lake = open_trino_shop(home)
    left = told(lake, ALL)
    build(lake, DAILY, run="20240521T030000-00000001")
    return {"seen": left, "finished": told(lake, ALL)}


def main(folder: Path) -> None:
    assert transforms.compile
    assert connectors.engines.trino
    outcomes = []
    for when in ("before", "after"):
        killed, number = True, 0
        while killed:
            number += 1
            with trino_home(folder / f"{when}{number}") as home:
                code, before = in_child(lambda home=home: prepare(home))
                assert (code, before) == (0, BEFORE)
                code, _ = in_child(lambda home=home, number=number, when=when: killed_build(home, number, when))
                killed = code == -signal.SIGKILL
                looked, left = in_child(lambda home=home: look(home))
            outcomes.append({"step": f"{when} {number}", "killed": killed, "looked": looked, **(left or {})})
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
