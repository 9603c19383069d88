"""A run in a process of its own that is killed while it works on its second table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from shop_lake import DAILY, TOTALS, land

import connectors.build
from connectors.ledger import open_ledger
from connectors.noted import build_noted


def killed_run(home: Path, module: str, opened: str) -> int:
    """The exit code of a run on the lake that a function of shop_lake or shop_on_aws opens."""
    here = Path(__file__)
    path = os.pathsep.join([str(here.parent), str(here.parents[1] / "local_dev" / "aws"), *sys.path])
    command = [sys.executable, str(here), str(home), module, opened]
    return subprocess.run(command, timeout=60, check=False, env={**os.environ, "PYTHONPATH": path}).returncode


def main(home: Path, module: str, opened: str) -> None:
    """The run."""
    lake = getattr(import_module(module), opened)(home)
    land(lake, {"2024-05-01": [100]})
    with open_ledger(lake, "run") as ledger:
        build_noted(ledger, DAILY)
        connectors.build.build = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
        build_noted(ledger, TOTALS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
