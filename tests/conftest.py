"""What every test has: a home and a lake of its own, and no variable of the machine's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from local_dev.mariadb_server import MariaDb, mariadb_server
from local_dev.trino import ask, start, stop
from transforms.errors import OutsideError

REPOSITORY = Path(__file__).parent.parent
FLOWS, TRINO = "tests/flows/", "trino"
settings.register_profile("any machine", deadline=None)  # how long one example takes says how busy the machine is
settings.register_profile("quick", deadline=None, max_examples=20)  # of `make unit`; `make test` tries more
settings.load_profile("any machine")


class FilesAndServers(LoadFileScheduling):
    """Workers take whole files. One takes all flows, which share a Prefect server that costs 30 CPU-s, and one all that
    is asked of a real Trino, of which there is one on a machine.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        if file.startswith(FLOWS):
            return FLOWS
        return TRINO if self._asks_trino(file) else file

    def _asks_trino(self, file: str) -> bool:
        judging = "trino or" in self.config.option.markexpr
        return judging and f"mark.{TRINO}" in (REPOSITORY / file).read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAndServers | None:
    return FilesAndServers(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)  # before items are chosen by their marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs nothing is a unit test. Flows and Trino come first: they last longest."""
    names = [line.partition(":")[0] for line in config.getini("markers")]
    needs = set(names[: names.index("unit")])
    for item in items:
        if needs.isdisjoint(mark.name for mark in item.iter_markers()):
            item.add_marker(pytest.mark.unit)
    items.sort(key=lambda item: not item.nodeid.startswith(FLOWS) and item.get_closest_marker(TRINO) is None)


@pytest.fixture(scope="session", autouse=True)
def no_power_cuts() -> Iterator[None]:
    """No test can see whether the disk has what was written; to wait for it takes a good part of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", os.fstat)
        yield


@pytest.fixture(autouse=True)
def no_variables_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BAIKAL_HOME", "BAIKAL_LAKE", "BAIKAL_TARGET", "BAIKAL_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """For servers that run as another user: pytest closes its own folders whenever another session of it begins."""
    with TemporaryDirectory(prefix="baikal-") as made:
        yield Path(made)


@pytest.fixture(scope="session")
def mariadb(servers_folder: Path) -> Iterator[MariaDb]:
    """A server with a database shop."""
    with mariadb_server(servers_folder / "mariadb", "--max-allowed-packet=64M") as server:
        yield server


@pytest.fixture(scope="session")
def trino() -> Iterator[None]:
    """A live Trino server: the one that runs, or one that is started for the tests and stopped after them."""
    running = _answers()
    if not running:
        start()
    yield
    if not running:
        stop()


def _answers() -> bool:
    try:
        return ask("select 1").error is None
    except OutsideError:
        return False
