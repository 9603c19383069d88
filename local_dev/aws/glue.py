"""Glue's Data Catalog: databases, tables with versions that are compared and swapped, partitions, batches.

Each operation takes the request's document and returns the answer's; botocore's model has judged the request before.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from local_dev.aws.glue_statistics import ColumnStatistics
from local_dev.aws.glue_store import Document, GlueStore
from local_dev.aws.json_service import AwsError

ACCOUNT = "000000000000"
PAGE = 100
"""Glue's largest page of databases and tables."""
PARTITION_PAGE = 1000


class Glue(ColumnStatistics):
    """The operations, by their names in Python's words."""

    def __init__(self, store: GlueStore) -> None:
        self._store = store

    def create_database(self, given: Document) -> None:
        """DatabaseInput; AlreadyExistsException."""
        made = {**given["DatabaseInput"], "CreateTime": time.time(), "CatalogId": ACCOUNT}
        made["Name"] = made["Name"].lower()
        with self._store.change():
            if self._store.database(made["Name"]) is not None:
                raise _exists("Database")
            self._store.put_database(made)

    def get_database(self, given: Document) -> Document:
        """One database."""
        return {"Database": self._database(given["Name"])}

    def get_databases(self, given: Document) -> Document:
        """By name, in pages."""
        return _paged(self._store.databases(), given, "DatabaseList", lambda each: str(each["Name"]))

    def update_database(self, given: Document) -> None:
        """The whole of it is replaced but its name."""
        with self._store.change():
            old = self._database(given["Name"])
            kept = {key: old[key] for key in ("Name", "CreateTime", "CatalogId")}
            self._store.put_database({**given["DatabaseInput"], **kept})

    def delete_database(self, given: Document) -> None:
        """With its tables, as Glue does."""
        with self._store.change():
            self._store.delete_database(self._database(given["Name"])["Name"])

    def create_table(self, given: Document) -> None:
        """Version 0; AlreadyExistsException."""
        with self._store.change():
            database = self._database(given["DatabaseName"])["Name"]
            made = _table(given["TableInput"], database, time.time(), 0)
            if self._store.table(database, made["Name"]) is not None:
                raise _exists("Table")
            self._store.put_table(database, made, None)

    def get_table(self, given: Document) -> Document:
        """The current version."""
        return {"Table": self._table(given["DatabaseName"], given["Name"])}

    def get_tables(self, given: Document) -> Document:
        """By name, those whose names the Expression matches, in pages."""
        database = self._database(given["DatabaseName"])["Name"]
        wanted = _matching(given.get("Expression", ".*"))
        found = [each for each in self._store.tables(database) if wanted(each["Name"])]
        return _paged(found, given, "TableList", lambda each: str(each["Name"]))

    def search_tables(self, given: Document) -> Document:
        """Those of all databases in whose names, descriptions or columns the SearchText stands, in pages."""
        if given.get("Filters"):
            raise AwsError("InvalidInputException", "the local AWS searches by SearchText, without Filters")
        wanted = given.get("SearchText", "").strip('"').lower()
        tables = (each for database in self._store.databases() for each in self._store.tables(database["Name"]))
        found = [each for each in tables if any(wanted in word.lower() for word in _words(each))]
        return _paged(found, given, "TableList", lambda each: f"{each['DatabaseName']}.{each['Name']}")

    def update_table(self, given: Document) -> None:
        """The whole of it is replaced. With a VersionId only if that is the current one: one atomic switch."""
        with self._store.change():
            old = self._table(given["DatabaseName"], given["TableInput"]["Name"])
            if given.get("VersionId", old["VersionId"]) != old["VersionId"]:
                raise AwsError(
                    "ConcurrentModificationException", "Update table failed due to concurrent modifications."
                )
            version = int(old["VersionId"]) + 1
            made = _table(given["TableInput"], old["DatabaseName"], old["CreateTime"], version)
            self._store.put_table(old["DatabaseName"], made, None if given.get("SkipArchive") else old)

    def delete_table(self, given: Document) -> None:
        """With its versions and partitions."""
        with self._store.change():
            old = self._table(given["DatabaseName"], given["Name"])
            self._store.delete_table(old["DatabaseName"], old["Name"])

    def batch_delete_table(self, given: Document) -> Document:
        """Each by itself; what there is none of is an error of the answer."""

        _require_few(given["TablesToDelete"], PAGE)
        failed = [
            (name, _failure(partial(self.delete_table, {"DatabaseName": given["DatabaseName"], "Name": name})))
            for name in given["TablesToDelete"]
        ]
        return {"Errors": [{"TableName": name, "ErrorDetail": error} for name, error in failed if error]}

    def get_table_version(self, given: Document) -> Document:
        """The current one when no VersionId is given."""
        found = self._versions(given["DatabaseName"], given["TableName"])
        wanted = given.get("VersionId", found[0]["VersionId"])
        for each in found:
            if each["VersionId"] == wanted:
                return {"TableVersion": {"Table": each, "VersionId": wanted}}
        raise _missing(f"Version {wanted} of table {given['TableName']}")

    def get_table_versions(self, given: Document) -> Document:
        """Newest first, the current one among them."""
        found = self._versions(given["DatabaseName"], given["TableName"])
        versions = [{"Table": each, "VersionId": each["VersionId"]} for each in found]
        return _paged(versions, given, "TableVersions", lambda each: str(each["VersionId"]))

    def delete_table_version(self, given: Document) -> None:
        """An older one."""
        old = self._table(given["DatabaseName"], given["TableName"])
        if not self._store.delete_version(old["DatabaseName"], old["Name"], given["VersionId"]):
            raise _missing(f"Version {given['VersionId']} of table {old['Name']}")

    def batch_delete_table_version(self, given: Document) -> Document:
        """Each by itself."""
        _require_few(given["VersionIds"], 100)
        failed = [
            (version, _failure(partial(self.delete_table_version, {**given, "VersionId": version})))
            for version in given["VersionIds"]
        ]
        return {
            "Errors": [
                {"TableName": given["TableName"], "VersionId": version, "ErrorDetail": error}
                for version, error in failed
                if error
            ]
        }

    def create_partition(self, given: Document) -> None:
        """AlreadyExistsException for values that have one."""
        with self._store.change():
            self._add(self._table(given["DatabaseName"], given["TableName"]), given["PartitionInput"])

    def batch_create_partition(self, given: Document) -> Document:
        """At most 100, each by itself."""
        _require_few(given["PartitionInputList"], 100)
        with self._store.change():
            table = self._table(given["DatabaseName"], given["TableName"])
            return _each(given["PartitionInputList"], lambda one: self._add(table, one), lambda one: one.get("Values"))

    def get_partition(self, given: Document) -> Document:
        """By its values."""
        table = self._table(given["DatabaseName"], given["TableName"])
        return {"Partition": self._partition(table, given["PartitionValues"])}

    def batch_get_partition(self, given: Document) -> Document:
        """At most 1,000; those that there are none of come back as unprocessed keys."""
        _require_few(given["PartitionsToGet"], 1000)
        table = self._table(given["DatabaseName"], given["TableName"])
        asked = [each["Values"] for each in given["PartitionsToGet"]]
        found = [self._store.partition(table["DatabaseName"], table["Name"], values) for values in asked]
        missing = [{"Values": values} for values, one in zip(asked, found, strict=True) if one is None]
        return {"Partitions": [one for one in found if one], "UnprocessedKeys": missing}

    def get_partitions(self, given: Document) -> Document:
        """Those that the Expression wants, in pages of at most 1,000; a Segment is a share of them."""
        from local_dev.aws.glue_filter import partition_filter  # sqlglot: what the start of the server does not pay

        table = self._table(given["DatabaseName"], given["TableName"])
        keys = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
        types = {key["Name"].lower(): key.get("Type", "string") for key in table.get("PartitionKeys", [])}
        wanted = partition_filter(given.get("Expression", ""), types)
        segment = given.get("Segment", {"SegmentNumber": 0, "TotalSegments": 1})
        size = min(given.get("MaxResults", PARTITION_PAGE), PARTITION_PAGE)
        found: list[Document] = []
        after = given.get("NextToken", "")
        for spec, each in self._store.partitions(table["DatabaseName"], table["Name"], after):
            if hash_of(spec) % segment["TotalSegments"] != segment["SegmentNumber"]:
                continue
            if not wanted(dict(zip(keys, each["Values"], strict=False))):
                continue
            if len(found) == size:
                return {"Partitions": found, "NextToken": after}
            found.append(_without_columns(each) if given.get("ExcludeColumnSchema") else each)
            after = spec
        return {"Partitions": found}

    def update_partition(self, given: Document) -> None:
        """The one of PartitionValueList is replaced; other values move it."""
        with self._store.change():
            table = self._table(given["DatabaseName"], given["TableName"])
            self._replace(table, given["PartitionValueList"], given["PartitionInput"])

    def batch_update_partition(self, given: Document) -> Document:
        """At most 100, each by itself."""
        _require_few(given["Entries"], 100)
        with self._store.change():
            table = self._table(given["DatabaseName"], given["TableName"])
            done = _each(
                given["Entries"],
                lambda one: self._replace(table, one["PartitionValueList"], one["PartitionInput"]),
                lambda one: one["PartitionValueList"],
            )
        return {
            "Errors": [
                {"PartitionValueList": each["PartitionValues"], "ErrorDetail": each["ErrorDetail"]}
                for each in done["Errors"]
            ]
        }

    def delete_partition(self, given: Document) -> None:
        """By its values."""
        with self._store.change():
            self._remove(self._table(given["DatabaseName"], given["TableName"]), given["PartitionValues"])

    def batch_delete_partition(self, given: Document) -> Document:
        """At most 25, each by itself."""
        _require_few(given["PartitionsToDelete"], 25)
        with self._store.change():
            table = self._table(given["DatabaseName"], given["TableName"])
            return _each(
                given["PartitionsToDelete"],
                lambda one: self._remove(table, one["Values"]),
                lambda one: one["Values"],
            )

    def get_partition_indexes(self, given: Document) -> Document:
        """There are none."""
        self._table(given["DatabaseName"], given["TableName"])
        return {"PartitionIndexDescriptorList": []}

    def get_user_defined_functions(self, given: Document) -> Document:
        """There are none."""
        return {"UserDefinedFunctions": []}

    def _database(self, name: str) -> Document:
        found = self._store.database(name.lower())
        if found is None:
            raise _missing(f"Database {name}")
        return found

    def _table(self, database: str, name: str) -> Document:
        found = self._store.table(self._database(database)["Name"], name.lower())
        if found is None:
            raise _missing(f"Table {name}")
        return found

    def _versions(self, database: str, name: str) -> list[Document]:
        current = self._table(database, name)
        return [current, *self._store.versions(current["DatabaseName"], current["Name"])]

    def _partition(self, table: Document, values: Sequence[str]) -> Document:
        found = self._store.partition(table["DatabaseName"], table["Name"], values)
        if found is None:
            raise _missing(f"Partition {list(values)}")
        return found

    def _add(self, table: Document, given: Document) -> None:
        made = _partition(table, given, time.time())
        if self._store.partition(table["DatabaseName"], table["Name"], made["Values"]) is not None:
            raise _exists("Partition")
        self._store.put_partition(table["DatabaseName"], table["Name"], made)

    def _replace(self, table: Document, values: Sequence[str], given: Document) -> None:
        old = self._partition(table, values)
        made = _partition(table, {"Values": values, **given}, old["CreationTime"])
        if made["Values"] != list(values):
            if self._store.partition(table["DatabaseName"], table["Name"], made["Values"]) is not None:
                raise _exists("Partition")
            self._remove(table, values)
        self._store.put_partition(table["DatabaseName"], table["Name"], made)

    def _remove(self, table: Document, values: Sequence[str]) -> None:
        if not self._store.delete_partition(table["DatabaseName"], table["Name"], values):
            raise _missing(f"Partition {list(values)}")


def hash_of(spec: str) -> int:
    """Spreads partitions over segments, the same in every call."""
    return sum(spec.encode())


def _table(given: Document, database: str, created: float, version: int) -> Document:
    return {
        "Retention": 0,
        **given,
        "Name": given["Name"].lower(),
        "DatabaseName": database,
        "CreateTime": created,
        "UpdateTime": time.time(),
        "CreatedBy": f"arn:aws:iam::{ACCOUNT}:user/local",
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": ACCOUNT,
        "VersionId": str(version),
    }


def _words(table: Document) -> Iterator[str]:
    """What a search looks into."""
    yield from (table["DatabaseName"], table["Name"], table.get("Description", ""))
    for column in (*table.get("StorageDescriptor", {}).get("Columns", ()), *table.get("PartitionKeys", ())):
        yield from (column["Name"], column.get("Comment", ""))


def _partition(table: Document, given: Document, created: float) -> Document:
    values, keys = given.get("Values", []), table.get("PartitionKeys", [])
    if len(values) != len(keys):
        what = (
            f"The number of partition keys do not match the number of partition values: {len(keys)} and {len(values)}"
        )
        raise AwsError("InvalidInputException", what)
    return {
        **given,
        "Values": list(values),
        "DatabaseName": table["DatabaseName"],
        "TableName": table["Name"],
        "CreationTime": created,
        "CatalogId": ACCOUNT,
    }


def _without_columns(partition: Document) -> Document:
    storage = {key: value for key, value in partition.get("StorageDescriptor", {}).items() if key != "Columns"}
    return {**partition, "StorageDescriptor": storage}


def _matching(expression: str) -> Callable[[str], bool]:
    """A regular expression of Java's; `*` alone stands for all."""
    try:
        found = re.compile(".*" if expression == "*" else expression)
    except re.error as error:
        raise AwsError("InvalidInputException", f"{expression} is no regular expression: {error}") from None
    return lambda name: found.fullmatch(name) is not None


def _paged(found: Sequence[Document], given: Document, name: str, key: Callable[[Document], str]) -> Document:
    """The page that begins behind NextToken, which is the key of the last one before."""
    keys = [key(each) for each in found]
    token = given.get("NextToken")
    start = keys.index(token) + 1 if token in keys else 0
    size = min(given.get("MaxResults", PAGE), PAGE)
    page = list(found[start : start + size])
    more = {"NextToken": keys[start + size - 1]} if start + size < len(found) else {}
    return {name: page, **more}


def _each(given: Iterable[Any], work: Callable[[Any], None], values: Callable[[Any], Any]) -> Document:
    """Every item by itself; what failed is in the answer."""
    failed = [(one, _failure(partial(work, one))) for one in given]
    return {"Errors": [{"PartitionValues": values(one), "ErrorDetail": error} for one, error in failed if error]}


def _failure(work: Callable[[], None]) -> Document | None:
    try:
        work()
    except AwsError as error:
        return {"ErrorCode": error.code, "ErrorMessage": error.message}
    return None


def _require_few(given: Sequence[object], most: int) -> None:
    if len(given) > most:
        raise AwsError("ValidationException", f"at most {most} items are taken by one request, not {len(given)}")


def _missing(what: str) -> AwsError:
    return AwsError("EntityNotFoundException", f"{what} not found.")


def _exists(what: str) -> AwsError:
    return AwsError("AlreadyExistsException", f"{what} already exists.")
