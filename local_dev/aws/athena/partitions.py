"""ALTER TABLE and MSCK REPAIR TABLE: which partitions a table has, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from local_dev.aws.athena.failures import StatementError, ddl_failed, not_supported, table_not_found
from local_dev.aws.athena.lake import Outcome, Statement
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.partition_names import partition_folder
from local_dev.aws.athena.storage import described
from local_dev.aws.athena.table_words import read_column
from local_dev.aws.athena.tables import files_below
from local_dev.aws.athena.views import is_view
from local_dev.aws.athena.words import Words
from local_dev.aws.glue_store import Document
from local_dev.aws.json_service import AwsError
from transforms.names import TableName

_DONE = Outcome(lines=())


def require_table(statement: Statement, name: TableName) -> Document:
    """Raises StatementError in Hive's words."""
    table = statement.schema.table(name)
    if table is None:
        raise table_not_found(name)
    return table


def alter_table(statement: Statement) -> Outcome:
    """ADD, DROP and RENAME PARTITION, SET LOCATION and TBLPROPERTIES, ADD, CHANGE and REPLACE COLUMNS."""
    words = statement.words
    words.need("alter", "table")
    name = words.table()
    table = require_table(statement, name)
    if is_view(table):
        raise not_supported("line 1:1: a view cannot be altered")
    if words.take("add", "columns"):
        _add_columns(statement, table, words)
    elif words.take("replace", "columns"):
        _set_columns(statement, table, described(words.listed(lambda: read_column(words))))
    elif words.take("change"):
        _change_column(statement, table, words)
    elif words.take("add"):
        _add_partitions(statement, table, words)
    elif words.take("drop"):
        _drop_partitions(statement, table, words)
    elif words.take("set", "tblproperties"):
        parameters = {**table.get("Parameters", {}), **words.properties()}
        _update(statement, {**table, "Parameters": parameters})
    elif words.take("set", "location"):
        storage = {**table["StorageDescriptor"], "Location": words.string()}
        _update(statement, {**table, "StorageDescriptor": storage})
    elif words.next == "partition":
        _change_partition(statement, table, words)
    else:
        raise words.unexpected("'ADD'")
    words.end()
    return _DONE


def repair_table(statement: Statement) -> Outcome:
    """MSCK REPAIR TABLE: folders that are named after the keys become partitions."""
    words = statement.words
    words.need("msck", "repair", "table")
    name = words.table()
    words.end()
    table = require_table(statement, name)
    keys, place = _keys(table), Location.parse(table["StorageDescriptor"]["Location"])
    root = statement.lake.objects.folder(place.bucket) / place.key.strip("/")
    known = {tuple(each["Values"]) for _, each in statement.lake.glue.partitions(name.database, name.table)}
    found: dict[tuple[str, ...], str] = {}
    for file in files_below(statement.lake.objects, str(place)):
        folders = file.relative_to(root).parts[: len(keys)]
        named = [folder.partition("=") for folder in folders]
        values = tuple(unquote(value) for _, _, value in named)
        if [key.lower() for key, _, _ in named] == keys and values not in known:
            found[values] = "/".join(folders)
    for values, folder in found.items():
        _create(statement, table, values, place.below(f"{folder}/"))
    if not found:
        return _DONE
    missing = "\t".join(f"{name.table}:{folder}" for folder in found.values())
    added = [f"Repair: Added partition to metastore {name.table}:{folder}" for folder in found.values()]
    return Outcome(lines=[f"Partitions not in metastore:\t{missing}", *added])


def _keys(table: Document) -> list[str]:
    return [key["Name"].lower() for key in table.get("PartitionKeys", [])]


def _add_partitions(statement: Statement, table: Document, words: Words) -> None:
    optional = words.take("if", "not", "exists")
    place = Location.parse(table["StorageDescriptor"]["Location"])
    while words.take("partition"):
        values = _spec(table, words)
        where = Location.parse(words.string()) if words.take("location") else None
        try:
            _create(statement, table, values, where or partition_folder(place, _keys(table), values))
        except AwsError as error:
            if error.code != "AlreadyExistsException":
                raise
            if not optional:
                raise ddl_failed(f"AlreadyExistsException(message:Partition already exists: {list(values)})") from error


def _drop_partitions(statement: Statement, table: Document, words: Words) -> None:
    optional = words.take("if", "exists")
    while words.take("partition"):
        values = _spec(table, words)
        given = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"], "PartitionValues": list(values)}
        try:
            statement.lake.catalog.delete_partition(given)
        except AwsError as error:
            if error.code != "EntityNotFoundException":
                raise
            if not optional:
                what = f"FAILED: SemanticException [Error 10006]: Partition not found {list(values)}"
                raise StatementError(what, type_=1003) from error
        _ = words.take(",")


def _change_partition(statement: Statement, table: Document, words: Words) -> None:
    """Another folder, or other values in the same one."""
    words.need("partition")
    values = _spec(table, words)
    old = statement.lake.glue.partition(table["DatabaseName"], table["Name"], values)
    if old is None:
        what = f"FAILED: SemanticException [Error 10006]: Partition not found {list(values)}"
        raise StatementError(what, type_=1003)
    named, storage = values, old.get("StorageDescriptor", {})
    if words.take("rename", "to", "partition"):
        named = _spec(table, words)
    else:
        words.need("set", "location")
        storage = {**storage, "Location": words.string()}
    given = {"Values": list(named), "StorageDescriptor": storage}
    where = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
    try:
        statement.lake.catalog.update_partition({**where, "PartitionValueList": list(values), "PartitionInput": given})
    except AwsError as error:
        if error.code != "AlreadyExistsException":
            raise
        raise ddl_failed(f"AlreadyExistsException(message:Partition already exists: {list(named)})") from error


def _add_columns(statement: Statement, table: Document, words: Words) -> None:
    added = described(words.listed(lambda: read_column(words)))
    _set_columns(statement, table, [*table["StorageDescriptor"]["Columns"], *added])


def _change_column(statement: Statement, table: Document, words: Words) -> None:
    """`CHANGE COLUMN old new type COMMENT 'text'`; columns of Parquet are found by their names."""
    _ = words.take("column")
    old, columns = words.name(), table["StorageDescriptor"]["Columns"]
    if old not in [column["Name"].lower() for column in columns]:
        raise StatementError(f"FAILED: SemanticException [Error 10002]: Invalid column reference {old}", type_=1003)
    [new] = described([read_column(words)])
    _set_columns(statement, table, [new if column["Name"].lower() == old else column for column in columns])


def _set_columns(statement: Statement, table: Document, columns: list[Document]) -> None:
    _update(statement, {**table, "StorageDescriptor": {**table["StorageDescriptor"], "Columns": columns}})


def _spec(table: Document, words: Words) -> tuple[str, ...]:
    """`(day = '2024-05-01', hour = 1)` in the order of the table's keys."""

    def one() -> tuple[str, str]:
        key = words.name()
        words.need("=")
        return key, words.typed_constant()

    given, keys = dict(words.listed(one)), _keys(table)
    if given.keys() != set(keys):
        what = f"FAILED: SemanticException partition spec {given} doesn't contain all ({len(keys)}) partition columns"
        raise StatementError(what, type_=1003)
    return tuple(given[key] for key in keys)


def _create(statement: Statement, table: Document, values: Sequence[str], place: Location) -> None:
    storage = {**table["StorageDescriptor"], "Location": str(place)}
    given = {"Values": list(values), "StorageDescriptor": storage}
    where = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
    statement.lake.catalog.create_partition({**where, "PartitionInput": given})


def _update(statement: Statement, table: Document) -> None:
    given = {key: table[key] for key in _INPUT if key in table}
    statement.lake.catalog.update_table({"DatabaseName": table["DatabaseName"], "TableInput": given})


_INPUT = (
    *("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText"),
    *("ViewExpandedText", "TableType", "Parameters"),
)
"""What Glue takes of what it gives."""
