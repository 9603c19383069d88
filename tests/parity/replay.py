"""Answer a recorded case on DuckDB through the compiler, in the encoding of Trino's client protocol, and judge it."""

from __future__ import annotations

import gzip
import json
import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb

from local_dev.encoding import encoded_rows
from transforms.compile import compile_sql
from transforms.dialect.macros import macro_statements
from transforms.dialect.types import duckdb_type
from transforms.errors import Refused, Rejected
from transforms.lake_types import Type

ANSWERS = Path(__file__).parent / "answers"
Verdict = Literal["same", "refused", "rejected", "different", "accepted", "failed", "wrongly rejected"]
ORDERED = re.compile(r"\border by [^()]*$")


@dataclass(frozen=True)
class Case:
    """A statement, and what Trino said."""

    family: str
    sql: str
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    error: str | None


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


class Laptop:
    """One DuckDB as the platform sets it up, with the macros of the statements that it has seen."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute("set threads = 1")
        self.connection.execute("set memory_limit = '1GB'")
        self.macros: set[str] = set()

    def judge(self, case: Case) -> Outcome:
        """Compile, run, compare."""
        try:
            compiled = compile_sql(case.sql, {})
        except Refused as refused:
            return Outcome("refused", str(refused))
        except Rejected as rejected:
            return Outcome("rejected" if case.error else "wrongly rejected", str(rejected))
        try:
            for statement in macro_statements(name for name in compiled.macros if name not in self.macros):
                self.connection.execute(statement)
            self.macros.update(compiled.macros)
            relation = self.connection.sql(compiled.duckdb)
            held, table = list(map(str, relation.types)), relation.to_arrow_table().combine_chunks()
        except duckdb.Error as error:
            told = str(error).splitlines()[0]
            if "not portable" in told:
                return Outcome("refused", told)
            return Outcome("rejected" if case.error else "failed", f"{told}\n    {compiled.duckdb}")
        types = [column.type for column in compiled.columns]
        shown = [row for batch in table.to_batches() for row in encoded_rows(batch, types, compiled.zones)]
        if case.error:
            return Outcome("accepted", f"{case.error}; here {shown[:2]}\n    {compiled.duckdb}")
        return self._compared(case, types, held, shown, compiled.duckdb)

    def _compared(self, case: Case, types: list[Type], held: list[str], shown: list[list[Any]], sql: str) -> Outcome:
        names = [_plain_type(str(kind)) for kind in types]
        if names != [_plain_type(kind) for kind in case.types]:
            return Outcome("different", f"types {case.types}, here {names}")
        wanted = [self._described(duckdb_type(kind)) for kind in types]
        if wanted != held:
            return Outcome("different", f"DuckDB holds {held} for {names}\n    {sql}")
        expected, shown = (_canonical_rows(rows, types) for rows in (case.rows, shown))
        if not ORDERED.search(case.sql):
            expected, shown = sorted(expected, key=repr), sorted(shown, key=repr)
        if len(expected) != len(shown) or not all(map(_equal, expected, shown)):
            return Outcome("different", f"{expected[:4]}, here {shown[:4]}\n    {sql}")
        return Outcome("same")

    def _described(self, kind: str) -> str:
        return _describe(self.connection, kind)


_DESCRIBED: dict[str, str] = {}


def _describe(connection: duckdb.DuckDBPyConnection, kind: str) -> str:
    if kind not in _DESCRIBED:
        _DESCRIBED[kind] = str(connection.sql(f"select cast(null as {kind})").types[0])
    return _DESCRIBED[kind]


def _canonical_rows(rows: Sequence[Sequence[Any]], types: list[Type]) -> list[list[Any]]:
    return [[_canonical(value, kind) for value, kind in zip(row, types, strict=True)] for row in rows]


def _canonical(value: Any, kind: Type) -> Any:
    if kind.name == "real" and isinstance(value, (int, float)):
        return struct.unpack("f", struct.pack("f", value))[0]
    if kind.name == "double" and isinstance(value, int):
        return float(value)
    return value


def _equal(left: Any, right: Any) -> bool:
    """Equal, or doubles that differ in the last bit, which Java's and C's mathematics may."""
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, float) or isinstance(right, float):
        both = isinstance(left, (int, float)) and isinstance(right, (int, float))
        return left == right or (both and math.isclose(left, right, rel_tol=1e-14))
    return bool(left == right)


def _plain_type(kind: str) -> str:
    """Without spaces after commas, and without the digits of a timestamp, which the protocol leaves out."""
    return re.sub(r"\b(timestamp|time)\(\d+\)", r"\1", kind.lower().replace(", ", ","))
