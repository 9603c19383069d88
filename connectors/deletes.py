"""Rows that the source has deleted, on their way out of a table: marked ones, and those whose keys are gone.

Decides which rows leave. Never asks the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.landing import fingerprint
from connectors.location import Location
from connectors.merging import key_values, without, without_positions
from connectors.source_keys import SourceKeys
from transforms.snapshot import Part
from transforms.source import SourceTable


class Deletes:
    """Of one landing. `marked` rows came with `deleted_at:` set; `rows` left the table.

    `missing` are keys that the source has and the table does not, where both have each once.
    """

    def __init__(self, location: Location, table: SourceTable, scratch: Path) -> None:
        self._location, self._table, self._scratch = location, table, scratch
        self._mark: str | None = table.options.get("deleted_at")
        self._keys: SourceKeys | None = None
        self.marked = self.rows = self.missing = 0

    def take(self, keys: pa.RecordBatch) -> None:
        """Some of all the keys that the source has; once it was called, rows with other keys are gone."""
        if self._keys is None:
            self._keys = SourceKeys(self._table.key, self._scratch)
        self._keys.add(keys)

    def living(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that are not marked."""
        index = rows.schema.get_field_index(self._mark) if self._mark else -1
        return rows if index < 0 else rows.filter(pc.invert(_is_set(rows.column(index))))

    def of_living(
        self, staged: Mapping[str, Part], stood: Mapping[str, Part], left: Mapping[str, Part]
    ) -> Mapping[str, Part]:
        """The staged parts without marked rows; those of which nothing is left are none.

        `left` is what is left of parts that `stood` and lost the rows of the same keys.
        """
        if self._mark is None:
            return staged
        changed = without(self._location, staged, [self._mark], lambda rows: _is_set(rows.column(0)), stem="live-")
        if changed:
            marked = self._marked_keys(file for value in changed for file in staged[value].files)
            old = [file for value, part in left.items() for file in set(stood[value].files) - set(part.files)]
            self.marked = len(marked)
            self.rows += sum(pc.sum(pc.is_in(self._key_values(file), value_set=marked)).as_py() or 0 for file in old)
        for value, part in changed.items():
            for file in set(staged[value].files) - set(part.files):
                (self._location.root / file).unlink()
        living = {value: replace(part, fingerprint=_print_of(staged[value])) for value, part in changed.items()}
        return {value: part for value, part in {**staged, **living}.items() if part.rows}

    def of_there(self, parts: dict[str, Part]) -> dict[str, Part]:
        """The parts without the rows whose keys the source does not have, where it told all of its keys."""
        if self._keys is None:
            return parts
        files = {file: self._location.local(file) for part in parts.values() for file in part.files}
        gone = self._keys.gone(files)
        count = sum(map(len, gone.values()))
        self.rows += count
        if self._mark is None:
            self.missing = self._keys.rows - (sum(part.rows for part in parts.values()) - count)
        left = without_positions(self._location, parts, gone, stem="there-") if gone else parts
        return {
            value: part if part is parts[value] else replace(part, fingerprint=self._fingerprint(parts[value]))
            for value, part in left.items()
        }

    def close(self) -> None:
        """Gives back what keys took."""
        if self._keys is not None:
            self._keys.close()

    def _marked_keys(self, files: Iterable[str]) -> pa.Array:
        names = [*self._table.key, str(self._mark)]
        tables = (pq.read_table(self._location.local(file), columns=names).select(names) for file in files)
        marked = [rows.filter(_is_set(rows.column(len(names) - 1))) for rows in tables]
        return key_values(pa.concat_tables(marked).select(names[:-1])).combine_chunks()

    def _key_values(self, file: str) -> pa.ChunkedArray:
        names = list(self._table.key)
        return key_values(pq.read_table(self._location.local(file), columns=names).select(names))

    def _fingerprint(self, part: Part) -> str:
        return fingerprint(part.fingerprint, self._location.relative, "gone")


def _print_of(staged: Part) -> str:
    """Of what is living of it: equal as long as the rows are, marked ones among them."""
    return fingerprint(staged.fingerprint, "living")


def _is_set(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return pc.fill_null(values, False) if pa.types.is_boolean(values.type) else pc.is_valid(values)
