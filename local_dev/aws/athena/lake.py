"""What a statement works with: the lake, a session of DuckDB, and itself; and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from local_dev.aws.athena.failures import BytesExceeded, StatementError
from local_dev.aws.athena.formats import Formats
from local_dev.aws.athena.glue_schema import GlueSchema
from local_dev.aws.athena.information_schema import information_columns, information_select
from local_dev.aws.athena.locations import Location
from local_dev.aws.athena.order import Order
from local_dev.aws.athena.scanning import Scans
from local_dev.aws.athena.statements import PREPARE, Kind, kind_of, with_parameters
from local_dev.aws.athena.store import AthenaStore, Document
from local_dev.aws.athena.tables import TableFiles
from local_dev.aws.athena.views import PrestoView
from local_dev.aws.athena.words import Words
from local_dev.aws.glue import Glue
from transforms.analysis import Compiled
from transforms.compile import compile_sql
from transforms.dialect.relations import engine_database
from transforms.names import TableName

if TYPE_CHECKING:
    from local_dev.aws.athena.engine import StatementEngine
    from local_dev.aws.glue_store import GlueStore
    from local_dev.aws.s3_store import Store


class Lake:
    """What statements read and write: Glue's tables and the buckets."""

    def __init__(self, glue: GlueStore, objects: Store, statements: AthenaStore, engine: StatementEngine) -> None:
        self.glue = glue
        self.statements = statements
        self.catalog = Glue(glue)
        self.objects = objects
        self.engine = engine
        self.formats = Formats(engine.ask)
        self.files = TableFiles(glue, objects, self.formats)

    def put(self, place: Location, body: str) -> None:
        """Write an object."""
        scratch = self.objects.scratch(place.bucket)
        scratch.write_text(body, encoding="utf-8")
        self.objects.adopt(place.bucket, place.key, scratch)


@dataclass(frozen=True)
class Outcome:
    """`columns` describe the result: rows that are in its object already, or `lines` that are to be put there.

    `rows` is how many were written by a statement that writes a table; `location` is where the result is, if not
    where it was announced.
    """

    columns: list[Document] = field(default_factory=list)
    lines: Sequence[str] | None = None
    rows: int = 0
    location: str = ""
    statistics: Document = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """One that is executed, in a session of its own."""

    lake: Lake
    engine: StatementEngine
    document: Document
    order: Order

    @cached_property
    def text(self) -> str:
        """With its parameters filled in. Raises StatementError when their number is wrong."""
        sql, values = self.order.sql, self.order.values
        if not values and ("?" not in sql or kind_of(sql) is PREPARE):
            return sql
        try:
            return with_parameters(sql, values)
        except ValueError as error:
            raise StatementError(f"INVALID_PARAMETER_USAGE: line 1:1: {error}") from None

    @property
    def id(self) -> str:
        """Of the query execution."""
        return str(self.document["QueryExecutionId"])

    @property
    def database(self) -> str:
        """That of names without one; clients may name it in backticks, as Hive does."""
        return str(self.document["QueryExecutionContext"].get("Database", "default")).strip("`").lower()

    @property
    def kind(self) -> Kind:
        """What it is."""
        return kind_of(self.text)

    @property
    def words(self) -> Words:
        """The statement from its first word."""
        return Words(self.text, self.database, hive=self.kind.hive)

    @property
    def output(self) -> Location:
        """Where its result is to be."""
        return Location.parse(self.document["ResultConfiguration"]["OutputLocation"])

    @cached_property
    def scans(self) -> Scans:
        """What it may read."""
        return Scans(self.lake.formats.footers, self.lake.engine.ask)

    def scanned(self) -> int:
        """The bytes that it has read. Raises BytesExceeded when they are more than the workgroup allows."""
        found = sum(self.scans.bytes(profile) for profile in self.engine.profiles)
        if self.order.cutoff is not None and found > self.order.cutoff:
            raise BytesExceeded
        return found

    @cached_property
    def schema(self) -> GlueSchema:
        """The tables, each as it was when it was first asked for."""
        return GlueSchema(self.lake.glue)

    def query(self, text: str) -> Compiled:
        """A query that is ready to run: what it reads is attached to the session."""
        compiled = self.compiled(text)
        self._attach(compiled)
        return compiled

    def compiled(self, text: str) -> Compiled:
        """A query that is not to run."""
        return compile_sql(text, self.schema, database=self.database)

    def tables_below(self, compiled: Compiled) -> set[TableName]:
        """The tables that a query reads, through views."""
        found: set[TableName] = set()
        for name in compiled.inputs:
            view = self.schema.view(name)
            found |= {name} if view is None else self.tables_below(self._view_query(name, view))
        return found

    def _attach(self, compiled: Compiled) -> None:
        for name in compiled.inputs:
            if information_columns(name) is not None:
                held = TableName(engine_database(name.database), name.table)
                self.engine.attach_select(held, information_select(name, self.lake.glue))
                continue
            view = self.schema.view(name)
            if view is not None:
                inner = self._view_query(name, view)
                self._attach(inner)
                self.engine.attach_view(name, inner)
            elif (table := self.schema.table(name)) is not None:
                select, groups = self.lake.files.select(table)
                self.engine.attach_select(name, select)
                for group in groups:
                    self.scans.add(group)

    def _view_query(self, name: TableName, view: PrestoView) -> Compiled:
        """Raises StatementError for a view whose columns are not those that it was made with."""
        compiled = compile_sql(view.sql, self.schema, database=view.database)
        found = [(column.name.lower(), column.type.stored) for column in compiled.columns]
        if found != [(column.name.lower(), column.type.stored) for column in view.columns]:
            what = f"line 1:15: View 'awsdatacatalog.{name}' is stale or in invalid state: its columns have changed"
            raise StatementError(f"VIEW_IS_STALE: {what}")
        return compiled
