"""What the platform writes into a table's entry in Glue, and how it reads it back. Pure.

A table's own words begin with `baikal.`; the others are those by which Athena and people know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.catalogs.stored import readable
from transforms.snapshot import WHOLE, Snapshot

VERSION, HISTORY, OURS = "baikal.version", "baikal.history", "baikal.table"
"""Its version; the kept ones as `version:file` with commas; its name, by which it is known as ours."""
SWITCHING, LISTS = "baikal.switching", "baikal.lists"
"""Who makes its partitions those of the version; the folder of lists by which it is read meanwhile."""
GIVEN_UP = "given up"
"""The mark of nobody."""
SWITCHING_TIME = timedelta(minutes=5)
"""How long nothing is heard of whoever does before another run takes it for dead, and does what is left."""
READ_AT = "ReadAt"
"""When a table was read, by Glue's clock, beside what Glue says of it."""
KEPT = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType")
"""What UpdateTable takes of what GetTable gives."""
_PROJECTION = ("projection.", "storage.location.template")
_NO_DAY = "1970-01-01"
Table = Mapping[str, Any]


def parameters(table: Table | None) -> Mapping[str, str]:
    """Those of a table; none where there is no table."""
    return (table.get("Parameters") or {}) if table else {}


def history_of(table: Table | None) -> dict[int, str]:
    """The kept versions and the names of their headers; empty for what is not ours."""
    text = parameters(table).get(HISTORY, "")
    with readable("the history in Glue"):
        return {int(version): file for version, file in (each.split(":") for each in text.split(",") if each)}


def spelled(history: Mapping[int, str]) -> str:
    """The kept versions as `history_of` reads them."""
    return ",".join(f"{version}:{history[version]}" for version in sorted(history))


def is_settled(table: Table | None) -> bool:
    """Whether Athena's readers see the version that the table names: there is no mark, or they read it by lists."""
    found = parameters(table)
    return SWITCHING not in found or LISTS in found


def is_abandoned(table: Table | None) -> bool:
    """Whether partitions are still to be switched, and whoever began has given up, or must be dead: the table is as it
    was for long.

    Both times are Glue's own, in whole seconds.
    """
    if table is None or SWITCHING not in parameters(table):
        return False
    if parameters(table)[SWITCHING] == GIVEN_UP:
        return True
    written: datetime = table.get("UpdateTime") or table["CreateTime"]
    read: datetime = table[READ_AT]
    return read - written.replace(microsecond=0) >= SWITCHING_TIME


def described(new: Snapshot) -> dict[str, str]:
    """What people and other tools see of a version. Days have fingerprints of their own, in their partitions."""
    whole = new.parts.get(WHOLE) if new.partition is None else None
    return {
        "EXTERNAL": "TRUE",
        "classification": "parquet",
        OURS: str(new.table),
        "baikal.run": new.run,
        "baikal.published_at": new.published_at.isoformat(),
        "numRows": str(new.rows),
        "totalSize": str(new.bytes),
        **({"baikal.fingerprint": whole.fingerprint} if whole else {}),
    }


def read_by_people(table: Table) -> list[object]:
    """What tells no tool anything: descriptions, whose it is, classes."""
    columns = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
    told = [[column["Name"], column.get("Comment", ""), column.get("Parameters") or {}] for column in columns]
    return [table.get("Owner"), table.get("Description", ""), told]


def switching(mark: str) -> dict[str, str]:
    """The mark of a publisher that is at work on the partitions; each has its own."""
    return {SWITCHING: mark}


def given_up(found: Mapping[str, str]) -> dict[str, str]:
    """The parameters when a publisher could not go on: whoever reads the table next does what is left."""
    return {**found, SWITCHING: GIVEN_UP}


def switched(found: Mapping[str, str]) -> dict[str, str]:
    """The parameters without the mark, and without what stood for the partitions meanwhile."""
    return {key: value for key, value in found.items() if not key.startswith((SWITCHING, LISTS, *_PROJECTION))}


def projected(new: Snapshot, folder: str, url: str) -> dict[str, str]:
    """Days are found under the address by their names, and Glue's partitions are not looked at (partition projection).

    A day whose folder is not there has no rows.
    """
    days = sorted(value for value, part in new.parts.items() if part.files) if folder else []
    column = f"projection.{new.partition}"
    return {
        "projection.enabled": "true",
        f"{column}.type": "date",
        f"{column}.format": "yyyy-MM-dd",
        f"{column}.range": f"{days[0]},{days[-1]}" if days else f"{_NO_DAY},{_NO_DAY}",
        f"{column}.interval": "1",
        f"{column}.interval.unit": "DAYS",
        "storage.location.template": f"{url}/${{{new.partition}}}/",
        **({LISTS: folder} if folder else {}),
    }
