"""What is known of a query without running it: what `transforms.compile.analyze` found, plain enough to be cached."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from transforms.column import OutputColumn, Schema
from transforms.errors import Problem
from transforms.names import TableName
from transforms.window import Window


@dataclass(frozen=True, slots=True)
class Reach:
    """The days of an input that one day of the output reads, relative to it: -6 to 0 is a week that ends on it."""

    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Input:
    """A table that a query reads. Without a reach any of its rows may matter to any day of the output."""

    table: TableName
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """`fingerprint` is of the query's meaning: comments, case and white space do not change it.

    `columns` is empty when a problem of severity error kept them from being known.
    `windowed` tells whether the query has `:start` or `:end` in it. `unique` holds sets of columns in which no two rows
    of one execution can be equal, as the form of the query shows.
    """

    columns: tuple[OutputColumn, ...]
    inputs: tuple[Input, ...]
    fingerprint: str
    problems: tuple[Problem, ...] = ()
    windowed: bool = False
    unique: tuple[tuple[str, ...], ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the query from being built."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


@dataclass(frozen=True, slots=True)
class Origin:
    """The author's own text, where it stands, and the columns and the database that it was compiled with."""

    text: str
    schema: Schema
    path: str | None = None
    database: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One query for both engines.

    `athena` is the author's own text with `:start` and `:end` filled in as literals, once there is a `window`.
    `duckdb` computes the same on DuckDB once the named `macros` exist (`transforms.dialect.macros`).
    `zones` holds the zone in which Athena shows each column that has one; DuckDB gives the instant.
    `ordered` tells whether the outermost query fixes the order of its rows. `origin` tells where it fails, if it does.
    """

    athena: str
    duckdb: str
    columns: tuple[OutputColumn, ...]
    inputs: tuple[TableName, ...]
    macros: tuple[str, ...] = ()
    ordered: bool = False
    window: Window | None = None
    zones: tuple[str | None, ...] = ()
    origin: Origin | None = field(default=None, compare=False, repr=False)

    def at(self, window: Window | None) -> Compiled:
        """The same query with these days in both texts."""
        if window is None:
            return self
        return replace(self, athena=window.filled(self.athena), duckdb=window.filled(self.duckdb), window=window)
