"""What stands around expressions: select, set operations, WITH, GROUP BY, windows, order, limit.

Names are written quoted, NULLS FIRST or LAST always, so that no default of DuckDB decides.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from sqlglot import exp

from transforms.analyzer.ctes import references
from transforms.analyzer.tree import coerced_of
from transforms.dialect import filters
from transforms.dialect.equality import missing
from transforms.dialect.errors import NotPortable
from transforms.dialect.fallible import gathers
from transforms.dialect.macros import failing
from transforms.dialect.relations import Relations
from transforms.gaps import gap
from transforms.names import quoted

_SET = {exp.Union: "union", exp.Intersect: "intersect", exp.Except: "except"}
_SELECT_PARTS = frozenset(
    (
        *("kind", "with_", "expressions", "distinct", "from_", "joins", "laterals", "where", "group", "having"),
        *("windows", "order", "limit", "offset"),
    )
)
_LEVEL = '"_level"'
_FRAME = {"UNBOUNDED": "unbounded", "CURRENT ROW": "current row"}


class Queries(Relations):
    """Writers of queries; what they contain is written by `value` and `expression`."""

    @abstractmethod
    def value(self, node: exp.Expr) -> str:
        """An expression, cast as Trino casts it where it stands."""

    def query(self, node: exp.Expr) -> str:
        """A whole query, without parentheses around it."""
        if isinstance(node, exp.Subquery) and not node.args.get("alias"):
            inner = self.query(node.this)
            tail = self._tail_of_query(node)
            return f"{self._with(node)}({inner}){tail}" if tail or node.args.get("with_") else inner
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node)
        if isinstance(node, exp.Select):
            return self._select(node)
        if isinstance(node, exp.Values):
            return f"{self._with(node)}{self.values_rows(node)}{self._tail_of_query(node)}"
        if isinstance(node, exp.Table):
            return f"select * from {self.relation(node)}"
        raise NotPortable(f"{node.key} is not portable yet", "a select")

    @gap("select i from (values 1, 2) as n(i) tablesample bernoulli (50)")
    def _select(self, node: exp.Select, more: str = "") -> str:
        unknown = {key for key, part in node.args.items() if part} - _SELECT_PARTS
        if unknown:
            raise NotPortable(f"{', '.join(sorted(unknown))} is not portable yet", "a plain select")
        distinct = "distinct " if node.args.get("distinct") else ""
        parts = [
            f"{self._with(node)}select {distinct}"
            + ", ".join([*map(self.item, node.expressions), *([more] if more else [])])
        ]
        if source := node.args.get("from_"):
            parts.append(f"from {self.relation(source.this)}")
        parts += map(self.join, node.args.get("joins") or ())
        parts += map(self.join, node.args.get("laterals") or ())
        if where := node.args.get("where"):
            condition = self.value(where.this)
            filters.refuse_uncaught(node, condition)
            parts.append(f"where {condition}")
        if group := node.args.get("group"):
            parts.append(self._group(group))
        if having := node.args.get("having"):
            parts.append(f"having {self.value(having.this)}")
        if windows := node.args.get("windows"):
            if any("type" not in part.meta for each in windows for part in each.args.get("partition_by") or ()):
                raise NotPortable("the WINDOW clause is not portable yet", "the window itself behind over")
            named = (f"{quoted(each.name)} as {self.over(each)}" for each in windows)
            parts.append(f"window {', '.join(named)}")
        if _with_ties(node):
            parts.append(self._ties(node))
        return "\n".join(parts) + self._tail_of_query(node)

    def item(self, node: exp.Expr) -> str:
        """One item of a select list."""
        if isinstance(node, exp.Alias):
            return f"{self.value(node.this) if not _coerced(node) else self.value(node)} as {quoted(node.alias)}"
        return self.value(node)

    def _with(self, node: exp.Expr) -> str:
        with_ = node.args.get("with_")
        if with_ is None:
            return ""
        tables = []
        for cte in with_.expressions:
            if with_.args.get("recursive") and references(cte.this, cte.alias):
                tables.append(self._recursive(cte))
                continue
            columns = cte.args["alias"].args.get("columns") or ()
            names = f"({', '.join(quoted(each.name) for each in columns)})" if columns else ""
            tables.append(f"{quoted(cte.alias)}{names} as (\n{self.query(cte.this)}\n)")
        return f"with {', '.join(tables)}\n"

    @gap("with recursive n(i) as (select 1 union select i + 1 from n where i < 3) select i from n")
    def _recursive(self, cte: exp.Expr) -> str:
        """A query that reads itself, with a column that counts the steps: Athena gives up behind the tenth.

        The count is used around it, or DuckDB would not compute it.
        """
        base, step = cte.this.this, cte.this.expression
        while isinstance(step, exp.Subquery):
            step = step.this
        source = references(step, cte.alias)[0]
        own = source.find_ancestor(exp.Select) is step and not cte.this.args.get("distinct")
        if not isinstance(step, exp.Select) or not own or not _is_plain(step):
            raise NotPortable(
                "this recursive query is not portable yet", "union all and a step of select .. from .. where"
            )
        level = f"{quoted(source.alias)}.{_LEVEL}"
        count = failing(f"case when {level} < 10 then {level} + 1 else fail('Recursion depth limit exceeded (10)') end")
        name, names = quoted(cte.alias), ", ".join(quoted(each.name) for each in cte.args["alias"].args["columns"])
        steps = f"select *, 0 from ({self.query(base)})\nunion all\n({self._select(step, count)})"
        inner = f"with recursive {name}({names}, {_LEVEL}) as (\n{steps}\n)"
        return f"{name} as (\n{inner}\nselect {names} from {name} where {_LEVEL} >= 0\n)"

    def _set_operation(self, node: exp.SetOperation) -> str:
        word = _SET[type(node)] + ("" if node.args.get("distinct") else " all")
        sides = (f"({self.query(each)})" for each in (node.this, node.expression))
        return f"{self._with(node)}{f' {word} '.join(sides)}{self._tail_of_query(node)}"

    @gap(
        "select distinct i from (values 1, 2, 2) as n(i) order by i fetch first 2 rows with ties",
        "select i from (values 1, 2, 2) as n(i) union select 3 order by i fetch first 2 rows with ties",
    )
    def _ties(self, node: exp.Expr) -> str:
        """FETCH FIRST n ROWS WITH TIES: the rows whose rank is that of the last one or less, behind the OFFSET."""
        order, count = node.args.get("order"), node.args["limit"].args.get("count")
        skipped = node.args["offset"].expression if node.args.get("offset") else None
        plain = isinstance(node, exp.Select) and not node.args.get("distinct")
        if (
            order is None
            or not plain
            or not all(each is None or isinstance(each, exp.Literal) for each in (count, skipped))
        ):
            raise NotPortable("WITH TIES is not portable in this query", "rank() in a subquery")
        keys = [self._tied_key(node, each) for each in order.expressions]
        by = f"over (order by {', '.join(keys)})"
        first = 0 if skipped is None else int(skipped.name)
        last = first + (1 if count is None else int(count.name))
        return f"qualify rank() {by} <= {last} and row_number() {by} > {first}"

    @gap("select i, rank() over (order by i) as r from (values 1) as n(i) order by r fetch first row with ties")
    def _tied_key(self, node: exp.Expr, key: exp.Expr) -> str:
        """A key of ORDER BY as an expression of the query, not by the place or name of a select item."""
        by, items = key.this, node.expressions
        if isinstance(by, exp.Literal) and not by.is_string:
            by = items[int(by.name) - 1].this
        elif isinstance(by, exp.Column) and not by.table:
            by = next((item.this for item in items if item.alias == by.name), by)
        if by.find(exp.Window, exp.Query):
            raise NotPortable("WITH TIES by a window or a subquery is not portable", "rank() in a subquery")
        return self._ordered(exp.Ordered(**{**key.args, "this": by.copy()}))

    def _tail_of_query(self, node: exp.Expr) -> str:
        parts = []
        if order := node.args.get("order"):
            parts.append(self.order(order))
        if _with_ties(node):
            if not isinstance(node, exp.Select):
                self._ties(node)  # refuses it; a select has it as its QUALIFY
            return "".join(f"\n{part}" for part in parts)
        if limit := node.args.get("limit"):
            if isinstance(limit, exp.Fetch):
                count = limit.args.get("count")
                parts.append(f"limit {self.value(count) if count is not None else 1}")
            elif limit.expression.name.upper() != "ALL":
                parts.append(f"limit {self.value(limit.expression)}")
        if offset := node.args.get("offset"):
            parts.append(f"offset {self.value(offset.expression)}")
        return "".join(f"\n{part}" for part in parts)

    def _group(self, group: exp.Expr) -> str:
        """GROUP BY, with CUBE, ROLLUP and GROUPING SETS, which multiply as on Trino."""
        known = {"expressions", "cube", "rollup", "grouping_sets", "all", "totals"}
        if {key for key, part in group.args.items() if part} - known or group.args.get("totals"):
            raise NotPortable("this GROUP BY is not portable yet", "group by columns")
        if group.args.get("all") and not group.expressions:
            raise NotPortable("GROUP BY ALL is not portable", "the columns themselves")
        parts = [self._key(each) for each in group.expressions]
        for kind in ("grouping_sets", "cube", "rollup"):
            parts += [self._key(each) for each in group.args.get(kind) or ()]
        return f"group by {', '.join(parts)}"

    def _key(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Tuple):
            return f"({', '.join(self._key(each) for each in node.expressions)})"
        if isinstance(node, (exp.Cube, exp.Rollup, exp.GroupingSets)):
            word = {exp.Cube: "cube", exp.Rollup: "rollup"}.get(type(node), "grouping sets")
            keys: Iterable[exp.Expr] = node.expressions
            if word == "cube":
                keys = {self._columns(key): key for key in keys}.values()
            return f"{word} ({', '.join(map(self._key, keys))})"
        if isinstance(node, exp.Paren):
            return f"({self._key(node.this)})"
        if isinstance(node, exp.Literal):
            return f"cast({self.value(node)} as varchar)" if node.is_string else str(node.this)
        return self.value(node)

    def _columns(self, node: exp.Expr) -> frozenset[str]:
        """The columns of one set of a CUBE, as text; Trino takes a set that stands there twice only once."""
        return frozenset(map(self._key, node.expressions if isinstance(node, exp.Tuple) else (node,)))

    def order(self, order: exp.Expr) -> str:
        """ORDER BY with every default written out: on Athena NULLs are last, whether ascending or descending."""
        keys = [self._ordered(each) for each in order.expressions if not _orders_nothing(each.this)]
        return f"order by {', '.join(keys)}" if keys else ""

    def _ordered(self, node: exp.Expr) -> str:
        by = node.this
        if isinstance(by, exp.Literal) and not by.is_string:
            value = str(by.this)
        elif isinstance(by, exp.Column) and "type" not in by.meta:
            value = quoted(by.name)
        else:
            value = self._sort_key(by)
        direction = "desc" if node.args.get("desc") else "asc"
        return f"{value} {direction} nulls {'first' if node.args.get('nulls_first') else 'last'}"

    def _sort_key(self, by: exp.Expr) -> str:
        """Arrays and rows with a NULL inside have an order on DuckDB only."""
        value, kind = self.value(by), coerced_of(by)
        hole = missing(value, kind)
        if hole == "false":
            return value
        return failing(f"case when {hole} then unportable('the order of {kind.name}s with NULL') else {value} end")

    def over(self, window: exp.Expr) -> str:
        """What stands behind OVER, or the body of a named window."""
        if window.args.get("alias") is not None and not isinstance(window.this, exp.Identifier):
            base = quoted(window.args["alias"].name)
        else:
            base = ""
        parts = [base] if base else []
        if partition := window.args.get("partition_by"):
            parts.append(f"partition by {', '.join(map(self.value, partition))}")
        if order := window.args.get("order"):
            parts.append(self.order(order))
        if spec := window.args.get("spec"):
            parts.append(self._frame(spec))
        return base if base and len(parts) == 1 else f"({' '.join(parts)})"

    def _frame(self, spec: exp.Expr) -> str:
        kind = str(spec.args.get("kind") or "range").lower()
        start, end = self._bound(spec, "start"), self._bound(spec, "end")
        if spec.args.get("exclude"):
            raise NotPortable("EXCLUDE in a frame is not portable yet")
        return f"{kind} between {start} and {end or 'current row'}"

    def _bound(self, spec: exp.Expr, which: str) -> str:
        bound, side = spec.args.get(which), str(spec.args.get(f"{which}_side") or "").lower()
        if bound is None:
            return ""
        if isinstance(bound, str):
            return f"{_FRAME[bound.upper()]} {side}".strip()
        return f"{self.value(bound)} {side}"


def _with_ties(node: exp.Expr) -> bool:
    options = (node.args.get("limit") or exp.Fetch()).args.get("limit_options")
    return options is not None and bool(options.args.get("with_ties"))


def _is_plain(step: exp.Select) -> bool:
    """A select of one row for each row of FROM."""
    cut = ("distinct", "group", "having", "order", "offset")
    if any(step.args.get(key) for key in cut) or step.find(exp.Window):
        return False
    return not any(map(gathers, step.walk()))


def _orders_nothing(key: exp.Expr) -> bool:
    """Whether a key of ORDER BY is a constant, which DuckDB does not accept; a whole number is a position."""
    key = key.this.unnest() if isinstance(key, exp.Neg) else key.unnest()
    return isinstance(key, (exp.Null, exp.Boolean, exp.Literal)) and not key.meta_get("output")


def _coerced(node: exp.Expr) -> bool:
    return node.meta.get("coerced") is not None
