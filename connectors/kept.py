"""A row of Arrow as a reject keeps it, in JSON.

Decides the form: what JSON has no word for has one of its own, so that no value comes back as another one.
"""

from __future__ import annotations

from math import isfinite

import pyarrow as pa

BYTES = "bytes"
"""`{"bytes": "00ff"}`: what is no text. Bytes that are UTF-8 are kept as the text that they are."""
_WRAPPED = {
    -9222425352054775809: "infinity",
    -9222425352054775808: "-infinity",
    -2147472692: "infinity",
    -2147472691: "-infinity",
}
"""PostgreSQL counts from the year 2000 on; its driver adds 30 years, with which infinity is more than there is."""


def kept_row(rows: pa.RecordBatch, position: int) -> dict[str, object]:
    """A row as it came."""
    result: dict[str, object] = {}
    for part in rows.schema:
        values = rows.column(part.name)
        values = values.storage if isinstance(values, pa.ExtensionArray) else values
        result[part.name] = _kept_scalar(values[position])
    return result


def kept(value: object) -> object:
    """A value that Python holds."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {BYTES: value.hex()}
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def _kept_scalar(value: pa.Scalar) -> object:
    """Of lists and structs each value by itself; moments that Python cannot hold are texts."""
    if not value.is_valid:
        return None
    if isinstance(value, pa.ExtensionScalar):
        return _kept_scalar(value.value)
    if isinstance(value, pa.MapScalar):
        keys, items = value.values.field(0), value.values.field(1)
        return [[_kept_scalar(key), _kept_scalar(item)] for key, item in zip(keys, items, strict=True)]
    if isinstance(value, pa.ListScalar | pa.LargeListScalar | pa.FixedSizeListScalar):
        return [_kept_scalar(one) for one in value.values]
    if isinstance(value, pa.StructScalar):
        return {name: _kept_scalar(one) for name, one in value.items()}
    if pa.types.is_time(value.type):
        return value.cast(pa.string()).as_py()
    try:
        return kept(value.as_py())
    except (ValueError, OverflowError):
        return _far(value)


def _far(value: pa.Scalar) -> object:
    """A day or a time that Python cannot hold, and Arrow only within some ten thousand years: beyond is infinity."""
    text = str(value.cast(pa.string()).as_py())
    if not text.startswith("<"):
        return text
    return _WRAPPED.get(value.value) or ("infinity" if value.value > 0 else "-infinity")
