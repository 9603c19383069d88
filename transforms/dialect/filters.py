"""WHERE and HAVING: Athena computes part after part, and some of them before the others.

In a WHERE what bounds a column of a table comes first, in a HAVING what reads keys alone, then what is equal to
something. DuckDB computes first what it can skip files by. Where a part may fail, the order decides whether it does:
then the parts stand in CASEs, and beside them what bounds a column or reads keys, for DuckDB to skip by. A NULL does
not end Athena's search, so that the rows where a bound is NULL are not skipped; groups whose keys give NULL are.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from transforms.analyzer.tree import field_of, is_try
from transforms.dialect import connectors
from transforms.dialect.constants import is_constant
from transforms.dialect.errors import NotPortable
from transforms.dialect.macros import uncaught_in
from transforms.dialect.strictness import gathers, is_always_null, may_fail, only_chooses
from transforms.gaps import gap

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Is)
_BOUNDING = (*_COMPARISONS, exp.And, exp.Or, exp.Not, exp.Paren, exp.Cast)
_UNWRAPPED = ("date", "date_trunc", "year")
"""Functions that Athena takes off a column that is compared with a constant."""
_JOINED = ("joins", "laterals")
_SETS = ("grouping_sets", "cube", "rollup")
_GATHERED = (*_JOINED, "group", "distinct", "having", "limit", "offset")

Written = tuple[exp.Expr, str]
"""A part of a filter, and what has been written for it."""


def in_turn(node: exp.Expr, parts: Sequence[Written]) -> str | None:
    """An AND of which a part may fail, where false and NULL are the same.

    None if no part may, or if Athena's plan decides on the order: outside of the WHERE of one table and of HAVING.
    """
    nodes = [node for node, _ in parts]
    if not only_chooses(node) or not any(may_fail(part) for part in nodes if not is_constant(part)):
        return None
    if any(map(is_always_null, nodes)):
        return "false"
    query = filtered(node)
    if query is None or any(part.find(exp.Query) for part in nodes):
        return None
    if query.args.get("having") and node.find_ancestor(exp.Where, exp.Having) is query.args["having"]:
        return _of_groups(query, parts)
    return None if any(map(query.args.get, _JOINED)) or not _of_one_table(nodes) else _of_rows(parts)


@gap(
    "select u from (select array[i] as l from (values cast(null as bigint)) as t(i)) as t "
    "cross join unnest(l) as e(u) where try(mod(1, u)) = 1"
)
def refuse_uncaught(query: exp.Select, written: str) -> None:
    """What TRY does not catch, in the WHERE of several tables or an UNNEST: Athena's plan decides which rows meet it.

    Raises:
        NotPortable: it stands in a TRY there.
    """
    tried = any(is_try(part) for part in query.args["where"].walk())
    if tried and any(map(query.args.get, _JOINED)) and uncaught_in(written):
        raise NotPortable(
            "a TRY around what it does not catch, in the WHERE of a join or an UNNEST, is not portable",
            "the condition in a query of its own around this one, or % in place of mod",
        )


def filtered(node: exp.Expr) -> exp.Select | None:
    """The query whose whole WHERE or HAVING it is; within an OR no part comes before the others."""
    above = node.parent
    while isinstance(above, (exp.And, exp.Paren)):
        above = above.parent
    query = above.parent if isinstance(above, (exp.Where, exp.Having)) else None
    return query if isinstance(query, exp.Select) else None


def _of_rows(parts: Sequence[Written]) -> str:
    bounds, others, beside = list[Written](), list[Written](), list[str]()
    for part, text in parts:
        column = _bounded(part)
        (others if column is None else bounds).append((part, text))
        if column is not None:
            beside.append(text if field_of(column).days else f"({text} or ({text}) is null)")
    return f"({' and '.join([*beside, _sequence([*bounds, *others])])})"


def _of_groups(query: exp.Select, parts: Sequence[Written]) -> str | None:
    """What reads keys alone goes below the grouping on both, and what may fail there is computed before the others."""
    group = query.args.get("group")
    keys = [(part, text) for part, text in parts if not any(map(gathers, part.walk()))]
    if (group and any(map(group.args.get, _SETS))) or any(may_fail(part) for part, _ in keys):
        return None
    below = {id(part) for part, _ in keys}
    above = sorted((each for each in parts if id(each[0]) not in below), key=lambda each: not _is_equality(each[0]))
    return f"({' and '.join([*(text for _, text in keys), _sequence(above)])})"


def _is_equality(node: exp.Expr) -> bool:
    """`a = b`, as Athena's optimizer knows it: also an IN of one value, and NOT of an inequality."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Not):
        return isinstance(node.this.unnest(), exp.NEQ)
    return isinstance(node, exp.EQ) or (isinstance(node, exp.In) and len(node.expressions) == 1)


def _of_one_table(nodes: Sequence[exp.Expr]) -> bool:
    columns = [column for node in nodes for column in node.find_all(exp.Column)]
    return len({column.table for column in columns}) <= 1 and all(map(_is_scanned, columns))


def _bounded(node: exp.Expr) -> exp.Column | None:
    """The column of a table that a part may bound: the only one in it, compared as it is or cast."""
    columns = {column.sql(): column for column in node.find_all(exp.Column)}
    parts = [part for part in node.walk(prune=_is_settled) if not _is_settled(part)]
    if len(columns) != 1 or may_fail(node) or not all(map(_bounds, parts)):
        return None
    (column,) = columns.values()
    return column if _is_stored(column) else None


def _is_settled(part: exp.Expr) -> bool:
    return isinstance(part, exp.Column) or is_constant(part)


def _bounds(part: exp.Expr) -> bool:
    if isinstance(part, exp.Like):
        return not part.expression.name.startswith(("%", "_"))
    return isinstance(part, _BOUNDING) or (isinstance(part, exp.Anonymous) and part.name.lower() in _UNWRAPPED)


def _is_stored(column: exp.Expr) -> bool:
    """Whether it is a column of a table or a view, under whatever name."""
    while isinstance(column, exp.Column):
        below = field_of(column).made_of
        if below is None:
            return True
        column = below
    return False


def _is_scanned(column: exp.Expr) -> bool:
    """Whether it is computed row by row from one table's columns: then Athena filters where it reads the table."""
    below = field_of(column).made_of
    if below is None:
        return True
    select = below.find_ancestor(exp.Select)
    if isinstance(below, (exp.Unnest, exp.Values)) or select is None or any(map(gathers, below.walk())):
        return False
    return not any(map(select.args.get, _GATHERED)) and all(map(_is_scanned, below.find_all(exp.Column)))


def _sequence(parts: Sequence[Written]) -> str:
    """True where all parts are; each is computed where none before it is false."""
    failing = [index for index, (node, text) in enumerate(parts) if may_fail(node) or connectors.may_fail(text)]
    first = max(failing[0], 1) if failing else len(parts)
    before = " and ".join(text for _, text in parts[:first])
    if first == len(parts):
        return f"({before})"
    rest = _sequence(parts[first:])
    if failing == [0]:
        return f"case when {before} then {rest} else false end"
    return f"case when not ({before}) then false when {rest} then ({before}) else false end"
