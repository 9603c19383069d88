"""Values of rejects on their way to rows once more: the texts that the server sent, judged as when they came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from connectors.readers.database.kept_values import again_bytes
from connectors.readers.database.typed_values import Bad
from connectors.readers.json_shape import Misfit, json_text
from connectors.readers.mysql.types import SourceColumn
from connectors.readers.mysql.values import Manner, typed
from transforms.column import Column

_MOMENTS: Mapping[str, tuple[pa.DataType, Callable[[str], date], str]] = {
    "date": (pa.date32(), date.fromisoformat, "2024-05-01"),
    "timestamp": (pa.timestamp("us"), datetime.fromisoformat, "2024-05-01 10:00:00"),
}
_SIGNED_OR_NOT = "tinyint(1) unsigned"
"""Nobody remembers which; a type that holds both is proposed."""


def again(values: Sequence[Any], column: Column, manner: Manner, clock: bool | None) -> tuple[pa.Array, Bad]:
    """`clock`: whether a time is a wall clock's, and not in UTC; None where nobody knows."""
    texts, bad = list[bytes | None](), Bad()
    for row, value in enumerate(values):
        try:
            texts.append(None if value is None else _sent(value, column, manner, clock))
        except Misfit as misfit:
            texts.append(None)
            bad[row] = misfit.reason
    source = SourceColumn(column.name, "datetime" if clock else "timestamp", _SIGNED_OR_NOT)
    array, odd = typed(pa.array(texts, pa.binary()), source, column.type, manner)
    return array, bad | odd


def _sent(value: Any, column: Column, manner: Manner, clock: bool | None) -> bytes:
    """What the server had sent; of what a person wrote, the same."""
    name = column.type.name
    if name == "varbinary":
        return again_bytes(value)
    if isinstance(value, dict):
        raise Misfit("bytes that are not UTF-8; write binary")
    if name == "timestamp" and manner.zone is not None and clock is None:
        raise Misfit("whether it is a time of timezone: is known when the table was read once more")
    if isinstance(value, bool):
        return b"1" if value else b"0"
    text = value if isinstance(value, str) else json_text(value)
    if name in ("real", "double"):
        try:
            float(text)
        except ValueError:
            raise Misfit(f"{text} is not {column.type.hive}") from None
    if name in _MOMENTS:
        _require_written_as_sent(text, *_MOMENTS[name])
    return text.encode()


def _require_written_as_sent(text: str, wanted: pa.DataType, read: Callable[[str], date], form: str) -> None:
    """Raises Misfit for a day or a time that a person wrote in another form."""
    try:
        pa.scalar(text).cast(wanted)
    except pa.ArrowInvalid:
        try:
            read(text)
        except ValueError:
            return  # what is no day at all is told as when it came
        raise Misfit(f"{text} is not written as a server writes it, {form}") from None
