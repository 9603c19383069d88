"""CREATE EXTERNAL TABLE as Hive writes it: columns, partition keys, how rows are stored, where."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from local_dev.aws.athena.failures import StatementError, not_supported
from local_dev.aws.athena.storage import STORED_AS, TEXT
from local_dev.aws.athena.words import Words
from local_dev.aws.glue_store import Document
from transforms.column import Column
from transforms.lake_types import Type
from transforms.names import TableName

_DELIMITED = {
    ("fields", "terminated", "by"): "field.delim",
    ("escaped", "by"): "escape.delim",
    ("collection", "items", "terminated", "by"): "collection.delim",
    ("map", "keys", "terminated", "by"): "mapkey.delim",
    ("lines", "terminated", "by"): "line.delim",
    ("null", "defined", "as"): "serialization.null.format",
}
"""What the clauses of ROW FORMAT DELIMITED are called among the serde's parameters."""


@dataclass
class TableWords:
    """What the statement says; `storage` is Glue's StorageDescriptor without columns."""

    name: TableName
    optional: bool
    columns: Sequence[Column] = ()
    keys: Sequence[Column] = ()
    comment: str = ""
    storage: Document = field(default_factory=lambda: deepcopy(TEXT))
    parameters: dict[str, str] = field(default_factory=dict)


def read_table(words: Words) -> TableWords:
    """Raises StatementError."""
    words.need("create")
    external = words.take("external")
    words.need("table")
    optional = words.take("if", "not", "exists")
    made = TableWords(words.table(), optional)
    made.columns = words.listed(lambda: read_column(words))
    serde: Document | None = None
    while words.next != "<eof>":
        if words.take("comment"):
            made.comment = words.string()
        elif words.take("partitioned", "by"):
            made.keys = words.listed(lambda: read_column(words))
        elif words.take("row", "format", "serde"):
            serde = {"SerializationLibrary": words.string(), "Parameters": {}}
            if words.take("with", "serdeproperties"):
                serde["Parameters"] = words.properties()
        elif words.take("row", "format", "delimited"):
            serde = {**TEXT["SerdeInfo"], "Parameters": _delimiters(words)}
        elif words.take("stored", "as"):
            made.storage |= _formats(words)
        elif words.take("location"):
            made.storage["Location"] = words.string()
        elif words.take("tblproperties"):
            made.parameters = words.properties()
        else:
            raise words.unexpected("<EOF>")
    _require_hive(made, external)
    if serde is not None:
        made.storage["SerdeInfo"] = serde
    if "Location" not in made.storage:
        what = "FAILED: ParseException line 1:1 missing LOCATION at '<EOF>'"
        raise StatementError(what, type_=1003)
    return made


def _require_hive(made: TableWords, external: bool) -> None:
    """Raises StatementError for a table of Iceberg, and for one that says of neither kind to be."""
    if made.parameters.get("table_type", "").upper() == "ICEBERG":
        raise not_supported("line 1:1: the local Athena makes no tables of Iceberg; write CREATE EXTERNAL TABLE")
    if not external:
        what = "FAILED: SemanticException Unsupported table type: write CREATE EXTERNAL TABLE"
        raise StatementError(what, type_=1003)


def read_column(words: Words) -> Column:
    """`name type COMMENT 'text'`."""
    name = words.name()
    _ = words.take(":")
    written = words.until(",", ")", "comment").replace("`", "")
    try:
        type_ = Type.parse(written)
    except ValueError as error:
        raise StatementError(f"FAILED: ParseException line 1:1 {error}", type_=1003) from None
    return Column(name, type_, words.string() if words.take("comment") else "")


def _delimiters(words: Words) -> dict[str, str]:
    found: dict[str, str] = {}
    while clause := next((each for each in _DELIMITED if words.take(*each)), None):
        found[_DELIMITED[clause]] = words.string()
    if "field.delim" in found:
        found["serialization.format"] = found["field.delim"]
    return found


def _formats(words: Words) -> Document:
    """`PARQUET`, or the classes themselves."""
    if words.take("inputformat"):
        given = {"InputFormat": words.string()}
        words.need("outputformat")
        return {**given, "OutputFormat": words.string()}
    word = words.name()
    if word not in STORED_AS:
        raise StatementError(
            f"FAILED: SemanticException Unrecognized file format in STORED AS clause: '{word}'", type_=1003
        )
    return deepcopy(STORED_AS[word])
