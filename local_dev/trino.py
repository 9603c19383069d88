"""A real Trino server on this machine, the judge of "same answer as Athena": fetch, start, stop, ask.

Needs the `mvn` client and a JDK of 24 or newer. Never needed to use the platform, only to record and verify answers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from transforms.errors import BaikalError, OutsideError

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
_HIVE = """connector.name=hive
hive.metastore=file
hive.metastore.catalog.dir=local:///managed
fs.native-local.enabled=true
local.location={files}
hive.non-managed-table-writes-enabled=true
hive.timestamp-precision=MILLISECONDS
hive.max-partitions-per-writers=100
hive.recursive-directories=true
"""


@dataclass(frozen=True)
class Answer:
    """What the server says to one statement: columns as (name, type), rows as its protocol encodes them."""

    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    error: str | None = None


def ask(sql: str, *, port: int = PORT, timeout: float = 120, catalog: str = "memory") -> Answer:
    """One statement over Trino's client protocol, in UTC, timestamps in milliseconds as Athena shows them."""
    headers = {"X-Trino-User": "baikal", "X-Trino-Time-Zone": "UTC", "X-Trino-Catalog": catalog}
    headers["X-Trino-Schema"] = "default"
    columns: tuple[tuple[str, str], ...] = ()
    rows: list[tuple[Any, ...]] = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        connection.request("POST", "/v1/statement", sql.encode(), headers)
        while True:
            page = _page(connection)
            if "error" in page:
                return Answer(error=f"{page['error']['errorName']}: {page['error']['message']}")
            if "columns" in page:
                columns = tuple((column["name"], column["type"]) for column in page["columns"])
            rows.extend(map(tuple, page.get("data") or ()))
            if "nextUri" not in page:
                return Answer(columns, tuple(rows))
            connection.request("GET", urlsplit(page["nextUri"]).path)


def _page(connection: HTTPConnection) -> dict[str, Any]:
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise ConnectionError(f"Trino answers with status {response.status}: {body[:200].decode(errors='replace')}")
    page: dict[str, Any] = json.loads(body)
    return page


def start(port: int = PORT, home: Path | None = None) -> None:
    """Fetch (once), configure, start, and return when a scan works, which is later than `select 1`."""
    node = _node(port, home)
    if _ready(port):
        return
    java = _jdk()
    server = _fetched(node.parent)
    _configure(node, port)
    subprocess.run(_launcher(server, node, java, "start"), check=True, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 180
    while not _ready(port):
        if time.monotonic() > deadline:
            raise OutsideError(f"Trino does not answer on 127.0.0.1:{port}; see {node}/node/var/log/server.log")
        time.sleep(0.5)


def stop(port: int = PORT, home: Path | None = None) -> None:
    """Stop the server of this port; no error when none runs."""
    node = _node(port, home)
    launcher = node.parent / f"trino-{VERSION}"
    if (node / "etc").is_dir() and launcher.is_dir():
        subprocess.run(_launcher(launcher, node, _jdk(), "stop"), check=True, stdout=subprocess.DEVNULL)


def _node(port: int, home: Path | None) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (home or cache / "baikal-trino") / f"node-{port}"


def _ready(port: int) -> bool:
    try:
        return ask("select count(*) from tpch.tiny.region", port=port, timeout=10).error is None
    except (OSError, HTTPException):
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
    (catalogs / "awsdatacatalog.properties").write_text(_HIVE.format(files=node / "files"))


def main() -> int:
    """`python -m local_dev.trino start|stop [--port]`."""
    parser = argparse.ArgumentParser(prog="python -m local_dev.trino", description=main.__doc__)
    parser.add_argument("verb", choices=("start", "stop"))
    parser.add_argument("--port", type=int, default=PORT)
    chosen = parser.parse_args()
    verbs: dict[str, Callable[[int], None]] = {"start": start, "stop": stop}
    try:
        verbs[chosen.verb](chosen.port)
    except BaikalError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stderr.write(f"trino {VERSION} {chosen.verb}: 127.0.0.1:{chosen.port}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
