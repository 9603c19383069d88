"""The state of one walk over a query, and how a node finds the rule for its class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlglot import exp

from transforms.analyzer.coercion import common_of, zoned
from transforms.analyzer.ctes import read_with
from transforms.analyzer.faults import Fault, Unknowable, Unsupported, brief
from transforms.analyzer.other_engines import NODES
from transforms.analyzer.reach import Scan
from transforms.analyzer.scope import Cte, Field, Scope
from transforms.analyzer.tree import ZONE_OF_TEXT, coerce, place_of
from transforms.column import ColumnRef, Schema
from transforms.errors import Problem, Severity
from transforms.lake_types import INTEGERS, Type

SESSION_ZONE = "UTC"
"""The zone of a session on Athena: what a timestamp becomes when it gets a zone, and what now() carries."""

Handler = Callable[["Walk", exp.Expr, Scope], Type]
Reader = Callable[["Walk", exp.Expr, Scope | None, Mapping[str, Cte]], list[Field]]
_HANDLERS: dict[type[exp.Expr], Handler] = {}
_READERS: dict[type[exp.Expr], Reader] = {}


def on(*classes: type[exp.Expr]) -> Callable[[Handler], Handler]:
    """Declares the rule that types the nodes of these classes."""

    def declare(handler: Handler) -> Handler:
        _HANDLERS.update(dict.fromkeys(classes, handler))
        return handler

    return declare


def reads(*classes: type[exp.Expr]) -> Callable[[Reader], Reader]:
    """Declares the rule that gives the columns of the queries of these classes."""

    def declare(reader: Reader) -> Reader:
        _READERS.update(dict.fromkeys(classes, reader))
        return reader

    return declare


@dataclass(slots=True)
class Walk:
    """`database` is that of tables whose names have none; if it is empty, every name needs one.

    `sources` and `personal` gather what the expression under way is computed from.

    `aggregates` and `windows` gather the calls of the query under way; `aliases` are the names of its select items,
    which its other clauses cannot see.
    """

    schema: Schema
    database: str = ""
    problems: list[Problem] = field(default_factory=list)
    refusals: list[Problem] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    sources: set[ColumnRef] = field(default_factory=set)
    personal: bool = False
    aggregates: list[exp.Expr] = field(default_factory=list)
    windows: list[exp.Expr] = field(default_factory=list)
    inside_aggregate: bool = False
    inside_window: bool = False
    grouping: bool = False
    aliases: frozenset[str] = frozenset()
    clause: str = "SELECT"
    named_windows: dict[str, exp.Window] = field(default_factory=dict)
    uncertain: bool = False
    generated: int = 0

    def type(self, node: exp.Expr, scope: Scope) -> Type:
        """The type of an expression, written on it and on all its parts. Raises Fault or Unknowable."""
        handler = _HANDLERS.get(type(node))
        if handler is None:
            what, write = NODES.get(type(node), (node.key.upper(), ""))
            raise Fault(node, f"{what} does not exist on Athena", write=write)
        found = handler(self, node, scope)
        node.meta["type"] = found
        return found

    def query(self, node: exp.Expr, outer: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
        """The columns that a query returns. Raises Fault, or Unknowable when a fault in it was reported."""
        reader = _READERS.get(type(node))
        if reader is None:
            raise Fault(node, f"{node.key.upper()} is not a query")
        if node.args.get("with_") is not None:
            ctes = read_with(self, node, outer, ctes)
        return reader(self, node, outer, ctes)

    def types(self, nodes: list[exp.Expr], scope: Scope) -> list[Type]:
        """The types of several expressions."""
        return [self.type(node, scope) for node in list(nodes)]

    def boolean(self, node: exp.Expr, scope: Scope, what: str) -> None:
        """The expression must be a condition."""
        found = self.type(node, scope)
        if found.name not in ("boolean", "unknown"):
            raise Fault(node, f"{what} must be a condition, but it is {brief(found)}", write=_as_condition(found))

    @contextmanager
    def unnoticed(self) -> Iterator[None]:
        """What stands here chooses rows, and is no source of the value under way."""
        sources, personal = set(self.sources), self.personal
        try:
            yield
        finally:
            self.sources, self.personal = sources, personal

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """A part whose fault is reported, after which the walk goes on with the next part."""
        try:
            yield
        except Fault as fault:
            self.report(fault)
        except Unknowable:
            self.uncertain = True

    def report(self, fault: Fault, severity: Severity = "error") -> None:
        """One more problem, at the place of its node."""
        if severity == "error":
            self.uncertain = True
        node = fault.node
        line, column = place_of(node)
        while not line and node is not None:
            node = node.parent
            line, column = place_of(node)
        problem = Problem(None, line, column, fault.what, fault.allowed, fault.write, severity)
        known = self.refusals if isinstance(fault, Unsupported) else self.problems
        if problem not in known:
            known.append(problem)

    def refuse(self, node: exp.Expr, what: str, write: str = "") -> None:
        """Something that Athena accepts and DuckDB cannot do; the walk goes on."""
        self.report(Unsupported(node, what, "", write))

    def warn(self, node: exp.Expr, what: str, allowed: str = "", write: str = "") -> None:
        """Something that Athena accepts and the author may not mean."""
        self.report(Fault(node, what, allowed, write), "warning")

    def new_alias(self) -> str:
        """A name for a relation that has none."""
        self.generated += 1
        return f"_q{self.generated}"


def unify(walk: Walk, nodes: list[exp.Expr], what: str) -> Type:
    """The common type of typed nodes, to which each is coerced."""
    types = [node.meta["type"] for node in nodes]
    common = common_of(types)
    if common is None:
        spelled = ", ".join(dict.fromkeys(map(brief, types)))
        raise Fault(nodes[0], f"{what} must have one type, but they are {spelled}", write="cast them to one type")
    mixed_decimals(walk, nodes)
    for node in nodes:
        coerce(node, common)
    return common


def share_zone(node: exp.Expr, result: Type, parts: list[exp.Expr]) -> None:
    """The zone of a value that is taken from several: the one that all share."""
    if zoned(result):
        zones = {part_zone(part) for part in parts if part.meta["type"].name != "unknown"}
        zones.discard("")
        zone = common_zone(zones)
        if zone is not None:
            node.meta["zone"] = zone


def common_zone(zones: set[str | None]) -> str | None:
    """The zone that all have; UTC is also what a text may name, and what NULL alone may have."""
    if not zones:
        return SESSION_ZONE
    if zones == {SESSION_ZONE, ZONE_OF_TEXT}:
        return ZONE_OF_TEXT
    return next(iter(zones)) if len(zones) == 1 else None


def part_zone(node: exp.Expr) -> str | None:
    """The zone of a part that is coerced to a zoned type; empty for one that has none to give, such as NULL."""
    type_ = node.meta["type"]
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Null):
        return ""
    if zoned(type_):
        zone: str | None = node.meta.get("zone")
        return zone
    coerced = node.meta.get("coerced")
    return SESSION_ZONE if coerced is not None and zoned(coerced) else ""


def mixed_decimals(walk: Walk, nodes: list[exp.Expr]) -> None:
    """Warn where a bare `1.5`, a double on Athena, turns decimals into doubles."""
    if any(node.meta["type"].name == "decimal" for node in nodes):
        for node in nodes:
            text = _bare_decimal(node)
            if text:
                what = f"{text} is a double on Athena, which makes the decimal beside it a double too"
                walk.warn(node, what, write=f"write decimal '{text}' or {text}e0")


def _bare_decimal(node: exp.Expr) -> str:
    """The text of a literal like 1.5; empty for anything else."""
    while isinstance(node, (exp.Paren, exp.Neg)):
        node = node.this
    if isinstance(node, exp.Literal) and not node.is_string and "." in node.this and "e" not in node.this.lower():
        return str(node.this)
    return ""


def _as_condition(type_: Type) -> str:
    return "compare it: x <> 0" if type_.name in INTEGERS else ""
