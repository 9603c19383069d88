"""Asks Trino and the laptop the same random statements, and tells how their answers compare.

Expressions go many in one query. Statements go one by one: together they cost the server as much, and one that fails
would fail all.

No judgement is made where Trino fails by a fault of its own; and where one side fails and the other gives rows, when
which rows reach the failing expression is up to Trino's plan: what no TRY catches, in a statement with WHERE or ON, and
one side of INTERSECT or EXCEPT, which is not computed when the other side has no rows. Two answers that differ are
always a difference.

The tables are in Trino's memory, where questions are answered soonest. A filter that fails on one side alone is asked
again of the same tables as files, as Athena reads them: there a filter computes first what bounds a column.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from local_dev.trino import PORT, Answer, ask, make_catalog
from tests.parity.fuzz.functions import callable_functions
from tests.parity.fuzz.statements import Statement, Statements
from tests.parity.fuzz.tables import Table
from tests.parity.replay import Case, Laptop, Outcome
from transforms.compile import compile_sql
from transforms.dialect.trino_text import trino_text
from transforms.errors import ContentError, OutsideError, Refused, Rejected

PATIENCE_S = 600
ONE_FAILED = frozenset(("accepted", "wrongly rejected"))
RIGHT = frozenset(("same", "rejected", "refused", "unjudged"))
BROKEN = "GENERIC_INTERNAL_ERROR"
"""Trino failed by a fault of its own, which no TRY catches: no judgement."""

_UNCAUGHT = re.compile(r"NOT_SUPPORTED: |(ARRAY|ROW) comparison not supported|does not support arrays with elements")
"""What no TRY turns into NULL."""
_CHOOSES = re.compile(r" (where|on) ")
_SKIPS = re.compile(r" (intersect|except) ")


class Judge:
    """Both engines, with the same rows in the same tables."""

    def __init__(self, tables: Sequence[Table], port: int = PORT) -> None:
        self.port = port
        self.tables = tables
        self.laptop = Laptop({table.full_name: table.declared for table in tables})
        self._files: str | None = None
        self._files_lock = Lock()
        for table in tables:
            self._fill(table)

    def _fill(self, table: Table) -> None:
        sql = str(table.values(list(table.columns)))
        columns = table.declared
        rows = self.laptop.ask(sql)[1].read_all().to_pylist()
        self.laptop.engine.attach_rows(table.full_name, columns, rows)
        for statement in (
            f"create schema if not exists {table.database}",
            f"drop table if exists {table.full_name}",
            f"create table {table.full_name} as {sql}",
        ):
            _require(self._ask(statement))
        held = self._ask(f"select * from {table.full_name}")
        (outcome,) = self.laptop.judge_all([_case(f"select * from {table.full_name}", held)])
        if outcome.verdict != "same":
            raise OutsideError(f"{table.full_name} is not the same on both: {outcome.detail}")

    def close(self) -> None:
        """Leave nothing on the server."""
        self._ask(f"drop schema if exists {self.tables[0].database} cascade")
        if self._files:
            self._ask(f"drop catalog {self._files}")
            shutil.rmtree(self._folder, ignore_errors=True)
        self.laptop.engine.close()

    def judge(self, statements: Sequence[Statement], source: str = "") -> list[Outcome]:
        """An outcome for each. With a source all are one expression over it, and are asked as one SELECT.

        What the compiler refuses is not asked of Trino, and what it rejects is asked alone.
        """
        outcomes: dict[int, Outcome] = {}
        portable: list[int] = []
        for index, statement in enumerate(statements):
            sql = str(statement.node)
            try:
                compile_sql(sql, self.laptop.schema)
                portable.append(index)
            except Refused as refused:
                outcomes[index] = Outcome("refused", str(refused))
            except Rejected:
                outcomes[index] = self.laptop.judge(_case(sql, self._ask(sql)))
        asked = [statements[index] for index in portable]
        if source:
            answers = self._columns([str(each.node.parts[0]) for each in asked], source)
        else:
            answers = [self._ask(str(each.node)) for each in asked]
        cases = [_case(str(each.node), answer) for each, answer in zip(asked, answers, strict=True)]
        judged = self.laptop.judge_all(cases, source)
        for index, case, outcome in zip(portable, cases, judged, strict=True):
            if outcome.verdict in ONE_FAILED and not source and _CHOOSES.search(case.sql):
                case = self._case_of_files(case.sql)
                outcome = self.laptop.judge(case)
            outcomes[index] = Outcome("unjudged") if _undecided(case, outcome) else outcome
        return [outcomes[index] for index in range(len(statements))]

    def _ask(self, sql: str, catalog: str = "memory") -> Answer:
        text = trino_text(sql, self.laptop.schema)
        with suppress(OutsideError):  # of thousands of answers one may be cut off
            return ask(text, port=self.port, timeout=PATIENCE_S, catalog=catalog)
        return ask(text, port=self.port, timeout=PATIENCE_S, catalog=catalog)

    def _case_of_files(self, sql: str) -> Case:
        with self._files_lock:
            self._files = self._files or self._written()
        return _case(sql, self._ask(sql, self._files))

    def _written(self) -> str:
        """A catalog with the tables as files."""
        database = self.tables[0].database
        catalog = f"{database}_{secrets.token_hex(4)}"
        self._folder = Path(tempfile.mkdtemp(prefix=f"{catalog}-"))
        _require(make_catalog(catalog, self._folder, self.port))
        _require(self._ask(f"create schema {database}", catalog))
        for table in self.tables:
            _require(self._ask(f"create table {table.full_name} as select * from memory.{table.full_name}", catalog))
        return catalog

    def _columns(self, items: list[str], source: str) -> list[Answer]:
        if not items:
            return []
        answer = self._ask(f"select {', '.join(items)}{source}")
        if answer.error is None:
            return [
                Answer((column,), tuple((row[index],) for row in answer.rows))
                for index, column in enumerate(answer.columns)
            ]
        if len(items) == 1:
            return [answer]
        middle = len(items) // 2
        return self._columns(items[:middle], source) + self._columns(items[middle:], source)


def _require(answer: Answer) -> None:
    if answer.error:
        raise OutsideError(f"Trino cannot make the tables: {answer.error}")


def seldom(schema_of: Sequence[Table], draw: Statements) -> frozenset[str]:
    """The overloads that the compiler refuses or rejects with plain arguments."""
    schema = {table.full_name: table.declared for table in schema_of}
    found = set()
    for signature in callable_functions():
        try:
            compile_sql(f"select {draw.sample(signature)} as c0 from {schema_of[0].full_name}", schema)
        except ContentError:
            found.add(signature.text)
    return frozenset(found)


def _undecided(case: Case, outcome: Outcome) -> bool:
    """Whether Trino's answer says nothing about the laptop's; see above."""
    if (case.error or "").startswith(BROKEN):
        return True
    failed = {"accepted": case.error or "", "wrongly rejected": outcome.detail}.get(outcome.verdict, "")
    return bool(failed and (_SKIPS.search(case.sql) or (_UNCAUGHT.search(failed) and _CHOOSES.search(case.sql))))


def _case(sql: str, answer: Answer) -> Case:
    return Case("", sql, tuple(kind for _, kind in answer.columns), answer.rows, answer.error)
