"""Views as Athena keeps them in Glue: their SQL and columns as base64 of JSON in a comment."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.glue_store import Document
from transforms.column import Column
from transforms.lake_types import Type

_OPENING, _CLOSING = "/* Presto View: ", " */"


@dataclass(frozen=True, slots=True)
class PrestoView:
    """`database` is that of the tables whose names have none in it."""

    sql: str
    database: str
    columns: tuple[Column, ...]

    @property
    def text(self) -> str:
        """What Glue's ViewOriginalText is."""
        described = [{"name": column.name, "type": str(column.type)} for column in self.columns]
        document = {"originalSql": self.sql, "catalog": "awsdatacatalog", "schema": self.database}
        text = json.dumps({**document, "columns": described})
        return f"{_OPENING}{b64encode(text.encode()).decode()}{_CLOSING}"


def read_view(table: Document) -> PrestoView | None:
    """The view that a table of Glue's is, if it is one. Raises StatementError for one that cannot be read."""
    text = table.get("ViewOriginalText", "")
    if not is_view(table):
        return None
    try:
        document = json.loads(b64decode(text.removeprefix(_OPENING).removesuffix(_CLOSING)))
        columns = tuple(Column(each["name"], Type.parse(each["type"])) for each in document["columns"])
        return PrestoView(document["originalSql"], document.get("schema") or table["DatabaseName"], columns)
    except (Error, ValueError, KeyError) as error:
        name = f"{table['DatabaseName']}.{table['Name']}"
        raise StatementError(f"INVALID_VIEW: View '{name}' cannot be read: {error}") from None


def is_view(table: Document) -> bool:
    """Whether Athena wrote it as one."""
    return table.get("TableType") == "VIRTUAL_VIEW" and table.get("ViewOriginalText", "").startswith(_OPENING)
