"""What Trino has of versions that are kept no longer: partitions, tables of other columns, folders of linked files.

It is taken when it has not been needed for as long as old files stay: what a build at work has added is not published
yet, and so not known to be needed. To be called under the table's lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from connectors.catalogs.stored import readable
from connectors.trino.links import linked_keys, part_key, unlink_part
from connectors.trino.part_tables import NOW, PartTables, parts_table
from transforms.names import TableName
from transforms.publish import GRACE
from transforms.snapshot import Snapshot

UNUSED = "_trino_unused.json"
_Entry = tuple[str, str]
"""A table and the key of a partition, empty for the whole table; of linked files the table is empty."""


def sweep(parts: PartTables, name: TableName, kept: Iterable[Snapshot], now: datetime) -> None:
    """Notes what none of the kept versions needs, and takes what was noted long enough ago."""
    needed = _needed(kept)
    note = f"{name.database}/{name.table}/{UNUSED}"
    with readable(note):
        found = json.loads(parts.storage.noted(note) or b"[]")
        before = {(table, key): datetime.fromisoformat(at) for table, key, at in found}
    registered = {table: parts.partitions(table) for table in parts.tables_of(name) if not table.endswith(NOW)}
    unused = set(_unneeded(registered, needed))
    unused |= {("", key) for key in linked_keys(parts.storage.root, name) if key not in set().union(*needed.values())}
    since = {entry: before.get(entry, now) for entry in unused}
    gone = {entry for entry in unused if now - since[entry] >= GRACE}
    for table, key in sorted(gone, reverse=True):  # files last: no partition is left without them
        if table and key:
            parts.unregister(table, registered[table][key])
        elif table:
            parts.drop(f"{table}{NOW}")
            parts.drop(table)
        else:
            unlink_part(parts.storage.root, name, key)
    left = {entry: at for entry, at in since.items() if entry not in gone}
    if left != before:
        listed = [[table, key, at.isoformat()] for (table, key), at in sorted(left.items())]
        parts.storage.note(note, json.dumps(listed).encode())


def _needed(kept: Iterable[Snapshot]) -> dict[str, set[str]]:
    """The keys by table."""
    needed: dict[str, set[str]] = {}
    for snapshot in kept:
        keys = {part_key(part) for part in snapshot.parts.values() if part.files}
        needed.setdefault(parts_table(snapshot), set()).update(keys)
    return needed


def _unneeded(registered: Mapping[str, Iterable[str]], needed: Mapping[str, set[str]]) -> Iterator[_Entry]:
    for table, keys in registered.items():
        if table not in needed:
            yield table, ""
        yield from ((table, key) for key in keys if table in needed and key not in needed[table])
