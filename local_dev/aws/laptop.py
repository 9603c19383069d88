"""The laptop's own lake as Glue shows it: what `baikal run` has published, read only, beside what Glue itself keeps.

Its databases have `laptop_` before their names, since the target `local-aws` may publish tables of the same ones. Every
answer is of the versions that are current when it is asked for. Views are not shown: their queries name no prefix.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from connectors.aws.hive import descriptor, folder_of, glue_columns, links_name
from local_dev.aws.glue_store import Document, GlueStore
from local_dev.aws.json_service import AwsError
from transforms.errors import OutsideError
from transforms.names import TableName
from transforms.snapshot import WHOLE, Part, Snapshot

if TYPE_CHECKING:
    from connectors.catalogs.manifest import ManifestCatalog

BUCKET, LISTS = "laptop", "laptop-lists"
"""The lake's folder as a bucket; and a bucket for lists of the files of parts that lie in several folders."""
_PREFIX = "laptop_"


class LaptopStore(GlueStore):
    """Glue's own documents and those of the lake. Raises AwsError for a change of the latter."""

    def __init__(self, path: Path, lake: Path) -> None:
        super().__init__(path)
        self._data, self._lake = path.parent, lake
        self._made: dict[TableName, tuple[int, Document, list[Document]]] = {}
        self._making = Lock()
        _link(self._data / BUCKET, lake)

    @cached_property
    def _manifests(self) -> ManifestCatalog:
        from connectors.catalogs.manifest import ManifestCatalog  # what the start of the server does not pay

        return ManifestCatalog(self._lake)

    def databases(self) -> list[Document]:
        shown = {name.database for name in self._manifests.names()}
        return sorted([*super().databases(), *map(_database, shown)], key=lambda each: str(each["Name"]))

    def database(self, name: str) -> Document | None:
        if not name.startswith(_PREFIX):
            return super().database(name)
        held = name.removeprefix(_PREFIX)
        return _database(held) if any(each.database == held for each in self._manifests.names()) else None

    def put_database(self, document: Document) -> None:
        _require_other(document["Name"])
        super().put_database(document)

    def delete_database(self, name: str) -> None:
        _require_other(name)
        super().delete_database(name)

    def tables(self, database: str) -> list[Document]:
        if not database.startswith(_PREFIX):
            return super().tables(database)
        held = database.removeprefix(_PREFIX)
        names = [name for name in self._manifests.names() if name.database == held]
        return [found[0] for name in names if (found := self._documents_of(name))]

    def table(self, database: str, name: str) -> Document | None:
        if not database.startswith(_PREFIX):
            return super().table(database, name)
        found = self._documents_of(TableName(database.removeprefix(_PREFIX), name))
        return found[0] if found else None

    def put_table(self, database: str, document: Document, archived: Document | None) -> None:
        _require_other(database)
        super().put_table(database, document, archived)

    def delete_table(self, database: str, name: str) -> None:
        _require_other(database)
        super().delete_table(database, name)

    def partitions(self, database: str, name: str, after: str = "") -> list[tuple[str, Document]]:
        if not database.startswith(_PREFIX):
            return super().partitions(database, name, after)
        found = self._documents_of(TableName(database.removeprefix(_PREFIX), name))
        keyed = [(each["Values"][0], each) for each in (found[1] if found else ())]
        return [(value, each) for value, each in keyed if value > after]

    def partition(self, database: str, name: str, values: Sequence[str]) -> Document | None:
        if not database.startswith(_PREFIX):
            return super().partition(database, name, values)
        return next((each for _, each in self.partitions(database, name) if each["Values"] == list(values)), None)

    def put_partition(self, database: str, name: str, document: Document) -> None:
        _require_other(database)
        super().put_partition(database, name, document)

    def delete_partition(self, database: str, name: str, values: Sequence[str]) -> bool:
        _require_other(database)
        return super().delete_partition(database, name, values)

    def put_statistics(
        self, database: str, name: str, values: Sequence[str] | None, column: str, document: Document
    ) -> None:
        _require_other(database)
        super().put_statistics(database, name, values, column, document)

    def _documents_of(self, name: TableName) -> tuple[Document, list[Document]] | None:
        """The table and its partitions; made once for each version."""
        try:
            snapshot = self._manifests.get(name)
        except OutsideError as error:
            raise AwsError("InternalServiceException", str(error), 500) from None
        if snapshot is None:
            return None
        with self._making:
            known = self._made.get(name)
            if known is None or known[0] != snapshot.version:
                known = (snapshot.version, *self._make(snapshot))
                self._made[name] = known
        return known[1], known[2]

    def _make(self, snapshot: Snapshot) -> tuple[Document, list[Document]]:
        name, key = snapshot.table, snapshot.partition
        stored = glue_columns(tuple(column for column in snapshot.columns if column.name != key))
        place = {"DatabaseName": f"{_PREFIX}{name.database}"}
        whole = snapshot.parts.get(WHOLE, Part((), 0, 0, ""))
        home = f"s3://{BUCKET}/{name.database}/{name.table}"
        parameters = {"EXTERNAL": "TRUE", "classification": "parquet", "numRows": str(snapshot.rows)}
        table = {
            **place,
            "Name": name.table,
            "Owner": "baikal",
            "TableType": "EXTERNAL_TABLE",
            "VersionId": str(snapshot.version),
            "CreateTime": snapshot.published_at.timestamp(),
            "UpdateTime": snapshot.published_at.timestamp(),
            "Parameters": {**parameters, "totalSize": str(snapshot.bytes)},
            "PartitionKeys": glue_columns(tuple(column for column in snapshot.columns if column.name == key)),
            "StorageDescriptor": descriptor(stored, home) if key else self._storage(name, whole, stored),
        }
        partitions = [
            {
                **place,
                "TableName": name.table,
                "Values": [value],
                "StorageDescriptor": self._storage(name, part, stored),
            }
            for value, part in sorted(snapshot.parts.items())
            if key
        ]
        return table, partitions

    def _storage(self, name: TableName, part: Part, columns: list[dict[str, str]]) -> Document:
        """The folder that holds the files of a part and no others, or a list of them."""
        folder = folder_of(part)
        if folder is not None and _visible(self._lake, folder) == set(part.files):
            return descriptor(columns, f"s3://{BUCKET}/{folder}")
        listed = f"{name.database}/{name.table}/{links_name(part)}"
        text = "".join(f"s3://{BUCKET}/{file}\n" for file in part.files)
        target = self._data / LISTS / listed / "files.txt"
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_name(f".{os.getpid()}.txt")
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(target)
        return descriptor(columns, f"s3://{LISTS}/{listed}", symlink=True)


def _link(bucket: Path, lake: Path) -> None:
    """The lake's folder as a bucket. Raises OutsideError when another one has its name."""
    if bucket.exists() and not bucket.is_symlink():
        raise OutsideError(f"{bucket} is in the way: the bucket of the laptop's lake has this name; move it away")
    bucket.unlink(missing_ok=True)
    bucket.symlink_to(lake, target_is_directory=True)


def _database(name: str) -> Document:
    return {"Name": f"{_PREFIX}{name}", "Description": "The laptop's lake; `baikal run` writes it.", "CreateTime": 0.0}


def _require_other(database: str) -> None:
    if database.startswith(_PREFIX):
        raise AwsError(
            "AccessDeniedException", f"{database} is the laptop's lake, and read only: `baikal run` writes it"
        )


def _visible(lake: Path, folder: str) -> set[str]:
    """The files that Hive reads below a folder."""
    found = set()
    for parent, folders, names in os.walk(lake / folder):
        folders[:] = [name for name in folders if name[0] not in "_."]
        found |= {Path(parent, name).relative_to(lake).as_posix() for name in names if name[0] not in "_."}
    return found
