"""Everything that a home declares, read and analysed: the one thing that plans, builds and commands look names up in.

Pure data; `connectors.content.open_content` fills it from files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from transforms.analysis import Analysis
from transforms.checks import Rule, query_paths, read_checks, tables_of
from transforms.column import Column
from transforms.errors import ContentError, Problem, UsageError, did_you_mean
from transforms.fields import listed
from transforms.graph import Graph
from transforms.layout import SCHEMA_SUFFIX, SOURCE_FOLDER
from transforms.names import TableName
from transforms.relation import Kind, Relation
from transforms.source import Source, SourceTable
from transforms.target import Target
from transforms.teams import Team


@dataclass(frozen=True)
class CheckQuery:
    """A file of SQL that returns bad rows, named by a table's check."""

    path: str
    text: str
    analysis: Analysis


@dataclass(frozen=True)
class Content:
    """`problems` are all problems of all files, sorted by place; the rest is as far as it could be read.

    `tests` maps a table to its `.test.yaml`, `check_queries` a path to its query; paths are relative to the home.
    `unclear` are the sources with a fault: they may land tables that are not known.
    """

    home: Path
    sources: Mapping[str, Source]
    relations: Mapping[TableName, Relation]
    teams: Mapping[str, Team]
    targets: Mapping[str, Target]
    analyses: Mapping[TableName, Analysis]
    tests: Mapping[TableName, str] = field(default_factory=dict)
    check_queries: Mapping[str, CheckQuery] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unclear: frozenset[str] = frozenset()

    def with_problems(self, problems: Iterable[Problem]) -> Content:
        """The same content with these problems."""
        return replace(self, problems=tuple(sorted(problems, key=lambda problem: problem.place)))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are not mere warnings."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def require(self, *names: TableName) -> None:
        """Raises ContentError with the faults of these names."""
        if faults := self.faults(*names):
            raise ContentError(faults)

    def faults(self, *names: TableName) -> list[Problem]:
        """The errors of the files that declare these names.

        For a table whose columns are not known by another one's fault, with the errors of that one; for a table on a
        cycle, with those of the whole cycle.
        """
        knots = [self.needs.knot(cycle[0]) for cycle in self.cycles]
        tied = {one for knot in knots if not knot.isdisjoint(names) for one in knot}
        unclear = [name for name in names if name in self.analyses and not self.analyses[name].columns]
        for declared in ({*names, *tied}, self.graph.upstream(unclear)):
            paths = {path for name in declared for path in self.paths(name)}
            if errors := [problem for problem in self.errors if problem.path in paths]:
                return errors
        return []

    def paths(self, name: TableName) -> tuple[str, ...]:
        """The files that declare a name, its test and its checks' queries included; none for an unknown name."""
        if name in self.raw or self.is_unclear(name):
            stem = f"{SOURCE_FOLDER}/{name.source}"
            return (f"{stem}.yaml", f"{stem}{SCHEMA_SUFFIX}")
        relation, test = self.relations.get(name), self.tests.get(name)
        own = (relation.path, *query_paths(relation)) if relation else ()
        return (*own, *((test,) if test else ()))

    @cached_property
    def raw(self) -> Mapping[TableName, tuple[Source, SourceTable]]:
        """Every table that ingest lands, with the source that it belongs to."""
        return {table.name: (source, table) for source in self.sources.values() for table in source.tables}

    @cached_property
    def names(self) -> tuple[TableName, ...]:
        """Every raw table, table and view, in dependency order."""
        return self.graph.sort((*self.raw, *self.relations))

    def is_unclear(self, name: TableName) -> bool:
        """Whether an unknown raw table may be one that its source, once mended, lands."""
        return name.layer == "raw" and name not in self.raw and name.source in self.unclear

    def kind(self, name: TableName) -> Kind | None:
        """Table or view; None for a raw table, and for a name that is not declared."""
        relation = self.relations.get(name)
        return relation.kind if relation else None

    @cached_property
    def owners(self) -> Mapping[TableName, str]:
        """Which team every raw table, table and view belongs to."""
        return {
            **{name: source.owner for name, (source, _) in self.raw.items()},
            **{name: relation.owner for name, relation in self.relations.items()},
        }

    @cached_property
    def descriptions(self) -> Mapping[TableName, str]:
        """What every raw table (or else its source), table and view is."""
        return {
            **{name: table.description or source.description for name, (source, table) in self.raw.items()},
            **{name: relation.description for name, relation in self.relations.items()},
        }

    def columns(self, name: TableName) -> tuple[Column, ...]:
        """The columns of a raw table, table or view; raises UsageError for a name that is not declared."""
        if (known := self.raw.get(name)) is not None:
            return known[0].raw_columns(known[1])
        if (analysis := self.analyses.get(name)) is not None:
            return tuple(column.column for column in analysis.columns)
        raise self.unknown(name)

    def unknown(self, name: TableName | str) -> UsageError:
        """What to raise for a name that is not declared; one without its database may be that of several."""
        databases = sorted({known.database for known in self.names})
        hint = did_you_mean(str(name), (*map(str, (*self.raw, *self.relations)), *databases))
        if name in databases:
            hint = f"it is a database; write one of {listed(sorted(str(k) for k in self.names if k.database == name))}"
        if whole := sorted(str(known) for known in self.names if known.table == str(name).lower()):
            hint = f"write {listed(whole, 'or')}"
        if not hint and str(name).startswith("raw_"):
            hint = f"raw tables come from a source; write `baikal new source {str(name)[4:].partition('.')[0]}`"
        return UsageError(f'no table or view is named "{name}"; {hint or "write database.table"}')

    @cached_property
    def schema(self) -> Mapping[TableName, tuple[Column, ...]]:
        """What the compiler knows of all tables and views."""
        return _ContentSchema(self)

    @cached_property
    def cycles(self) -> tuple[tuple[TableName, ...], ...]:
        """Tables that need each other, each cycle from a name back to itself: a problem, and never built."""
        return tuple(self.needs.cycles())

    @cached_property
    def graph(self) -> Graph:
        """What must be there before each name, without cycles."""
        return self.needs.untied() if self.cycles else self.needs

    @cached_property
    def needs(self) -> Graph:
        """What each name needs as it is declared: what its query reads, and what its checks look up."""
        needs: dict[TableName, set[TableName]] = {name: set() for name in self.raw}
        for name, analysis in self.analyses.items():
            needs[name] = {table.table for table in analysis.inputs}
        for name, tables in self.looked_up.items():
            needs[name] |= tables - {name}
        return Graph(needs)

    def checks(self, name: TableName) -> tuple[Rule, ...]:
        """What must hold of a table's rows; without the checks that are a problem themselves."""
        columns = {column.name: column.type for column in self.analyses[name].columns}
        return read_checks(self.relations[name], columns, self.schema, self.check_queries).rules

    def check_texts(self, name: TableName) -> tuple[str, ...]:
        """The queries of a table's `sql` checks."""
        paths = query_paths(self.relations[name])
        return tuple(self.check_queries[path].text for path in paths if path in self.check_queries)

    @cached_property
    def looked_up(self) -> Mapping[TableName, set[TableName]]:
        """The other tables that a table's checks read: they must be built before it is checked."""
        found = {}
        for name, relation in self.relations.items():
            if relation.checks and (tables := tables_of(relation, self.check_queries)):
                found[name] = tables
        return found


class _ContentSchema(Mapping[TableName, tuple[Column, ...]]):
    """The columns of every name, made when they are asked for."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._made: dict[TableName, tuple[Column, ...]] = {}

    def __getitem__(self, name: TableName) -> tuple[Column, ...]:
        if name not in self._made:
            if name not in self:
                raise KeyError(name)
            self._made[name] = self._content.columns(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._content.raw or name in self._content.analyses

    def __iter__(self) -> Iterator[TableName]:
        yield from self._content.raw
        yield from self._content.analyses

    def __len__(self) -> int:
        return len(self._content.raw) + len(self._content.analyses)
