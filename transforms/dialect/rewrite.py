"""A typed Athena query to DuckDB SQL that computes exactly the same, or `Refused` with every reason at once.

Every expression comes out safe to stand beside any operator: a name, a literal, a call, or in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlglot import exp

from transforms.analyzer.signatures import kind_of
from transforms.analyzer.tree import (
    WRAPPERS,
    Call,
    call_of,
    coerced_of,
    name_of,
    place_of,
    read_as_utc,
    type_of,
    zone_of,
)
from transforms.analyzer.walk import SESSION_ZONE
from transforms.dialect import branches, comparisons, functions, like, macros, membership, operators, rules
from transforms.dialect.casts import cast
from transforms.dialect.constants import computes_constant, is_constant
from transforms.dialect.errors import Invalid, NotPortable
from transforms.dialect.fallible import may_fail, may_overflow, written
from transforms.dialect.queries import Queries
from transforms.dialect.relations import cells
from transforms.dialect.rules import Arg, Invocation
from transforms.dialect.strictness import in_order, is_always_null, is_strict
from transforms.dialect.types import duckdb_type
from transforms.errors import Problem, Refused, Rejected
from transforms.gaps import gap

assert branches  # importing them declares their rules
assert comparisons
assert like
assert membership
assert functions

_SYNTAX: dict[type[exp.Expr], str] = {
    exp.CurrentTime: "current_time",
    exp.CurrentUser: "current_user",
    exp.CurrentCatalog: "current_catalog",
    exp.UnicodeString: "U&'..'",
    exp.JSONTable: "json_table",
}
"""What has no writer, as its author spelled it."""


@dataclass(frozen=True)
class Rewritten:
    """DuckDB SQL and the macros that it calls (`macros.needed` gives them).

    `zones` holds for each output column the zone in which Athena shows its values, for types with a time zone.
    """

    sql: str
    macros: tuple[str, ...]
    zones: tuple[str | None, ...] = ()


def to_duckdb(tree: exp.Expr, *, path: str | None = None) -> Rewritten:
    """`tree` comes from `transforms.analyzer` without errors; `:start` and `:end` stay open (`Window.filled`).

    Raises Refused, or Rejected for a constant with which Athena would fail too.
    """
    writer, text, zones = _written(tree)
    if writer.problems and read_as_utc(tree):
        writer, text, zones = _written(tree)
    for found, error in ((writer.faults, Rejected), (writer.problems, Refused)):
        if found:
            raise error(Problem(path, *place, what, "", write) for place, what, write in dict.fromkeys(found))
    return Rewritten(text, macros.named_in(text), zones)


def _written(tree: exp.Expr) -> tuple[Writer, str, tuple[str | None, ...]]:
    writer = Writer()
    return writer, writer.guarded(tree, lambda: writer.query(tree)), writer.output_zones(tree)


class Writer(Queries):
    """The walk over expressions; `Queries` is the walk over what stands around them."""

    def __init__(self) -> None:
        self.problems: list[tuple[tuple[int, int], str, str]] = []
        self.faults: list[tuple[tuple[int, int], str, str]] = []
        self.variables: list[dict[str, str]] = []
        self.fresh = 0
        self.lifted: list[str] | None = None
        self.lifted_as = ""
        self.unfolded = ""

    def guarded(self, node: exp.Expr, write: Callable[[], str]) -> str:
        """What `write` gives; a refusal is noted with the node's place, so that all of a statement are found."""
        try:
            return write()
        except NotPortable as refusal:
            invalid, tried = isinstance(refusal, Invalid), self.lifted is not None
            if invalid and tried and _stops_at_null(node):
                return written(node, self.unfold(node, _failure(node, refusal.why)), raises=True)
            instead = f"write {refusal.write}" if refusal.write else ""
            (self.faults if invalid and not tried else self.problems).append((place_of(node), refusal.why, instead))
            return "null"

    def output_zones(self, tree: exp.Expr) -> tuple[str | None, ...]:
        """The zones of the output columns; both sides of a set operation, and all rows of VALUES, must agree."""
        if isinstance(tree, exp.Subquery):
            return self.output_zones(tree.this)
        if isinstance(tree, exp.SetOperation):
            rows = [self.output_zones(tree.this), self.output_zones(tree.expression)]
        elif isinstance(tree, exp.Values):
            rows = [tuple(map(self.output_zone, cells(row))) for row in tree.expressions]
        else:
            return tuple(map(self.output_zone, tree.expressions))
        if any(row != rows[0] for row in rows):
            self.problems.append((place_of(tree), "the rows show their times in different zones", "one zone"))
        return rows[0]

    def output_zone(self, item: exp.Expr) -> str | None:
        """The zone in which a selected value is shown; a refusal if it has one that is not constant."""
        inner = item.this if isinstance(item, exp.Alias) else item
        zone = zone_of(inner)
        if zone is None and "with time zone" in str(type_of(inner)):
            why = f'"{item.alias_or_name}" has a time zone that varies by row, which DuckDB does not keep'
            self.problems.append((place_of(inner), why, "write it with `at time zone 'UTC'`"))
        return zone

    def value(self, node: exp.Expr) -> str:
        """The expression, cast as Trino casts it implicitly where it stands."""
        sql, here, wanted = self.expression(node), type_of(node), coerced_of(node)
        if here != wanted:
            sql = self.guarded(node, lambda: cast(sql, here, wanted, zone=zone_of(node)))
        return written(node, sql, raises=self.lifted is not None and may_overflow(node))

    def expression(self, node: exp.Expr) -> str:
        """The expression with its own type."""
        return self.guarded(node, lambda: self._expression(node))

    @gap(
        "localtime",
        "current_time",
        "current_user",
        "current_catalog",
    )
    def _expression(self, node: exp.Expr) -> str:
        if isinstance(node, (exp.Anonymous, *WRAPPERS)):
            call = call_of(node)
            if call is None:
                raise NotPortable("this construct is not portable yet")
            return self.call(call, node)
        write = operators.WRITERS.get(type(node))
        if write is None:
            name = _SYNTAX.get(type(node), node.key)
            if name in rules.refusals():
                rules.find(name, ())
            raise NotPortable(f"{name} is not portable yet", "another form, or run this on Athena")
        if any(part and name not in operators.PARTS[type(node)] for name, part in node.args.items()):
            raise NotPortable(f"this form of {node.key} is not portable yet", "a plainer form")
        return write(self, node)

    def arg(self, node: exp.Expr) -> Arg:
        """One argument of a call, cast to the type that the function takes."""
        if isinstance(node, exp.Lambda):
            names = [self.variable(each.name) for each in node.expressions]
            lambda_ = Arg.of(f"lambda {', '.join(names)}: {self.applied(node, names)}", type_of(node), node)
            lambda_.applied = lambda *given: self.applied(node, list(given))
            lambda_.variable = self.variable
            return lambda_
        taken, zone = coerced_of(node), zone_of(node)
        if zone is None and taken.name == "timestamp with time zone" != type_of(node).name:
            zone = SESSION_ZONE  # the zone of a date or timestamp that is taken as an instant
        return Arg.of(self.value(node), taken, node, zone)

    def variable(self, name: str) -> str:
        """A name for the variable of a lambda that no column and no variable around it has.

        It depends on nothing but how deep it stands: GROUP BY must find the same text in the select list.
        """
        plain = "".join(char if char.isascii() and char.isalnum() else f"{ord(char):x}" for char in name.lower())
        return f"v{plain}_{len(self.variables) + 1}" if plain[0].isdigit() else f"{plain}_{len(self.variables) + 1}"

    def applied(self, node: exp.Expr, names: list[str]) -> str:
        """The body of a lambda, its variables written as given."""
        with self.scope(dict(zip((each.name.lower() for each in node.expressions), names, strict=True))):
            return self.value(node.this)

    @contextmanager
    def scope(self, names: dict[str, str]) -> Iterator[None]:
        """Within it the variables of a lambda have these texts."""
        self.variables.append(names)
        try:
            yield
        finally:
            self.variables.pop()

    def call(self, call: Call, node: exp.Expr) -> str:
        """A function call with everything around it: DISTINCT, ORDER BY, FILTER, IGNORE NULLS, OVER."""
        if call.name == "count" and call.args and isinstance(call.args[0], exp.Star):
            return self.lift(lambda: f"count(*){self._tail(call)}")
        if call.name == "try":
            return self.attempted(lambda: self.value(call.args[0]), call.args[0])
        if self.lifted is not None and (call.window is not None or kind_of(call.name) in ("aggregate", "window")):
            return self.lift(lambda: self._called(call, node))
        return self._called(call, node)

    def attempted(self, write: Callable[[], str], tried: exp.Expr) -> str:
        """TRY, which DuckDB refuses over aggregates, windows and subqueries: these are computed before it.

        They come in as the fields of a row, through the variable of a lambda; what fails in them is not caught, as
        on Athena. What is computed from constants stands in a lambda too: elsewhere DuckDB computes it before the
        query runs, where no TRY catches it.
        """
        hidden = self.lifted is None and not self.variables and computes_constant(tried)
        before = self.lifted, self.lifted_as, self.unfolded
        self.fresh += 1
        self.lifted, self.lifted_as = [], f"given_{self.fresh}"
        if hidden:
            self.unfolded = self.lifted_as
        sql, lifted, name = write(), self.lifted, self.lifted_as
        self.lifted, self.lifted_as, self.unfolded = before
        if not lifted:
            return f"list_transform([0], lambda {name}: try({sql}))[1]" if hidden else f"try({sql})"
        fields = ", ".join(f"f{index} := {each}" for index, each in enumerate(lifted))
        return f"list_transform([struct_pack({fields})], lambda {name}: try({sql}))[1]"

    def unfold(self, node: exp.Expr, sql: str) -> str:
        """A side of what may fail, here its node: under TRY DuckDB must not know that it is constant.

        Some functions compute their constant arguments when the statement is read, where no TRY catches it.
        """
        if not self.unfolded or not is_constant(node):
            return sql
        return f"case when {self.unfolded} is not null then {sql} end"

    def lift(self, write: Callable[[], str]) -> str:
        """What cannot stand under TRY, as a field of the row that is passed into it."""
        lifted, unfolded = self.lifted, self.unfolded
        self.lifted, self.unfolded = None, ""
        sql = write()
        self.lifted, self.unfolded = lifted, unfolded
        if lifted is None:
            return sql
        if sql not in lifted:
            lifted.append(sql)
        return f"{self.lifted_as}['f{lifted.index(sql)}']"

    def _called(self, call: Call, node: exp.Expr) -> str:
        args, strict = tuple(self.arg(each) for each in call.args), is_strict(call.name)
        if strict and any(map(is_always_null, call.args)) and any(map(may_fail, call.args)):
            return f"cast(null as {duckdb_type(type_of(node))})"
        if strict:
            args = _ordered(call, args)
        invocation = Invocation(
            call.name,
            args,
            type_of(node),
            zone_of(node),
            distinct=call.distinct,
            order=self.order(call.order) if call.order is not None else "",
            ignore_nulls=call.ignore_nulls,
            tail=self._tail(call),
            words=call.node.args.get("words"),
        )
        made = rules.find(call.name, args).make(invocation)
        raises = macros.raises(made, args)
        if raises and args and self.unfolded and is_constant(node):
            first = Arg.of(self.unfold(node, args[0]), args[0].type, args[0].node, args[0].zone)
            made = rules.find(call.name, args).make(replace(invocation, args=(first, *args[1:])))
        return written(node, made, raises=raises)

    def _tail(self, call: Call) -> str:
        tail = ""
        if call.filter is not None:
            tail += f" filter (where {self.value(call.filter)})"
        if call.window is not None:
            tail += f" over {self.over(call.window)}"
        return tail


def _stops_at_null(node: exp.Expr) -> bool:
    return not isinstance(node, exp.Anonymous) or is_strict(name_of(node))


def _failure(node: exp.Expr, why: str) -> str:
    """What fails with each row for which Athena computes it: where none of its arguments is NULL."""
    inner = node.this if isinstance(node, exp.Escape) else node
    sides = [side for side in inner.iter_expressions() if "written" in side.meta and not is_constant(side)]
    given = " and ".join(f"{side.meta['written']} is not null" for side in sides) or "true"
    reason = why.replace("'", "''")
    return macros.failing(
        f"case when {given} then fail('{reason}') else cast(null as {duckdb_type(type_of(node))}) end"
    )


def _ordered(call: Call, args: tuple[Arg, ...]) -> tuple[Arg, ...]:
    texts = in_order(call.args, args)
    return tuple(
        arg if text == arg else Arg.of(text, arg.type, arg.node, arg.zone)
        for text, arg in zip(texts, args, strict=True)
    )
