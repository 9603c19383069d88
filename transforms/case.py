"""The cases of a `.test.yaml`: rows given for each input, rows expected of the table, and how the two differ.

Compared are the columns that any expected row of the case names; a row that leaves one of them out expects NULL.
The order of rows never matters. Runs nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from transforms.case_value import value_of
from transforms.column import Column, Schema
from transforms.errors import Problem, did_you_mean
from transforms.names import TableName
from transforms.window import Window
from transforms.yaml_file import Document, read_yaml

KEYS = ("name", "given", "expect", "start", "end")
EXAMPLE = '"- name: refunds are subtracted", then given: and expect:'


@dataclass(frozen=True)
class Case:
    """`given` has every input: those that the file leaves out are empty. `columns` are those to compare."""

    name: str
    line: int
    given: Mapping[TableName, tuple[Mapping[str, Any], ...]]
    columns: tuple[Column, ...]
    expect: tuple[Mapping[str, Any], ...]
    window: Window | None = None


@dataclass(frozen=True)
class Cases:
    """What a file holds; with problems of severity error the cases are not to be trusted."""

    cases: tuple[Case, ...]
    problems: tuple[Problem, ...] = ()


def read_cases(
    text: str, path: str, *, inputs: Schema, output: Sequence[Column], partition: str | None = None
) -> Cases:
    """The cases of one file. `inputs` are the tables that the SQL reads, `output` its columns.

    A table with days is run for `start` to `end`; without them, for the days that its expected rows name, or else
    that its given rows name.
    """
    document = read_yaml(text, path)
    if document.problems:
        return Cases((), document.problems)
    reader = _Reader(document, inputs, {column.name: column for column in output}, partition)
    cases = tuple(reader.cases())
    return Cases(cases, tuple(reader.problems))


def differences(
    expected: Iterable[Sequence[Any]], actual: Iterable[Sequence[Any]]
) -> tuple[list[Sequence[Any]], list[Sequence[Any]]]:
    """The expected rows that are missing, and the actual rows that nobody expected; both may hold a row twice.

    Numbers with a fraction are equal when they differ by less than a billionth of their size.

    >>> differences([["a", 0.3], ["b", 1]], [["a", 0.1 + 0.2], ["c", 1]])
    ([['b', 1]], [['c', 1]])
    """
    missing, unexpected = list(expected), []
    counted = Counter(map(_key, missing))
    for row in actual:
        if counted[_key(row)]:
            counted[_key(row)] -= 1
            missing.remove(next(other for other in missing if _key(other) == _key(row)))
        else:
            unexpected.append(row)
    for row in list(missing):
        near = next((other for other in unexpected if _near(row, other)), None)
        if near is not None:
            missing.remove(row)
            unexpected.remove(near)
    return missing, unexpected


def _key(row: Sequence[Any]) -> str:
    return repr(list(row))


def _near(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_near, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_near(left[key], right[key]) for key in left)
    return bool(left == right)


class _Reader:
    """Reads the cases of one document, collecting every problem with its line."""

    def __init__(self, document: Document, inputs: Schema, output: Mapping[str, Column], partition: str | None) -> None:
        self.document = document
        self.inputs = inputs
        self.output = output
        self.partition = partition
        self.problems: list[Problem] = []

    def cases(self) -> Iterator[Case]:
        if not isinstance(self.document.value, list) or not self.document.value:
            self._wrong((), "cases are a list", write=f"write {EXAMPLE}")
            return
        seen: set[str] = set()
        for i, item in enumerate(self.document.value):
            if not isinstance(item, dict):
                self._wrong((i,), "a case is a mapping", write=f"write {EXAMPLE}")
                continue
            case = self._case(i, item)
            if case.name in seen:
                self._wrong((i, "name"), f'two cases have the name "{case.name}"', write="give each its own sentence")
            seen.add(case.name)
            yield case

    def _case(self, i: int, item: dict[str, Any]) -> Case:
        for key in item:
            if key not in KEYS:
                self._wrong(
                    (i, key), f'"{key}" is not a key of a case', _allowed("keys", KEYS), did_you_mean(key, KEYS)
                )
        name = item.get("name")
        if not isinstance(name, str) or not name.strip():
            self._wrong((i, "name"), "a case has no name", write='write "- name: refunds are subtracted"')
        if "expect" not in item:
            self._wrong((i,), "a case has no expect", write="write expect: with the rows, or expect: [] for none")
        given = self._given(i, item.get("given") or {})
        expect = tuple(self._rows((i, "expect"), item.get("expect") or [], self.output))
        for n, row in enumerate(item["expect"] if isinstance(item.get("expect"), list) else ()):
            if row == {}:
                what = "an expected row names no column"
                self._wrong((i, "expect", n), what, write="write the columns to compare, or expect: [] for no rows")
        named = {column for row in expect for column in row}
        columns = tuple(column for column in self.output.values() if column.name in named or not named)
        window = self._window(i, item, given, expect)
        return Case(str(name), self.document.line(i), given, columns, expect, window)

    def _given(self, i: int, given: Any) -> dict[TableName, tuple[Mapping[str, Any], ...]]:
        found: dict[TableName, tuple[Mapping[str, Any], ...]] = dict.fromkeys(self.inputs, ())
        if not isinstance(given, dict):
            self._wrong((i, "given"), "given is a mapping of tables to rows", write="write given: {table: [rows]}")
            return found
        names = {str(name): name for name in self.inputs}
        for table, rows in given.items():
            if table not in names:
                what = f'the SQL does not read "{table}"'
                self._wrong((i, "given", table), what, _allowed("it reads", names), did_you_mean(table, names))
                continue
            columns = {column.name: column for column in self.inputs[names[table]]}
            found[names[table]] = tuple(self._rows((i, "given", table), rows or [], columns))
        return found

    def _rows(
        self, way: tuple[str | int, ...], rows: Any, columns: Mapping[str, Column]
    ) -> Iterator[Mapping[str, Any]]:
        if not isinstance(rows, list):
            self._wrong(way, "rows are a list", write="write - {column: value} for each row")
            return
        for n, row in enumerate(rows):
            if isinstance(row, dict):
                yield self._row((*way, n), row, columns)
            else:
                self._wrong((*way, n), "a row is a mapping", write="write - {column: value}")

    def _row(self, way: tuple[str | int, ...], row: dict[str, Any], columns: Mapping[str, Column]) -> Mapping[str, Any]:
        found = {}
        for name, value in row.items():
            if name not in columns:
                what = f'there is no column "{name}"'
                self._wrong((*way, name), what, _allowed("columns", columns), did_you_mean(name, columns))
                continue
            try:
                found[name] = value_of(value, columns[name].type)
            except ValueError as error:
                self._wrong((*way, name), f"{name}: {error}")
        return found

    def _window(
        self,
        i: int,
        item: dict[str, Any],
        given: Mapping[TableName, tuple[Mapping[str, Any], ...]],
        expect: Sequence[Mapping[str, Any]],
    ) -> Window | None:
        start, end = self._day(i, item, "start"), self._day(i, item, "end")
        if not self.partition:
            for key in ("start", "end"):
                if key in item:
                    self._wrong((i, key), "this table has no days", write=f"remove {key}:")
            return None
        if not (start and end):
            days = _days(expect, self.partition) or [day for rows in given.values() for day in _days(rows, None)]
            if not days:
                self._wrong(
                    (i,), "the days to build are not known", write="write start: 2024-05-01 and end: 2024-05-01"
                )
                return None
            start, end = start or min(days), end or max(days)
        if end < start:
            self._wrong((i, "end"), f"end {end} lies before start {start}")
            return None
        return Window(start, end)

    def _day(self, i: int, item: dict[str, Any], key: str) -> date | None:
        try:
            return date.fromisoformat(item[key]) if item.get(key) is not None else None
        except (TypeError, ValueError):
            self._wrong((i, key), f"{key}: {item[key]} is not a day", write=f"write {key}: 2024-05-01")
            return None

    def _wrong(self, way: tuple[str | int, ...], what: str, allowed: str = "", write: str = "") -> None:
        self.problems.append(Problem(self.document.path, self.document.line(*way), 0, what, allowed, write))


def _days(rows: Iterable[Mapping[str, Any]], column: str | None) -> list[date]:
    """The days that rows name, in one column or in any column that holds nothing but a day."""
    values = (value for row in rows for name, value in row.items() if column is None or name == column)
    return [value for value in values if type(value) is date]


def _allowed(what: str, names: Iterable[str]) -> str:
    words = list(names)
    return f"{what}: {', '.join(words[:12])}{' ..' if len(words) > 12 else ''}" if words else ""
