"""Answer a recorded case through what `baikal query --batch` runs, and judge the answer."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from connectors.engines.duckdb import DuckdbEngine
from local_dev.batch import answer
from local_dev.column_document import type_name
from local_dev.query import rows_document
from local_dev.same_rows import same, unmatched
from transforms.analysis import Compiled
from transforms.column import Schema
from transforms.compile import compile_sql
from transforms.dialect.types import duckdb_type
from transforms.errors import BaikalError, ContentError
from transforms.lake_types import Type

ANSWERS = Path(__file__).parent / "answers"
Verdict = Literal["same", "refused", "rejected", "different", "accepted", "failed", "wrongly rejected", "unjudged"]
ORDERED = re.compile(r"\border by [^()]*$")
TOGETHER = 16
"""How many expressions go in one statement, which costs a third of as many statements."""


@dataclass(frozen=True)
class Case:
    """A statement, and what Trino said."""

    family: str
    sql: str
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    error: str | None

    def expression(self, source: str) -> str | None:
        """What the statement selects, if it may be no more than `select`, one expression and the source."""
        one = len(self.types) == 1 and (source or len(self.rows) == 1) and "\n" not in self.sql
        if not one or not self.sql.startswith("select ") or not self.sql.endswith(source):
            return None
        return self.sql.removeprefix("select ").removesuffix(source)


@dataclass(frozen=True)
class Outcome:
    """`same`, `refused` and `rejected` are right; `detail` explains the others."""

    verdict: Verdict
    detail: str = ""


def recorded(family: str) -> Iterator[Case]:
    """All cases of a family with their answers."""
    with gzip.open(ANSWERS / f"{family}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            found = json.loads(line)
            rows = tuple(map(tuple, found.get("rows", ())))
            yield Case(found["family"], found["sql"], tuple(found.get("types", ())), rows, found.get("error"))


def families() -> list[str]:
    """Every family of cases that has answers."""
    return sorted(path.name.removesuffix(".jsonl.gz") for path in ANSWERS.iterdir())


class WrongType(Exception):
    """DuckDB holds a column in another type than the compiler says; a build would stop at it."""


class Laptop:
    """The platform's own DuckDB, compiler and encoding, over these tables."""

    def __init__(self, schema: Schema | None = None) -> None:
        nowhere = Path("/nonexistent")
        self.schema = schema or {}
        self.engine = DuckdbEngine(nowhere, nowhere, memory_limit="1GB", threads=1)

    def judge_all(self, cases: Sequence[Case], source: str = "") -> list[Outcome]:
        """An outcome for each case. Expressions are computed many at once; what then differs is judged alone.

        `source` is a FROM clause with which all of them end.
        """
        expressions = [case for case in cases if case.expression(source)]
        right: set[int] = set()
        for start in range(0, len(expressions), TOGETHER):
            right.update(self._same_together(expressions[start : start + TOGETHER], source))
        return [Outcome("same") if id(case) in right else self.judge(case) for case in cases]

    def judge(self, case: Case) -> Outcome:
        """Compile, run, compare."""
        found = answer(case.sql, lambda sql: rows_document(*self.ask(sql)))
        if "error" in found:
            kind, message = found["error"]["kind"], found["error"]["message"]
            if kind == "refused":
                return Outcome("refused", message)
            if kind == "engine":
                return Outcome("failed", message)
            return Outcome("rejected" if case.error else "wrongly rejected", message)
        if case.error:
            return Outcome("accepted", f"{case.error}; here {found['rows'][:2]}")
        return _compared(case, [column["type"] for column in found["columns"]], found["rows"])

    def _same_together(self, cases: Sequence[Case], source: str) -> Iterator[int]:
        """The `id` of the cases that have the same answer in one statement, in which each has a line of its own."""
        if len(cases) < 2:
            return
        try:
            items = ",\n".join(f"({case.expression(source)})" for case in cases)
            document = rows_document(*self.ask(f"select\n{items}{source}"))
        except (BaikalError, WrongType) as error:
            bad = {problem.line - 2 for problem in error.problems} if isinstance(error, ContentError) else set()
            fine = [case for index, case in enumerate(cases) if index not in bad]
            middle = len(cases) // 2
            for part in [fine] if len(fine) < len(cases) else [cases[:middle], cases[middle:]]:
                yield from self._same_together(part, source)
            return
        for index, (case, column) in enumerate(zip(cases, document["columns"], strict=True)):
            if _compared(case, [column["type"]], [[row[index]] for row in document["rows"]]).verdict == "same":
                yield id(case)

    def ask(self, sql: str) -> tuple[Compiled, pa.RecordBatchReader]:
        """What `baikal query` runs. Raises WrongType too."""
        compiled = compile_sql(sql, self.schema)
        reader = self.engine.query(compiled)
        for column, field in zip(compiled.columns, reader.schema, strict=True):
            if field.type != _arrow_type(duckdb_type(column.type)):
                raise WrongType(f"{column.type} is held as {field.type}")
        return compiled, reader


def _compared(case: Case, types: Sequence[str], rows: list[list[Any]]) -> Outcome:
    wanted = [type_name(Type.parse(kind)) for kind in case.types]
    if wanted != list(types):
        return Outcome("different", f"types {wanted}, here {types}")
    expected: list[Any] = list(map(list, case.rows))
    if same(expected, rows):
        return Outcome("same")
    if not ORDERED.search(case.sql):
        expected, rows = unmatched(expected, rows)
    if expected or rows:
        return Outcome("different", f"{expected[:4]}, here {rows[:4]}")
    return Outcome("same")


@lru_cache(maxsize=4096)
def _arrow_type(kind: str) -> pa.DataType:
    return _plain_duckdb().sql(f"select cast(null as {kind})").to_arrow_table().schema.field(0).type


@cache
def _plain_duckdb() -> duckdb.DuckDBPyConnection:
    """To start one takes longer than what it is asked."""
    return duckdb.connect()
