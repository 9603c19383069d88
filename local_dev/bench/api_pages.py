"""What a REST source of 1,000 pages costs beside downloading the same bytes, four requests at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from local_dev.bench.homes import write_home
from local_dev.bench.measure import Figure, baikal, python, run

PAGES, ROWS, AT_ONCE = 1_000, 1_000, 4
_DIFFERENT = 20
"""Pages that are rendered; the others are these again, under other numbers."""


def figures(folder: Path) -> Iterator[Figure]:
    """The server is a process of its own, in both runs."""
    server = subprocess.Popen(python("-m", "local_dev.bench.api_pages", "serve"), stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        floor = run(python("-m", "local_dev.bench.api_pages", address))
        home = folder / "home-api"
        write_home(
            home,
            "kind: rest\nowner: bench\ndescription: Pages to time.\nconnection: bench\n"
            f"concurrency: {AT_ONCE}\ntables:\n"
            f"  events: {{mode: snapshot, path: /events, rows: data, page: page, size: {ROWS}, total: total}}\n",
            {
                "events": {
                    "id": "bigint",
                    "kind": "string",
                    "title": "string",
                    "amount": "decimal(12,2)",
                    "ratio": "double",
                    "created_at": "timestamp",
                    "tags": "array<string>",
                }
            },
        )
        usage = run(baikal("run", "source:bench"), {"BAIKAL_HOME": str(home), "BENCH_URL": address})
    finally:
        server.kill()
        server.communicate()
    beside = f"{usage.wall_s:.1f} s against {floor.wall_s:.1f} s, CPU {usage.cpu_s:.1f} against {floor.cpu_s:.1f} s"
    yield Figure("REST pages of 1,000 rows, to their bytes downloaded", usage.wall_s / floor.wall_s, "x", 1.5, beside)
    yield Figure("REST: memory", usage.peak_mb, "MB", 400)


def _page(number: int) -> bytes:
    rows = [
        {
            "id": number * ROWS + i,
            "kind": ("view", "click", "install")[i % 3],
            "title": f"記事 {i} of page {number}",
            "amount": i / 4,
            "ratio": i / 7,
            "created_at": f"2024-05-{1 + i % 28:02}T{i % 24:02}:00:00Z",
            "tags": ["a", f"t{i % 50}"],
        }
        for i in range(ROWS)
    ]
    return json.dumps({"total": PAGES * ROWS, "data": rows}, ensure_ascii=False).encode()


def _serve() -> None:
    """On a port of its own, which it prints."""
    import asyncio
    import socket

    import uvicorn

    pages = [_page(number) for number in range(_DIFFERENT)]

    async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        number = int(scope["query_string"].partition(b"page=")[2].partition(b"&")[0] or 1)
        body = pages[number % _DIFFERENT] if number <= PAGES else b'{"data": []}'
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    server = uvicorn.Server(uvicorn.Config(answer, lifespan="off", log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        asyncio.run(server.serve([listening]))


def _download(address: str) -> None:
    with httpx.Client() as client, ThreadPoolExecutor(AT_ONCE) as pool:
        for answer in pool.map(lambda page: client.get(f"{address}/events?page={page}"), range(1, PAGES + 1)):
            assert answer.is_success


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve()
    else:
        _download(sys.argv[1])
