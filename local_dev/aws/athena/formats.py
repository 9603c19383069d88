"""What files hold, by their serde: how DuckDB reads them with exactly the columns that the table has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from local_dev.aws.athena.failures import StatementError
from local_dev.aws.athena.footers import Ask, Footer, Footers
from local_dev.aws.athena.json_keys import JsonKeys
from local_dev.aws.athena.selects import Select, item, listed, select
from local_dev.aws.athena.sentences import DATA_ERROR
from local_dev.aws.athena.text_formats import DelimitedText, JsonLines
from local_dev.aws.glue_store import Document
from transforms.column import Column


class Format(Protocol):
    """A kind of file."""

    def selects(
        self, files: Sequence[str], stored: Sequence[Column], by_path: Sequence[Column], constants: Sequence[str] = ()
    ) -> list[Select]:
        """SELECTs of DuckDB, each with those of the files that it reads, all with the same columns after `UNREAD`.

        `stored` are those in the files, `by_path` those that folders are named after, `constants` are items.
        """


class Parquet:
    """Columns are found by name; one that a file has not is NULL."""

    def __init__(self, footers: Footers) -> None:
        self._footers = footers

    def selects(
        self, files: Sequence[str], stored: Sequence[Column], by_path: Sequence[Column], constants: Sequence[str] = ()
    ) -> list[Select]:
        """One for the files that hold the same columns."""
        alike: dict[frozenset[str], list[str]] = {}
        wanted = frozenset(column.name for column in stored)
        for file, footer in self._footers.of(files).items():
            if footer.groups:
                _require_types(file, footer, stored)
                alike.setdefault(wanted & footer.columns, []).append(file)
        found = []
        for held, some in alike.items():
            items = [item(column, held=column.name in held) for column in stored]
            found.append(select(f"read_parquet({listed(some)}", items, by_path, constants, some))
        return found


_BYTES = ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
_KINDS = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), ("INT32", "INT64")),
    **dict.fromkeys(("real", "double"), ("FLOAT", "DOUBLE")),
    **dict.fromkeys(("varchar", "char", "varbinary"), _BYTES),
    "boolean": ("BOOLEAN",),
    "date": ("INT32",),
    "timestamp": ("INT64", "INT96"),
    "decimal": ("INT32", "INT64", *_BYTES),
}
"""What Parquet may hold of a type: a text that looks like a number is none."""


def _require_types(file: str, footer: Footer, stored: Sequence[Column]) -> None:
    kinds = footer.groups[0].kinds
    for column in stored:
        kind = kinds.get(column.name)
        if kind is not None and kind not in _KINDS.get(column.type.name, ()):
            what = f"Field {column.name}'s type {kind} in parquet file {file} is incompatible with type {column.type}"
            raise StatementError(f"HIVE_BAD_DATA: {what} defined in table schema", type_=DATA_ERROR)


class Formats:
    """The formats of tables."""

    def __init__(self, ask: Ask) -> None:
        """`ask` runs a statement of DuckDB's own with parameters."""
        self.footers = Footers(ask)
        self._json_keys = JsonKeys(ask)

    def of(self, table: Document) -> Format:
        """Raises StatementError for a serde that is not known."""
        storage = table.get("StorageDescriptor", {})
        serde = storage.get("SerdeInfo", {})
        library = serde.get("SerializationLibrary", "").lower()
        parameters = {**table.get("Parameters", {}), **serde.get("Parameters", {})}
        if "parquet" in library or (not library and "parquet" in storage.get("InputFormat", "").lower()):
            return Parquet(self.footers)
        if "jsonserde" in library:
            return JsonLines(self._json_keys, parameters)
        if "opencsvserde" in library:
            quote, escape = parameters.get("quoteChar", '"'), parameters.get("escapeChar", '"')
            return DelimitedText(parameters.get("separatorChar", ","), quote, escape, "", parameters)
        if "lazysimpleserde" in library:
            delimiter = parameters.get("field.delim", parameters.get("serialization.format", "\x01"))
            null = parameters.get("serialization.null.format", "\\N")
            return DelimitedText(delimiter, "", "", null, parameters)
        name = f"{table['DatabaseName']}.{table['Name']}"
        raise StatementError(f"HIVE_UNSUPPORTED_FORMAT: {name}: the local Athena reads no {library or 'such table'}")
