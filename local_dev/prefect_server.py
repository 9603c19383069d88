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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import click
import httpx

from connectors.home import home_folder
from connectors.lake import open_lake
from local_dev.console import Console
from local_dev.sample.company import Company, generate, generated
from local_dev.sample.serving import serving
from local_dev.sample_home import sample_folder, unset_variables
from transforms.errors import BaikalError, OutsideError
from transforms.target import DEFAULT_TARGET

POOL = "local"
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
_BUSY = 503
"""What the server answers while another writer holds its SQLite; it has done nothing then."""
_TIME_TO_END = {"worker": 30.0, "server": 5.0}
"""Seconds: a worker stops its flow runs; a server waits as long as a browser shows its pages, with nothing to save."""
_NOTHING_KEPT = httpx.Limits(max_keepalive_connections=0)
"""A connection that is kept would be to a server that has been stopped meanwhile."""
_PATIENCE = 300.0
"""Seconds until the server must answer; a fresh database takes 20 on a free machine, 100 on a busy one."""


@dataclass
class PrefectServer:
    """`environment` is what flow runs get beside the machine's own: addresses, BAIKAL_HOME, BAIKAL_LAKE.

    `told` hears what is being started.
    """

    folder: Path
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    target: str = DEFAULT_TARGET
    told: Callable[[str], None] = lambda _: None
    _children: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, limits=_NOTHING_KEPT))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._client.close()

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
        }

    def start(self) -> None:
        """Server, pool, deployments and worker, in this order; each is ready before the next is started."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.told("server (20 seconds; minutes on a busy machine)")
        self.start_server()
        self.told("work pool and deployments")
        self._clear_up()
        self._run("local_dev.deploy", self.target, "--pool", POOL)
        self.told("worker")
        self.start_worker()

    def start_server(self) -> None:
        """The server alone; it is ready when this returns."""
        self._spawn("server", "server", "start", "--host", "127.0.0.1", "--port", str(self.port))
        self._wait_for("server", lambda: self._client.get(f"{self.address}/api/health", timeout=5).is_success)

    def start_worker(self) -> None:
        """The worker alone."""
        self._spawn("worker", "worker", "start", "--pool", POOL, "--name", "laptop")
        self._wait_for("worker", self._worker_is_online)

    def kill(self, name: str) -> None:
        """`server` or `worker` is gone at once, as on a machine that died; `start_..` starts it anew."""
        child = next(child for known, child in self._children if known == name)
        child.kill()
        child.wait()
        self._children = [one for one in self._children if one[1] is not child]

    def submit(
        self,
        deployment: str,
        parameters: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        **job_variables: str,
    ) -> str:
        """Asks for a run of a deployment (`daily/laptop`); the flow run's id.

        `environment` and `job_variables`, those of the work pool, are for this run alone.
        """
        found = self.get(f"/deployments/name/{deployment}")
        variables = {**found["job_variables"].get("env", {}), **(environment or {})}
        asked = {"parameters": dict(parameters or {}), "job_variables": {**job_variables, "env": variables}}
        created: dict[str, Any] = self.post(f"/deployments/{found['id']}/create_flow_run", asked)
        return str(created["id"])

    def ended(self, run: str, patience: float = 3600) -> dict[str, Any]:
        """Waits until a flow run has ended; the flow run as Prefect's API gives it."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            self._check_children()
            with suppress(OutsideError):  # a server that is busy answers the next time
                found: dict[str, Any] = self.get(f"/flow_runs/{run}")
                if found["state_type"] in _ENDED:
                    return found
            time.sleep(0.5)
        raise OutsideError(f"flow run {run} has not ended after {patience:.0f} seconds; look at {self.address}")

    def watch(self) -> None:
        """Returns never; raises OutsideError when a child ends by itself."""
        while True:
            self._check_children()
            time.sleep(1)

    def get(self, path: str) -> Any:
        """An answer of Prefect's API."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """An answer of Prefect's API."""
        return self._ask("POST", path, body)

    def delete(self, path: str) -> None:
        """Removes what the path names."""
        self._ask("DELETE", path, None)

    def stop(self) -> None:
        """Stops what was started here, the last first: the worker stops its flow runs before it goes."""
        while self._children:
            name, child = self._children.pop()
            for signal_ in (signal.SIGTERM, signal.SIGKILL):
                if child.poll() is None:
                    child.send_signal(signal_)
                    with suppress(subprocess.TimeoutExpired):
                        child.wait(timeout=_TIME_TO_END[name])

    def log(self, name: str) -> Path:
        """Where a child's output goes."""
        return self.folder / f"{name}.log"

    def _ask(self, method: str, path: str, body: object) -> Any:
        try:
            for pause in (0.5, 1, 2, 4, 8, 0):
                answer = self._client.request(method, f"{self.address}/api{path}", json=body)
                if answer.status_code != _BUSY:
                    break
                time.sleep(pause)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise OutsideError(f"the Prefect server on {self.address} failed on {method} {path}: {error}") from error
        return answer.json() if answer.content else None

    def _clear_up(self) -> None:
        """Ends what the last session left: runs that died with it hold their deployment's only place."""
        overdue = {"before_": datetime.now(UTC).isoformat()}
        for state, now in (("RUNNING", "CRASHED"), ("PENDING", "CRASHED"), ("SCHEDULED", "CANCELLED")):
            asked = {"flow_runs": {"state": {"type": {"any_": [state]}}, "expected_start_time": overdue}}
            for run in self.post("/flow_runs/filter", asked):
                ended = {"type": now, "message": "Prefect was stopped on this machine"}
                self.post(f"/flow_runs/{run['id']}/set_state", {"state": ended, "force": True})

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
            [sys.executable, "-P", "-m", *arguments],
            env=self.variables,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise OutsideError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")

    def _wait_for(self, name: str, ready: Callable[[], bool]) -> None:
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


@click.command()
@click.option("--port", default=4200, show_default=True, help="Where the UI listens; another one when it is taken.")
@click.option("--target", default=DEFAULT_TARGET, show_default=True, help="Where the flows run.")
@click.option("--once", is_flag=True, help="Stop after the run, with exit code 1 unless it completed.")
def main(port: int, target: str, once: bool) -> None:
    """Start Prefect on this machine, deploy all flows, run the whole river on the sample company."""
    console = Console()
    home = home_folder()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with _sample(console, home, target) as addresses:
            environment = {**addresses, "BAIKAL_HOME": str(home)}
            folder, told = home / ".baikal" / "prefect", lambda what: console.say(f"starting Prefect: {what}")
            with PrefectServer(folder, free_port(port), environment, target, told=told) as server:
                code = _show(console, server, once)
    except BaikalError as error:
        console.error(str(error))
        code = error.exit_code
    except KeyboardInterrupt:
        console.say("stopped")
        code = 0
    sys.exit(code)


@contextmanager
def _sample(console: Console, home: Path, target: str) -> Iterator[Mapping[str, str]]:
    """The addresses of the sample company's systems, while they are up; none when every source has its own."""
    lake = open_lake(target, home=home)
    if not lake.target.is_local or not unset_variables(lake, lake.content.raw.keys()):
        yield {}
        return
    folder = sample_folder(home)
    if generated(folder) is None:
        console.say("generating the sample company")
        generate(Company(), folder)
    console.say("starting the sample company's database and APIs")
    with serving(folder) as addresses:
        yield {name: address for name, address in addresses.items() if not os.environ.get(name)}


def _show(console: Console, server: PrefectServer, once: bool) -> int:
    server.start()
    console.show(f"Prefect is on {server.address}")
    run = server.submit(f"daily/{server.target}")
    console.show(f"running daily: {server.address}/runs/flow-run/{run}")
    ended = server.ended(run)
    console.show(f"{ended['name']}: {ended['state']['name']}: {ended['state']['message']}")
    if not once:
        console.say("the schedule goes on; Ctrl-C stops everything")
        server.watch()
    return 0 if ended["state_type"] == "COMPLETED" else 1


if __name__ == "__main__":
    main()
