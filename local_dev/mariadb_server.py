"""A MariaDB of its own for tests and benchmarks: in a folder, on a free port of 127.0.0.1, stopped by its own process.

Needs mariadbd of the system's packages (Debian: mariadb-server-core); installs nothing, touches no other server.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from transforms.errors import OutsideError

PASSWORD = "p@ss"
_PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb")
_START_S = 60
_SETTINGS = (
    "--no-defaults",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--bind-address=127.0.0.1",
    "--innodb-log-file-size=8M",
    "--innodb-data-file-path=ibdata1:8M:autoextend",
    "--innodb-flush-log-at-trx-commit=0",
)
"""The rows can be made again: speed goes before safety from power cuts."""


@dataclass(frozen=True)
class MariaDb:
    """A server that answers. The password of root is PASSWORD."""

    port: int
    socket: Path

    def address(self, database: str) -> str:
        """The address of a database for its root."""
        return f"mysql://root:{PASSWORD.replace('@', '%40')}@127.0.0.1:{self.port}/{database}"

    def client(self, *arguments: str) -> list[str]:
        """The command that runs the server's own client, over TCP as everybody's is."""
        place = ("--no-defaults", "--protocol=tcp", "-h127.0.0.1", f"-P{self.port}", "-uroot", f"-p{PASSWORD}")
        return [_program("mariadb"), *place, *arguments]

    def run(self, sql: str) -> str:
        """What the server's own client prints for statements: columns with tabs between them."""
        command = self.client("--default-character-set=utf8mb4", "-N", "-e", sql)
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _program(name: str) -> str:
    """Where a program is; servers are not on everybody's path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise OutsideError(f"there is no {name}; on Debian: apt-get install mariadb-server-core mariadb-client-core")
    return found


def is_installed() -> bool:
    """Whether a server can be started on this machine."""
    try:
        return bool([_program(name) for name in _PROGRAMS])
    except OutsideError:
        return False


@contextmanager
def mariadb_server(folder: Path, *settings: str) -> Iterator[MariaDb]:
    """A server whose data lie in the folder, made if there are none; it ends with the context."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    common = [*_SETTINGS, f"--datadir={folder / 'data'}", *(["--user=root"] if os.geteuid() == 0 else [])]
    found = MariaDb(_free_port(), folder / "socket")
    with log.open("ab") as out:
        if not (folder / "data").exists():
            install = [_program("mariadb-install-db"), *common, "--auth-root-authentication-method=normal"]
            subprocess.run([*install, "--skip-test-db"], check=True, stdout=out, stderr=out)
        place = (f"--socket={found.socket}", f"--port={found.port}", f"--pid-file={folder / 'pid'}")
        server = subprocess.Popen([_program("mariadbd"), *common, *place, *settings], stdout=out, stderr=out)
    try:
        _wait(server, found, log)
        yield found
    finally:
        server.terminate()
        server.wait()


def _wait(server: subprocess.Popen[bytes], found: MariaDb, log: Path) -> None:
    """Until it answers; the first time gives root its password."""
    until = time.monotonic() + _START_S
    asks = [_program("mariadb"), "--no-defaults", f"-S{found.socket}", "-uroot"]
    while server.poll() is None and time.monotonic() < until:
        for password in (f"-p{PASSWORD}", "--skip-password"):
            alter = f"alter user root@localhost identified by '{PASSWORD}', root@127.0.0.1 identified by '{PASSWORD}'"
            if subprocess.run([*asks, password, "-e", alter], capture_output=True, check=False).returncode == 0:
                return
        time.sleep(0.3)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    raise OutsideError(f"the MariaDB in {log.parent} does not start: {' / '.join(last)}")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
