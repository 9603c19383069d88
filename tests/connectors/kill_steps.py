"""Kills builds at every durable step, each in a process of its own, and looks at what is left. Prints what it saw.

Run by test_kill.py: `python kill_steps.py FOLDER`. Forks from a process that has no engine and so no threads.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from shop_lake import DAILY, land, make_home, open_shop, rows

import transforms.compile
from connectors.build import build
from connectors.engines import duckdb
from connectors.housekeeping import gc
from connectors.location import table_folder

ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"
STEPS = ("fsync", "replace", "rename", "mkdir", "open", "write", "unlink")


def in_child(work: Callable[[], Any]) -> tuple[int, Any]:
    """The exit code (negative: the signal) and the answer of work done in a fork."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.write(writing, json.dumps(work(), default=str).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), json.loads(said) if said else None


def kill_at(number: int, *steps: tuple[type, str]) -> None:
    """From now on the process dies before its `number`-th durable step: the system's, or one of `steps`."""
    left = [number]

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def dies(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*args, **options)

        return dies

    for owner, name in (*((os, step) for step in STEPS), *steps):
        setattr(owner, name, counted(getattr(owner, name)))


def killed_build(home: Path, number: int) -> None:
    lake = open_shop(home)
    lake.engine.session()
    kill_at(number, (duckdb.DuckdbEngine, "stage"))
    build(lake, DAILY, run=f"20240520T030000-{number:08x}")


def look(home: Path) -> Any:
    """What a reader sees, what the next run does, what it leaves, and what is left after gc."""
    lake = open_shop(home)
    seen = rows(lake, ALL)
    built = build(lake, DAILY, run="20240521T030000-00000001")
    finished = rows(lake, ALL)
    current = lake.catalog.get(DAILY)
    assert current
    gc(lake, grace=timedelta(days=-1))
    table = table_folder(lake.root, DAILY)
    files = {path.relative_to(lake.root).as_posix() for path in table.rglob("*.parquet")}
    named = {file for part in current.parts.values() for file in part.files}
    hidden = [path.name for path in table.rglob(".*")]
    return {
        "seen": seen,
        "fresh": built.fresh,
        "finished": finished,
        "exact": files == named and rows(lake, ALL) == finished,
        "hidden": hidden,
    }


def prepare(home: Path) -> Any:
    lake = open_shop(make_home(home))
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    build(lake, DAILY, run="20240519T030000-00000001")
    before = rows(lake, ALL)
    land(lake, {"2024-05-02": [70, 1], "2024-05-03": [5]})
    return before


def main(folder: Path) -> None:
    assert transforms.compile
    code, before = in_child(lambda: prepare(folder / "shop"))
    assert code == 0
    killed, outcomes, number = True, [], 0
    while killed:
        number += 1
        home = folder / str(number)
        shutil.copytree(folder / "shop", home)
        code, _ = in_child(lambda home=home, number=number: killed_build(home, number))
        killed = code == -signal.SIGKILL
        looked, left = in_child(lambda home=home: look(home))
        outcomes.append({"killed": killed, "code": code, "looked": looked, **(left or {})})
        shutil.rmtree(home)
    print(json.dumps({"before": before, "outcomes": outcomes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
