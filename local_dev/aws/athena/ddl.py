"""Databases, tables and views: CREATE and DROP. They change Glue and no object."""

from __future__ import annotations

from local_dev.aws.athena.failures import StatementError, ddl_failed, table_not_found
from local_dev.aws.athena.lake import Outcome, Statement
from local_dev.aws.athena.storage import OWNER, described, table_input
from local_dev.aws.athena.table_words import read_table
from local_dev.aws.athena.views import PrestoView, is_view
from local_dev.aws.athena.writing import require_database
from local_dev.aws.json_service import AwsError
from transforms.column import Column

_DONE = Outcome(lines=())


def create_database(statement: Statement) -> Outcome:
    """CREATE DATABASE with its comment, location and properties."""
    words = statement.words
    words.need("create")
    _ = words.take("schema") or words.take("database")
    optional = words.take("if", "not", "exists")
    given = {"Name": words.name()}
    if words.take("comment"):
        given["Description"] = words.string()
    if words.take("location"):
        given["LocationUri"] = words.string()
    parameters = words.properties() if words.take("with", "dbproperties") else {}
    words.end()
    try:
        statement.lake.catalog.create_database({"DatabaseInput": {**given, "Parameters": parameters}})
    except AwsError as error:
        if error.code != "AlreadyExistsException":
            raise
        if not optional:
            what = f"AlreadyExistsException(message:Database {given['Name']} already exists)"
            raise ddl_failed(what) from error
    return _DONE


def drop_database(statement: Statement) -> Outcome:
    """DROP DATABASE; one that has tables only with CASCADE."""
    words = statement.words
    words.need("drop")
    _ = words.take("schema") or words.take("database")
    optional = words.take("if", "exists")
    name = words.name()
    cascade = words.take("cascade")
    _ = words.take("restrict")
    words.end()
    glue = statement.lake.glue
    if glue.database(name) is None:
        if optional:
            return _DONE
        what = f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}"
        raise StatementError(what, type_=1003)
    if not cascade and glue.tables(name):
        what = f"Database {name} is not empty. One or more tables exist."
        raise ddl_failed(f"InvalidOperationException(message:{what})")
    statement.lake.catalog.delete_database({"Name": name})
    return _DONE


def create_table(statement: Statement) -> Outcome:
    """CREATE EXTERNAL TABLE in Hive's words."""
    made = read_table(statement.words)
    if statement.lake.glue.database(made.name.database) is None:
        what = f"FAILED: SemanticException [Error 10072]: Database does not exist: {made.name.database}"
        raise StatementError(what, type_=1003)
    given = table_input(
        made.name.table, made.columns, made.keys, made.storage, parameters=made.parameters, comment=made.comment
    )
    try:
        statement.lake.catalog.create_table({"DatabaseName": made.name.database, "TableInput": given})
    except AwsError as error:
        if error.code != "AlreadyExistsException":
            raise
        if not made.optional:
            what = f"AlreadyExistsException(message:Table {made.name.table} already exists.)"
            raise ddl_failed(what) from error
    return _DONE


def drop_table(statement: Statement) -> Outcome:
    """DROP TABLE: Glue forgets it, its objects stay."""
    words = statement.words
    words.need("drop", "table")
    optional = words.take("if", "exists")
    name = words.table()
    _ = words.take("purge")
    words.end()
    table = statement.schema.table(name)
    if table is None:
        if optional:
            return _DONE
        raise table_not_found(name)
    if is_view(table):
        what = "FAILED: SemanticException [Error 10090]: Cannot drop a view with DROP TABLE"
        raise StatementError(what, type_=1003)
    statement.lake.catalog.delete_table({"DatabaseName": name.database, "Name": name.table})
    return _DONE


def create_view(statement: Statement) -> Outcome:
    """CREATE OR REPLACE VIEW: the query is read now, and kept as it is written."""
    words = statement.words
    words.need("create")
    replace = words.take("or", "replace")
    words.need("view")
    name = words.table()
    words.need("as")
    text = words.rest()
    require_database(statement, name)
    old = statement.schema.table(name)
    if old is not None and not (replace and is_view(old)):
        what = "View" if is_view(old) else "Table"
        raise StatementError(f"TABLE_ALREADY_EXISTS: line 1:1: {what} already exists: 'awsdatacatalog.{name}'")
    compiled = statement.compiled(text)
    columns = tuple(Column(column.name.lower(), column.type) for column in compiled.columns)
    view = PrestoView(text.strip(), statement.database, columns)
    made = {
        "Name": name.table,
        "Owner": OWNER,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"comment": "Presto View", "presto_view": "true"},
        "StorageDescriptor": {"Columns": described(columns), "Location": "", "SerdeInfo": {}},
        "PartitionKeys": [],
        "ViewOriginalText": view.text,
        "ViewExpandedText": "/* Presto View */",
    }
    given = {"DatabaseName": name.database, "TableInput": made}
    catalog = statement.lake.catalog
    (catalog.create_table if old is None else catalog.update_table)(given)
    return _DONE


def drop_view(statement: Statement) -> Outcome:
    """DROP VIEW."""
    words = statement.words
    words.need("drop", "view")
    optional = words.take("if", "exists")
    name = words.table()
    words.end()
    table = statement.schema.table(name)
    if table is None or not is_view(table):
        if table is None and optional:
            return _DONE
        raise StatementError(f"TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.{name}' does not exist", type_=1301)
    statement.lake.catalog.delete_table({"DatabaseName": name.database, "Name": name.table})
    return _DONE
