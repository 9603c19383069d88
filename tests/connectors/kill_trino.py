"""Kills builds on Trino before and after every statement, and at every durable step of the swap; looks at what is left.

Run by test_trino_kill.py: `python kill_trino.py FOLDER before|after|granted`. Forks from a process without threads.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from kill_steps import in_child
from shop_lake import DAILY, edit, land
from shop_on_trino import ADMIN, NEWEST, WITH_GRANTS, open_trino_shop, told, trino_home, write_target

import connectors.engines.trino
import transforms.compile
from connectors.build import build
from connectors.trino.session import TrinoSession

ALL = "select day, orders, revenue_jpy from core_shop.daily order by day"
BEFORE = [["2024-05-01", 2, 150], ["2024-05-02", 1, 70]]
AFTER = [["2024-05-01", 2, 150], ["2024-05-02", 2, 71], ["2024-05-03", 1, 5]]
BOB = "bob"


def kill_at(number: int, when: str) -> None:
    """From now on the process dies before (or after) its `number`-th statement or rename."""
    numbers = count(1)

    def counted(owner: Any, name: str) -> None:
        step = getattr(owner, name)

        def dies(*args: Any, **options: Any) -> Any:
            last = next(numbers) == number
            if last and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return step(*args, **options)
            finally:  # whatever it was: some statements ask for what may not be there
                if last:
                    os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, name, dies)

    counted(TrinoSession, "ask")
    counted(os, "replace")


def prepare(home: Path, *, granted: bool) -> Any:
    """A published table of which some days have changed; or its columns, and BOB may read it."""
    lake = open_trino_shop(home)
    if granted:
        write_target(home, catalog=lake.target.trino.catalog, **ADMIN)
        lake = open_trino_shop(home)
    land(lake, {"2024-05-01": [100, 50], "2024-05-02": [70]})
    build(lake, DAILY, run="20240519T030000-00000001")
    before = told(lake, ALL)
    if granted:
        lake.catalog.session.do(f"grant select on {lake.catalog.place(DAILY)} to user {BOB}", "grant")
        edit(home, "transforms/tables/core_shop/daily.sql", "count(*) as orders, ", NEWEST)
    land(lake, {"2024-05-02": [70, 1], "2024-05-03": [5]})
    return before


def killed_build(home: Path, number: int, when: str) -> None:
    lake = open_trino_shop(home)
    kill_at(number, when)
    build(lake, DAILY, run=f"20240520T030000-{number:08x}")


def look(home: Path, *, granted: bool) -> Any:
    """What a reader sees, and what the next run makes of it, for everybody who may read it."""
    lake = open_trino_shop(home)
    left = told(lake, ALL)
    build(lake, DAILY, run="20240521T030000-00000001")
    return {"seen": left, "finished": told(lake, ALL, user=BOB if granted else None)}


def main(folder: Path, walk: str) -> None:
    """`granted` is `after` where the columns change, too, and somebody was granted what they read."""
    assert transforms.compile
    assert connectors.engines.trino
    granted, outcomes = walk == "granted", []
    killed, number = True, 0
    while killed:
        number += 1
        with trino_home(folder / str(number), WITH_GRANTS if granted else None) as home:
            code, before = in_child(partial(prepare, home, granted=granted))
            assert (code, before) == (0, BEFORE)
            code, _ = in_child(partial(killed_build, home, number, "before" if walk == "before" else "after"))
            killed = code == -signal.SIGKILL
            looked, left = in_child(partial(look, home, granted=granted))
        outcomes.append({"step": number, "killed": killed, "looked": looked, **(left or {})})
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
