"""Rejects that came as JSON objects, as those of most APIs, on their way to rows once more.

Never asks a system.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.reader import Asked, Batch, Reading, Reject
from connectors.readers.json_lines import LineParser, load_exactly, why_not
from connectors.readers.words import truncates


def objects_again(asked: Asked, file: str, rejects: Sequence[Reject], reading: Reading) -> Iterator[Batch]:
    """What became of them."""
    keys = {column: key for key, column in asked.table.options.get("columns", {}).items()}
    parser = LineParser(asked.table.columns, keys, truncate=truncates(asked.source, asked.table))
    objects, wrong = read_objects(rejects)
    parsed = parser.parse_values(file, [(one.line, value, one.raw) for one, value in objects], len(rejects))
    reading.new_columns[:] = parser.new_columns()
    yield Batch(parsed.rows, (*wrong, *parsed.rejects))


def read_objects(rejects: Sequence[Reject]) -> tuple[list[tuple[Reject, dict[str, Any]]], list[Reject]]:
    """Those that are JSON objects, and the others with the reason why they are none."""
    objects, wrong = list[tuple[Reject, dict[str, Any]]](), list[Reject]()
    for one in rejects:
        try:
            value = load_exactly(one.raw)
        except ValueError as error:
            wrong.append(replace(one, reason=why_not(error)))
            continue
        if isinstance(value, dict):
            objects.append((one, value))
        else:
            wrong.append(replace(one, reason="not a JSON object"))
    return objects, wrong
