"""Files that stand, when a column's type changed: those that Athena would misread are written anew, equal in value.

Never changes a value: what would not come back the same is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.arrow_types import arrow_type, lake_type
from connectors.location import Location
from connectors.merging import BATCH, together
from connectors.parquet_parts import PartWriter
from transforms.column import Column
from transforms.errors import SchemaChanged
from transforms.lake_types import INTEGERS, VARCHAR, Type
from transforms.names import TableName
from transforms.snapshot import Part
from transforms.widening import reads_files_of

_TEXTS = (*INTEGERS, "date")
"""Types whose values have one spelling, the source's. A boolean is `1`, `t` or `yes` in a source, not always `true`."""


def retyped(
    location: Location,
    table: TableName,
    parts: Mapping[str, Part],
    old: Sequence[Column],
    new: Sequence[Column],
    stem: str = "typed-",
) -> dict[str, Part]:
    """The parts, readable as `new`; `old` are the columns as they stand. Equal rows, so equal fingerprints.

    `stem` begins the names of files that are written anew.

    Raises SchemaChanged when a value that stands has no place in the new type.
    """
    stood = {column.name: column.type for column in old}
    wanted = {column.name: column.type for column in new if column.name in stood}
    if all(reads_files_of(type_, stood[name]) for name, type_ in wanted.items()):
        return dict(parts)
    writer = PartWriter(location, stem=stem)
    kept: dict[str, list[str]] = {}
    for value, part in parts.items():
        for file in part.files:
            others = _misread(pq.read_schema(location.local(file)), wanted)
            if not others:
                continue
            kept.setdefault(value, list(part.files)).remove(file)
            for batch in pq.ParquetFile(location.local(file)).iter_batches(BATCH):
                writer.write(value, _cast(pa.Table.from_batches([batch]), others, table))
            if file.startswith(f"{location.relative}/"):
                (location.root / file).unlink()
    fresh = writer.close()
    result = dict(parts)
    for value, files in kept.items():
        merged = together(location, files, fresh[value])
        result[value] = Part(merged.files, merged.rows, merged.bytes, parts[value].fingerprint)
    return result


def _misread(schema: pa.Schema, wanted: Mapping[str, Type]) -> dict[str, Type]:
    """The columns of a file that Athena would not read as the wanted type."""
    held = {name: lake_type(schema.field(name).type) for name in schema.names if name in wanted}
    return {name: wanted[name] for name, type_ in held.items() if not reads_files_of(wanted[name], type_)}


def _cast(rows: pa.Table, types: Mapping[str, Type], table: TableName) -> pa.Table:
    for name, type_ in types.items():
        index, values = rows.schema.get_field_index(name), rows.column(name)
        held = lake_type(values.type)
        cast = _exactly(values, held, type_)
        if cast is None:
            raise SchemaChanged(
                f"{table}: {name} is {held.hive} in the lake, with values that have no place in {type_.hive}; "
                f"nothing was published; write `{name}: {held.hive}` as before, or give the table a new name, "
                "under which it lands anew"
            )
        rows = rows.set_column(index, name, cast)
    return rows


def _exactly(values: pa.ChunkedArray, held: Type, wanted: Type) -> pa.ChunkedArray | None:
    """The values in the other type; None when one of them would not come back the same."""
    if wanted == VARCHAR and held.name not in _TEXTS:
        return None
    try:
        cast = values.cast(arrow_type(wanted))
        return cast if cast.cast(values.type).equals(values) else None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
