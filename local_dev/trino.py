"""A real Trino server on this machine: fetch, start, stop, ask. The judge of "same answer as Athena", and a target.

Needs the `mvn` client and a JDK of 24 or newer. Never needed to use the platform on a laptop or on AWS.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from socket import create_connection
from typing import Any

from connectors.home import home_folder
from transforms.errors import BaikalError, OutsideError
from transforms.trino_target import Trino

VERSION = "476"
PORT = 8484
_PLUGINS = ("hive", "memory", "tpch")
_UNUSED = (
    *("exchange-filesystem", "functions-python", "password-authenticators"),
    *("resource-group-managers", "session-property-managers", "spooling-filesystem"),
)

_CONFIG = """coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port={port}
discovery.uri=http://127.0.0.1:{port}
catalog.management=dynamic
query.min-expire-age=30s
query.max-history=200
query.max-length=10000000
task.info.max-age=1m
http-server.log.enabled=false
"""
"""All tasks that it remembers are looked at 5 times a second: of 15 minutes, the default, a fifth of its CPU."""
_NODE = """node.environment=baikal
node.id=baikal-{port}
node.internal-address=127.0.0.1
node.bind-ip=127.0.0.1
"""
_JVM = """-server
-Xmx2G
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-XX:+ExitOnOutOfMemoryError
-XX:-OmitStackTraceInFastThrow
-Djdk.attach.allowAttachSelf=true
--enable-native-access=ALL-UNNAMED
-Duser.timezone=UTC
-Dfile.encoding=UTF-8
"""
_HIVE = {
    "hive.metastore": "file",
    "hive.metastore.catalog.dir": "local:///metastore",
    "fs.native-local.enabled": "true",
    "hive.non-managed-table-writes-enabled": "true",
    "hive.timestamp-precision": "MILLISECONDS",
    "hive.compression-codec": "ZSTD",
    "hive.allow-register-partition-procedure": "true",
}
"""A catalog of files in a folder, as the platform needs it: docs/trino.md."""
_LIKE_ATHENA = {**_HIVE, "hive.max-partitions-per-writers": "100", "hive.recursive-directories": "true"}
LAKE = "lake"
"""The catalog of the target `trino`."""


@dataclass(frozen=True)
class Answer:
    """What the server says to one statement: columns as (name, type), rows as its protocol encodes them."""

    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    error: str | None = None


def ask(sql: str, *, port: int = PORT, timeout: float = 120, catalog: str = "memory") -> Answer:
    """One statement, in UTC, timestamps in milliseconds as Athena shows them. Raises OutsideError when none answers."""
    from connectors.trino.session import Failed, TrinoSession  # a quarter of a second that other commands do not pay

    place = Trino(f"http://127.0.0.1:{port}", catalog, folder="", timeout=timedelta(seconds=timeout))
    try:
        found = TrinoSession(place, schema="default").ask(sql)
        return Answer(found.columns, tuple(map(tuple, found.rows)))
    except Failed as failed:
        return Answer(error=f"{failed.code}: {failed.said}")


def make_catalog(name: str, folder: Path, port: int, more: Mapping[str, str] | None = None) -> Answer:
    """A catalog whose files, and what it knows of them, lie in a folder; the lake's is `lake` in it."""
    for inner in ("metastore", "lake"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    properties = {**_HIVE, "local.location": str(folder), **(more or {})}
    listed = ", ".join(f"\"{key}\" = '{value}'" for key, value in properties.items())
    return ask(f"create catalog {name} using hive with ({listed})", port=port)


def start(port: int = PORT, home: Path | None = None) -> None:
    """Fetch (once), configure, start, and return when a scan works, which is later than `select 1`."""
    node = _node(port, home)
    if not _ready(port):
        java = _jdk()
        server = _fetched(node.parent)
        _configure(node, port)
        subprocess.run(_launcher(server, node, java, "start"), check=True, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 180
        while not _ready(port):
            if time.monotonic() > deadline:
                raise OutsideError(f"Trino does not answer on 127.0.0.1:{port}; see {node}/node/var/log/server.log")
            time.sleep(0.5)


def give_lake(folder: Path, port: int = PORT, catalog: str = LAKE) -> None:
    """The catalog of the target `trino`, with its files in this folder; another checkout's is replaced."""
    known = _node(port, None) / "etc" / "catalog" / f"{catalog}.properties"
    with suppress(FileNotFoundError):
        lines = known.read_text().replace("\\", "").splitlines()
        if f"local.location={folder}" in lines and (folder / "metastore").is_dir():
            return
    ask(f"drop catalog {catalog}", port=port)  # which it may not have
    made = make_catalog(catalog, folder, port)
    if made.error is not None:
        raise OutsideError(f"Trino on 127.0.0.1:{port} cannot have the catalog {catalog}: {made.error}")


def stop(port: int = PORT, home: Path | None = None) -> None:
    """Stop the server of this port; no error when none runs."""
    node = _node(port, home)
    launcher = node.parent / f"trino-{VERSION}"
    if (node / "etc").is_dir() and launcher.is_dir():
        subprocess.run(_launcher(launcher, node, _jdk(), "stop"), check=True, stdout=subprocess.DEVNULL)


def _node(port: int, home: Path | None) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (home or cache / "baikal-trino") / f"node-{port}"


def require_server(port: int) -> None:
    """Raises OutsideError at once where nothing listens; a session would try again for seconds."""
    try:
        create_connection(("127.0.0.1", port), timeout=10).close()
    except OSError as error:
        raise OutsideError(f"no Trino answers on 127.0.0.1:{port}: {error.strerror}; `make trino` starts one") from None


def _ready(port: int) -> bool:
    with suppress(OutsideError):
        require_server(port)
        return ask("select count(*) from tpch.tiny.region", port=port, timeout=10).error is None
    return False


def _launcher(server: Path, node: Path, java: Path, verb: str) -> list[str]:
    folders = ["-etc-dir", str(node / "etc"), "-data-dir", str(node / "node"), "-jvm-dir", str(java)]
    return [str(server / "bin" / "launcher"), verb, *folders]


def _jdk() -> Path:
    for home in _jdk_candidates():
        if not (home / "bin" / "java").is_file():
            continue
        command = [str(home / "bin" / "java"), "-XshowSettings:properties", "-version"]
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stderr
        version = re.search(r"java\.specification\.version = (\d+)", shown)
        if version and int(version[1]) >= 24:
            return home
    raise OutsideError(f"Trino {VERSION} needs a JDK of 24 or newer and none was found; set JAVA_HOME to one")


def _jdk_candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home)
    if java := shutil.which("java"):
        default = Path(java).resolve().parent.parent
        yield default
        yield from sorted(default.parent.glob("*2[4-9]*"), reverse=True)
    for folder in ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines"):
        yield from sorted(Path(folder).glob("*2[4-9]*"), reverse=True)


def _fetched(home: Path) -> Path:
    """The unpacked server: its core and three plugins from Maven Central, about 480 MB, once."""
    server = home / f"trino-{VERSION}"
    if not (server / "bin" / "launcher").is_file():
        unpacking = home / f"unpacking-{os.getpid()}"
        with tarfile.open(_download(home, "trino-server-core", "tar.gz")) as archive:
            archive.extractall(unpacking, filter="tar")
        core = unpacking / f"trino-server-core-{VERSION}"
        for plugin in _UNUSED:
            shutil.rmtree(core / "plugin" / plugin, ignore_errors=True)
        core.rename(server)
        unpacking.rmdir()
    for plugin in _PLUGINS:
        if not (server / "plugin" / plugin).is_dir():
            with zipfile.ZipFile(_download(home, f"trino-{plugin}", "zip")) as archive:
                archive.extractall(home / "unpacking")
            (home / "unpacking" / f"trino-{plugin}-{VERSION}").rename(server / "plugin" / plugin)
    return server


def _download(home: Path, artifact: str, packaging: str) -> Path:
    if not shutil.which("mvn"):
        raise OutsideError("Trino is fetched by the mvn client, which was not found; install maven")
    coordinates = f"-Dartifact=io.trino:{artifact}:{VERSION}:{packaging}"
    for goal in (["get", "-Dtransitive=false"], ["copy", f"-DoutputDirectory={home / 'downloads'}"]):
        done = subprocess.run(["mvn", "-B", "-q", "-ntp", f"dependency:{goal[0]}", coordinates, *goal[1:]], check=False)
        if done.returncode:
            raise OutsideError(f"mvn could not fetch io.trino:{artifact}:{VERSION}; its own message is above")
    return home / "downloads" / f"{artifact}-{VERSION}.{packaging}"


def _configure(node: Path, port: int) -> None:
    catalogs = node / "etc" / "catalog"
    for folder in (catalogs, node / "node", node / "files"):
        folder.mkdir(parents=True, exist_ok=True)
    (node / "etc" / "config.properties").write_text(_CONFIG.format(port=port))
    (node / "etc" / "node.properties").write_text(_NODE.format(port=port))
    (node / "etc" / "jvm.config").write_text(_JVM)
    (node / "etc" / "log.properties").write_text("io.trino=WARN\n")
    (catalogs / "memory.properties").write_text("connector.name=memory\n")
    (catalogs / "tpch.properties").write_text("connector.name=tpch\n")
    like_athena = {"connector.name": "hive", **_LIKE_ATHENA, "local.location": node / "files"}
    (catalogs / "awsdatacatalog.properties").write_text("".join(f"{k}={v}\n" for k, v in like_athena.items()))


def _start_with_lake(port: int) -> None:
    start(port)
    give_lake(home_folder() / ".baikal" / "trino", port)


def main() -> int:
    """`python -m local_dev.trino start|stop [--port]`."""
    parser = argparse.ArgumentParser(prog="python -m local_dev.trino", description=main.__doc__)
    parser.add_argument("verb", choices=("start", "stop"))
    parser.add_argument("--port", type=int, default=PORT)
    chosen = parser.parse_args()
    verbs: dict[str, Callable[[int], None]] = {"start": _start_with_lake, "stop": stop}
    try:
        verbs[chosen.verb](chosen.port)
    except BaikalError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stderr.write(f"trino {VERSION} {chosen.verb}: 127.0.0.1:{chosen.port}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
