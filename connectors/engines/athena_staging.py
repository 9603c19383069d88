"""Tables that are there only while a build is at work: what CTAS makes, and staged rows under a name of their own.

They stand in a database of Glue for nothing else. Their files are those of a run's location, and stay when they go.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from connectors.aws.bucket import AT_ONCE, Bucket
from connectors.aws.hive import glue_columns
from connectors.aws.session import asking_aws, code
from connectors.catalogs.glue import GlueCatalog
from connectors.catalogs.glue_days import switch_days
from connectors.catalogs.glue_parts import GlueTable, Layout
from connectors.engine import Staged
from connectors.engines.footers import staged_of
from transforms.errors import OutsideError
from transforms.snapshot import WHOLE, Part, Snapshot

_FOOTER = 64 << 10
"""Bytes at the end of a file that are read first; a longer footer is read again."""
_MAGIC = 8


class StagingTables:
    """Of one target."""

    def __init__(self, bucket: Bucket, catalog: GlueCatalog) -> None:
        self._bucket, self._catalog = bucket, catalog

    def name(self) -> str:
        """For a table that a CTAS makes, in a database that is there."""
        return self._fresh().sql

    def register(self, snapshot: Snapshot) -> str:
        """A snapshot that is not published, as the text of a relation."""
        place, days = self._fresh(), snapshot.partition
        data = glue_columns(tuple(column for column in snapshot.columns if column.name != days))
        whole, layout = snapshot.parts.get(WHOLE, Part((), 0, 0, "")), Layout(self._bucket)
        asked = {
            "Name": place.table,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
            "PartitionKeys": glue_columns(tuple(column for column in snapshot.columns if column.name == days)),
            "StorageDescriptor": layout.storage(snapshot.table, whole, data),
        }
        with asking_aws("register staged rows in Glue"), _made_already():
            self._glue.create_table(DatabaseName=place.database, TableInput=asked)
        if days:
            switch_days(self._glue, layout, place, replace(snapshot, parts={}), snapshot)
        return place.sql

    def remove(self, text: str) -> None:
        """Takes a table out of Glue; its files stay."""
        place = GlueTable(*text.replace('"', "").split("."))
        with suppress(OutsideError), asking_aws("remove a staging table"):
            self._glue.delete_table(DatabaseName=place.database, Name=place.table)

    @property
    def _glue(self) -> Any:
        return self._bucket.session.client("glue")

    def _fresh(self) -> GlueTable:
        self._catalog.make_database(self._catalog.staging)
        return GlueTable(self._catalog.staging, f"t_{secrets.token_hex(8)}")


@contextmanager
def _made_already() -> Iterator[None]:
    """What is there was made by us: the call is repeated when its answer is lost."""
    try:
        yield
    except ClientError as error:
        if code(error) != "AlreadyExistsException":
            raise


def staged_files(bucket: Bucket, folder: str, partition: str | None) -> Staged:
    """The parts that a statement wrote, with what the footers of their files say of the columns."""
    found = [(name, size) for name, size in bucket.objects(folder) if not _hidden(name)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        footers = list(threads.map(lambda each: _footer(bucket, *each), found))
    return staged_of(((name, size, footer) for (name, size), footer in zip(found, footers, strict=True)), partition)


def _footer(bucket: Bucket, name: str, size: int) -> pq.FileMetaData:
    end = bucket.read(name, max(0, size - _FOOTER))
    needed = int.from_bytes(end[-_MAGIC:-4], "little") + _MAGIC
    if needed > len(end):
        end = bucket.read(name, max(0, size - needed))
    return pq.read_metadata(BytesIO(b"PAR1" + end[-needed:] if needed < size else end))


def _hidden(name: str) -> bool:
    return any(piece[:1] in "_." for piece in name.split("/"))
