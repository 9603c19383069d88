"""The run ledger: what each run did with each table, and what its queries cost, as plain data and its JSON.

Decides what an outcome is called. What entries say of a table is `transforms.sightings`'s; where they are kept is
`connectors.ledger_files`'s.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from transforms.errors import (
    CheckFailed,
    Conflict,
    ContentError,
    DataError,
    OutsideError,
    Refused,
    Rejected,
    SchemaChanged,
    TooManyRejects,
    UsageError,
)
from transforms.names import TableName
from transforms.query_stats import QueryStats

TableOutcome = Literal["published", "fresh", "failed", "skipped", "repointed"]
Cause = Literal["check", "rejects", "schema", "data", "content", "conflict", "outside", "platform"]
"""Why a table failed: a check, rows that could not be held, a source's types, the data, a declaration, another run,
an outside system, or the platform itself."""
KEPT = timedelta(days=400)
"""How long the ledger is kept: a year, and the same season's weeks before it."""
_CAUSES: tuple[tuple[type[BaseException], Cause], ...] = (
    (CheckFailed, "check"),
    (TooManyRejects, "rejects"),
    (SchemaChanged, "schema"),
    (DataError, "data"),
    (ContentError, "content"),
    (UsageError, "content"),
    (Conflict, "conflict"),
    (OutsideError, "outside"),
    (OSError, "outside"),
    (MemoryError, "outside"),
)
_LONGEST = 500
"""Characters of an error's line, and of a check's: the whole of it is in the run's own output."""
_MOST_CHECKS = 20
"""Checks of one table, and warnings."""
_LISTS = ("checks", "new_columns", "missing_columns", "warnings")


@dataclass(frozen=True, slots=True)
class TableEntry:
    """How one table ended in one run; `at` is when. One that was fresh has an entry only when there is a surprise.

    `days` are the stretches of days that were built, each with its first and last. `rows` and `bytes` are those of
    this run; `invalid` counts the rows that checks of severity warn found. `checks` are the failures that checks
    told. `because` is the table above whose failure kept this one from being worked on. `deleted` counts the rows
    that the source deleted; `new_columns` are those that it has beside its schema file, `missing_columns` those that
    it lacks, `warnings` what else a person did not expect of it.
    """

    table: TableName
    outcome: TableOutcome
    at: datetime
    owner: str = ""
    version: int | None = None
    days: tuple[tuple[date, date], ...] = ()
    rows: int = 0
    bytes: int = 0
    rejects: int = 0
    invalid: int = 0
    seconds: float = 0.0
    cause: Cause | None = None
    error: str = ""
    checks: tuple[str, ...] = ()
    because: TableName | None = None
    deleted: int = 0
    new_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def surprises(self) -> tuple[str, ...]:
        """What a person did not expect of the source, a sentence each."""
        new = f"{self.table} has new columns: {', '.join(self.new_columns)}" if self.new_columns else ""
        gone = ", ".join(self.missing_columns)
        missing = f"{self.table}: the source does not have {gone} any more" if gone else ""
        return tuple(filter(None, (new, missing, *self.warnings)))

    def to_json(self) -> dict[str, Any]:
        """Without what it has nothing to say of."""
        found = {
            "table": str(self.table),
            "outcome": self.outcome,
            "at": self.at.isoformat(),
            "owner": self.owner,
            "version": self.version,
            "days": [[first.isoformat(), last.isoformat()] for first, last in self.days],
            "rows": self.rows,
            "bytes": self.bytes,
            "rejects": self.rejects,
            "invalid": self.invalid,
            "seconds": round(self.seconds, 3),
            "cause": self.cause,
            "error": self.error,
            "checks": list(self.checks),
            "because": str(self.because) if self.because else None,
            "deleted": self.deleted,
            "new_columns": list(self.new_columns),
            "missing_columns": list(self.missing_columns),
            "warnings": list(self.warnings),
        }
        return {key: value for key, value in found.items() if value}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> TableEntry:
        """Raises KeyError, TypeError or ValueError on anything that `to_json` did not write."""
        days = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in data.get("days", ()))
        because = data.get("because")
        return TableEntry(
            **{
                **data,
                "table": TableName.parse(data["table"]),
                "at": datetime.fromisoformat(data["at"]),
                "days": days,
                **{name: tuple(data.get(name, ())) for name in _LISTS},
                "because": TableName.parse(because) if because else None,
            }
        )


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run: what was asked for, by whom, with which commit of the content.

    `fresh` holds, for each database, the tables in which the run found nothing to do; `*` before them means all but
    these. `outcome` is running for one that has not ended: it is at work, or it was killed.
    """

    run: str
    command: str
    target: str
    who: str
    started: datetime
    finished: datetime | None = None
    outcome: Literal["running", "done", "failed", "stopped"] = "running"
    commit: str | None = None
    dirty: bool | None = None
    error: str = ""
    fresh: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        finished = self.finished.isoformat() if self.finished else None
        return {**found, "started": self.started.isoformat(), "finished": finished}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> RunEntry:
        """Raises KeyError, TypeError or ValueError on anything that `to_json` did not write."""
        return RunEntry(
            **{
                **data,
                "started": datetime.fromisoformat(data["started"]),
                "finished": datetime.fromisoformat(data["finished"]) if data["finished"] else None,
                "fresh": {database: tuple(tables) for database, tables in data["fresh"].items()},
            }
        )

    def found_fresh(self, name: TableName) -> bool:
        """Whether the run had nothing to do for this table."""
        tables = self.fresh.get(name.database, ())
        return name.table not in tables if tables[:1] == ("*",) else name.table in tables


@dataclass(frozen=True, slots=True)
class Record:
    """All that one run left; queries are those that cost money."""

    run: RunEntry
    tables: tuple[TableEntry, ...] = ()
    queries: tuple[QueryStats, ...] = ()

    def counts(self) -> Counter[str]:
        """How many tables ended in each way; those that were fresh are counted where they are listed."""
        return Counter(entry.outcome for entry in self.last())

    def last(self) -> tuple[TableEntry, ...]:
        """How each table ended in the end: an attempt that was repeated is not told."""
        return tuple({entry.table: entry for entry in self.tables}.values())

    @property
    def failed(self) -> tuple[TableEntry, ...]:
        """The tables that failed in the end."""
        return tuple(entry for entry in self.last() if entry.outcome == "failed")

    @property
    def cost_usd(self) -> float:
        """What the queries cost."""
        return sum(query.cost_usd for query in self.queries)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        tables, queries = [one.to_json() for one in self.tables], [one.to_json() for one in self.queries]
        return {"run": self.run.to_json(), "tables": tables, "queries": queries}

    def written(self) -> bytes:
        """As it is kept in the lake."""
        return json.dumps(self.to_json(), ensure_ascii=False).encode()

    @staticmethod
    def read(content: bytes) -> Record:
        """Raises ValueError on anything that `written` did not write."""
        return Record.from_json(json.loads(content))

    @staticmethod
    def from_json(data: Any) -> Record:
        """Raises ValueError on anything that `to_json` did not write."""
        try:
            return Record(
                RunEntry.from_json(data["run"]),
                tuple(map(TableEntry.from_json, data["tables"])),
                tuple(map(QueryStats.from_json, data["queries"])),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not an entry of the ledger: {error}") from None


def joined(pieces: Iterable[Record]) -> list[Record]:
    """One record a run, oldest first. Of the pieces of a run the first holds its newest state."""
    found: dict[str, Record] = {}
    for piece in pieces:
        known = found.get(piece.run.run)
        if known is None:
            found[piece.run.run] = piece
        else:
            tables, queries = (*known.tables, *piece.tables), (*known.queries, *piece.queries)
            found[piece.run.run] = replace(known, tables=tables, queries=queries)
    return sorted(found.values(), key=lambda record: (record.run.started, record.run.run))


def grouped(fresh: Collection[TableName], declared: Iterable[TableName]) -> Mapping[str, tuple[str, ...]]:
    """Names by database as a run's entry holds them: listed, or where that is shorter all but the others.

    >>> a, b = TableName("core_ads", "a"), TableName("core_ads", "b")
    >>> grouped([a, b], [a, b]), grouped([a], [a, b])
    ({'core_ads': ('*',)}, {'core_ads': ('a',)})
    """
    others: dict[str, list[str]] = {}
    for name in declared:
        if name not in fresh:
            others.setdefault(name.database, []).append(name.table)
    found: dict[str, tuple[str, ...]] = {}
    for database, listed in _by_database(fresh):
        left = ("*", *sorted(others.get(database, ())))
        found[database] = left if len(left) <= len(listed) else tuple(listed)
    return found


def _by_database(names: Iterable[TableName]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        found.setdefault(name.database, []).append(name.table)
    return iter(found.items())


def cause_of(error: BaseException) -> Cause:
    """What kind of fault an exception is."""
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), "platform")


def lines_of(error: BaseException) -> tuple[str, tuple[str, ...]]:
    """An error's one line, and those of the checks that failed, without the rows that these show.

    Without values, which may be personal, and which would be kept and sent: of what fails in an engine what it tells
    of them is left out, of a fault of the platform everything but its kind.
    """
    if cause_of(error) == "platform":
        return type(error).__name__, ()
    if isinstance(error, Rejected | Refused):
        error = type(error)(problem.without_values for problem in error.problems)
    head, *rest = str(error).split("\n")
    checks = [line for line in rest if not line.startswith(" ")] if isinstance(error, CheckFailed) else []
    return head.strip()[:_LONGEST], shortened(checks)


def shortened(lines: Iterable[str]) -> tuple[str, ...]:
    """The first lines of what was told, as far as the ledger keeps them."""
    return tuple(line.partition("\n")[0][:_LONGEST] for line in [*lines][:_MOST_CHECKS])


def stretches(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """Days as stretches without gaps, oldest first.

    >>> [(first.day, last.day) for first, last in stretches([date(2024, 5, 3), date(2024, 5, 1), date(2024, 5, 2)])]
    [(1, 3)]
    """
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)
