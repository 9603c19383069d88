"""`baikal show NAME --rejects`: the newest rows that a raw table could not hold, with their place and reason."""

from __future__ import annotations

from itertools import islice
from typing import Any

from connectors.rejects import read_rejects
from local_dev.command import Answer, Call
from local_dev.console import faint, plural
from transforms.errors import UsageError
from transforms.names import TableName

SHOWN = 20
"""Rows for a person; --json gives as many as LISTED."""
LISTED = 10_000
WIDTH = 80


def show_rejects(call: Call, name: TableName) -> Answer:
    """Newest first. Raises UsageError for a table that no source lands."""
    if name not in call.content.raw:
        raise UsageError(f"{name} is computed and has no rejects; raw tables have, those of a source")
    snapshot = call.lake.catalog.get(name)
    found = list(islice(read_rejects(call.lake.storage, snapshot), LISTED)) if snapshot else []
    call.console.table(
        ["at", "reason", "text"],
        [[_place(one), one["reason"], _short(one["raw"])] for one in found[:SHOWN]],
    )
    count = snapshot.reject_rows if snapshot else 0
    more = f", the newest {SHOWN} of them above" if count > SHOWN else ""
    call.console.say(f"{plural(count, 'reject')} of {name}{more}")
    if snapshot:
        for file in snapshot.rejects:
            call.console.say(faint(f"in full: {call.lake.storage.url(file)}"))
    return Answer({"table": str(name), "reject_rows": count, "rejects": found})


def _place(reject: dict[str, Any]) -> str:
    return f"{reject['file']}:{reject['line']}" if reject["line"] else str(reject["file"])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}.."
