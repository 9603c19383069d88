"""Where the parts of a snapshot are read from, as Glue is told it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.aws.bucket import Bucket
from connectors.aws.hive import descriptor, folder_of
from transforms.names import TableName
from transforms.snapshot import Part

LINKS = "links"
"""The folder of a table for the lists of files of parts that lie in several folders."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table in Glue."""

    database: str
    table: str

    def __str__(self) -> str:
        return f"{self.database}.{self.table}"

    @property
    def sql(self) -> str:
        """As statements name it."""
        return f'"{self.database}"."{self.table}"'

    @property
    def words(self) -> dict[str, str]:
        """As requests name it."""
        return {"DatabaseName": self.database, "TableName": self.table}


def storage_of(bucket: Bucket, table: TableName, part: Part, columns: list[dict[str, str]]) -> dict[str, Any]:
    """A part's storage descriptor: the folder that holds its files and no other, a list of them, or an empty folder."""
    home = f"{table.database}/{table.table}"
    folder = folder_of(part)
    if folder is not None and set(_readable(bucket, folder)) == set(part.files):
        return descriptor(columns, bucket.url(folder))
    if not part.files:
        return descriptor(columns, bucket.url(f"{home}/empty"))
    links = f"{home}/{LINKS}/{links_name(part)}"
    bucket.write(f"{links}/files.txt", "\n".join(map(bucket.url, part.files)).encode())
    return descriptor(columns, bucket.url(links), symlink=True)


def _readable(bucket: Bucket, folder: str) -> Iterator[str]:
    """The files that Hive reads in a folder: none whose way from there has a hidden name in it."""
    for name, _ in bucket.objects(folder):
        if all(piece[:1] not in "_." for piece in name.removeprefix(f"{folder}/").split("/")):
            yield name


def links_name(part: Part) -> str:
    """Of the list of a part's files: equal files, equal name."""
    return hashlib.sha256("\n".join(part.files).encode()).hexdigest()[:20]
