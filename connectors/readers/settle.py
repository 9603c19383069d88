"""Arrow arrays as JSON was parsed into them become the lake's arrays, without a loss.

Raises pyarrow's ArrowInvalid where a value cannot be held: the caller then looks at each line.
"""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.json_shape import Shape

_MILLISECONDS = pa.timestamp("ms")


def settle(values: pa.Array, shape: Shape, truncate: bool) -> pa.Array:
    """The array in the lake's type of the shape; fields that the shape does not know are left out."""
    wanted = shape.arrow
    if (
        pa.types.is_floating(values.type)
        and not pc.all(pc.is_finite(values)).as_py()
        and values.null_count < len(values)
    ):
        raise pa.ArrowInvalid("NaN and infinity are no JSON numbers")
    if values.type == wanted and not _has_floats(wanted):
        return values
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), wanted)
    if shape.type.name == "row":
        return _struct(values, shape, truncate)
    if shape.element is not None:
        inner = settle(values.values, shape.element, truncate)
        mask = values.is_null() if values.null_count else None
        return pa.ListArray.from_arrays(values.offsets, inner, mask=mask)
    if shape.type.name == "timestamp":
        return milliseconds(values, truncate)
    if shape.type.name == "map":
        pairs = [None if text is None else list(json.loads(text).items()) for text in values.to_pylist()]
        return pa.array(pairs, wanted)
    return values.cast(wanted)


def milliseconds(values: pa.Array, truncate: bool) -> pa.Array:
    """Finer timestamps in milliseconds; digits below go down (earlier) when `truncate`, else they raise."""
    if truncate:
        values = pc.floor_temporal(values, unit="millisecond")
    return values.cast(_MILLISECONDS)


def _struct(values: pa.StructArray, shape: Shape, truncate: bool) -> pa.StructArray:
    arrays, names = [], []
    for key, (name, inner) in shape.fields.items():
        index = values.type.get_field_index(key)
        child = values.field(index) if index >= 0 else pa.nulls(len(values), inner.wire)
        arrays.append(settle(child, inner, truncate))
        names.append(name)
    mask = values.is_null() if values.null_count else None
    return pa.StructArray.from_arrays(arrays, names=names, mask=mask)


def _has_floats(type_: pa.DataType) -> bool:
    """Whether there are numbers inside that must be looked at."""
    if pa.types.is_struct(type_):
        return any(pa.types.is_floating(field.type) or _has_floats(field.type) for field in type_)
    return pa.types.is_list(type_) and (pa.types.is_floating(type_.value_type) or _has_floats(type_.value_type))
