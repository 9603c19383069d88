"""Columns as `--json` gives them: names with Athena's type names."""

from __future__ import annotations

from collections.abc import Iterable

from transforms.column import OutputColumn


def column_documents(columns: Iterable[OutputColumn]) -> list[dict[str, str]]:
    """In the order of the query."""
    return [{"name": column.name, "type": str(column.type)} for column in columns]
