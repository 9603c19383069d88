"""What a name means where it stands: relations, their fields, outer queries, variables of lambdas, CTEs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from transforms.analyzer.reach import Scan
from transforms.column import ColumnRef
from transforms.errors import did_you_mean
from transforms.lake_types import Type

NO_SOURCES: frozenset[ColumnRef] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A column of a relation. `name` is in lower case, None for one that has no name (`select 1`).

    `label` is the name that it has in the tree, where that is another: a field without a name, or with a name twice.
    `days` are the scans whose day this field is, unchanged: a filter on it is a filter on them.
    `merges` are the columns of which a join made this one by `using`: the first that is not NULL is its value.
    `sources` are the columns of tables of which it is computed, `personal` says that one of them is personal.
    A `hidden` one is found by its name, and never part of `*`. `made_of` is what a query below selects as it, or the
    UNNEST or VALUES that it is of; None for a column of a table.
    """

    name: str | None
    type: Type
    zone: str | None = None
    sources: frozenset[ColumnRef] = NO_SOURCES
    personal: bool = False
    description: str = ""
    days: tuple[Scan, ...] = ()
    label: str | None = None
    merges: tuple[exp.Expr, ...] = ()
    hidden: bool = False
    made_of: exp.Expr | None = None

    def __deepcopy__(self, memo: Any) -> Field:
        return self


@dataclass(slots=True, eq=False)
class Relation:
    """One item of a FROM. `qualifiers` are the prefixes that a column of it may have: `t`, `db.t`.

    The columns that a join merged by `using` are a relation of their own, whose alias is empty; the `hidden` names of
    a relation are those that it lost to such a one. `written` is where the alias stands in the tree.
    """

    alias: str
    qualifiers: tuple[tuple[str, ...], ...]
    fields: list[Field]
    written: exp.Expr | None = None
    by_name: dict[str | None, list[Field]] = field(init=False)
    hidden: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.by_name = {}
        for item in self.fields:
            self.by_name.setdefault(item.name, []).append(item)


@dataclass(slots=True)
class Scope:
    """Where an expression stands: the relations of its query, and everything around it.

    `variables` are those of the lambdas around it, with their types and zones.
    """

    relations: list[Relation] = field(default_factory=list)
    outer: Scope | None = None
    ctes: Mapping[str, Cte] = field(default_factory=dict)
    variables: dict[str, tuple[Type, str | None]] = field(default_factory=dict)

    def with_variables(self, variables: dict[str, tuple[Type, str | None]]) -> Scope:
        """The scope inside of a lambda."""
        return Scope(self.relations, self.outer, self.ctes, {**self.variables, **variables})

    def outward(self) -> Iterator[Scope]:
        """This scope, then the ones around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def find(self, qualifier: tuple[str, ...], name: str) -> list[tuple[Relation, Field]]:
        """Every field of this scope alone that the name may mean; more than one is ambiguous."""
        return [
            (relation, item)
            for relation in self.relations
            if qualifier in relation.qualifiers and name not in relation.hidden
            for item in relation.by_name.get(name, ())
        ]

    def suggestion(self, name: str) -> str:
        """`did you mean ..?` for a column that does not exist; empty if nothing is near."""
        names = [n for scope in self.outward() for relation in scope.relations for n in relation.by_name if n]
        return did_you_mean(name, names)


@dataclass(slots=True)
class Cte:
    """A named query of WITH: its columns, or None when a fault kept them from being known; how often it is read."""

    fields: list[Field] | None
    total_uses: int = 0
