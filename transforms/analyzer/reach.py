"""Which days of an input one day of the output reads, from the comparisons that hold for every row that matters.

A scan is reached when its day is bounded on both sides by `:start`, `:end`, or days that are themselves bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from transforms.analysis import Input, Reach
from transforms.analyzer.tree import is_call
from transforms.names import TableName

if TYPE_CHECKING:
    from transforms.analyzer.scope import Field

_DAY = "day"
_FLIPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "=": "="}
_OPERATORS: dict[type[exp.Expr], str] = {exp.LTE: "<=", exp.GTE: ">=", exp.LT: "<", exp.GT: ">", exp.EQ: "="}
_ROUNDS = 4


@dataclass(slots=True, eq=False)
class Scan:
    """One place that reads a table; `first` and `last` are the narrowest bounds found for its day so far."""

    table: TableName
    first: int | None = None
    last: int | None = None

    @property
    def reach(self) -> Reach | None:
        """The days that it reads, if both ends are known."""
        return None if self.first is None or self.last is None else Reach(self.first, self.last)


@dataclass(frozen=True, slots=True)
class _Term:
    """A day, so many days after `:start`/`:end` (no field: for one day of output the two are the same) or a field."""

    field: Field | None
    offset: int


@dataclass(frozen=True, slots=True)
class _Edge:
    """`low <= high + offset`, where None stands for the day of the output."""

    low: Field | None
    high: Field | None
    offset: int
    bindable: frozenset[Field] | None


@dataclass(slots=True)
class Bounds:
    """The comparisons between days in one SELECT."""

    edges: list[_Edge] = field(default_factory=list)

    def add(self, condition: exp.Expr, bindable: Iterable[Field] | None = None) -> None:
        """Comparisons that every row must meet; with `bindable`, they say something of those fields only."""
        only = None if bindable is None else frozenset(bindable)
        for operator, left, right in _comparisons(condition):
            low, high = _term(left), _term(right)
            if low is not None and high is not None and (low.field or high.field):
                self._add(operator, low, high, only)

    def _add(self, operator: str, left: _Term, right: _Term, only: frozenset[Field] | None) -> None:
        if operator in (">=", ">"):
            operator, left, right = _FLIPPED[operator], right, left
        strict = operator == "<"
        self.edges.append(_Edge(left.field, right.field, right.offset - left.offset - strict, only))
        if operator == "=":
            self.edges.append(_Edge(right.field, left.field, left.offset - right.offset, only))

    def settle(self) -> None:
        """Tell every scan what is known of its day."""
        first: dict[Field, int] = {}
        last: dict[Field, int] = {}
        for _ in range(_ROUNDS):
            for edge in self.edges:
                self._narrow(edge, first, last)
        for item in first.keys() & last.keys():
            for scan in item.days:
                scan.first = first[item] if scan.first is None else max(scan.first, first[item])
                scan.last = last[item] if scan.last is None else min(scan.last, last[item])

    def _narrow(self, edge: _Edge, first: dict[Field, int], last: dict[Field, int]) -> None:
        low, high = edge.low, edge.high
        if low is not None and (edge.bindable is None or low in edge.bindable):
            bound = 0 if high is None else last.get(high)
            if bound is not None:
                last[low] = min(last.get(low, bound + edge.offset), bound + edge.offset)
        if high is not None and (edge.bindable is None or high in edge.bindable):
            bound = 0 if low is None else first.get(low)
            if bound is not None:
                first[high] = max(first.get(high, bound - edge.offset), bound - edge.offset)


def inputs_of(scans: Iterable[Scan]) -> tuple[Input, ...]:
    """One input per table: the days that any of its scans reads, or all when one of them has no reach."""
    found: dict[TableName, Reach | None] = {}
    for scan in scans:
        reach = scan.reach
        if scan.table in found:
            known = found[scan.table]
            reach = reach and known and Reach(min(reach.first, known.first), max(reach.last, known.last))
        found[scan.table] = reach
    return tuple(Input(table, reach) for table, reach in sorted(found.items(), key=lambda item: item[0]))


def _comparisons(condition: exp.Expr) -> Iterator[tuple[str, exp.Expr, exp.Expr]]:
    """The comparisons that are true wherever the condition is."""
    if isinstance(condition, exp.Paren):
        yield from _comparisons(condition.this)
    elif isinstance(condition, exp.And):
        yield from _comparisons(condition.this)
        yield from _comparisons(condition.expression)
    elif isinstance(condition, exp.Between):
        yield ">=", condition.this, condition.args["low"]
        yield "<=", condition.this, condition.args["high"]
    else:
        operator = _OPERATORS.get(type(condition))
        if operator is not None:
            yield operator, condition.this, condition.expression


def _term(node: exp.Expr) -> _Term | None:
    """A day and an offset in days; None for anything else."""
    if isinstance(node, exp.Paren):
        return _term(node.this)
    if isinstance(node, exp.Placeholder):
        return _Term(None, 0) if node.name in ("start", "end") else None
    if isinstance(node, exp.Column):
        found = node.meta_get("field")
        return _Term(found, 0) if found is not None and found.days else None
    if isinstance(node, (exp.Add, exp.Sub)):
        sign = 1 if isinstance(node, exp.Add) else -1
        return _moved(node.this, _interval_days(node.expression), sign)
    if is_call(node, "date_add") and len(node.expressions) == 3:
        unit, count, day = node.expressions
        if isinstance(unit, exp.Literal) and unit.name.lower() in ("day", "week"):
            return _moved(day, _whole(count), 7 if unit.name.lower() == "week" else 1)
    return None


def _moved(node: exp.Expr, days: int | None, factor: int) -> _Term | None:
    term = _term(node) if days is not None else None
    return term and _Term(term.field, term.offset + factor * (days or 0))


def _interval_days(node: exp.Expr) -> int | None:
    if isinstance(node, exp.Interval) and node.this is not None:
        unit = node.args.get("unit")
        if unit is not None and unit.name.lower() == _DAY:
            return _whole(node.this)
    return None


def _whole(node: exp.Expr) -> int | None:
    if isinstance(node, (exp.Neg, exp.Paren)):
        inner = _whole(node.this)
        return inner if inner is None or isinstance(node, exp.Paren) else -inner
    if isinstance(node, exp.Literal) and node.name.lstrip("+-").isdigit():
        return int(node.name)
    return None
