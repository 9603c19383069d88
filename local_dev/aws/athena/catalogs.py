"""Data catalogs and what is in them, as Athena tells it: there is one, Glue's."""

from __future__ import annotations

import re
from uuid import uuid4

from local_dev.aws.athena.requests import invalid, page_of
from local_dev.aws.glue import ACCOUNT
from local_dev.aws.glue_store import Document, GlueStore
from local_dev.aws.json_service import AwsError

CATALOG = "AwsDataCatalog"


class Catalogs:
    """The operations that read databases and tables."""

    _glue: GlueStore

    def list_data_catalogs(self, given: Document) -> Document:
        """The one."""
        return {"DataCatalogsSummary": [{"CatalogName": CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE"}]}

    def get_data_catalog(self, given: Document) -> Document:
        """The one."""
        _require_catalog(given["Name"])
        return {"DataCatalog": {"Name": CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": ACCOUNT}}}

    def get_database(self, given: Document) -> Document:
        """One."""
        return {"Database": _database(self._require_database(given))}

    def list_databases(self, given: Document) -> Document:
        """By name."""
        _require_catalog(given["CatalogName"])
        page, more = page_of([_database(each) for each in self._glue.databases()], given, 50, _name)
        return {"DatabaseList": page, **more}

    def get_table_metadata(self, given: Document) -> Document:
        """One table or view."""
        database = self._require_database(given)["Name"]
        table = self._glue.table(database, given["TableName"].lower())
        if table is None:
            raise _missing(f"Table {given['TableName']}")
        return {"TableMetadata": _table(table)}

    def list_table_metadata(self, given: Document) -> Document:
        """By name; the Expression is a regular one."""
        database = self._require_database(given)["Name"]
        try:
            wanted = re.compile(given.get("Expression") or ".*")
        except re.error as error:
            raise invalid(f"Expression is no regular expression: {error}") from None
        found = [_table(each) for each in self._glue.tables(database) if wanted.fullmatch(each["Name"])]
        page, more = page_of(found, given, 50, _name)
        return {"TableMetadataList": page, **more}

    def _require_database(self, given: Document) -> Document:
        _require_catalog(given["CatalogName"])
        found = self._glue.database(given["DatabaseName"].lower())
        if found is None:
            raise _missing(f"Database {given['DatabaseName']}")
        return found


def _require_catalog(name: str) -> None:
    if name.lower() != CATALOG.lower():
        raise invalid(f"DataCatalog {name} was not found")


def _missing(what: str) -> AwsError:
    origin = f"Status Code: 400; Error Code: EntityNotFoundException; Request ID: {uuid4()}; Proxy: null"
    return AwsError("MetadataException", f"{what} not found. (Service: AmazonDataCatalog; {origin})")


def _name(document: Document) -> str:
    return str(document["Name"])


def _database(database: Document) -> Document:
    told = {"Name": database["Name"], "Parameters": database.get("Parameters", {})}
    return told | ({"Description": database["Description"]} if database.get("Description") else {})


def _table(table: Document) -> Document:
    storage = table.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    classes = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    given = {f"serde.param.{key}": value for key, value in serde.get("Parameters", {}).items()}
    parameters = {**table.get("Parameters", {}), **{k: v for k, v in classes.items() if v}, **given}
    return {
        "Name": table["Name"],
        "CreateTime": table["CreateTime"],
        "TableType": table.get("TableType", ""),
        "Columns": storage.get("Columns", []),
        "PartitionKeys": table.get("PartitionKeys", []),
        "Parameters": parameters,
    }
