"""Clients in a Python environment of their own, made once for each list of their versions."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from asking_athena import Place

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
INSIDE = HERE / "inside"


@pytest.fixture(scope="session")
def client_python() -> Path:
    """The interpreter that has the clients. Kept beside other caches, so that the next run finds it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "baikal-clients"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache / f"{version}-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "venv" / "bin" / "python"
    with (folder / "lock").open("w") as lock:  # other workers of the same run wait for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _uv("venv", "--clear", "--python", sys.executable, str(folder / "venv"))
            _uv(
                "pip",
                "install",
                "--compile-bytecode",
                "--python",
                str(python),
                "--require-hashes",
                "-r",
                str(REQUIREMENTS),
            )
            (folder / "complete").touch()
    return python


@pytest.fixture
def variables(place: Place) -> dict[str, str]:
    """What points any client here, and nothing else of this machine's AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "PYTEST"))}
    where = {"AWS_ENDPOINT_URL": place.aws.url, "AWS_DEFAULT_REGION": "us-east-1"}
    return {**kept, **where, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


Run = Callable[..., str]


@pytest.fixture
def run(client_python: Path, variables: Mapping[str, str], tmp_path: Path) -> Run:
    """Runs a module of the clients' environment in an empty folder; gives what it prints."""

    def ran(module: str, *words: str, folder: Path = tmp_path) -> str:
        command = [str(client_python), "-W", "ignore", "-m", module, *words]
        done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    return ran


@pytest.fixture
def run_inside(run: Run, variables: dict[str, str], place: Place) -> Callable[[str], None]:
    """Runs the tests of a file of `inside` in the clients' environment; its failures are this test's."""

    def ran(file: str) -> None:
        variables["DATABASE"] = place.database
        run("pytest", "-q", "-p", "no:cacheprovider", str(INSIDE / file), folder=INSIDE)

    return ran


def _uv(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *words, "--quiet"], check=True)
