"""What a flow run says of its tables: artifacts, and one final state that names every table that failed.

Decides how outcomes are shown, never what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from connectors.build import Built
from connectors.landed import Landed
from flows.river import Futures, succeeded
from transforms.content import Content
from transforms.errors import CheckFailed, Problem
from transforms.names import TableName

SKIPPED = "Skipped"
FRESH = "Fresh"
_SHOWN = 5
"""The most tables, and the most lines of each, that the final state names; sample rows are in the artifact."""
T = TypeVar("T", Landed, Built)


@dataclass(frozen=True)
class TaskOutcome(Generic[T]):
    """How one table ended: with a result, with an error, or not run at all."""

    table: TableName
    state: str
    result: T | None
    why: str = ""
    check: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """It was run, and what it did was not published."""
        return self.result is None and self.state != SKIPPED


def _outcome(name: TableName, future: Any, kind: type[T]) -> TaskOutcome[T]:
    if succeeded(future):
        result = future.result()
        assert isinstance(result, kind)
        return TaskOutcome(name, future.state.name, result)
    if future.state.name == SKIPPED:
        return TaskOutcome(name, SKIPPED, None, future.state.message or "")
    error = future.result(raise_on_failure=False)
    return TaskOutcome(name, future.state.name, None, _sentence(error), isinstance(error, CheckFailed))


def report(content: Content, *, landed: Futures | None = None, built: Futures | None = None) -> State[Any]:
    """Waits for what still runs, writes the artifacts; the state that the flow ends in."""
    raw = [_landed(content, _outcome(name, future, Landed)) for name, future in sorted((landed or {}).items())]
    tables = [_built(_outcome(name, future, Built)) for name, future in sorted((built or {}).items())]
    _table("landed-tables", "Raw tables, as ingest left them", raw, _landed_row)
    _table("built-tables", "Built tables, as this run left them", tables, _built_row)
    _rejects([outcome.result for outcome in raw if outcome.result])
    _surprises(raw)
    _checks(tables)
    for line in _warnings([*raw, *tables]):
        get_run_logger().warning(line)
    return final_state([*raw, *tables], unread(content))


def final_state(all_: Sequence[TaskOutcome[Any]], unread: Sequence[Problem] = ()) -> State[Any]:
    """Failed when any table failed, or a declaration could not be read; the message names the first few."""
    failed = [outcome for outcome in all_ if outcome.failed]
    below = [outcome for outcome in all_ if outcome.state == SKIPPED]
    if not failed and not unread:
        return Completed(message="; ".join([_counts(all_), *_warned(all_)]))
    parts = [f"{len(failed)} of {len(all_)} tables failed"] if failed else []
    parts += [f"{len(below)} below them not run"] if below else []
    parts += [f"{len(unread)} problems in declarations"] if unread else []
    reasons = [_named(outcome) for outcome in failed] + [str(problem) for problem in unread]
    more = [f"and {len(reasons) - _SHOWN} more"] if len(reasons) > _SHOWN else []
    return Failed(message=", ".join(parts) + ": " + "; ".join([*reasons[:_SHOWN], *more, *_warned(all_)]))


def unread(content: Content) -> tuple[Problem, ...]:
    """The errors of files that no table's task speaks of: sources, teams, targets, headers without a table."""
    spoken = {relation.path for relation in content.relations.values()}
    return tuple(problem for problem in content.errors if problem.path not in spoken)


def _counts(all_: Sequence[TaskOutcome[Any]]) -> str:
    raw = [outcome for outcome in all_ if outcome.table.layer == "raw"]
    idle = sum(outcome.state == FRESH for outcome in all_)
    return f"{len(raw)} raw tables, {len(all_) - len(raw)} tables, {idle} of them had nothing to do"


def _warned(all_: Iterable[TaskOutcome[Any]]) -> list[str]:
    """How much a person did not expect, and the first of it."""
    told = _warnings(all_)
    if not told:
        return []
    more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return [f"{len(told)} warning{'s' * (len(told) > 1)}: " + "; ".join([*told[:_SHOWN], *more])]


def _warnings(all_: Iterable[TaskOutcome[Any]]) -> list[str]:
    return [_with_table(outcome.table, line.split("\n")[0]) for outcome in all_ for line in outcome.warnings]


def _named(outcome: TaskOutcome[Any]) -> str:
    lines = [line for line in outcome.why.split("\n") if not line.startswith(" ")]
    why = "; ".join(lines[:_SHOWN])
    return _with_table(outcome.table, why)


def _with_table(table: TableName, text: str) -> str:
    return text if str(table) in text else f"{table}: {text}"


def _landed(content: Content, outcome: TaskOutcome[Landed]) -> TaskOutcome[Landed]:
    """With what a person did not expect of the source."""
    if outcome.result is None:
        return outcome
    source, _ = content.raw[outcome.table]
    return replace(outcome, warnings=tuple(outcome.result.surprises(source)))


def _built(outcome: TaskOutcome[Built]) -> TaskOutcome[Built]:
    return replace(outcome, warnings=outcome.result.warnings) if outcome.result else outcome


def _table(key: str, description: str, found: list[TaskOutcome[T]], row: Callable[[T], dict[str, object]]) -> None:
    if found:
        rows = [
            {"table": str(o.table), "state": o.state, **(row(o.result) if o.result else {}), "why": o.why}
            for o in found
        ]
        headers = list(dict.fromkeys(name for one in rows for name in one))
        create_table_artifact([{name: one.get(name, "") for name in headers} for one in rows], key, description)


def _landed_row(landed: Landed) -> dict[str, object]:
    new = ", ".join(column.name for column in landed.new_columns)
    return {
        "rows": landed.rows,
        "bytes": landed.bytes,
        "rejects": landed.rejects,
        "deleted": landed.deleted,
        "seconds": round(landed.seconds, 2),
        "new columns": new,
        "missing columns": ", ".join(landed.missing_columns),
        "warnings": "; ".join(landed.warnings),
    }


def _built_row(built: Built) -> dict[str, object]:
    return {"rows": built.rows, "days": _days(built.days), "bytes": built.bytes, "seconds": round(built.seconds, 2)}


def _days(days: Iterable[object] | None) -> str:
    shown = [str(day) for day in days or ()]
    return f"{shown[0]} to {shown[-1]} ({len(shown)})" if len(shown) > 1 else "".join(shown)


def _rejects(landed: list[Landed]) -> None:
    rows = [{"table": str(one.table), "rejects": one.rejects, "of rows": one.rows} for one in landed if one.rejects]
    if rows:
        create_table_artifact(rows, "rejects", "Rows that could not be held; `baikal show <table>` says where they are")


def _surprises(landed: list[TaskOutcome[Landed]]) -> None:
    told = [_quoted(outcome.table, "warned", "\n".join(outcome.warnings)) for outcome in landed if outcome.warnings]
    if told:
        create_markdown_artifact("\n\n".join(told), "warnings", "What was not expected of the sources")


def _checks(built: list[TaskOutcome[Built]]) -> None:
    failed = [_quoted(outcome.table, "failed", outcome.why) for outcome in built if outcome.check]
    warned = [
        _quoted(outcome.table, "warned", str(warning))
        for outcome in built
        if outcome.result
        for warning in outcome.result.warnings
    ]
    if failed or warned:
        create_markdown_artifact("\n\n".join(failed + warned), "failed-checks", "Checks that failed on the staged rows")


def _quoted(table: TableName, how: str, text: str) -> str:
    indented = "\n".join(f"    {line}" for line in text.split("\n"))
    return f"### {table} {how}\n\n{indented}"


def _sentence(error: object) -> str:
    return str(error) or type(error).__name__
