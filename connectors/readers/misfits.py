"""When bad values are a change of type: a person must decide, and gets the line to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from transforms.errors import SchemaChanged
from transforms.lake_types import DOUBLE, INTEGERS, VARCHAR, Type
from transforms.source import Source, SourceTable

_FEWEST = 10
"""Rows with another type that are never an accident, when they are more than the rejects that are allowed."""


def require_same_types(source: Source, table: SourceTable, misfits: Mapping[tuple[str, Type], int], rows: int) -> None:
    """Raises SchemaChanged when one column's values of another type are more than `rejects:` allows."""
    by_column: Counter[str] = Counter()
    for (column, _), count in misfits.items():
        by_column[column] += count
    declared = {column.name: column.type for column in table.columns}
    for column, count in by_column.most_common():
        if column in declared and count >= _FEWEST and count > table.rejects * rows:
            wider = declared[column]
            for (other, found), _ in sorted(misfits.items(), key=str):
                if other == column:
                    wider = widened(wider, found)
            raise changed(source, table, column, declared[column], wider, f"in {count:,} of {rows:,} rows")


def changed(
    source: Source, table: SourceTable, column: str, old: Type, new: Type, where: str = "in the source", rest: str = ""
) -> SchemaChanged:
    """The error with the line to write in the schema file, and the rest of what can be done."""
    return SchemaChanged(
        f"{source.path}:{table.line}: {table.name}: {column} is no longer {old.hive} {where}; nothing was published; "
        f"write `{column}: {new.hive}` under `{table.name.table}:` in {source.schema_path}{rest}"
    )


def widened(old: Type, new: Type) -> Type:
    """The smallest type that holds values of both without a loss; text when there is no other.

    >>> str(widened(Type("integer"), Type("bigint"))), str(widened(Type("bigint"), VARCHAR))
    ('bigint', 'varchar')
    """
    if old == new:
        return old
    if old.name in INTEGERS and new.name in INTEGERS:
        return max(old, new, key=lambda type_: INTEGERS.index(type_.name))
    if {old.name, new.name} <= {*INTEGERS, "real", "double"}:
        return DOUBLE
    if old.name == "decimal" and new.name == "decimal":
        scale = max(old.numbers[1], new.numbers[1])
        whole = max(old.numbers[0] - old.numbers[1], new.numbers[0] - new.numbers[1])
        return Type("decimal", (whole + scale, scale)) if whole + scale <= 38 else VARCHAR
    return VARCHAR
