"""`baikal show NAME --rejects`: the newest rows that a raw table could not hold, with their place and reason."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from itertools import islice
from typing import Any

from connectors.failed_attempt import failed_attempt
from connectors.rejects import read_rejects
from local_dev.command import Answer, Call
from local_dev.console import faint, plural
from local_dev.history import wall_time
from transforms.errors import UsageError
from transforms.names import TableName

SHOWN = 20
"""Rows for a person; --json gives as many as LISTED."""
LISTED = 10_000
WIDTH = 80


def show_rejects(call: Call, name: TableName, *, raw: bool = False) -> Answer:
    """Newest first, those of a last attempt that failed before them. UsageError for a table that no source lands.

    The text of a row that could not be held has no columns that could be left out: of a table with personal ones it is
    shown only when it is asked for with `raw`.
    """
    if name not in call.content.raw:
        raise UsageError(f"{name} is computed and has no rejects; raw tables have, those of a source")
    personal = [column.name for column in call.content.columns(name) if column.personal and not raw]
    snapshot = call.lake.catalog.get(name)
    failed = failed_attempt(call.lake, name)
    if failed and personal:
        failed = replace(failed, rejects=_without_text(failed.rejects))
    if failed:
        at = wall_time(datetime.fromisoformat(failed.at), call.lake.target.timezone)
        _show(call, failed.rejects)
        call.console.say(
            f"{plural(failed.reject_rows, 'reject')} of {plural(failed.read, 'row')} in the last attempt, at {at}, "
            f"which published nothing{_more(failed.reject_rows, 'first')}"
        )
    found = list(islice(read_rejects(call.lake.storage, snapshot), LISTED)) if snapshot else []
    found = _without_text(found) if personal else found
    _show(call, found)
    count = snapshot.reject_rows if snapshot else 0
    call.console.say(
        f"{plural(count, 'reject')} of {name}{' as it is published' * bool(failed)}{_more(count, 'newest')}"
    )
    if personal and (found or failed):
        call.console.say(f"their text may hold what is personal ({', '.join(personal)}); --raw shows it")
    if snapshot:
        for file in snapshot.rejects:
            call.console.say(faint(f"in full: {call.lake.storage.url(file)}"))
    document = {"table": str(name), "reject_rows": count, "rejects": found}
    return Answer({**document, "failed_attempt": asdict(failed) if failed else None})


def _without_text(rejects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "raw": None, "digest": None} for one in rejects]


def _show(call: Call, rejects: list[dict[str, Any]]) -> None:
    rows = [[_place(one), one["reason"], _short(one["raw"] or "")] for one in rejects[:SHOWN]]
    call.console.table(["at", "reason", "text"], rows)


def _more(count: int, which: str) -> str:
    return f", the {which} {SHOWN} of them above" if count > SHOWN else ""


def _place(reject: dict[str, Any]) -> str:
    return f"{reject['file']}:{reject['line']}" if reject["line"] else str(reject["file"])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}.."
