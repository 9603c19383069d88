"""A run in a process of its own that is killed while it works on its second table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import shop_lake
import shop_on_aws
from shop_lake import DAILY, TOTALS, land

import connectors.build
from connectors.ledger import open_ledger


def killed_run(home: Path, opened: str) -> int:
    """The exit code of a run on the lake that a function of shop_lake or shop_on_aws opens."""
    here = Path(__file__)
    path = os.pathsep.join([str(here.parent), str(here.parents[1] / "local_dev" / "aws"), *sys.path])
    command = [sys.executable, str(here), str(home), opened]
    return subprocess.run(command, timeout=60, check=False, env={**os.environ, "PYTHONPATH": path}).returncode


def main(home: Path, opened: str) -> None:
    """The run."""
    lake = getattr(shop_lake, opened, None) or getattr(shop_on_aws, opened)
    lake = lake(home)
    land(lake, {"2024-05-01": [100]})
    with open_ledger(lake, "run") as ledger:
        ledger.build(DAILY)
        connectors.build.build = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
        ledger.build(TOTALS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
