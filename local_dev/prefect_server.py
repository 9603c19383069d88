"""A Prefect of one's own on this machine, behind `make prefect`: server, pool, deployments, worker.

All state is below one folder; every process that is started here is stopped here, by its own pid.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from transforms.errors import OutsideError

REPOSITORY = Path(__file__).resolve().parent.parent
POOL = "local"
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
_PATIENCE = 180.0
"""Seconds until the server must answer; a fresh database takes 20 on a free machine."""


@dataclass
class PrefectServer:
    """`environment` is what flow runs get beside the machine's own: addresses, BAIKAL_HOME, BAIKAL_LAKE."""

    folder: Path
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    prefect_file: Path = REPOSITORY / "prefect.yaml"
    _children: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """The environment of everything that talks to this server."""
        return {
            **os.environ,
            **self.environment,
            "PREFECT_HOME": str(self.folder),
            "PREFECT_API_URL": f"{self.address}/api",
            "PREFECT_SERVER_UI_API_URL": f"{self.address}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_CLI_PROMPT": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "BAIKAL_WORK_POOL": POOL,
        }

    def start(self) -> None:
        """Server, pool, deployments and worker, in this order; each is ready before the next is started."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._spawn("server", "server", "start", "--host", "127.0.0.1", "--port", str(self.port))
        self._wait_for("server", lambda: httpx.get(f"{self.address}/api/health", timeout=5).is_success)
        self._create_pool()
        self._run("deploy", "--all", "--prefect-file", str(self.prefect_file))
        self._spawn("worker", "worker", "start", "--pool", POOL, "--name", "laptop")
        self._wait_for("worker", self._worker_is_online)

    def run(self, deployment: str, **parameters: Any) -> dict[str, Any]:
        """Runs a deployment (`daily/baikal`) and waits; the flow run as Prefect's API gives it."""
        found = self.get(f"/deployments/name/{deployment}")
        run = self.post(f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})
        return self.ended(run["id"])

    def ended(self, run: str, patience: float = 3600) -> dict[str, Any]:
        """Waits until a flow run has ended."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            self._check_children()
            found: dict[str, Any] = self.get(f"/flow_runs/{run}")
            if found["state_type"] in _ENDED:
                return found
            time.sleep(0.5)
        raise OutsideError(f"flow run {run} has not ended after {patience:.0f} seconds; look at {self.address}")

    def get(self, path: str) -> Any:
        """An answer of Prefect's API."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """An answer of Prefect's API."""
        return self._ask("POST", path, body)

    def stop(self) -> None:
        """Stops what was started here, the last first: the worker stops its flow runs before it goes."""
        while self._children:
            _, child = self._children.pop()
            for signal_ in (signal.SIGTERM, signal.SIGKILL):
                if child.poll() is None:
                    child.send_signal(signal_)
                    with suppress(subprocess.TimeoutExpired):
                        child.wait(timeout=30)

    def log(self, name: str) -> Path:
        """Where a child's output goes."""
        return self.folder / f"{name}.log"

    def _ask(self, method: str, path: str, body: object) -> Any:
        try:
            answer = httpx.request(method, f"{self.address}/api{path}", json=body, timeout=60)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise OutsideError(f"the Prefect server on {self.address} failed on {method} {path}: {error}") from error
        return answer.json() if answer.content else None

    def _create_pool(self) -> None:
        answer = httpx.post(f"{self.address}/api/work_pools/", json={"name": POOL, "type": "process"}, timeout=60)
        if answer.status_code not in (201, 409):
            raise OutsideError(f"the Prefect server did not create the work pool: {answer.text}")

    def _worker_is_online(self) -> bool:
        workers = self.post(f"/work_pools/{POOL}/workers/filter", {})
        return any(worker["status"] == "ONLINE" for worker in workers)

    def _spawn(self, name: str, *arguments: str) -> None:
        # A session of its own: Ctrl-C reaches only the parent, which then stops its children in order.
        with self.log(name).open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "prefect", *arguments],
                env=self.variables,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append((name, child))

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "prefect", "--no-prompt", *arguments],
            env=self.variables,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise OutsideError(f"prefect {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")

    def _wait_for(self, name: str, ready: Any) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            self._check_children()
            with suppress(httpx.HTTPError, OutsideError):
                if ready():
                    return
            time.sleep(0.3)
        raise OutsideError(f"Prefect's {name} was not ready after {_PATIENCE:.0f} seconds; see {self.log(name)}")

    def _check_children(self) -> None:
        for name, child in self._children:
            if child.poll() is not None:
                tail = self.log(name).read_text(errors="replace")[-1500:]
                raise OutsideError(
                    f"Prefect's {name} ended by itself ({child.returncode}); the end of its log:\n{tail}"
                )


def free_port(wanted: int = 0) -> int:
    """The wanted port if nobody listens on it, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OutsideError("no port is free on 127.0.0.1")
