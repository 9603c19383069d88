"""Types of files that carry their own, as the lake's: which one a column gets, and which declared one holds it exactly.

Decides by types alone. Never looks at a value.
"""

from __future__ import annotations

import pyarrow as pa

from connectors.arrow_types import lake_type
from connectors.readers.json_shape import column_name
from transforms.lake_types import INTEGERS, TIMESTAMP, VARCHAR, Field, Type, array, decimal, map_of

_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19}
"""Of the greatest whole number of so many bits."""
_UNSIGNED = {8: Type("smallint"), 16: Type("integer"), 32: Type("bigint"), 64: decimal(20, 0)}
_INEXACT_FROM = {"real": 24, "double": 53}
"""Bits of a whole number that a float holds."""


def natural(found: pa.DataType) -> Type | None:
    """The lake's type that holds every value; None when there is none."""
    if pa.types.is_dictionary(found):
        return natural(found.value_type)
    if pa.types.is_unsigned_integer(found):
        return _UNSIGNED[found.bit_width]
    if pa.types.is_float16(found):
        return Type("real")
    if pa.types.is_date(found):
        return Type("date")
    if pa.types.is_null(found) or pa.types.is_time(found) or pa.types.is_string_view(found):
        return VARCHAR
    if _is_binary(found):
        return Type("varbinary")
    if pa.types.is_decimal(found):
        return decimal(found.precision, found.scale) if 0 <= found.scale <= found.precision <= 38 else None
    if _is_list(found):
        element = natural(found.value_type)
        return array(element) if element else None
    if pa.types.is_map(found):
        key, item = natural(found.key_type), natural(found.item_type)
        return map_of(key, item) if key and item else None
    if pa.types.is_struct(found):
        parts = [(column_name(part.name), natural(part.type)) for part in found]
        return Type("row", (), (), tuple(Field(name, type_) for name, type_ in parts if type_)) if parts else None
    try:
        return lake_type(found)
    except KeyError:
        return None


def takes(found: pa.DataType, declared: Type) -> bool:
    """Whether the declared type holds every value that has a place in the lake: the same, or wider."""
    if pa.types.is_null(found):
        return True
    if pa.types.is_dictionary(found):
        return takes(found.value_type, declared)
    if declared.name == "row":
        return pa.types.is_struct(found) and _takes_fields(found, declared)
    if declared.name == "array":
        return _is_list(found) and takes(found.value_type, declared.element)
    if declared.name == "map":
        key, item = declared.parts
        return pa.types.is_map(found) and takes(found.key_type, key) and takes(found.item_type, item)
    if pa.types.is_integer(found):
        return _takes_integer(found, declared)
    if pa.types.is_decimal(found) and declared.name == "decimal":
        precision, scale = declared.numbers
        return bool(found.scale <= scale and found.precision - found.scale <= precision - scale)
    if pa.types.is_floating(found):
        return declared.name == "double" or (declared.name == "real" and found.bit_width <= 32)
    if declared == TIMESTAMP:
        return bool(pa.types.is_timestamp(found))
    return natural(found) == declared and not pa.types.is_decimal(found)


def _takes_integer(found: pa.DataType, declared: Type) -> bool:
    signed = pa.types.is_signed_integer(found)
    bits = found.bit_width
    if declared.name in INTEGERS:
        width = 8 << INTEGERS.index(declared.name)
        return bool(bits <= width if signed else bits < width)
    if declared.name == "decimal":
        digits = _DIGITS[bits] + (bits == 64 and not signed)
        return digits <= declared.numbers[0] - declared.numbers[1]
    return declared.name in _INEXACT_FROM and bits - signed <= _INEXACT_FROM[declared.name]


def _takes_fields(found: pa.DataType, declared: Type) -> bool:
    """Fields that the declared type lacks would be lost."""
    wanted = {field.name: field.type for field in declared.fields}
    names = [column_name(part.name) for part in found]
    return len(set(names)) == len(names) and all(
        name in wanted and takes(part.type, wanted[name]) for name, part in zip(names, found, strict=True)
    )


def _is_list(found: pa.DataType) -> bool:
    return bool(pa.types.is_list(found) or pa.types.is_large_list(found) or pa.types.is_fixed_size_list(found))


def _is_binary(found: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(found)
        or pa.types.is_large_binary(found)
        or pa.types.is_fixed_size_binary(found)
        or pa.types.is_binary_view(found)
    )
