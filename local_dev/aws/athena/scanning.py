"""How many bytes a statement has read, as Athena counts them: the column chunks that its scans needed.

DuckDB's profile tells what each scan read: the columns, the conditions on them, and those on its files. Which files and
row groups that leaves is found here, from partition values and footers; the bytes are those of the footers. A file of
text is counted as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_dev.aws.athena.footers import Ask, Footer, Footers
from local_dev.aws.athena.row_groups import may_match
from transforms.column import Column
from transforms.dialect.types import duckdb_type, text
from transforms.errors import BaikalError
from transforms.names import quoted

Profile = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FileGroup:
    """The files of one scan. `values` has a constant of DuckDB for each partition key and file, where the scan knows
    them by the folders.
    """

    files: Sequence[str]
    keys: Sequence[Column] = ()
    values: Mapping[str, tuple[str, ...]] | None = None


class Scans:
    """What the statements of a session may read."""

    def __init__(self, footers: Footers, ask: Ask) -> None:
        self._footers = footers
        self._ask = ask
        self._groups: dict[str, FileGroup] = {}

    def add(self, group: FileGroup) -> None:
        """Files that one scan reads."""
        self._groups.update(dict.fromkeys(group.files, group))

    def bytes(self, profile: Profile) -> int:
        """What all scans of a statement have read."""
        return sum(self._scanned(told) for told in _scans(profile))

    def _scanned(self, told: Mapping[str, Any]) -> int:
        named = str(told.get("Filename(s)", "")).split(", ")
        group = self._groups.get(named[0])
        if group is None:
            return 0
        files = self._files(group, told) if named[-1] == "..." else named
        if told["Function"] != "READ_PARQUET":
            return sum(Path(file).stat().st_size for file in files)
        conditions = [found for each in _texts(told.get("Filters")) if (found := _parsed(each)) is not None]
        columns = set(_texts(told.get("Projections")))
        columns |= {column.sql() for each in conditions for column in each.find_all(exp.Column)}
        return sum(_needed(footer, columns, conditions) for footer in self._footers.of(files).values())

    def _files(self, group: FileGroup, told: Mapping[str, Any]) -> Sequence[str]:
        """More than DuckDB names: those that the conditions on partition values leave.

        Of a scan that ended early, as many as it has read. DuckDB writes BETWEEN for bounds that are not included,
        too: how many files there are tells what it means.
        """
        count = int(told["Total Files Read"])
        condition = _parsed(" and ".join(_texts(told.get("File Filters"))))
        if condition is not None and group.values is not None:
            for meant in _meanings(condition):
                try:
                    files = self._matching(group, meant)
                except BaikalError:  # written in words that DuckDB itself cannot read
                    break
                if len(files) == count:
                    return files
        return group.files[:count]

    def _matching(self, group: FileGroup, condition: exp.Expr) -> Sequence[str]:
        assert group.values is not None
        rows = ", ".join(f"({text(file)}, {', '.join(group.values[file])})" for file in group.files)
        keys = ", ".join(quoted(key.name) for key in group.keys)
        typed = ", ".join(f"cast({quoted(k.name)} as {duckdb_type(k.type)}) as {quoted(k.name)}" for k in group.keys)
        held = f"select file, {typed} from (values {rows}) as v(file, {keys})"
        return [file for (file,) in self._ask(f"select file from ({held}) where {condition.sql('duckdb')}", [])]


def _meanings(condition: exp.Expr) -> Iterator[exp.Expr]:
    for low, high in ((exp.GTE, exp.LTE), (exp.GT, exp.LTE), (exp.GTE, exp.LT), (exp.GT, exp.LT)):

        def meant(node: exp.Expr, low: type[exp.Expr] = low, high: type[exp.Expr] = high) -> exp.Expr:
            if not isinstance(node, exp.Between):
                return node
            above = low(this=node.this.copy(), expression=node.args["low"])
            return exp.Paren(this=exp.And(this=above, expression=high(this=node.this, expression=node.args["high"])))

        yield condition.copy().transform(meant)


def _needed(footer: Footer, columns: set[str], conditions: Sequence[exp.Expr]) -> int:
    total = 0
    for group in footer.groups:
        if all(may_match(each, group.bounds) for each in conditions):
            wanted = {_top(column, group.sizes) for column in columns}
            total += sum(size for name, size in group.sizes.items() if name in wanted)
    return total


def _top(column: str, sizes: Mapping[str, int]) -> str:
    """The column of the file in which a column or a field of it is."""
    name = column.replace('"', "").lower()
    return name if name in sizes else name.partition(".")[0]


def _scans(profile: Profile) -> Iterator[Mapping[str, Any]]:
    for node in profile.get("operator", ()):
        yield from _scans_below(node)


def _scans_below(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node.get("type") == "TABLE_SCAN":
        yield node["extra_info"]
    for child in node.get("children", ()):
        yield from _scans_below(child)


def _texts(told: object) -> list[str]:
    if isinstance(told, list):
        return [str(each) for each in told]
    return [str(told)] if told else []


def _parsed(condition: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(condition, dialect="duckdb") if condition else None
    except SqlglotError:  # `optional: Dynamic Filter (a)`
        return None
