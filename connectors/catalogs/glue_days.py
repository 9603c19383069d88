"""The partitions of a table in Glue, made to be those of a snapshot: each day is switched at once, day after day.

May be repeated, by whoever finds that a publisher did not come to its end. Decides nothing about rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from connectors.aws.hive import glue_columns
from connectors.aws.session import asking_aws
from connectors.catalogs.glue_parts import GlueTable, Layout
from transforms.errors import OutsideError
from transforms.snapshot import Part, Snapshot

_BATCH = 100
"""Partitions that Glue creates or updates in one request."""
_DELETED = 25
"""Partitions that Glue deletes in one request."""


def switch_days(
    glue: Any,
    layout: Layout,
    place: GlueTable,
    before: Snapshot | None,
    new: Snapshot,
    hold: Callable[[], None] = lambda: None,
) -> None:
    """Creates, updates and deletes what differs from `before`; None: from what Glue has. Raises OutsideError.

    A day without files has no partition. `hold` is called before every batch, and raises when nothing more may be done.
    """
    if before is not None and before.partition != new.partition:
        before = None  # partitions of a time when the table had days may still be there
    with asking_aws(f"publish the days of {new.table}"):
        there = _days(glue, place) if before is None else {v for v, part in before.parts.items() if part.files}
        wanted = {value: part for value, part in new.parts.items() if part.files}
        changed = wanted if before is None or _typed(before) != _typed(new) else _changed(before, wanted)
        columns = glue_columns(tuple(column for column in new.columns if column.name != new.partition))
        layout.prepare(changed.values())

        def inputs(values: Collection[str]) -> Iterator[dict[str, dict[str, Any]]]:
            for some in _batches(values, _BATCH):
                batch = {value: _input(layout, new, value, changed[value], columns) for value in some}
                hold()
                yield batch

        for batch in inputs(changed.keys() - there):
            _create(glue, place, batch)
        for batch in inputs(changed.keys() & there):
            _update(glue, place, batch)
        for some in _batches(there - wanted.keys(), _DELETED):
            hold()
            gone = [{"Values": [value]} for value in some]
            errors = glue.batch_delete_partition(**place.words, PartitionsToDelete=gone).get("Errors", ())
            _require_none(place, [e for e in errors if e["ErrorDetail"]["ErrorCode"] != "EntityNotFoundException"])


def _typed(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(column.name, str(column.type)) for column in snapshot.columns]


def _changed(before: Snapshot, wanted: Mapping[str, Part]) -> dict[str, Part]:
    return {value: part for value, part in wanted.items() if before.parts.get(value) != part}


def _days(glue: Any, place: GlueTable) -> set[str]:
    pages = glue.get_paginator("get_partitions").paginate(**place.words, ExcludeColumnSchema=True)
    return {partition["Values"][0] for page in pages for partition in page["Partitions"]}


def _input(layout: Layout, new: Snapshot, value: str, part: Part, columns: list[dict[str, Any]]) -> dict[str, Any]:
    facts = {"baikal.fingerprint": part.fingerprint, "numRows": str(part.rows), "totalSize": str(part.bytes)}
    return {"Values": [value], "StorageDescriptor": layout.storage(new.table, part, columns), "Parameters": facts}


def _create(glue: Any, place: GlueTable, batch: Mapping[str, dict[str, Any]]) -> None:
    """What a killed publisher has created already is updated: it may be of another version."""
    errors = glue.batch_create_partition(**place.words, PartitionInputList=list(batch.values())).get("Errors", ())
    taken = {e["PartitionValues"][0] for e in errors if e["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException"}
    _require_none(place, [e for e in errors if e["PartitionValues"][0] not in taken])
    if taken:
        _update(glue, place, {value: batch[value] for value in sorted(taken)})


def _update(glue: Any, place: GlueTable, batch: Mapping[str, dict[str, Any]]) -> None:
    entries = [{"PartitionValueList": [value], "PartitionInput": asked} for value, asked in batch.items()]
    _require_none(place, glue.batch_update_partition(**place.words, Entries=entries).get("Errors", ()))


def _require_none(place: GlueTable, errors: Sequence[Mapping[str, Any]]) -> None:
    for error in errors:
        days = error.get("PartitionValues") or error.get("PartitionValueList")
        detail = error.get("ErrorDetail", {})
        raise OutsideError(f"Glue did not take the day {days} of {place}: {detail.get('ErrorMessage', detail)}")


def _batches(values: Collection[str], size: int) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
