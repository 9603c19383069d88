"""The shop of shop_lake.py on a Trino server: the same declarations, another target, a catalog of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from shop_lake import NOW, make_home_whose_rows_are_asked, write

from connectors.content import open_content
from connectors.lake import Lake, cluster_lake
from local_dev.trino import PORT, ask, make_catalog

WITH_GRANTS = {"hive.security": "sql-standard"}
ADMIN = {"user": "admin", "role": "admin"}
"""Whom such a catalog lets do everything."""
NEWEST = "max(id) as newest,  -- Number of the newest order\n  count(*) as orders, "
"""Of core_shop.daily, in the place of its `count(*) as orders, `: one column more."""


@contextmanager
def trino_home(home: Path, more: Mapping[str, str] | None = None) -> Iterator[Path]:
    """The shop's declarations with a target for a catalog of its own, which is gone at the end."""
    catalog = f"shop_{secrets.token_hex(4)}"
    make_home_whose_rows_are_asked(home)
    made = make_catalog(catalog, home / "trino", PORT, more)
    assert made.error is None, made.error
    write_target(home, catalog=catalog)
    try:
        yield home
    finally:
        ask(f"drop catalog {catalog}")


def write_target(home: Path, **words: str) -> None:
    """The shop's two targets; `words` are those of the one on Trino that differ."""
    known = {"url": f"http://127.0.0.1:{PORT}", "folder": "trino/lake", "location": "local:///lake"}
    fields = "".join(f'\n  {key}: "{word}"' for key, word in {**known, **words}.items())
    shared = "timezone: Asia/Tokyo, connections: {shop: SHOP_URL}"
    text = f"laptop: {{engine: duckdb, {shared}}}\ntrino:\n  engine: trino\n  timezone: Asia/Tokyo{fields}\n"
    write(home, "connectors/targets.yaml", text)


def open_trino_shop(home: Path, now: datetime = NOW) -> Lake:
    """A process's view of that lake, at a fixed time."""
    content = open_content(home)
    assert content.problems == (), "\n".join(map(str, content.problems))
    target = content.targets["trino"].trino
    assert target
    return replace(cluster_lake(home / target.folder, content, "trino"), clock=lambda: now)


def told(lake: Lake, sql: str, user: str | None = None) -> list[list[Any]]:
    """What somebody sees who knows Trino and nothing of the platform."""
    from connectors.trino.session import TrinoSession

    place = lake.target.trino
    assert place
    place = replace(place, user=user, role=None) if user else place
    return [list(row) for row in TrinoSession(place).ask(sql).rows]
