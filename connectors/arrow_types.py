"""The lake's types as Arrow types: what landed Parquet files hold. Never decides how a source's value is converted."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from transforms.column import Column
from transforms.lake_types import TIMESTAMP, Field, Type, array, decimal, map_of

_PLAIN = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "char": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ms"),
}
_NAMES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "real",
    pa.float64(): "double",
    pa.string(): "varchar",
    pa.large_string(): "varchar",
    pa.binary(): "varbinary",
    pa.date32(): "date",
}


def arrow_type(type_: Type) -> pa.DataType:
    """Raises ValueError for a type that the lake cannot hold."""
    if type_.name == "decimal":
        return pa.decimal128(*type_.numbers)
    if type_.name == "array":
        return pa.list_(arrow_type(type_.element))
    if type_.name == "map":
        return pa.map_(arrow_type(type_.parts[0]), arrow_type(type_.parts[1]))
    if type_.name == "row":
        return pa.struct([pa.field(field.name or "", arrow_type(field.type)) for field in type_.fields])
    if type_.name not in _PLAIN:
        raise ValueError(f"the lake cannot hold {type_}")
    return _PLAIN[type_.name]


def arrow_schema(columns: Iterable[Column]) -> pa.Schema:
    """The columns in their order, all nullable."""
    return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in columns])


def lake_type(type_: pa.DataType) -> Type:
    """The lake's type of an Arrow type that `arrow_type` gave, or that Parquet gives back."""
    if pa.types.is_decimal(type_):
        return decimal(type_.precision, type_.scale)
    if pa.types.is_timestamp(type_):
        return TIMESTAMP
    if pa.types.is_map(type_):
        return map_of(lake_type(type_.key_type), lake_type(type_.item_type))
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return array(lake_type(type_.value_type))
    if pa.types.is_struct(type_):
        return Type("row", (), (), tuple(Field(field.name, lake_type(field.type)) for field in type_))
    if pa.types.is_dictionary(type_):
        return lake_type(type_.value_type)
    return Type(_NAMES[type_])
