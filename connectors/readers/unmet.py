"""Columns of which no row of a reading had anything so far: what a source dropped is told, and not what is NULL.

Looks at rows only until each column was met once, and at their bytes only for what is still unmet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pyarrow as pa

from transforms.column import Column

TELLING = 100
"""Rows of which none has a column, when that is worth telling: systems leave out what is null."""
_SPELLED = bytes(
    byte if byte > 127 or chr(byte) == '"' or chr(byte).isalnum() else ord("_") for byte in range(256)
).lower()
"""Every byte as the lake spells it in a column's name; texts that are not ASCII stay as they are."""


class UnmetColumns:
    """`keys` names the JSON key of columns that have another name there."""

    def __init__(self, columns: Iterable[Column], keys: Mapping[str, str]) -> None:
        self._unmet = {column.name: _spellings(keys.get(column.name, column.name)) for column in columns}
        self._rows = 0

    def meet(self, rows: pa.RecordBatch, count: int, texts: Iterable[bytes]) -> None:
        """So many rows, rejects among them, and the JSON in which they stood: a key whose values are null is there."""
        self._rows += count
        for name in [name for name in self._unmet if has_values(rows, name)]:
            del self._unmet[name]
        for text in texts if self._unmet else ():
            spelled = text.translate(_SPELLED)
            for name, keys in list(self._unmet.items()):
                if any(key in spelled for key in keys):
                    del self._unmet[name]

    def meet_names(self, names: Iterable[str], count: int) -> None:
        """Rows of a form that has columns of these names, whatever is in them."""
        self._rows += count
        for name in names if self._unmet else ():
            self._unmet.pop(name, None)

    @property
    def missing(self) -> list[str]:
        """The columns that are worth telling by now."""
        return list(self._unmet) if self._rows >= TELLING else []


def has_values(rows: pa.RecordBatch, name: str) -> bool:
    """Whether one of the rows has a value in a column."""
    index = rows.schema.get_field_index(name)
    return index >= 0 and bool(rows.column(index).null_count < rows.num_rows)


def _spellings(key: str) -> set[bytes]:
    """A key with its quotes as bytes may have it: as text, with its letters escaped, and with a digit in front.

    >>> sorted(_spellings("utm_Source")), sorted(_spellings("_2nd"))
    ([b'"utm_source"'], [b'"2nd"', b'"_2nd"'])
    """
    keys = {key, key[1:]} if key[:1] == "_" and key[1:2].isdigit() else {key}
    return {
        json.dumps(one, ensure_ascii=ascii_).encode().translate(_SPELLED) for one in keys for ascii_ in (True, False)
    }
