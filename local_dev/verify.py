"""`baikal run --verify`: what is published of source tables beside what their sources have now. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from local_dev.command import Answer, Call
from local_dev.console import plural
from local_dev.failure import Failure, failure_of
from local_dev.history import wall_time
from local_dev.sample_home import sample_served
from transforms.errors import UsageError
from transforms.names import TableName

if TYPE_CHECKING:
    from connectors.verifying import Verified


def verify(call: Call, names: Collection[TableName]) -> Answer:
    """Leaves with 1 when a table differs, else with 3 when a source cannot be read.

    A table that was never published is no difference: all its rows wait for the next run.
    """
    raw = sorted(name for name in names if name in call.content.raw)
    if not raw:
        raise UsageError("--verify compares tables of sources; write baikal run source:NAME --verify")
    began = time.perf_counter()
    verified: list[Verified] = []
    failed: dict[TableName, Failure] = {}
    with sample_served(call.console, call.lake, set(raw)), call.console.progress("verify", len(raw)) as progress:
        for name in raw:
            progress.started(str(name))
            line = _one(call, name, verified, failed)
            progress.finished(str(name), line)
    _show(call, verified, failed)
    document = {
        "tables": [_document(one) for one in verified]
        + [{"table": str(name), "error": failure.document} for name, failure in failed.items()],
        "seconds": round(time.perf_counter() - began, 3),
    }
    codes = {failure.exit_code for failure in failed.values()}
    differs = not all(one.agrees for one in verified) or bool(codes & {1, 2})
    return Answer(document, 1 if differs else 3 if codes else 0)


def _one(call: Call, name: TableName, verified: list[Verified], failed: dict[TableName, Failure]) -> str:
    """Compares a table; the line that is told of it."""
    from connectors.verifying import verify as compared

    source, table = call.content.raw[name]
    try:
        verified.append(compared(call.lake, source, table))
    except Exception as error:  # noqa: BLE001  the other tables are compared all the same
        failed[name] = failure_of(error, debug=call.debug)
        return f"{name!s:<40} failed"
    return f"{name!s:<40} {_state(verified[-1])}"


def _state(one: Verified) -> str:
    return "differs" if not one.agrees else "agrees" if one.published else "not published yet"


def _show(call: Call, verified: Collection[Verified], failed: dict[TableName, Failure]) -> None:
    from connectors.compared_rows import KINDS

    zone, console = call.lake.target.timezone, call.console
    headers = ["table", "in the source", "rejects", "in the lake", *KINDS, "last read"]
    rows: list[list[object]] = [
        [
            str(one.table),
            one.compared.source,
            one.rejects or None,
            one.compared.lake,
            *(one.compared.rows[kind] or None for kind in KINDS),
            wall_time(one.read_at, zone) if one.read_at else None,
        ]
        for one in verified
    ]
    console.table(headers, rows)
    for one in verified:
        for kind, keys in one.compared.keys.items():
            if kind not in one.kept:
                told = "; ".join(", ".join(f"{name} {text}" for name, text in row.items()) for row in keys)
                console.show(f"{one.table}: {kind}: {told}{' ..' if one.compared.rows[kind] > len(keys) else ''}")
        for note in one.notes:
            console.say(f"{one.table}: {note}")
    for name, failure in failed.items():
        console.error(f"{name}: {failure.text}")
    states = [_state(one) for one in verified]
    equal, differing, waiting = (states.count(state) for state in ("agrees", "differs", "not published yet"))
    later = f", {waiting:,} not published yet" if waiting else ""
    console.show(f"{plural(equal, 'table')} as in the source, {differing:,} not{later}")


def _document(one: Verified) -> dict[str, Any]:
    return {
        "table": str(one.table),
        "agrees": one.agrees,
        "published": one.published,
        "source_rows": one.compared.source,
        "source_rejects": one.rejects,
        "lake_rows": one.compared.lake,
        **{str(kind): count for kind, count in one.compared.rows.items()},
        "keys": {kind: list(keys) for kind, keys in one.compared.keys.items()},
        "read_at": one.read_at.isoformat() if one.read_at else None,
        "notes": list(one.notes),
    }
