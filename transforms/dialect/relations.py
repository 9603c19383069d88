"""What stands in FROM: tables, subqueries, VALUES, UNNEST, joins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sqlglot import exp

from transforms.analyzer.tree import coerced_of, is_call, is_relation, table_of, type_of
from transforms.dialect.errors import NotPortable
from transforms.names import quoted

_JOIN_PARTS = frozenset(("this", "side", "kind", "on"))


class Relations(ABC):
    """Writers of relations; queries and expressions are written by the classes below."""

    @abstractmethod
    def query(self, node: exp.Expr) -> str:
        """A whole query."""

    @abstractmethod
    def value(self, node: exp.Expr) -> str:
        """An expression."""

    def relation(self, node: exp.Expr) -> str:
        """A relation with its alias and the aliases of its columns; a join of its own stands in parentheses."""
        text = self._relation(node)
        joins = node.args.get("joins") or ()
        return f"({text} {' '.join(map(self.join, joins))})" if joins else text

    def _relation(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Table):
            return self._table(node)
        if isinstance(node, exp.Subquery):
            if is_relation(node.this):
                return self.relation(node.this)
            return f"(\n{self.query(node.this)}\n){self._alias(node)}"
        if isinstance(node, exp.Values):
            return f"({self.values_rows(node)}){self._alias(node)}"
        if isinstance(node, exp.Unnest):
            return f"({self._unnested(node)}){self._alias(node, drop_columns=True)}"
        if isinstance(node, exp.Lateral):
            inner = node.this
            if isinstance(inner, exp.Unnest):
                return f"({self._unnested(inner)}){self._alias(node)}"
            body = self.query(inner.this if isinstance(inner, exp.Subquery) else inner)
            return f"lateral ({body}){self._alias(node)}"
        if isinstance(node, exp.Paren):
            return self.relation(node.this)
        raise NotPortable(f"{node.key} in FROM is not portable yet", "a table or a subquery")

    def _table(self, node: exp.Table) -> str:
        if {key for key, part in node.args.items() if part} - {"this", "db", "catalog", "alias", "joins"}:
            raise NotPortable("TABLESAMPLE, FOR TIMESTAMP and the like are not portable", "the table itself")
        name = table_of(node)
        if name is None:
            return f"{quoted(node.name)}{self._alias(node)}"
        return f"{quoted(engine_database(name.database))}.{quoted(name.table)}{self._alias(node)}"

    def join(self, node: exp.Expr) -> str:
        """A join; CROSS JOIN UNNEST keeps no row of an empty array, LEFT JOIN UNNEST .. ON TRUE keeps one."""
        if isinstance(node, exp.Lateral):
            return f"cross join {self.relation(node)}"
        if {key for key, part in node.args.items() if part} - _JOIN_PARTS:
            raise NotPortable("this join is not portable yet", "an inner or left join with ON")
        side, kind = (str(node.args.get(key) or "").lower() for key in ("side", "kind"))
        on = node.args.get("on")
        words = " ".join(word for word in (side, kind) if word) or ("inner" if on is not None else "")
        lateral = "lateral " if isinstance(node.this, exp.Unnest) else ""
        text = f"{words} join {lateral}" if words else f", {lateral}"
        text += self.relation(node.this)
        return f"{text} on {self.value(on)}" if on is not None else text

    def _alias(self, node: exp.Expr, *, drop_columns: bool = False) -> str:
        alias = node.args.get("alias")
        if alias is None or not alias.name:
            return ""
        columns = alias.args.get("columns") or ()
        names = f"({', '.join(quoted(each.name) for each in columns)})" if columns and not drop_columns else ""
        return f" as {quoted(alias.name)}{names}"

    def values_rows(self, node: exp.Values) -> str:
        """VALUES: a row is written `(1, 'a')` or `row(1, 'a')`; both are columns."""
        return f"values {', '.join(f'({self._row(each)})' for each in node.expressions)}"

    def _row(self, node: exp.Expr) -> str:
        return ", ".join(map(self.value, cells(node)))

    def _unnested(self, node: exp.Unnest) -> str:
        """A select with one UNNEST for each column, which DuckDB zips, filling up with NULL as Trino does.

        An array of rows stays one column, as on Athena.
        """
        columns: list[str] = []
        lengths: list[str] = []
        for each in node.expressions:
            value, kind = self.value(each), coerced_of(each)
            if kind.name == "map":
                columns += [f"unnest(map_keys({value}))", f"unnest(map_values({value}))"]
                lengths.append(f"coalesce(cardinality({value}), 0)")
            elif kind.name == "array":
                columns.append(f"unnest({value})")
                lengths.append(f"coalesce(len({value}), 0)")
            else:
                raise NotPortable(f"unnest of {type_of(each)} is not portable")
        if node.args.get("offset"):
            longest = lengths[0] if len(lengths) == 1 else f"greatest({', '.join(lengths)})"
            columns.append(f"unnest(range(1, cast({longest} as bigint) + 1))")
        listed = [
            f"{column} as {quoted(name)}" for column, name in zip(columns, _names(node, len(columns)), strict=True)
        ]
        return f"select {', '.join(listed)}"


def engine_database(name: str) -> str:
    """The database that holds a table on DuckDB, which has an information_schema of its own."""
    return f"athena_{name}" if name == "information_schema" else name


def cells(row: exp.Expr) -> Sequence[exp.Expr]:
    """The values of one row of VALUES: `(1, 'a')`, `row(1, 'a')`, or just `1`."""
    if isinstance(row, exp.Paren):
        return cells(row.this)
    written_as_row = is_call(row, "row")
    return row.expressions if isinstance(row, exp.Tuple) or written_as_row else [row]


def _names(node: exp.Unnest, count: int) -> list[str]:
    """The names of the columns, the ordinal number last."""
    alias = node.args.get("alias")
    given = [each.name for each in (alias.args.get("columns") or ())] if alias is not None else []
    offset = node.args.get("offset")
    if isinstance(offset, exp.Expr):
        given.append(offset.name)
    return given + [f"_col{index}" for index in range(len(given), count)]
