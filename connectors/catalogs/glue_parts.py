"""Where the parts of a snapshot are read from, as Glue is told it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.aws.bucket import Bucket
from connectors.aws.hive import descriptor, folder_of, links_name
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.publish import location_of
from transforms.snapshot import Part, Snapshot

LINKS = "links"
"""The folder of a table for lists of files: of parts that lie in several folders, and of all days of a version."""


@dataclass(frozen=True, slots=True)
class GlueTable:
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


class Layout:
    """Tells Glue where parts lie. A run's location is listed once, however many parts are in it."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._listed: dict[str, tuple[str, ...]] = {}

    def require(self, table: TableName, files: Iterable[str]) -> None:
        """A version never points at files that are not there. Raises OutsideError."""
        wanted = set(files)
        self._list({location_of(file) for file in wanted})
        there = {file for location in {location_of(file) for file in wanted} for file in self._listed[location]}
        if missing := sorted(wanted - there):
            raise OutsideError(f"cannot publish {table}: {self._bucket.url(missing[0])} is missing")

    def storage(self, table: TableName, part: Part, columns: list[dict[str, Any]]) -> dict[str, Any]:
        """A part's storage descriptor: the folder that holds its files and no other, a list of them, or nothing."""
        home = f"{table.database}/{table.table}"
        folder = folder_of(part)
        if folder is not None and not _is_lent(folder) and self._readable(folder) == set(part.files):
            return descriptor(columns, self._bucket.url(folder))
        if not part.files:
            return descriptor(columns, self._bucket.url(f"{home}/empty"))
        links = f"{home}/{LINKS}/{links_name(part)}"
        self._bucket.write(f"{links}/files.txt", self._lines(part))
        return descriptor(columns, self._bucket.url(links), symlink=True)

    def prepare(self, parts: Iterable[Part]) -> None:
        """Lists the locations of these parts, several at a time."""
        self._list({location_of(file) for part in parts for file in part.files if not _is_lent(file)})

    def write_lists(self, new: Snapshot, folder: str) -> None:
        """A list of files for every day, under a folder that nobody reads yet."""
        days = {f"{folder}/{value}/files.txt": self._lines(part) for value, part in new.parts.items() if part.files}
        self._bucket.write_all(days)

    def _lines(self, part: Part) -> bytes:
        return "\n".join(map(self._bucket.url, part.files)).encode()

    def _readable(self, folder: str) -> set[str]:
        """The files that Hive reads in a folder: none whose way from there has a hidden name in it."""
        location = location_of(f"{folder}/")
        self._list({location})
        inside = [name for name in self._listed[location] if name.startswith(f"{folder}/")]
        return {
            name
            for name in inside
            if all(piece[:1] not in "_." for piece in name.removeprefix(f"{folder}/").split("/"))
        }

    def _list(self, locations: Iterable[str]) -> None:
        def listed(location: str) -> None:
            self._listed[location] = tuple(name for name, _ in self._bucket.objects(location))

        self._bucket.each(listed, [location for location in locations if location not in self._listed])


def _is_lent(file: str) -> bool:
    """Whether it lies in somebody else's lake, and is named from the bucket's root."""
    return file.startswith("/")
