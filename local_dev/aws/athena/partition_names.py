"""Partition values and the folders that are named after them, as Hive writes them."""

from __future__ import annotations

from collections.abc import Sequence

from local_dev.aws.athena.locations import Location

Values = tuple[str, ...]
"""Those of a partition, as Glue has them."""
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_ESCAPED = "\"#%'*/:=?\\\x7f{[]^"


def partition_folder(table: Location, keys: Sequence[str], values: Values) -> Location:
    """Where a new partition is put: below the table, in folders that are named after its values."""
    named = [f"{key}={_escaped(value)}/" for key, value in zip(keys, values, strict=True)]
    return table.below("".join(named))


def _escaped(value: str) -> str:
    """As Hive writes it into a path."""
    return "".join(f"%{ord(sign):02X}" if sign in _ESCAPED or sign < " " else sign for sign in value)
