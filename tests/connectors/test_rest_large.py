"""Pages of 10 MB: every row lands, clean or not, and memory does not grow with the number of pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from api_server import Answer, serve
from landing_place import Place

ROWS, PAGES = 40_000, 12
MOST_MB = 450
SCHEMA = "t: {id: bigint, title: string, at: timestamp, price: 'decimal(12,2)'}"
INGEST = """
import sys
from pathlib import Path
from landing_place import Place
from peak_memory import peak_mb
landed = Place(Path(sys.argv[1])).ingest()
print(landed.rows, landed.rejects, peak_mb())
"""


def page(number: int) -> bytes:
    """About 10 MB, with a bad row in the fifth one and another spelling in the sixth."""
    rows = [
        {"id": number * ROWS + i, "title": f"記事 {i} " * 14, "at": "2024-05-01T12:00:00Z", "price": i / 4}
        for i in range(ROWS)
    ]
    if number == 5:
        rows[ROWS // 2]["price"] = "much"
    return json.dumps({"data": rows}, ensure_ascii=False, indent=0 if number == 6 else None).encode()


@pytest.mark.long
def test_large_pages_land_whole_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    words = "t: {mode: snapshot, path: /t, page: p, rows: data}"
    place.declare("rest", words, SCHEMA, top="concurrency: 2\n")

    def answer(path: str, query: dict[str, str], headers: object) -> Answer:
        number = int(query["p"])
        return 200, {}, page(number) if number <= PAGES else b'{"data": []}'

    assert 9e6 < len(page(1)) < 15e6
    with serve() as api:
        api.answer = answer
        monkeypatch.setenv("PLACE_URL", api.address)
        monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
        command = [sys.executable, "-c", INGEST, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    rows, rejects, peak = map(int, done.stdout.split())
    assert (rows, rejects) == (ROWS * PAGES - 1, 1)
    assert peak < MOST_MB
    assert sorted(row["id"] for row in place.rows()) == [
        n for n in range(ROWS, ROWS * (PAGES + 1)) if n != 5 * ROWS + ROWS // 2
    ]
