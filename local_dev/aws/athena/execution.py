"""Executes one statement: finds who knows its kind, and puts what it tells where its result is to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from local_dev.aws.athena import ddl, partitions, prepared, telling, writing
from local_dev.aws.athena.columns import column_info
from local_dev.aws.athena.failures import not_supported
from local_dev.aws.athena.lake import Lake, Outcome, Statement
from local_dev.aws.athena.order import Order
from local_dev.aws.athena.store import Document

if TYPE_CHECKING:
    from local_dev.aws.athena.engine import StatementEngine


def execute(lake: Lake, engine: StatementEngine, document: Document, order: Order) -> Outcome:
    """Run the statement of a query execution. Raises StatementError or BaikalError."""
    statement = Statement(lake, engine, document, order)
    work = _WORK.get(statement.kind.substatement)
    if work is None:
        raise not_supported("line 1:1: the local Athena does not know this statement")
    outcome = work(statement)
    if outcome.lines is not None:
        lake.put(statement.output, "".join(f"{line}\n" for line in outcome.lines))
    return replace(outcome, statistics={"DataScannedInBytes": 0, **outcome.statistics})


def select(statement: Statement) -> Outcome:
    """Writes the rows into the result's object."""
    compiled = statement.query(statement.text)
    place, objects = statement.output, statement.lake.objects
    scratch = objects.scratch(place.bucket)
    try:
        statement.engine.write_csv(compiled, scratch)
        scanned = statement.scanned()
        objects.adopt(place.bucket, place.key, scratch)
    finally:
        scratch.unlink(missing_ok=True)
    return Outcome(column_info(compiled.columns), statistics={"DataScannedInBytes": scanned})


_WORK: dict[str, Callable[[Statement], Outcome]] = {
    "SELECT": select,
    "CREATE_TABLE_AS_SELECT": writing.create_table_as,
    "INSERT": writing.insert,
    "UNLOAD": writing.unload,
    "CREATE_VIEW": ddl.create_view,
    "DROP_VIEW": ddl.drop_view,
    "CREATE_DATABASE": ddl.create_database,
    "DROP_DATABASE": ddl.drop_database,
    "CREATE_TABLE": ddl.create_table,
    "DROP_TABLE": ddl.drop_table,
    "ALTER_TABLE": partitions.alter_table,
    "MSCK_REPAIR": partitions.repair_table,
    "SHOW_DATABASES": telling.show_databases,
    "SHOW_TABLES": telling.show_tables,
    "SHOW_VIEWS": telling.show_views,
    "SHOW_PARTITIONS": telling.show_partitions,
    "SHOW_COLUMNS": telling.show_columns,
    "SHOW_CREATE_TABLE": telling.show_create_table,
    "SHOW_CREATE_VIEW": telling.show_create_view,
    "SHOW_TBLPROPERTIES": telling.show_properties,
    "DESCRIBE_TABLE": telling.describe,
    "EXPLAIN": telling.explain,
    "PREPARE": prepared.prepare,
    "DEALLOCATE": prepared.deallocate,
}
