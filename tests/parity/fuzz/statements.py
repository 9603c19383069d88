"""Random statements over the tables `t` and `u`: joins, groups, windows, subqueries, set operations, unnest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.parity.fuzz.expressions import BIGINT, COUNTS, MONEY, TEXTS, WORDS, Column, Expressions, Scope
from tests.parity.fuzz.functions import rounded_functions
from tests.parity.fuzz.node import NOTHING, Node, call, listed
from tests.parity.fuzz.tables import Table
from transforms.analyzer.signatures import Signature
from transforms.lake_types import BOOLEAN, DATE, DOUBLE, INTEGER, TIMESTAMP, VARCHAR, Type

_AGGREGATES = (
    *("count(*)", "count({})", "count(distinct {})", "min({})", "max({})", "array_agg({} order by k)"),
    *("count_if({b})", "bool_and({b})", "bool_or({b})", "every({b})", "sum({n})", "avg({n})", "sum(distinct {n})"),
    *("sum({m})", "avg({m})", "sum(d)", "avg(d)", "sum(r)", "max_by({}, k)", "min_by({}, k)", "map_agg(k, {})"),
    *("histogram({c})", "approx_distinct({b})", "stddev(d)", "var_pop(d)", "listagg(c, ',') within group (order by k)"),
    *("min({}) filter (where {b})", "count(*) filter (where {b})", "array_agg({c} order by k desc)", "checksum({n})"),
    *("bitwise_and_agg(n)", "bitwise_or_agg(n)", "geometric_mean(k)", "multimap_agg(k, c)"),
    *("reduce_agg(k, 0, (q, e) -> q + e, (q, e) -> q + e)", "max(k, 2)", "min(k, 3)", "corr(d, k)"),
)
_OF = {"b": BOOLEAN, "n": INTEGER, "m": MONEY, "c": VARCHAR}
_ORDERABLE = (VARCHAR, BIGINT, DATE, TIMESTAMP, INTEGER, BOOLEAN, MONEY)
_WINDOWS = (
    *("row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(3)", "lag({})", "lead({}, 2)"),
    *("lag({}) ignore nulls", "sum({n})", "count({})", "max({})", "min({})", "avg({m})", "count(*)"),
)
_FRAMED = (
    "first_value({})",
    "last_value({})",
    "nth_value({}, 2)",
    "sum({n})",
    "count({})",
    "last_value({}) ignore nulls",
)
_FRAMES = (
    *("rows between unbounded preceding and current row", "rows between 2 preceding and 1 following"),
    *("range between unbounded preceding and current row", "rows between 1 following and 3 following"),
    "rows between current row and unbounded following",
)


@dataclass(frozen=True)
class Statement:
    """A query whose columns are c0, c1, ..; `width` of them."""

    node: Node
    width: int


class Statements:
    """Draws statements; the same random numbers give the same ones."""

    def __init__(
        self, random: Random, tables: Sequence[Table], depth: int, seldom: frozenset[str] = frozenset()
    ) -> None:
        self.random = random
        self.tables = {table.name: table for table in tables}
        self.depth = depth
        self.draw = Expressions(random, seldom)

    def any(self) -> Statement:
        """A statement of some kind."""
        kinds = (self.rows, self.groups, self.groups, self.joined, self.joined, self.windows, self.windows)
        return self.random.choice((*kinds, self.union, self.unnested, self.subquery, self.named))()

    def expressions(self, count: int) -> list[Node]:
        """Expressions over the columns of `t`; what may fail does so within TRY."""
        drawn = self._many(count - 1, self.scope("t"), self.depth)
        signature = self.random.choice(rounded_functions())
        drawn.append(self.draw.called(signature, {}, DOUBLE, self.depth, self.scope("t")))
        return [Node("try({})", (each,), each.type) for each in drawn]

    def sample(self, signature: Signature) -> Node:
        """A call of an overload with plain arguments."""
        bound: dict[str, Type] = {}
        return self.draw.called(signature, bound, BOOLEAN, 1, self.scope("t"))

    def full(self, name: str) -> str:
        """A table as statements name it."""
        return str(self.tables[name].full_name)

    def scope(self, name: str, alias: str = "") -> Scope:
        """The columns of a table."""
        prefix = f"{alias}." if alias else ""
        return tuple(Column(f"{prefix}{column}", type_) for column, type_ in self.tables[name].columns.items())

    def rows(self) -> Statement:
        """Some rows of a table; perhaps the first few."""
        items = self._many(2, self.scope("t"), self.depth)
        tail = NOTHING
        if self.random.random() < 0.3:
            tail = Node(
                f" order by k {self.random.choice(('', 'desc'))} limit {self.random.randint(1, 6)}", optional=True
            )
        return self._select(items, self._from("t"), self._where(self.scope("t"), caught=0.5), tail)

    def groups(self) -> Statement:
        """Aggregates for each group, or of all rows."""
        keys = [self._key() for _ in range(self.random.randrange(3))]
        plain = all(str(key).isalpha() for key in keys)
        kind = self.random.choice(("{}", "{}", "rollup ({})", "cube ({})")) if plain else "{}"
        group = Node(f" group by {kind}", (listed(*keys),)) if keys else NOTHING
        having = NOTHING
        if keys and self.random.random() < 0.3:
            having = Node(f" having count(*) > {self.random.randint(0, 2)}", optional=True)
        aggregates = [self._aggregate(_AGGREGATES) for _ in range(2)]
        return self._select(
            [*keys, *aggregates], self._from("t"), self._where(self.scope("t"), caught=0.5), group, having
        )

    def joined(self) -> Statement:
        """Two tables."""
        kind = self.random.choice(("join", "left join", "right join", "full join", "cross join"))
        left, right = self.scope("t", "l1"), self.scope("u", "r1")
        source = Node(f" from {self.full('t')} l1 {kind} {self.full('u')} r1")
        on = NOTHING
        if kind != "cross join":
            column = self.random.choice(("k", "g", "c", "day"))
            more = NOTHING
            if self.random.random() < 0.4:
                more = Node(" and {}", (self._caught(BOOLEAN, 1, (*left, *right)),), optional=True)
            on = Node(f" on l1.{column} = r1.{column}{{}}", (more,))
        scope = (*left, *right)
        return self._select(self._many(3, scope, self.depth - 1), source, on, self._where(scope))

    def windows(self) -> Statement:
        """Window functions over an order without ties."""
        items = [Node("k", (), BIGINT)]
        for _ in range(2):
            partition = self._key() if self.random.random() < 0.7 else None
            over = Node("partition by {} ", (partition,), optional=True) if partition else NOTHING
            order = self.random.choice(
                ("k", "k desc", "s, k", "d desc nulls first, k", "g, k desc", "day nulls first, k")
            )
            framed = self.random.random() < 0.4
            frame = Node(f" {self.random.choice(_FRAMES)}", optional=True) if framed else NOTHING
            function = self._aggregate(_FRAMED if framed else _WINDOWS)
            items.append(Node(f"{{}} over ({{}}order by {order}{{}})", (function, over, frame)))
        return self._select(items, self._from("t"), self._where(self.scope("t"), caught=0.5))

    def union(self) -> Statement:
        """A set operation on two queries."""
        types = [self.random.choice(_ORDERABLE) for _ in range(2)]
        word = self.random.choice(("union", "union all", "intersect", "except"))
        sides = []
        for name in ("t", "u"):
            items = [self.draw.value(type_, 1, self.scope(name)) for type_ in types]
            sides.append(self._select(items, self._from(name), self._where(self.scope(name))).node)
        return Statement(Node(f"{{}} {word} {{}}", tuple(sides)), 2)

    def unnested(self) -> Statement:
        """The elements of an array or a map beside the columns."""
        type_ = self.random.choice((COUNTS, TEXTS, WORDS))
        names = {"array": ["e"], "map": ["e", "f"]}[type_.name]
        ordinal = self.random.random() < 0.5
        inner = [*(type_.parts), *([BIGINT] if ordinal else [])]
        names += ["o1"] if ordinal else []
        kind = self.random.choice(("cross join unnest({})", "left join unnest({})"))
        source = Node(
            f" from {self.full('t')} {kind}{' with ordinality' * ordinal} as q({', '.join(names)})"
            + (" on true" if kind.startswith("left") else ""),
            (self._caught(type_, 1, self.scope("t")),),
        )
        scope = (*(Column(name, each) for name, each in zip(names, inner, strict=True)), *self.scope("t"))
        return self._select([Node("k", (), BIGINT), *self._many(2, scope[:4], 1)], source, self._where(scope))

    def subquery(self) -> Statement:
        """A subquery that stands for one value, IN, a comparison with ANY or ALL, or EXISTS, perhaps correlated."""
        outer, inner = self.scope("t", "l1"), self.scope("u", "r1")
        column, type_ = self.random.choice((("g", INTEGER), ("c", VARCHAR), ("k", BIGINT), ("day", DATE)))
        related = Node(f" where r1.{column} = l1.{column}", optional=True) if self.random.random() < 0.6 else NOTHING
        source = Node(f" from {self.full('u')} r1{{}}", (related,))
        match self.random.randrange(3):
            case 0:
                word = self.random.choice(("count(*)", f"max(r1.{column})", "sum(r1.d)", "min(r1.s)"))
                item, where = Node(f"(select {word}{{}})", (source,)), self._where(outer)
            case 1:
                values = self.draw.value(type_, 1, inner)
                word = self.random.choice(("in", "not in", "in", "not in", "= any", "<> all", "> all", "<= any"))
                nothing = Node(" where 1 = 0", optional=True) if self.random.random() < 0.2 else NOTHING
                plain = Node(f" from {self.full('u')} r1{{}}", (nothing,))
                where = Node(f" where l1.{column} {word} (select {{}}{{}})", (values, plain))
                item = Node("l1.k", (), BIGINT)
            case _:
                word = self.random.choice(("exists", "not exists"))
                item, where = Node("l1.k", (), BIGINT), Node(f" where {word} (select 1{{}})", (source,))
        return self._select([item, *self._many(1, outer, 1)], Node(f" from {self.full('t')} l1"), where)

    def named(self) -> Statement:
        """A query over a named query."""
        types = [self.random.choice(_ORDERABLE) for _ in range(2)]
        items = [self.draw.value(type_, self.depth - 1, self.scope("t")) for type_ in types]
        within = self._select(items, self._from("t"), self._where(self.scope("t"), caught=0.5)).node
        scope = tuple(Column(f"c{index}", type_) for index, type_ in enumerate(types))
        aggregate = self.random.choice(("count(*)", "max(c1)", "min(c1)", "count(distinct c1)", "count(c1)"))
        query = self._select([self.draw.value(types[0], 1, scope[:1]), *self._many(1, scope, 1)], Node(" from w"))
        if self.random.random() < 0.5:
            query = self._select([Node("c0"), Node(aggregate)], Node(" from w"), Node(" group by c0"))
        return Statement(Node("with w as ({}) {}", (within, query.node)), query.width)

    def _select(self, items: Sequence[Node], *clauses: Node) -> Statement:
        named = [Node(f"{{}} as c{index}", (item,)) for index, item in enumerate(items)]
        places = "{}" * (1 + len(clauses))
        return Statement(
            Node(f"select {places}", (Node(", ".join(["{}"] * len(named)), tuple(named)), *clauses)), len(items)
        )

    def _many(self, count: int, scope: Scope, depth: int) -> list[Node]:
        return [self.draw.any(depth, scope) for _ in range(count)]

    def _where(self, scope: Scope, caught: float = 1) -> Node:
        """Perhaps a condition; `caught` is how often it stands within TRY."""
        if self.random.random() < 0.5:
            return NOTHING
        condition = (
            self._caught(BOOLEAN, 2, scope) if self.random.random() < caught else self.draw.value(BOOLEAN, 2, scope)
        )
        return Node(" where {}", (condition,), optional=True)

    def _caught(self, type_: Type, depth: int, scope: Scope) -> Node:
        """A value within TRY: of joins, and beside subqueries, it is up to the plan for which rows it is computed."""
        return call("try", type_, self.draw.value(type_, depth, scope))

    def _key(self) -> Node:
        columns = ("g", "b", "c", "day", "m", "y", "date_trunc('month', day)", "coalesce(c, s)", "s", "at", "d")
        return Node(self.random.choice(columns))

    def _aggregate(self, forms: tuple[str, ...]) -> Node:
        form = self.random.choice(forms)
        hole = next((hole for hole in ("{}", *(f"{{{name}}}" for name in _OF)) if hole in form), None)
        if hole is None:
            return Node(form)
        parts = [self._hole(hole)]
        form = form.replace(hole, "{}")
        if "{b}" in form:
            parts.append(self._hole("{b}"))
            form = form.replace("{b}", "{}")
        return Node(form, tuple(parts))

    def _hole(self, hole: str) -> Node:
        type_: Type = _OF.get(hole.strip("{}")) or self.random.choice(_ORDERABLE)
        value = self.draw.value(type_, 1, self.scope("t"))
        return value if type_ == DOUBLE else call("try", type_, value)

    def _from(self, name: str) -> Node:
        return Node(f" from {self.full(name)}")
