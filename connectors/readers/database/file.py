"""A file that is a database: what tables of SQLite's and DuckDB's files have in common. Never opens one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from connectors.durable import outside
from connectors.reachability import Unreachable
from connectors.reader import Asked, Reading
from connectors.readers.database.agreement import SourceColumn, agree
from connectors.readers.database.cursor import cursor_of
from connectors.readers.database.rows import Keys, Plan, Rows, batches, key_plan, no_table
from connectors.readers.words import truncates
from transforms.errors import ContentError, OutsideError, Problem
from transforms.source import Source

_MARKS = {"sqlite": b"SQLite format 3", "duckdb": b"DUCK"}
"""What the first bytes of each kind's files have in them."""
C = TypeVar("C", bound=SourceColumn, covariant=True)


class DatabaseFile(Protocol[C]):
    """One look at a file, at one moment."""

    def tables(self) -> Mapping[str, object]:
        """Every table and view, by its name."""

    def columns(self, table: str) -> Sequence[C]:
        """None for a table that is not there."""

    def key(self, table: str) -> tuple[str, ...]:
        """The columns of the primary key."""

    def about_rows(self, table: str) -> int:
        """How many rows a table has; 0 for a view, which would have to be computed."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement."""

    def close(self) -> None:
        """May be called more than once."""


def place_of(source: Source, address: str) -> tuple[Path, str]:
    """The file, and the place in the declaration that errors name. Raises Unreachable when it is not there."""
    parts = urlsplit(address)
    path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(address)
    line = source.lines.get("connection", 1)
    where = f"{source.path}:{line}"
    if not path.is_file():
        raise Unreachable(f"{where}: the file of {source.connection} is not there: {path}")
    with outside(f"read {path}"), path.open("rb") as file:
        head = file.read(16)
    kind = next((kind for kind, mark in _MARKS.items() if mark in head), source.kind)
    if kind != source.kind:
        what = f"the file of {source.connection} is one of {kind}"
        raise ContentError([Problem(source.path, line, 0, what, write=f"write kind: {kind}")])
    return path, where


@contextmanager
def told(where: str, library: str, raised: type[Exception]) -> Iterator[None]:
    """Raises OutsideError for what a library raises that has the file open."""
    try:
        yield
    except raised as error:
        what, _, _ = str(error).partition("\n")
        raise OutsideError(f"{where}: {library}: {what}") from error


def count(file: DatabaseFile[C], table: str, sql: str, values: Sequence[Any], *_: float) -> int | None:
    """How many rows the file has of those that were read; None for a view, which would be computed again."""
    return None if file.tables().get(table) == "view" else int(file.rows(f"select count(*){sql}", values)[0][0])


def reading_of(
    file: DatabaseFile[C], asked: Asked, stream: Callable[[Plan, Mapping[str, C]], Iterator[Rows]]
) -> Reading:
    """A snapshot is the whole table; otherwise the rows from a margin before the greatest cursor on.

    `stream` gives the rows of a plan, whose columns it is given by their names in the lake. Closes the file, whatever
    happens.
    """
    try:
        return _reading(file, asked, stream)
    except BaseException:
        file.close()
        raise


def _reading(file: DatabaseFile[C], asked: Asked, stream: Callable[[Plan, Mapping[str, C]], Iterator[Rows]]) -> Reading:
    source, table, state = asked.source, asked.table, asked.state
    name, names = str(table.options.get("table", table.name.table)), table.options.get("columns", {})
    live = {names.get(column.name, column.name): column for column in file.columns(name)}
    if not live:
        raise no_table(source, table, name, file.tables())
    agreed = agree(source, table, live, state)
    cursor = cursor_of(asked, agreed.columns)
    key = tuple(names.get(column, column) for column in file.key(name))
    plan = Plan(name, agreed.columns, truncates(source, table), appends=table.mode == "append", cursor=cursor)
    reading = agreed.reading(state)
    reading.close = file.close
    reading.unique = set(table.key) == set(key) if table.key else True
    reading.primary = key
    reading.again = cursor.again(table.key or key) if cursor else None
    reading.replaces = cursor.replaces if cursor else None
    if cursor is None or cursor.since is None:
        reading.expected_rows = file.about_rows(name)
    by = key_plan(asked, plan)
    keys = Keys(by, stream(by, live)) if by else None
    reading.batches = batches(plan, reading, stream(plan, live), waits=False, keys=keys)
    return reading
