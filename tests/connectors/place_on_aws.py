"""A place whose lake is on the local AWS, for processes that fork: each child opens it by itself."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import pyarrow.parquet as pq
from landing_place import Place
from running_aws import RunningAws
from shop_on_aws import BUCKET, NO_TIME

import connectors.aws.place
import connectors.catalogs.glue_words
from connectors.aws.session import AwsSession
from connectors.content import open_content
from connectors.lake import Lake, production_lake
from transforms.aws_target import Aws
from transforms.names import TableName

SERVICES = ("s3", "glue", "athena")


@dataclass
class AwsPlace(Place):
    """`folder` is the lake's in the bucket. A publisher that has a mark is taken for dead at once."""

    aws: RunningAws | None = None
    folder: str = ""

    def declare(self, kind: str, tables: str, schema: str, top: str = "") -> None:
        """The same source, for another target; and what every client reads is read once, for all children."""
        assert self.aws
        super().declare(kind, tables, schema, top)
        words = (
            "engine: athena, timezone: Asia/Tokyo, connections: {place: PLACE_URL}, region: us-east-1, "
            f'bucket: {BUCKET}, folder: {self.folder}, database_prefix: {self.folder}_, endpoint: "{self.aws.url}"'
        )
        laptop = "laptop: {engine: duckdb, timezone: Asia/Tokyo, connections: {place: PLACE_URL}}"
        self._write("connectors/targets.yaml", f"{laptop}\nlocal-aws: {{{words}}}\n")
        os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
        connectors.catalogs.glue_words.SWITCHING_TIME = NO_TIME
        Aws.planning_s = property(lambda self: 0.0)  # nobody reads meanwhile
        target = open_content(self.home).targets["local-aws"].aws
        assert target
        assert connectors.aws.place
        for service in SERVICES:
            AwsSession(target).client(service)

    def lake(self) -> Lake:
        """Makes calls: not to be shared with a child."""
        content = open_content(self.home)
        return replace(production_lake(self.home / "scratch", content, "local-aws", None), clock=lambda: self.now)

    def rows(self, table: str = "t", *columns: str) -> list[Any]:
        """See Place; the files are read where the local AWS has them."""
        assert self.aws
        snapshot = self.lake().catalog.get(TableName("raw_place", table))
        assert snapshot
        root = self.aws.data / BUCKET / self.folder
        files = [root / file for part in snapshot.parts.values() for file in part.files]
        found = [row for file in files for row in pq.ParquetFile(file).read(list(columns)).to_pylist()]
        assert len(found) == snapshot.rows
        return sorted(tuple(row[name] for name in columns) for row in found)
