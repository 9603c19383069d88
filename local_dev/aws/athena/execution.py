"""Executes one statement: its tables are found in Glue, its rows computed by DuckDB, its result put into S3."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local_dev.aws.athena.columns import column_info
from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.footers import Footers
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.statements import QUERY, kind_of, with_parameters
from local_dev.aws.athena.store import Document
from local_dev.aws.athena.tables import GlueSchema, TableFiles
from local_dev.aws.athena.views import PrestoView
from transforms.analysis import Compiled
from transforms.compile import compile_sql
from transforms.names import TableName

if TYPE_CHECKING:
    from local_dev.aws.athena.engine import StatementEngine
    from local_dev.aws.glue_store import GlueStore
    from local_dev.aws.s3_store import Store


class Lake:
    """What statements read and write."""

    def __init__(self, glue: GlueStore, objects: Store, engine: StatementEngine) -> None:
        self.glue = glue
        self.objects = objects
        self.engine = engine
        self.files = TableFiles(glue, objects, Footers(engine.ask))


@dataclass(frozen=True)
class Outcome:
    """`rows` is how many were written by a statement that writes a table; `location` is where the result is."""

    columns: list[Document]
    rows: int = 0
    location: str = ""
    statistics: Document = field(default_factory=dict)


def execute(lake: Lake, engine: StatementEngine, document: Document) -> Outcome:
    """Run the statement of a query execution in a session of its own. Raises StatementError or BaikalError."""
    text = document["Query"]
    if values := document.get("ExecutionParameters"):
        try:
            text = with_parameters(text, values)
        except ValueError as error:
            raise StatementError(f"INVALID_PARAMETER_USAGE: line 1:1: {error}") from None
    database = document["QueryExecutionContext"].get("Database", "default").lower()
    if kind_of(text) is QUERY:
        return _selected(lake, engine, document, text, database)
    raise StatementError("NOT_SUPPORTED: line 1:1: the local Athena does not know this statement")


def _selected(lake: Lake, engine: StatementEngine, document: Document, text: str, database: str) -> Outcome:
    compiled = compiled_query(lake, engine, text, database)
    place = Location.parse(document["ResultConfiguration"]["OutputLocation"])
    scratch = lake.objects.scratch(place.bucket)
    try:
        engine.write_csv(compiled, scratch)
        lake.objects.adopt(place.bucket, place.key, scratch)
    finally:
        scratch.unlink(missing_ok=True)
    return Outcome(column_info(compiled.columns), statistics={"DataScannedInBytes": 0})


def compiled_query(lake: Lake, engine: StatementEngine, text: str, database: str) -> Compiled:
    """A query that is ready to run: what it reads is attached to the session."""
    schema = GlueSchema(lake.glue)
    compiled = compile_sql(text, schema, database=database)
    _attach(lake, engine, schema, compiled)
    return compiled


def _attach(lake: Lake, engine: StatementEngine, schema: GlueSchema, compiled: Compiled) -> None:
    for name in compiled.inputs:
        view = schema.view(name)
        if view is not None:
            inner = _compiled_view(name, view, schema)
            _attach(lake, engine, schema, inner)
            engine.attach_view(name, inner)
        elif (table := schema.table(name)) is not None:
            engine.attach_select(name, lake.files.select(table))


def _compiled_view(name: TableName, view: PrestoView, schema: GlueSchema) -> Compiled:
    """The view's query. Raises StatementError for one whose columns are not those that it was made with."""
    compiled = compile_sql(view.sql, schema, database=view.database)
    found = [(column.name.lower(), column.type.stored) for column in compiled.columns]
    if found != [(column.name.lower(), column.type.stored) for column in view.columns]:
        what = f"line 1:15: View 'awsdatacatalog.{name}' is stale or in invalid state: its columns have changed"
        raise StatementError(f"VIEW_IS_STALE: {what}")
    return compiled
