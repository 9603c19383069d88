"""Statements that write rows: CREATE TABLE AS, INSERT INTO, UNLOAD. Files first, then Glue is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.engines.duckdb_tables import stored_type
from local_dev.aws.athena.failures import StatementError, not_supported
from local_dev.aws.athena.files import Written, require_empty, write, written_outcome
from local_dev.aws.athena.lake import Outcome, Statement
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.partition_names import Values, partition_folder
from local_dev.aws.athena.properties import Properties, read_properties
from local_dev.aws.athena.storage import PARQUET, table_input
from local_dev.aws.athena.tables import columns_of
from local_dev.aws.athena.views import is_view
from local_dev.aws.glue_store import Document
from transforms.analysis import Compiled
from transforms.analyzer.coercion import coercible
from transforms.column import Column
from transforms.dialect import casts
from transforms.names import TableName, quoted

_TABLE_PROPERTIES = (
    *("table_type", "is_external", "external_location", "format", "write_compression", "parquet_compression"),
    *("partitioned_by", "bucketed_by", "bucket_count"),
)
_UNLOAD_PROPERTIES = ("format", "compression", "partitioned_by", "field_delimiter")
_ENFORCED = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property to an "
    "Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)


def create_table_as(statement: Statement) -> Outcome:
    """CREATE TABLE .. WITH (..) AS query."""
    words = statement.words
    words.need("create", "table")
    optional = words.take("if", "not", "exists")
    name = words.table()
    given = read_properties(words, _TABLE_PROPERTIES)
    words.need("as")
    text = words.rest()
    require_database(statement, name)
    if statement.schema.table(name) is not None:
        if optional:
            return written_outcome(statement, [], _result(statement, "tables/"))
        what = f"line 1:1: Destination table 'awsdatacatalog.{name}' already exists"
        raise StatementError(f"TABLE_ALREADY_EXISTS: {what}")
    given.require_parquet()
    if given.text("table_type", "HIVE").upper() != "HIVE" or given.names("bucketed_by"):
        raise not_supported("line 1:1: the local Athena makes tables of Hive, without buckets")
    place = _table_place(statement, given)
    compiled = statement.query(text)
    columns = stored_columns(compiled)
    keys = _partition_keys(given, columns)
    require_empty(statement, place, f"table '{name}'")
    written = _written(statement, compiled, columns, keys, given.codec, place)
    stored = len(columns) - len(keys)
    made = table_input(name.table, columns[:stored], columns[stored:], {**PARQUET, "Location": str(place)})
    with statement.lake.glue.change():
        statement.lake.catalog.create_table({"DatabaseName": name.database, "TableInput": made})
        _register(statement, name, made["StorageDescriptor"], written if keys else [])
    return written_outcome(statement, written, _result(statement, "tables/"))


def insert(statement: Statement) -> Outcome:
    """INSERT INTO table (columns) query."""
    words = statement.words
    words.need("insert", "into")
    name = words.table()
    named = words.names_before_query()
    text = words.rest()
    table = statement.schema.table(name)
    if table is None:
        require_database(statement, name)
        raise StatementError(f"TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{name}' does not exist", type_=1301)
    if is_view(table):
        raise not_supported("line 1:1: Inserting into views is not supported")
    storage = table["StorageDescriptor"]
    if "parquet" not in storage["SerdeInfo"]["SerializationLibrary"].lower():
        raise not_supported("line 1:1: the local Athena writes into tables of Parquet")
    columns = columns_of(table)
    compiled = statement.query(text)
    items = _inserted_items(columns, named or [column.name for column in columns], compiled)
    keys = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
    place = Location.parse(storage["Location"])
    known = {
        tuple(each["Values"]): Location.parse(each["StorageDescriptor"]["Location"])
        for _, each in statement.lake.glue.partitions(name.database, name.table)
    }

    def folder_of(values: Values) -> Location:
        return known.get(values) or partition_folder(place, keys, values)

    written = write(statement, compiled, items, keys, "gzip", folder_of)
    with statement.lake.glue.change():
        _register(statement, name, storage, [each for each in written if keys and each.values not in known])
    return written_outcome(statement, written, _result(statement))


def unload(statement: Statement) -> Outcome:
    """UNLOAD (query) TO 's3://..' WITH (..)."""
    words = statement.words
    words.need("unload")
    text = words.in_parentheses()
    words.need("to")
    place = Location.parse(words.string())
    given = read_properties(words, _UNLOAD_PROPERTIES)
    words.end()
    given.require_parquet()
    compiled = statement.query(text)
    columns = stored_columns(compiled)
    keys = _partition_keys(given, columns)
    require_empty(statement, place, "UNLOAD")
    written = _written(statement, compiled, columns, keys, given.codec, place)
    return written_outcome(statement, written, _result(statement))


def stored_columns(compiled: Compiled) -> tuple[Column, ...]:
    """The columns of a table made of the query. Raises StatementError for what Hive cannot hold."""
    seen: set[str] = set()
    for index, column in enumerate(compiled.columns):
        name = column.name.lower()
        if name == f"_col{index}":
            raise StatementError(f"MISSING_COLUMN_NAME: line 1:1: Column name not specified at position {index + 1}")
        if name in seen:
            raise StatementError(f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{name}' specified more than once")
        if column.type.name == "unknown":
            raise StatementError(f"COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: {name}")
        if not column.type.in_lake:
            raise not_supported(f"Unsupported Hive type: {column.type}")
        seen.add(name)
    return tuple(Column(column.name.lower(), column.type.stored) for column in compiled.columns)


def require_database(statement: Statement, name: TableName) -> None:
    """Raises StatementError when there is none of this name."""
    if statement.lake.glue.database(name.database) is None:
        raise StatementError(f"SCHEMA_NOT_FOUND: line 1:1: Schema '{name.database}' does not exist", type_=1300)


def _written(
    statement: Statement,
    compiled: Compiled,
    columns: Sequence[Column],
    keys: Sequence[str],
    codec: str,
    place: Location,
) -> list[Written]:
    """The rows of a query as they are."""
    items = [
        f"cast(c{index} as {stored_type(column.type)}) as {quoted(column.name)}" for index, column in enumerate(columns)
    ]
    return write(statement, compiled, items, keys, codec, lambda values: partition_folder(place, keys, values))


def _inserted_items(columns: Sequence[Column], named: Sequence[str], compiled: Compiled) -> list[str]:
    """Each column of the table, of the query's column for it; NULL for one that is not named."""
    by_name = {column.name: column for column in columns}
    if unknown := [name for name in named if name not in by_name]:
        raise StatementError(
            f"COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: {unknown[0]}"
        )
    wanted, given = [by_name[name].type for name in named], [column.type for column in compiled.columns]
    fit = len(wanted) == len(given) and all(map(coercible, given, wanted))
    if not fit:
        lists = f"Table: [{', '.join(map(str, wanted))}], Query: [{', '.join(map(str, given))}]"
        raise StatementError(f"TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: {lists}")
    items = []
    for column in columns:
        value = "null"
        if column.name in named:
            index = list(named).index(column.name)
            zone = compiled.zones[index] if index < len(compiled.zones) else None
            value = casts.cast(f"c{index}", compiled.columns[index].type, column.type, zone=zone)
        items.append(f"cast({value} as {stored_type(column.type)}) as {quoted(column.name)}")
    return items


def _partition_keys(given: Properties, columns: Sequence[Column]) -> list[str]:
    keys = given.names("partitioned_by")
    if columns and len(keys) == len(columns):
        raise StatementError("INVALID_TABLE_PROPERTY: Table contains only partition columns")
    if [column.name for column in columns[len(columns) - len(keys) :]] != keys:
        what = "Partition keys must be the last columns in the table and in the same order as the table properties"
        raise StatementError(f"HIVE_COLUMN_ORDER_MISMATCH: {what}: [{', '.join(keys)}]")
    return keys


def _table_place(statement: Statement, given: Properties) -> Location:
    """Where the table is to be: where it says, or below the result."""
    asked = given.text("external_location")
    if asked and statement.order.enforced:
        raise StatementError(f"INVALID_TABLE_PROPERTY: {_ENFORCED}")
    return Location.parse(asked) if asked else Location.parse(f"{_result(statement, 'tables/')}/")


def _result(statement: Statement, folder: str = "") -> Location:
    """The place of a result that is no file: beside those of other statements."""
    output = statement.output
    return Location(output.bucket, output.key.removesuffix(statement.id) + folder + statement.id)


def _register(statement: Statement, name: TableName, storage: Document, written: Iterable[Written]) -> None:
    """The partitions of new files."""
    for values, folder in {each.values: each.folder for each in written}.items():
        place = {**storage, "Location": str(folder)}
        given = {"Values": list(values), "StorageDescriptor": place}
        statement.lake.catalog.create_partition(
            {"DatabaseName": name.database, "TableName": name.table, "PartitionInput": given}
        )
