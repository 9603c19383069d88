"""What is stale: which tables, which of their days, and the fingerprints that they will have.

Pure: snapshots, the clock and the asked window are the caller's. A build and a dry run decide by the same function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from transforms.analysis import Analysis, Input, Reach
from transforms.column import Column
from transforms.errors import DataError
from transforms.names import TableName
from transforms.relation import Relation
from transforms.snapshot import WHOLE, Snapshot
from transforms.source import DAY
from transforms.window import Window

if TYPE_CHECKING:
    from transforms.content import Content


@dataclass(frozen=True)
class Fingerprints:
    """What staleness needs to know of a table. `pending` ones are not known before something else has run."""

    partition: str | None
    parts: Mapping[str, str]
    columns: tuple[Column, ...] = ()
    pending: bool = False

    @staticmethod
    def of(snapshot: Snapshot) -> Fingerprints:
        """Those of a published table."""
        parts = {value: part.fingerprint for value, part in snapshot.parts.items()}
        return Fingerprints(snapshot.partition, parts, snapshot.columns)

    @cached_property
    def days(self) -> Mapping[int, str]:
        """Fingerprints by the ordinal of their day; empty for a table without days."""
        if self.partition is None:
            return {}
        return {date.fromisoformat(value).toordinal(): print_ for value, print_ in self.parts.items()}

    @cached_property
    def total(self) -> str:
        """One fingerprint of the whole table. A part more or less changes it, even one without rows."""
        return _hash(f"{value}={print_}" for value, print_ in sorted(self.parts.items()))


Published = Snapshot | Fingerprints | None


@dataclass(frozen=True)
class Step:
    """One table that must be built.

    `days` are those to build, oldest first; None for a table without days, () for one whose input is empty.
    `wanted` maps partition values to the fingerprints that their parts get. With `replaces`, the parts of the
    current snapshot are not kept. A `pending` step may turn out smaller, larger or empty once its inputs are there.
    """

    table: TableName
    days: tuple[date, ...] | None
    wanted: Mapping[str, str]
    reason: str
    replaces: bool = False
    pending: bool = field(default=False, compare=False)

    @property
    def certain(self) -> bool:
        """Whether there will be something to build whatever the pending inputs bring."""
        return not self.pending or self.replaces or bool(self.wanted)


def step_for(
    relation: Relation,
    analysis: Analysis,
    inputs: Callable[[TableName], Published],
    current: Published,
    window: Window | None,
    full: bool,
    today: date,
    check_texts: Iterable[str] = (),
) -> Step | None:
    """What must be built of one table; None when nothing is stale.

    `inputs` gives the published inputs; raises DataError when one of them has never been published.
    `full` builds what is fresh too. `check_texts` are the queries of `sql` checks: editing one checks again.
    """
    read = [_input(relation, one, inputs(one.table)) for one in analysis.inputs]
    staleness = _Staleness(relation, analysis, read, _fingerprints(current), check_texts)
    return staleness.whole(full) if relation.partition is None else staleness.by_day(window, full, today)


def own_step(step_after: Callable[[Published], Step | None], own: Published, known: Published) -> Step | None:
    """The step of a table after what is known of it: a shared one that is not fresh is built anew, as one's own."""
    step = step_after(known)
    anew = step_after(None) if step is not None and own is None and known is not None else step
    return anew and step and replace(anew, reason=step.reason)


def plan(
    content: Content,
    names: Collection[TableName],
    published: Callable[[TableName], Published],
    *,
    today: date,
    window: Window | None = None,
    full: bool = False,
    due: Collection[TableName] = (),
    own: Callable[[TableName], Published] | None = None,
) -> tuple[Step, ...]:
    """The steps of a run over the named tables, in dependency order, without running it.

    `due` are the raw tables that the run would ingest first: what they will hold is not known yet. `own` gives what was
    published here; all of it, when it is left out.
    """
    predicted: dict[TableName, Fingerprints] = {}

    def state(name: TableName) -> Published:
        return predicted[name] if name in predicted else published(name)

    steps = []
    for name in content.graph.sort(names):
        if name in due:
            before = _fingerprints(published(name))
            has_days = content.raw[name][1].day is not None
            parts = before.parts if before else {}
            predicted[name] = Fingerprints(DAY if has_days else None, parts, pending=True)
        relation = content.relations.get(name)
        if relation is None or relation.kind == "view":
            continue
        analysis, texts = content.analyses[name], content.check_texts(name)
        known = _fingerprints(published(name))
        current = known if own is None else _fingerprints(own(name))
        step_after = partial(
            step_for, relation, analysis, state, window=window, full=full, today=today, check_texts=texts
        )
        step = own_step(step_after, current, known)
        if step is not None:
            steps.append(step)
            kept = current.parts if current and not step.replaces else {}
            columns = tuple(column.column for column in analysis.columns)
            predicted[name] = Fingerprints(relation.partition, {**kept, **step.wanted}, columns, step.pending)
    return tuple(steps)


def _declared_fingerprint(relation: Relation, analysis: Analysis, check_texts: Iterable[str] = ()) -> str:
    """What a table's own file says that its rows, or whether they may be published, depend on."""
    checks = [[check.kind, check.arguments, check.severity] for check in relation.checks]
    columns = [f"{column.name} {column.type}" for column in analysis.columns]
    said = [analysis.fingerprint, relation.partition, relation.key, checks, columns, *check_texts]
    return _hash([json.dumps(said, sort_keys=True)])


class _Staleness:
    """Compares one table with its inputs.

    A fingerprint is `declared-reached-rest`: what the file says, the days of the inputs that are reached, and the
    inputs of which any row may matter. Its three parts are kept apart so that a lookback can look at two of them.
    """

    def __init__(
        self,
        relation: Relation,
        analysis: Analysis,
        read: list[tuple[Input, Fingerprints]],
        current: Fingerprints | None,
        check_texts: Iterable[str],
    ) -> None:
        self.relation = relation
        self.declared = _declared_fingerprint(relation, analysis, check_texts)
        self.read = read
        self.current = current
        self.pending = tuple(str(one.table) for one, prints in read if prints.pending)
        self.replaces = current is None or current.partition != relation.partition or _retyped(current, analysis)

    def whole(self, full: bool) -> Step | None:
        """A table without days: all of it or nothing."""
        rest = _hash(f"{one.table}={prints.total}" for one, prints in self.read)
        wanted = {WHOLE: f"{self.declared}--{rest}"}
        built = self.current.parts if self.current and not self.replaces else {}
        fresh = built == wanted and not full
        if fresh and not self.pending:
            return None
        return self._step(None, {} if fresh else wanted, built, full)

    def by_day(self, window: Window | None, full: bool, today: date) -> Step | None:
        """A table with days: those whose fingerprint is not what it should be."""
        built = self.current.parts if self.current and not self.replaces else {}
        days = self._candidates()
        loose = set[int]()
        if self.replaces and self.current is not None:
            window = None
        if window is not None:
            first = window.start.toordinal() - (self.relation.lookback_days or 0)
            days = [day for day in days if first <= day <= window.end.toordinal()]
        elif self.relation.lookback_days and not full:
            past = [day for day in days if day <= today.toordinal()]
            loose = set(past[: -self.relation.lookback_days])
        wanted = {}
        rest = _hash(f"{one.table}={prints.total}" for one, prints in self.read if one.reach is None)
        for day in days:
            value, start = date.fromordinal(day).isoformat(), f"{self.declared}-{self._reached(day)}-"
            before = built.get(value)
            settled = before is not None and (before.startswith(start) if day in loose else before == start + rest)
            if full or not settled:
                wanted[value] = start + rest
        if not wanted and not self.pending and self.current is not None and not self.replaces:
            return None
        return self._step(tuple(map(date.fromisoformat, wanted)), wanted, built, full)

    def _candidates(self) -> list[int]:
        """The days that the table should have, oldest first: those that read a day which an input has.

        A week that ends on the day does not go on for six days after the last input; rows that come two days late
        do begin two days before the first.
        """
        reaching = [(one.reach, prints.days) for one, prints in self.read if one.reach is not None]
        if not reaching:
            return sorted({day for _, prints in self.read for day in prints.days})
        newest = [max(parts) - min(max(0, reach.first), reach.last) for reach, parts in reaching if parts]
        last = min(max(newest, default=0), date.max.toordinal())
        days = {day - shift for reach, parts in reaching for shift in _shifts(reach) for day in parts}
        return sorted(day for day in days if 0 < day <= last)

    def _reached(self, day: int) -> str:
        found = []
        for one, prints in self.read:
            if one.reach is not None:
                parts = prints.days
                for shift in _shifts(one.reach):
                    if (other := day + shift) in parts:
                        found.append(f"{one.table}/{other}={parts[other]}")
        return _hash(found)

    def _step(
        self, days: tuple[date, ...] | None, wanted: Mapping[str, str], built: Mapping[str, str], full: bool
    ) -> Step:
        reason = self._reason(wanted, built, full)
        return Step(self.relation.name, days, wanted, reason, self.replaces, bool(self.pending))

    def _reason(self, wanted: Mapping[str, str], built: Mapping[str, str], full: bool) -> str:
        if self.pending:
            return f"after {', '.join(self.pending)}"
        if self.current is None:
            return "first build"
        if self.replaces:
            return "its columns or its days changed"
        if full:
            return "asked for in full"
        old = [value for value in wanted if value in built]
        if any(not built[value].startswith(self.declared) for value in old):
            return "its SQL, columns or checks changed"
        new = len(wanted) - len(old)
        parts = [f"{new} new day{'s' * (new != 1)}"] if new else []
        if old:
            parts.append(
                "its inputs changed"
                if old == [WHOLE]
                else f"the inputs of {len(old)} day{'s' * (len(old) != 1)} changed"
            )
        return ", ".join(parts)


def _shifts(reach: Reach) -> range:
    return range(reach.first, reach.last + 1)


def _input(relation: Relation, one: Input, found: Published) -> tuple[Input, Fingerprints]:
    """An input as it is published. A reach is one of days: in a table that is not split by `day` it narrows nothing."""
    prints = _fingerprints(found)
    if prints is None:
        verb = "ingested" if one.table.layer == "raw" else "built"
        what = f"{relation.name} reads {one.table}, which has not been {verb} yet"
        raise DataError(f"{what}; write baikal run +{relation.name}")
    return (one if prints.partition == DAY else Input(one.table)), prints


def _fingerprints(known: Published) -> Fingerprints | None:
    return Fingerprints.of(known) if isinstance(known, Snapshot) else known


def _retyped(current: Fingerprints, analysis: Analysis) -> bool:
    """Whether a column has another type than its published part: files of both cannot be read as one table."""
    types = {column.name: column.type for column in current.columns}
    return any(types.get(column.name, column.type) != column.type for column in analysis.columns)


def _hash(parts: Iterable[str]) -> str:
    """Twelve characters that are equal for equal parts."""
    return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()
