"""What the last attempt to ingest a table could not hold, when it published nothing: kept beside the table's versions.

For a person to look at; the next attempt that fails replaces it, and the next that succeeds removes it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from connectors.ingest import last_ingested
from connectors.lake import Lake
from connectors.rejects import Rejects, first_rejects
from transforms.errors import OutsideError
from transforms.names import TableName

KEPT = 1000
"""The first rejects, whatever their number: a person needs some, and the source still has them all."""
KEPT_OF_RAW = 2000


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """`at` is when it began, ISO 8601; `rejects` are the first of `reject_rows` among `read` rows."""

    at: str
    run: str
    read: int
    reject_rows: int
    rejects: list[dict[str, Any]]


def keep_failure(lake: Lake, name: TableName, at: datetime, run: str, read: int, rejects: Rejects) -> None:
    """Notes what could not be held. A note that cannot be made must not hide why the attempt failed."""
    if not rejects.rows:
        return
    with suppress(OutsideError):
        rejects.close()
        found = first_rejects(lake.root / rejects.files[0], KEPT)
        shown = [{**one, "raw": one["raw"][:KEPT_OF_RAW]} for one in found]
        failed = FailedAttempt(at.isoformat(), run, read, rejects.rows, shown)
        lake.storage.note(_note(name), json.dumps(asdict(failed), ensure_ascii=False).encode())


def forget_failure(lake: Lake, name: TableName) -> None:
    """Removes the note, if there is one: the rows in it may be personal, and are of no use any more."""
    lake.storage.unnote(_note(name))


def failed_attempt(lake: Lake, name: TableName) -> FailedAttempt | None:
    """The last attempt, when it failed because of its rejects; None after one that succeeded."""
    try:
        failed = FailedAttempt(**json.loads(lake.storage.noted(_note(name)) or b"{}"))
        begun = datetime.fromisoformat(failed.at)
    except (ValueError, TypeError):
        return None
    last = last_ingested(lake, name)
    return failed if last is None or last < begun else None


def _note(name: TableName) -> str:
    return f"{name.database}/{name.table}/_failed.json"
