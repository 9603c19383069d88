"""Glue's tables for a statement: their columns, and their rows as a SELECT for DuckDB.

A partition is where Glue says that it is, and has the values that Glue says; its folder need not be named after them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.formats import Formats
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.partition_names import NULL_PARTITION
from local_dev.aws.athena.projection import is_projected, projected
from local_dev.aws.athena.scanning import FileGroup
from local_dev.aws.athena.selects import PATH
from local_dev.aws.glue_store import Document, GlueStore
from local_dev.aws.s3_errors import S3Error
from local_dev.aws.s3_store import Store
from transforms.column import Column
from transforms.dialect import casts
from transforms.dialect.types import duckdb_type, text
from transforms.lake_types import VARCHAR, Type
from transforms.names import quoted


@dataclass(frozen=True, slots=True)
class Partition:
    """The files of a partition; of a table without partition keys, all files and no values."""

    values: tuple[str, ...]
    files: tuple[str, ...]


def columns_of(table: Document) -> tuple[Column, ...]:
    """The columns of a table, those that partition it last."""
    described = [*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])]
    return tuple(_column(table, each) for each in described)


def _column(table: Document, described: Document) -> Column:
    try:
        type_ = Type.parse(described.get("Type", "string"))
    except ValueError as error:
        name = f"{table['DatabaseName']}.{table['Name']}"
        raise StatementError(f"HIVE_INVALID_METADATA: {name}: column {described['Name']}: {error}") from None
    return Column(described["Name"].lower(), type_, described.get("Comment", ""))


class TableFiles:
    """Finds the files of tables in the buckets' folders."""

    def __init__(self, glue: GlueStore, objects: Store, formats: Formats) -> None:
        self._glue = glue
        self._objects = objects
        self._formats = formats

    def select(self, table: Document) -> tuple[str, list[FileGroup]]:
        """The rows of a table, for DuckDB, and the files of each scan in it."""
        keys = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
        columns = columns_of(table)
        stored, partitioned = columns[: len(columns) - len(keys)], columns[len(columns) - len(keys) :]
        format_ = self._formats.of(table)
        selects: list[str] = []
        groups: list[FileGroup] = []
        by_folder: dict[frozenset[str], dict[str, tuple[str, ...]]] = {}
        for part in self.partitions(table):
            values = tuple("null" if value == NULL_PARTITION else text(value) for value in part.values)
            folders = _telling_folders(part, keys, stored)
            if folders is not None:
                by_folder.setdefault(folders, {}).update(dict.fromkeys(part.files, values))
                continue
            items = [_constant(value, key) for value, key in zip(values, partitioned, strict=True)]
            for select, files in format_.selects(part.files, stored, (), items):
                selects.append(select)
                groups.append(FileGroup(files))
        for known in by_folder.values():
            for select, files in format_.selects(list(known), stored, partitioned):
                selects.append(select)
                groups.append(FileGroup(files, partitioned, known))
        if not selects:
            return _nothing((*columns, PATH)), []
        names = ", ".join([*map(_held, stored), *(quoted(column.name) for column in partitioned)])
        path = f"'s3://' || substr({quoted(PATH.name)}, {len(str(self._objects.root)) + 2}) as {quoted(PATH.name)}"
        united = "\nunion all\n".join(selects)
        return f"select {names}, {path} from (\n{united}\n)", groups

    def partitions(self, table: Document) -> list[Partition]:
        """The partitions that Glue knows; one without values for a table that has no keys."""
        storage = table.get("StorageDescriptor", {})
        if not table.get("PartitionKeys"):
            return [Partition((), self._files(storage.get("Location", ""), storage))]
        if is_projected(table):
            found = projected(table, self._folders)
            return [Partition(values, self._files(str(place), storage)) for values, place in found]
        known = self._glue.partitions(table["DatabaseName"], table["Name"])
        return [Partition(tuple(each["Values"]), self._of_partition(each)) for _, each in known]

    def _folders(self, place: Location) -> list[str]:
        """The names of the folders at a location."""
        folder = self._objects.folder(place.bucket) / place.key.strip("/")
        return [each.name for each in folder.iterdir() if each.is_dir()] if folder.is_dir() else []

    def _of_partition(self, partition: Document) -> tuple[str, ...]:
        storage = partition.get("StorageDescriptor", {})
        return self._files(storage.get("Location", ""), storage)

    def _files(self, location: str, storage: Document) -> tuple[str, ...]:
        """Those under the location, or with Hive's SymlinkTextInputFormat those that they list."""
        found = files_below(self._objects, location)
        if str(storage.get("InputFormat", "")).endswith(".SymlinkTextInputFormat"):
            listed = [line for path in found for line in path.read_text().split()]
            found = [path for line in listed for path in files_below(self._objects, line)]
        return tuple(str(path) for path in found)


def files_below(objects: Store, location: str) -> list[Path]:
    """The objects that are data, in order: none whose name, or a folder of it, begins with `_` or a point."""
    if not location:
        return []
    try:
        place = Location.parse(location)
        folder = objects.folder(place.bucket) / place.key.strip("/")
    except ValueError as error:
        raise StatementError(f"HIVE_UNKNOWN_ERROR: {error}") from None
    except S3Error as error:
        raise StatementError(f"PERMISSION_DENIED: Access denied on operation: {location}: {error.message}") from None
    if folder.is_file():
        return [folder]
    found = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith(("_", ".")))
        found += [Path(parent, name) for name in sorted(names) if not name.startswith(("_", "."))]
    return [path for path in found if path.stat().st_size]


def _folders(file: str) -> Iterator[tuple[str, str]]:
    for folder in file.split("/")[:-1]:
        name, equals, value = folder.partition("=")
        if equals:
            yield name, unquote(value)


def _telling_folders(part: Partition, keys: Sequence[str], stored: Sequence[Column]) -> frozenset[str] | None:
    """The names that all files have in their folders, if DuckDB finds the partition's values there by itself.

    None when it finds others, or when a folder that is no partition's would stand for a column of the files.
    """
    found = [dict(_folders(file)) for file in part.files]
    if not keys or not found:
        return None
    wanted, names = dict(zip(keys, part.values, strict=True)), frozenset(found[0])
    others = {name.lower() for name in names - set(keys)}
    told = all(frozenset(each) == names and wanted.items() <= each.items() for each in found)
    return names if told and others.isdisjoint(column.name for column in stored) else None


def _held(column: Column) -> str:
    """A column of the files; a text is cut, and that of a char filled up, to the length that the table says."""
    name = quoted(column.name)
    if not column.type.numbers or column.type.name not in ("varchar", "char"):
        return name
    return f"{casts.cast(name, VARCHAR, column.type)} as {name}"


def _constant(value: str, column: Column) -> str:
    return f"cast({value} as {duckdb_type(column.type)}) as {quoted(column.name)}"


def _nothing(columns: Iterable[Column]) -> str:
    items = ", ".join(f"cast(null as {duckdb_type(c.type)}) as {quoted(c.name)}" for c in columns)
    return f"select {items} where false"
