"""Statements that tell what there is: SHOW, DESCRIBE, EXPLAIN. Each line of their result is a row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

from local_dev.aws.athena.columns import column_info, text_info
from local_dev.aws.athena.failures import StatementError, not_supported
from local_dev.aws.athena.lake import Outcome, Statement
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.partition_names import partition_folder
from local_dev.aws.athena.partitions import require_table
from local_dev.aws.athena.sentences import SYNTAX
from local_dev.aws.athena.views import is_view, read_view
from local_dev.aws.athena.words import Words
from local_dev.aws.glue_store import Document
from transforms.analysis import Compiled
from transforms.column import OutputColumn
from transforms.lake_types import Type

_WIDTH = 20
"""To which names are filled up, as Hive does."""


def show_databases(statement: Statement) -> Outcome:
    """SHOW DATABASES LIKE 'pattern'."""
    words = statement.words
    words.need("show")
    _ = words.take("schemas") or words.take("databases")
    wanted = _pattern(words)
    names = [each["Name"] for each in statement.lake.glue.databases()]
    return Outcome(text_info("database_name"), list(filter(wanted, names)))


def show_tables(statement: Statement) -> Outcome:
    """SHOW TABLES IN database 'pattern': views too."""
    return Outcome(text_info("tab_name"), [each["Name"] for each in _listed(statement, "tables")])


def show_views(statement: Statement) -> Outcome:
    """SHOW VIEWS IN database LIKE 'pattern'."""
    return Outcome(text_info("views"), [each["Name"] for each in _listed(statement, "views") if is_view(each)])


def show_partitions(statement: Statement) -> Outcome:
    """SHOW PARTITIONS table: `day=2024-05-01/hour=1`."""
    words = statement.words
    words.need("show", "partitions")
    name = words.table()
    words.end()
    table = require_table(statement, name)
    keys = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
    if not keys:
        what = f"FAILED: Execution Error, return code 1. Table {name} is not a partitioned table"
        raise StatementError(what, type_=1003)
    found = statement.lake.glue.partitions(name.database, name.table)
    folders = [partition_folder(Location("", ""), keys, tuple(each["Values"])).key for _, each in found]
    return Outcome(text_info("partition"), [folder.rstrip("/") for folder in folders])


def show_columns(statement: Statement) -> Outcome:
    """SHOW COLUMNS IN table."""
    words = statement.words
    words.need("show", "columns")
    _ = words.take("in") or words.take("from")
    name = words.table()
    if words.take("in") or words.take("from"):
        name = type(name)(words.name(), name.table)
    words.end()
    described = _described(require_table(statement, name))
    return Outcome(text_info("field"), [each["Name"].ljust(_WIDTH) for each in described])


def describe(statement: Statement) -> Outcome:
    """DESCRIBE table: a line of three columns for each column, those that partition it again below."""
    words = statement.words
    words.need(words.next)
    _ = words.take("extended") or words.take("formatted")
    name = words.table()
    words.end()
    table = require_table(statement, name)
    lines = [_description(each) for each in _described(table)]
    if keys := table.get("PartitionKeys", []):
        head = {"Name": "# col_name", "Type": "data_type", "Comment": "comment"}
        blank = "\t \t "
        lines += [blank, "# Partition Information\t \t ", _description(head), blank, *map(_description, keys)]
    return Outcome(text_info("col_name", "data_type", "comment"), lines)


def show_create_table(statement: Statement) -> Outcome:
    """SHOW CREATE TABLE: the statement that makes the same."""
    words = statement.words
    words.need("show", "create", "table")
    name = words.table()
    words.end()
    table = require_table(statement, name)
    if is_view(table):
        raise not_supported(f"line 1:1: Relation 'awsdatacatalog.{name}' is a view, not a table")
    return Outcome(text_info("createtab_stmt"), list(_creation(table)))


def show_create_view(statement: Statement) -> Outcome:
    """SHOW CREATE VIEW."""
    words = statement.words
    words.need("show", "create", "view")
    name = words.table()
    words.end()
    table = statement.schema.table(name)
    view = read_view(table) if table is not None else None
    if view is None:
        raise StatementError(f"TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.{name}' does not exist", type_=1301)
    lines = [f"CREATE VIEW {name} AS", *view.sql.splitlines()]
    return Outcome(text_info("Create View"), lines)


def show_properties(statement: Statement) -> Outcome:
    """SHOW TBLPROPERTIES table ('key')."""
    words = statement.words
    words.need("show", "tblproperties")
    name = words.table()
    asked = words.listed(words.string) if words.next == "(" else None
    words.end()
    parameters = require_table(statement, name).get("Parameters", {})
    wanted = {key: value for key, value in parameters.items() if asked is None or key in asked}
    lines = [f"{key}\t{value}" for key, value in sorted(wanted.items())]
    return Outcome(text_info("prpt_name", "prpt_value"), lines)


def explain(statement: Statement) -> Outcome:
    """EXPLAIN (TYPE .., FORMAT ..) query: the plan of DuckDB, since that is what runs."""
    words = statement.words
    words.need("explain")
    if words.next == "analyze":
        raise not_supported("line 1:9: the local Athena has no EXPLAIN ANALYZE")
    options = words.options()
    kind = options.pop("type", "distributed")
    form = options.pop("format", "json" if kind == "io" else "text")
    if options or kind not in _PLANS or form not in _PLANS[kind]:
        allowed = ", ".join(f"TYPE {one.upper()} (FORMAT {' or '.join(_PLANS[one]).upper()})" for one in _PLANS)
        raise StatementError(f"SYNTAX_ERROR: line 1:9: EXPLAIN takes one of {allowed}", type_=SYNTAX)
    if kind == "validate":
        statement.compiled(words.rest())
        return Outcome(column_info([OutputColumn("Valid", Type("boolean"))]), ["true"])
    compiled = statement.query(words.rest())
    plan = _read(statement, compiled) if kind == "io" else statement.engine.plan(compiled, form)
    return Outcome(text_info("Query Plan"), plan.splitlines())


_PLANS = {
    "distributed": ("text", "json", "graphviz"),
    "logical": ("text", "json", "graphviz"),
    "validate": ("text",),
    "io": ("json",),
}
"""The forms in which each type of plan is told."""


def _read(statement: Statement, compiled: Compiled) -> str:
    """The tables that a query reads, without what it needs of them."""
    below = sorted(statement.tables_below(compiled))
    names = [{"schema": name.database, "table": name.table} for name in below]
    tables = [{"table": {"catalog": "awsdatacatalog", "schemaTable": name}} for name in names]
    return json.dumps({"inputTableColumnInfos": tables}, indent=2)


def _listed(statement: Statement, what: str) -> list[Document]:
    words = statement.words
    words.need("show", what)
    database = words.name() if words.take("in") or words.take("from") else statement.database
    wanted = _pattern(words)
    if statement.lake.glue.database(database) is None:
        what = f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}"
        raise StatementError(what, type_=1003)
    return [each for each in statement.lake.glue.tables(database) if wanted(each["Name"])]


def _pattern(words: Words) -> Callable[[str], bool]:
    """Hive's: `*` is any text, `|` parts alternatives; all when there is none."""
    _ = words.take("like")
    written = words.string() if words.next != "<eof>" else "*"
    words.end()
    parts = [".*".join(map(re.escape, part.split("*"))) for part in written.lower().split("|")]
    found = re.compile("|".join(parts))
    return lambda name: found.fullmatch(name) is not None


def _described(table: Document) -> list[Document]:
    return [*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])]


def _description(column: Document) -> str:
    parts = (column["Name"], column.get("Type", ""), column.get("Comment", ""))
    return "\t".join(part.ljust(_WIDTH) for part in parts)


def _creation(table: Document) -> Iterable[str]:
    storage = table["StorageDescriptor"]
    serde = storage.get("SerdeInfo", {})
    yield f"CREATE EXTERNAL TABLE `{table['DatabaseName']}.{table['Name']}`("
    yield from _column_lines(storage["Columns"])
    if comment := table.get("Parameters", {}).get("comment"):
        yield f"COMMENT '{comment}'"
    if table.get("PartitionKeys"):
        yield "PARTITIONED BY ( "
        yield from _column_lines(table["PartitionKeys"])
    yield "ROW FORMAT SERDE "
    yield f"  '{serde.get('SerializationLibrary', '')}' "
    if parameters := serde.get("Parameters"):
        yield "WITH SERDEPROPERTIES ( "
        yield from _property_lines(parameters)
    yield "STORED AS INPUTFORMAT "
    yield f"  '{storage.get('InputFormat', '')}' "
    yield "OUTPUTFORMAT "
    yield f"  '{storage.get('OutputFormat', '')}'"
    yield "LOCATION"
    yield f"  '{storage.get('Location', '')}'"
    yield "TBLPROPERTIES ("
    yield from _property_lines(
        {k: v for k, v in table.get("Parameters", {}).items() if k not in ("EXTERNAL", "comment")}
    )


def _column_lines(columns: list[Document]) -> Iterable[str]:
    for index, column in enumerate(columns, 1):
        comment = f" COMMENT '{column['Comment']}'" if column.get("Comment") else ""
        yield f"  `{column['Name']}` {column['Type']}{comment}{')' if index == len(columns) else ', '}"


def _property_lines(values: dict[str, str]) -> Iterable[str]:
    for index, (key, value) in enumerate(sorted(values.items()), 1):
        yield f"  '{key}'='{value}'{')' if index == len(values) else ', '}"
