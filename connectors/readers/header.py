"""The names in the header of a file that people made, as columns of its table; each fault with the line to write.

Never finds the header, and never looks at what stands below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.reader import Reading
from connectors.readers.json_shape import column_name
from transforms.errors import SchemaChanged
from transforms.source import Source, SourceTable


class Names:
    """What a table declares of names: `mapping` is its `columns:`, `types` are those of its declared columns."""

    def __init__(self, source: Source, table: SourceTable) -> None:
        self.source, self.table = source, table
        self.mapping: Mapping[str, str] = table.options.get("columns", {})
        self.types = {column.name: column.type for column in table.columns}

    def place(self, where: str) -> str:
        """The line of the table in its declaration, and the place in its files."""
        return f"{self.source.path}:{self.table.line}: {self.table.name}: {where}"

    def known(self, cell: str) -> str | None:
        """The column that a name means; None when it has no name in the lake."""
        if cell in self.mapping:
            return str(self.mapping[cell])
        name = column_name(cell)
        usable = name in self.types or any(letter.isascii() and letter.isalnum() for letter in cell)
        return name if usable else None

    def column(self, cell: str, where: str) -> str:
        """The same. Raises SchemaChanged when it has none."""
        name = self.known(cell)
        if name is None:
            raise SchemaChanged(
                f'{self.place(where)}: the column "{cell}" has no name in the lake; write it under columns: of the '
                f"table, as {{{cell}: its_name}}, and its type in {self.source.schema_path}"
            )
        return name

    def require_known(self, columns: Sequence[str], where: str, write: str) -> None:
        """Raises SchemaChanged when none of them is declared."""
        if self.types and not set(columns) & set(self.types):
            raise SchemaChanged(
                f"{self.place(where)}: the header names no column of the table but {', '.join(columns)[:200]}; "
                f"columns are {', '.join(self.types)}; write {write}"
            )

    def tell_missing(self, columns: Sequence[str], reading: Reading) -> None:
        """Notes which declared columns are not among those of a header."""
        gone = [name for name in self.types if name not in columns and name not in reading.missing_columns]
        reading.missing_columns.extend(gone)
