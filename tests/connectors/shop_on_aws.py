"""The shop of shop_lake.py on a local AWS: the same declarations, another target."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from running_aws import RunningAws
from shop_lake import DAILY, NOW, make_home_whose_rows_are_asked, write

from connectors.catalogs.glue import GlueCatalog
from connectors.catalogs.glue_parts import GlueTable
from connectors.content import open_content
from connectors.engines.athena import AthenaEngine
from connectors.lake import Lake, production_lake
from transforms.names import TableName

BUCKET = "shop-lake"
NO_TIME = timedelta(seconds=-2)
"""After which a publisher is taken for dead. Less than none: a server's Date may be that of the second before."""


def aws_home(aws: RunningAws, home: Path, folder: str, more: str = "") -> Path:
    """The shop's declarations with a target for a lake of its own in the bucket, and `more` keys of that target."""
    make_home_whose_rows_are_asked(home)
    target = (
        "engine: athena, timezone: Asia/Tokyo, connections: {shop: SHOP_URL}, region: us-east-1, "
        f'bucket: {BUCKET}, folder: {folder}, database_prefix: {folder}_, endpoint: "{aws.url}"{more}'
    )
    laptop = "laptop: {engine: duckdb, timezone: Asia/Tokyo, connections: {shop: SHOP_URL}}"
    write(home, "connectors/targets.yaml", f"{laptop}\nlocal-aws: {{{target}}}\n")
    return home


def open_aws_shop(home: Path, now: datetime = NOW, user: str | None = None) -> Lake:
    """A process's view of that lake, at a fixed time; of a person's own part of it."""
    content = open_content(home)
    assert content.problems == (), "\n".join(map(str, content.problems))
    return replace(production_lake(home / "scratch", content, "local-aws", user), clock=lambda: now)


def place_of(lake: Lake, name: TableName) -> GlueTable:
    """Where Glue has a table."""
    assert isinstance(lake.catalog, GlueCatalog)
    return lake.catalog.place(name)


def asked(lake: Lake, sql: str) -> list[list[str | None]]:
    """What Athena answers somebody who knows nothing of the platform; `{}` is the daily table."""
    assert isinstance(lake.engine, AthenaEngine)
    place = place_of(lake, DAILY)
    queries = lake.engine.queries
    return list(queries.rows(queries.run(sql.format(f'"{place.database}"."{place.table}"'))))


def seen(lake: Lake) -> list[list[str | None]]:
    """What such a person sees in the daily table: days as text, orders."""
    return asked(lake, "select day, orders, revenue_jpy from {} order by day")
