"""Analyses every relation after its inputs, doing again only what changed.

Decides when an earlier analysis still holds: same text, and every table that it reads has the same columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from transforms.analysis import Analysis, Input
from transforms.column import Column
from transforms.errors import BaikalError, Problem
from transforms.graph import Graph
from transforms.names import TableName
from transforms.relation import Relation

QueryKind = Literal["table", "view", "query"]
Analyze = Callable[[str, Mapping[TableName, tuple[Column, ...]], str, str | None, QueryKind], Analysis]
"""text, schema, path, partition, kind -> Analysis."""

_QUALIFIED = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)"?\s*\.\s*"?([A-Za-z_][A-Za-z0-9_]*)')
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class KnownAnalysis:
    """An analysis and what it holds for: the digests of its text and of its own columns.

    `inputs` maps each table read to the digest of that table's columns.
    """

    text_digest: str
    inputs: Mapping[TableName, str]
    columns_digest: str
    analysis: Analysis


class _Wanted(Exception):
    """Passes through the compiler when it asks for a table that is not analysed yet."""

    def __init__(self, name: TableName) -> None:
        self.name = name


class Analyses(Mapping[TableName, tuple[Column, ...]]):
    """The schema that the analyses are made with: a table's columns are there once it is analysed itself.

    `texts` are digests of the relations' texts; `known` are earlier analyses. After `all()`, `made` has one for
    each relation, and `again` tells whether any had to be made.
    """

    def __init__(
        self,
        raw: Mapping[TableName, tuple[Column, ...]],
        relations: Mapping[TableName, Relation],
        texts: Mapping[TableName, str],
        known: Mapping[TableName, KnownAnalysis],
        analyze: Analyze,
    ) -> None:
        self._raw = raw
        self._relations = relations
        self._texts = texts
        self._known = known
        self._analyze = analyze
        self._asked: set[TableName] = set()
        self._analysing: TableName | None = None
        self._knotted: set[TableName] = set()
        self._columns: dict[TableName, tuple[Column, ...]] = {}
        self._raw_digests: dict[TableName, str] = {}
        self.made: dict[TableName, KnownAnalysis] = {}
        self.again = False

    def all(self) -> Mapping[TableName, KnownAnalysis]:
        """One analysis for each relation, in the order of the relations."""
        for name in self._likely_order:
            self._make(name)
        return {name: self.made[name] for name in self._relations}

    def query(self, path: str, text: str, digest: str, known: KnownAnalysis | None) -> KnownAnalysis:
        """The analysis of a query that is not a relation."""
        if known is not None and self._holds(known, digest):
            return known
        self._analysing = None
        return self._analysed(text, digest, path, None, "query")

    def digest(self, name: TableName) -> str:
        """The digest of a table's columns; a mark of its own for a table that does not exist."""
        if name in self._relations:
            known = self._wanted(name)
            return known.columns_digest if known else _UNKNOWN
        if name not in self._raw:
            return _UNKNOWN
        if name not in self._raw_digests:
            self._raw_digests[name] = digest_columns(self._raw[name])
        return self._raw_digests[name]

    def __getitem__(self, name: TableName) -> tuple[Column, ...]:
        self._asked.add(name)
        if name in self._raw:
            return self._raw[name]
        if name not in self._columns:
            if name not in self._relations:
                raise KeyError(name)
            known = self._wanted(name)
            if known is None:
                return ()
            self._columns[name] = tuple(column.column for column in known.analysis.columns)
        return self._columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self._raw or name in self._relations

    def __iter__(self) -> Iterator[TableName]:
        """What a query can read: not the table itself, which nobody means by a name that does not exist."""
        yield from (name for name in (*self._raw, *self._relations) if name != self._analysing)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _wanted(self, name: TableName) -> KnownAnalysis | None:
        """None for a table that reads itself by way of others: its columns depend on themselves."""
        if name not in self.made and name not in self._knotted:
            raise _Wanted(name)
        return self.made.get(name)

    def _make(self, name: TableName) -> None:
        """Analyse a table; one that turns out to need another first is begun again after that one."""
        waiting = [name]
        while waiting:
            try:
                self._try(waiting[-1])
                waiting.pop()
            except _Wanted as wanted:
                if wanted.name in waiting:
                    self._knotted.add(wanted.name)
                else:
                    waiting.append(wanted.name)

    def _try(self, name: TableName) -> None:
        if name in self.made:
            return
        relation, digest = self._relations[name], self._texts[name]
        known = self._known.get(name)
        if not relation.text.strip():  # an empty or unreadable file: its header says so already
            known = KnownAnalysis(digest, {}, digest_columns(()), Analysis((), (), ""))
        elif known is None or not self._holds(known, digest):
            self._analysing = name
            known = self._analysed(relation.text, digest, relation.path, relation.partition, relation.kind)
        self.made[name] = known

    def _analysed(self, text: str, digest: str, path: str, partition: str | None, kind: QueryKind) -> KnownAnalysis:
        self.again = True
        self._asked.clear()
        try:
            analysis = self._analyze(text, self, path, partition, kind)
        except (_Wanted, BaikalError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of the platform's in one file must not hide all others
            analysis = Analysis((), (), "", (_own_fault(error, path),))
        unseen = self._asked.difference(one.table for one in analysis.inputs)
        if unseen:  # a table without known columns is read too: it must come first, and to mend it changes this one
            analysis = replace(analysis, inputs=(*analysis.inputs, *map(Input, sorted(unseen))))
        inputs = {one.table: self.digest(one.table) for one in analysis.inputs}
        return KnownAnalysis(digest, inputs, digest_columns([c.column for c in analysis.columns]), analysis)

    def _holds(self, known: KnownAnalysis, digest: str) -> bool:
        return known.text_digest == digest and all(self.digest(name) == before for name, before in known.inputs.items())

    @cached_property
    def _likely_order(self) -> tuple[TableName, ...]:
        """Inputs first, so that analysing one table rarely has to wait for another.

        A guess from the words of the text, good enough because it decides nothing.
        """
        likely: dict[TableName, set[TableName]] = {}
        for name, relation in self._relations.items():
            known = self._known.get(name)
            if known and known.text_digest == self._texts[name]:
                likely[name] = {above for above in known.inputs if above in self._relations}
            else:
                words = {TableName(a.lower(), b.lower()) for a, b in _QUALIFIED.findall(relation.text)}
                likely[name] = {above for above in words if above in self._relations and above != name}
        return Graph(likely).order


def _own_fault(error: Exception, path: str) -> Problem:
    """The problem names the place in the platform's own code: the traceback ends with the analysis of this file."""
    from traceback import extract_tb  # a warm cache has no use for it

    frame = extract_tb(error.__traceback__)[-1]
    told = str(error).partition("\n")[0][:200] or "nothing more is told"
    what = f"the analysis failed on an error of the platform's own: {type(error).__name__}: {told}"
    where = f"at {'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno}"
    return Problem(path, 0, 0, f"{what} ({where})", write="write the query in another way, and report this")


def digest_columns(columns: tuple[Column, ...] | list[Column]) -> str:
    """Equal for equal columns: all that a query below can see of a table."""
    lines = (f"{c.name}\t{c.type}\t{c.personal}\t{c.description}" for c in columns)
    return blake2b("\n".join(lines).encode(), digest_size=12).hexdigest()
