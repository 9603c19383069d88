"""Answer a recorded case on DuckDB through the compiler, in the encoding of Trino's client protocol, and judge it."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import duckdb

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
            result = self.connection.execute(compiled.duckdb)
            found = result.fetchall()
            held = [str(column[1]) for column in result.description]
        except duckdb.Error as error:
            told = str(error).splitlines()[0]
            if "not portable" in told:
                return Outcome("refused", told)
            return Outcome("rejected" if case.error else "failed", f"{told}\n    {compiled.duckdb}")
        if case.error:
            return Outcome("accepted", f"{case.error}; here {found[:2]}\n    {compiled.duckdb}")
        types = [column.type for column in compiled.columns]
        shown = [
            tuple(encoded(value, kind, zone) for value, kind, zone in zip(row, types, compiled.zones, strict=True))
            for row in found
        ]
        return self._compared(case, types, held, shown, compiled.duckdb)

    def _compared(
        self, case: Case, types: list[Type], held: list[str], shown: list[tuple[Any, ...]], sql: str
    ) -> Outcome:
        names = [_plain_type(str(kind)) for kind in types]
        if names != [_plain_type(kind) for kind in case.types]:
            return Outcome("different", f"types {case.types}, here {names}")
        wanted = [self._described(duckdb_type(kind)) for kind in types]
        if wanted != held:
            return Outcome("different", f"DuckDB holds {held} for {names}\n    {sql}")
        expected = [tuple(_canonical(value, kind) for value, kind in zip(row, types, strict=True)) for row in case.rows]
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
        _DESCRIBED[kind] = str(connection.execute(f"select cast(null as {kind})").description[0][1])
    return _DESCRIBED[kind]


def encoded(value: Any, kind: Type, zone: str | None) -> Any:
    """A value as Trino's protocol shows it."""
    if value is None:
        return None
    name = kind.name
    if name in ("double", "real"):
        value = float(value)
        return "NaN" if math.isnan(value) else ("-Infinity", "Infinity")[value > 0] if math.isinf(value) else value
    if name == "array":
        return [encoded(each, kind.element, zone) for each in value]
    if name == "map":
        return {str(key): encoded(each, kind.parts[1], zone) for key, each in value.items()}
    if name == "row":
        return [encoded(each, field.type, zone) for each, field in zip(value.values(), kind.fields, strict=True)]
    if name == "varbinary":
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str) and name in ("date", "timestamp"):
        return _far(value)
    return _moment(value, kind, zone) if isinstance(value, (date, datetime, timedelta)) else value


def _far(value: str) -> str:
    """A year that Python cannot hold: DuckDB's text in the words of Trino."""
    found = re.fullmatch(r"(\d+)(-\d\d-\d\d)( \(BC\))?( .*)?", value)
    assert found
    year = 1 - int(found[1]) if found[3] else int(found[1])
    clock = f"{found[4]}.000"[:13] if found[4] else ""
    return f"{'+' if year > 9999 else '-' if year < 0 else ''}{abs(year):04}{found[2]}{clock}"


def _moment(value: date | datetime | timedelta, kind: Type, zone: str | None) -> str:
    if isinstance(value, timedelta):
        milliseconds = abs(value) // timedelta(milliseconds=1)
        sign = "-" if value < timedelta() else ""
        seconds, rest = divmod(milliseconds, 1000)
        return f"{sign}{seconds // 86400} {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
    if not isinstance(value, datetime):
        return value.isoformat()
    if kind.name != "timestamp with time zone":
        return value.isoformat(" ", "milliseconds")
    assert zone is not None
    return f"{value.astimezone(_zone(zone)).replace(tzinfo=None).isoformat(' ', 'milliseconds')} {zone}"


def _zone(name: str) -> Any:
    offset = re.fullmatch(r"([+-])(\d\d):(\d\d)", name)
    if not offset:
        return ZoneInfo(name)
    return timezone((1 if offset[1] == "+" else -1) * timedelta(hours=int(offset[2]), minutes=int(offset[3])))


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
