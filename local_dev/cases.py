"""`baikal test`: runs the cases of `.test.yaml` files on a throw-away engine; touches no lake."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from local_dev.case_files import read_case_file
from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector
from local_dev.console import Console, bad, faint, good, plural
from local_dev.failure import Failure, failure_of, problem_document
from local_dev.selection import selected
from local_dev.text_table import text_table
from transforms.case import Case, differences
from transforms.content import Content
from transforms.errors import BaikalError, Problem
from transforms.layout import TEST_SUFFIX
from transforms.names import TableName

if TYPE_CHECKING:
    from connectors.engine import Engine

SHOWN_ROWS = 10


@dataclass(frozen=True)
class CaseRun:
    """What became of one case. `rows` are those of the two sides, in the order of `columns`."""

    table: TableName
    path: str
    case: Case
    seconds: float
    columns: tuple[str, ...] = ()
    missing: Sequence[Sequence[Any]] = ()
    unexpected: Sequence[Sequence[Any]] = ()
    failure: Failure | None = None

    @property
    def passed(self) -> bool:
        return not (self.missing or self.unexpected or self.failure)

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` gives it."""
        found: dict[str, Any] = {
            "table": str(self.table),
            "path": self.path,
            "line": self.case.line,
            "name": self.case.name,
            "passed": self.passed,
            "seconds": round(self.seconds, 4),
        }
        if self.missing or self.unexpected:
            found |= {"columns": self.columns, "missing": self.missing, "unexpected": self.unexpected}
        if self.failure:
            found["error"] = self.failure.document
        return found


@command("test")
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete_selector)
def test(call: Call, selectors: tuple[str, ...]) -> Answer:
    """Run the cases of the .test.yaml files beside the tables.

    A case gives rows to what a table reads and says which rows must come out.
    """
    content = call.declarations
    chosen = selected(content, selectors)
    names = [name for name in content.names if name in chosen and name in content.tests]
    if not names:
        call.console.show(f"no cases; {_to_write(content, chosen)}")
        return Answer({"cases": [], "passed": 0, "failed": 0})
    began = time.perf_counter()
    runs, problems = _run_cases(content, names)
    for run in runs:
        _tell(call.console, run)
    for problem in problems:
        call.console.error(str(problem))
    failed = sum(not run.passed for run in runs)
    told = f"{len(runs) - failed:,} passed" + (f", {failed:,} failed" if failed else "")
    told += f", {plural(len(problems), 'error')}" if problems else ""
    ended = f"{told} in {plural(len(names), 'table')}, {time.perf_counter() - began:.1f} s"
    call.console.show((bad if failed or problems else good)(ended))
    document: dict[str, Any] = {"cases": [run.document for run in runs], "passed": len(runs) - failed, "failed": failed}
    if problems:
        document["problems"] = [problem_document(problem) for problem in problems]
    return Answer(document, 1 if failed or problems else 0)


def _to_write(content: Content, chosen: set[TableName]) -> str:
    """Where the first case would stand."""
    path = next(
        (content.relations[name].path for name in content.names if name in chosen & content.relations.keys()), ""
    )
    if not path:
        return "cases stand beside tables and views: name one of them"
    return f"write {path.removesuffix('.sql')}{TEST_SUFFIX}"


def _run_cases(content: Content, names: Sequence[TableName]) -> tuple[list[CaseRun], list[Problem]]:
    """All cases of the tables that have no fault, and the faults of the others, of their case files too.

    What a fault further up leaves without columns has no cases that could pass.
    """
    files = {name: read_case_file(content, name) for name in names}
    faults = {name: [*file.problems, *content.faults(name)] for name, file in files.items()}
    problems = sorted({problem for found in faults.values() for problem in found}, key=lambda problem: problem.place)
    sound = [(name, case) for name, file in files.items() if not faults[name] for case in file.cases]
    if not sound:
        return [], problems
    from connectors.engines.duckdb import DuckdbEngine

    with TemporaryDirectory(prefix="baikal-test-") as folder:
        engine = DuckdbEngine(Path(folder), Path(folder) / "spill")
        return [_run(content, engine, name, case) for name, case in sound], problems


def _run(content: Content, engine: Engine, name: TableName, case: Case) -> CaseRun:
    began, path = time.perf_counter(), content.tests[name]
    session = engine.session()
    try:
        missing, unexpected = _differences(content, session, name, case)
    except BaikalError as error:
        return CaseRun(name, path, case, time.perf_counter() - began, failure=failure_of(error))
    finally:
        session.close()
    columns = tuple(column.name for column in case.columns)
    return CaseRun(name, path, case, time.perf_counter() - began, columns, missing, unexpected)


def _differences(
    content: Content, engine: Engine, name: TableName, case: Case
) -> tuple[list[Sequence[Any]], list[Sequence[Any]]]:
    import pyarrow as pa

    from connectors.arrow_types import arrow_schema
    from local_dev.encoding import encoded_rows
    from transforms.compile import compile_sql

    relation = content.relations[name]
    compiled = compile_sql(relation.text, content.schema, window=case.window, path=relation.path)
    for table, rows in case.given.items():
        engine.attach_rows(table, content.columns(table), rows)
    types = {column.name: column.type for column in compiled.columns}
    wanted = [column.name for column in case.columns]
    schema = arrow_schema(case.columns)
    expected = pa.RecordBatch.from_arrays(
        [pa.array([row.get(field.name) for row in case.expect], field.type) for field in schema], schema=schema
    )
    actual = [
        row
        for batch in engine.query(compiled)
        for row in encoded_rows(batch.select(wanted), [types[column] for column in wanted])
    ]
    return differences(encoded_rows(expected, [types[column] for column in wanted]), actual)


def _tell(console: Console, run: CaseRun) -> None:
    place = f"{run.path}:{run.case.line}"
    if run.passed:
        console.show(f"{good('passed')}  {run.table}: {run.case.name} {faint(f'{run.seconds * 1000:.0f} ms')}")
        return
    console.show(f"{bad('failed')}  {place}: {run.case.name}")
    if run.failure:
        console.show(f"  {run.failure.text}")
    sides = [("missing", row) for row in run.missing[:SHOWN_ROWS]]
    sides += [("unexpected", row) for row in run.unexpected[:SHOWN_ROWS]]
    if sides:
        told = text_table(["", *run.columns], [[side, *map(_cell, row)] for side, row in sides])
        console.show("\n".join(f"  {line}" for line in told.splitlines()))
    more = max(len(run.missing) - SHOWN_ROWS, 0) + max(len(run.unexpected) - SHOWN_ROWS, 0)
    if more:
        console.show(f"  and {plural(more, 'more row')}")


def _cell(value: Any) -> Any:
    return "NULL" if value is None else value if isinstance(value, bool | str) else str(value)
