"""What files cost: ten thousand small ones, and access logs beside a compiled regular expression in 2 processes."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from connectors.readers.logs.formats import FORMATS
from local_dev.bench.homes import write_home
from local_dev.bench.measure import Figure, baikal, python, run

SMALL_FILES, SMALL_LINES = 10_000, 20
LOGS = 10
"""Files that the lines of access logs stand in."""
_LINE = re.compile(
    rb"([^ ]*) ([^ ]*) ([^ ]*) \[([^\]]*)\] "
    rb'"([^"\\]*(?:\\.[^"\\]*)*)" ([^ ]*) ([^ ]*) "([^"\\]*(?:\\.[^"\\]*)*)" "([^"\\]*(?:\\.[^"\\]*)*)"\s*\Z'
)


def figures(folder: Path, rows: int) -> Iterator[Figure]:
    """Small files, then access logs of so many lines."""
    yield from _small(folder)
    yield from _access_logs(folder, rows)


def _small(folder: Path) -> Iterator[Figure]:
    files = _made(folder / "small-files", _write_all_small)
    home = folder / "home-small"
    columns = {"event_id": "string", "user_id": "bigint", "kind": "string", "at": "timestamp", "score": "double"}
    table = 'small: {mode: append, path: "dt={day}/*.jsonl"}'
    write_home(home, _source("jsonl", table), {"small": columns})
    env = {"BAIKAL_HOME": str(home), "BENCH_URL": str(files)}
    first, again = run(baikal("run", "source:bench"), env), run(baikal("run", "source:bench"), env)
    yield Figure("10,000 files of 20 JSON lines", first.wall_s, "s", 15, f"{first.cpu_s:.1f} CPU-s")
    yield Figure("the same again, nothing new", again.wall_s, "s", 1, f"{again.cpu_s:.1f} CPU-s")


def _access_logs(folder: Path, rows: int) -> Iterator[Figure]:
    def write(path: Path) -> None:
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(_write_log, [path] * LOGS, range(LOGS), [rows // LOGS] * LOGS))

    files = _made(folder / f"access-logs-{rows}", write)
    floor = run(python("-m", "local_dev.bench.files", str(files)))
    home = folder / "home-logs"
    columns = {column.name: column.type.hive for column in FORMATS["nginx"].columns.values()}
    write_home(home, _source("logs", 'logs: {mode: append, path: "*.gz", format: nginx}'), {"logs": columns})
    usage = run(baikal("run", "source:bench"), {"BAIKAL_HOME": str(home), "BENCH_URL": str(files)})
    beside = f"{usage.wall_s:.1f} s against {floor.wall_s:.1f} s, {rows / usage.wall_s:,.0f} lines/s"
    yield Figure("access logs, to a regular expression in 2 processes", usage.wall_s / floor.wall_s, "x", 1, beside)
    yield Figure("access logs: memory", usage.peak_mb, "MB", 400)


def _source(kind: str, table: str) -> str:
    return f"kind: {kind}\nowner: bench\ndescription: Files to time.\nconnection: bench\ntables:\n  {table}\n"


def _made(folder: Path, write: Callable[[Path], None]) -> Path:
    """The folder, written once."""
    if not folder.exists():
        partial = folder.with_name("files-partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write(partial)
        partial.rename(folder)
    return folder


def _write_all_small(folder: Path) -> None:
    for number in range(SMALL_FILES):
        _write_small(folder, number)


def _write_small(folder: Path, number: int) -> None:
    day = number * 10 // SMALL_FILES + 1
    path = folder / f"dt=2024-04-{day:02}" / f"{number:05}.jsonl"
    path.parent.mkdir(exist_ok=True)
    lines = []
    for i in range(SMALL_LINES):
        at = f"2024-04-{day:02}T{i:02}:00:00.250Z"
        event = {"event_id": f"{number}-{i}", "user_id": i * 7919 % 500_000, "kind": "view", "at": at, "score": i / 7}
        lines.append(json.dumps(event))
    path.write_text("\n".join(lines) + "\n")


def _write_log(folder: Path, number: int, rows: int) -> None:
    with gzip.open(folder / f"access-{number}.log.gz", "wb", compresslevel=1) as out:
        for i in range(rows):
            second = number * rows + i
            clock = f"{1 + second // 200_000 % 28:02}/May/2024:{second // 3600 % 24:02}:{second // 60 % 60:02}"
            line = (
                f"10.{i % 256}.{i // 256 % 256}.{i % 97} - {'-' if i % 5 else 'taro'} [{clock}:{second % 60:02} +0900] "
                f'"GET /articles/{i % 10_000}?ref=feed&n={i % 7} HTTP/1.1" {(200, 200, 304, 404, 500)[i % 5]} '
                f'{i * 7919 % 100_000} "https://news.example.com/section/{i % 40}" "Mozilla/5.0 (iPhone; CPU iPhone OS '
                f'17_{i % 5} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148"\n'
            )
            out.write(line.encode())


def _parse(path: Path) -> int:
    parsed = 0
    with gzip.open(path, "rb") as lines:
        for line in lines:
            found = _LINE.match(line)
            parsed += found is not None and len(found.groups()) > 0
    return parsed


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as processes:
        print(sum(processes.map(_parse, sorted(Path(sys.argv[1]).rglob("*.gz")))))  # noqa: T201
