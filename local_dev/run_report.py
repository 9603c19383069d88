"""What a run tells: a line for each table that was worked on, a table at the end, every failure in full."""

from __future__ import annotations

from collections import Counter

from local_dev.console import Console, bad, faint, good, plural, size
from local_dev.river import RiverRun, State, TableRun
from transforms.names import TableName

WORDS: tuple[State, ...] = ("landed", "built", "written", "fresh", "no_days", "failed", "skipped")
_PHRASES = {"no_days": "without days in the window"}
SHOWN = 40
"""The most tables that the summary lists; a run of more is told in numbers."""


def line(table: TableRun) -> str:
    """One table as it ends."""
    head = f"{table.name!s:<40} "
    if table.state == "failed":
        return head + bad("failed")
    if table.state == "skipped":
        return head + faint(f"skipped: {table.skipped_for} failed")
    return head + _worked(table)


def _worked(table: TableRun) -> str:
    facts = [plural(table.days, "day")] if table.days else []
    facts += [plural(table.rows, "row")] if table.state != "written" else []
    facts += [size(table.bytes)] if table.bytes else []
    facts += [f"{table.deleted:,} deleted"] if table.deleted else []
    facts.append(f"{table.seconds:.1f} s")
    if table.rejects:
        facts.append(bad(plural(table.rejects, "reject")))
    if table.new_columns:
        facts.append(f"new columns: {', '.join(table.new_columns)}")
    if table.missing_columns:
        facts.append(bad(f"missing columns: {', '.join(table.missing_columns)}"))
    return good(f"{table.state:<9}") + ", ".join(facts)


def report(console: Console, river: RiverRun, *, brief: bool = False) -> None:
    """The end of a run: the tables that it changed (unless brief), warnings, failures, one line of counts.

    What the lines of the run have told is not told again: failures are told here, in full.
    """
    worked = sorted((t for t in river.tables if t.state in ("landed", "built")), key=lambda t: t.name)
    if len(worked) <= SHOWN and not (brief or console.seen):
        console.table(
            ["table", "state", "days", "rows", "size", "rejects", "seconds"],
            [
                [str(t.name), t.state, t.days or None, t.rows, size(t.bytes), t.rejects or None, t.seconds]
                for t in worked
            ],
        )
    for table in river.tables:
        for warning in table.warnings:
            console.say(f"warning: {named(table.name, warning.splitlines()[0])}")
    for text, tables in _failures(river).items():
        console.error(named(tables[0], text) if len(tables) == 1 else f"{text} ({', '.join(map(str, tables))})")
    console.show(counts(river))


def counts(river: RiverRun) -> str:
    """`3 built, 15 fresh in 4.2 s`."""
    counted = Counter(table.state for table in river.tables)
    told = ", ".join(f"{counted[word]:,} {_PHRASES.get(word, word)}" for word in WORDS if counted[word])
    told = told or "nothing to do"
    text = f"{told} in {river.seconds:.1f} s"
    return bad(text) if counted["failed"] else good(text)


def _failures(river: RiverRun) -> dict[str, list[TableName]]:
    """The tables of each failure: a source that is down fails all of its tables in the same words."""
    found: dict[str, list[TableName]] = {}
    for table in river.tables:
        if table.failure:
            found.setdefault(table.failure.text, []).append(table.name)
    return found


def named(name: TableName, text: str) -> str:
    """The text with the table's name in front, unless it tells a place itself."""
    placed = any(mark in text for mark in (str(name), ".sql:", ".yaml:"))
    return text if placed else f"{name}: {text}"
