"""WHERE and HAVING of which a part may fail: written so that DuckDB computes the parts in Athena's order.

The order decides whether `10 / i > 1` meets a row where i is 0. On Athena a part is computed where none before it is
false. In a WHERE come first the parts that bound a column of a table by constants, in a HAVING those that read keys
alone, then those that are equal to something; the others follow as written. DuckDB computes first what it can skip
files by, so the parts stand in CASEs, and bounds and keys once more beside these, plain, for it to skip by.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from transforms.analyzer.operators import COMPARISONS
from transforms.analyzer.tree import field_of, is_call, is_try
from transforms.dialect import connectors
from transforms.dialect.constants import is_constant
from transforms.dialect.errors import NotPortable
from transforms.dialect.fallible import Written, gathers, may_fail
from transforms.dialect.macros import uncaught_in
from transforms.dialect.strictness import is_always_null, only_chooses
from transforms.gaps import gap

_BOUNDING = (*COMPARISONS, exp.Between, exp.In, exp.Is, exp.And, exp.Or, exp.Not, exp.Paren, exp.Cast)
_UNWRAPPED = ("date", "date_trunc", "year")
"""Functions that Athena takes off a column that is compared with a constant."""
_JOINED = ("joins", "laterals")
_GROUPING_SETS = ("grouping_sets", "cube", "rollup")
_REGROUPED = (*_JOINED, "group", "distinct", "having", "limit", "offset")
"""Clauses of a query whose rows are not the rows of one table, or not all of them."""


def in_turn(node: exp.Expr, parts: Sequence[Written]) -> str | None:
    """An AND in Athena's order, where false and NULL are the same.

    None if no part may fail, or if Athena's plan decides on the order: outside of the WHERE of one table and of HAVING.
    """
    nodes = [node for node, _ in parts]
    if not only_chooses(node) or not any(may_fail(part) for part in nodes if not is_constant(part)):
        return None
    if any(map(_is_never_true, nodes)):
        return "false"
    query = filtered_query(node)
    if query is None or any(part.find(exp.Query) for part in nodes):
        return None
    if node.find_ancestor(exp.Where, exp.Having) is query.args.get("having"):
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


def _is_never_true(node: exp.Expr) -> bool:
    """Whether Athena's plan sees that it lets no row pass: NULL, a bound of BETWEEN that is, a CASE or IF of them."""
    node = node.unnest()
    if isinstance(node, exp.Between):
        return any(map(is_always_null, node.iter_expressions()))
    results = node.expressions[1:] if is_call(node, "if") else []
    if isinstance(node, exp.Case):
        results = [*(each.args["true"] for each in node.args["ifs"]), node.args.get("default")]
    if any(part is not None and not isinstance(part.unnest(), exp.Null) for part in results):
        return all(part is None or _is_never_true(part) for part in results)
    return node == exp.false() or is_always_null(node)


def filtered_query(node: exp.Expr) -> exp.Select | None:
    """The query that a condition filters: it is its WHERE or HAVING, or stands there under AND alone.

    None within an OR, where no part comes before the others.
    """
    above = node.parent
    while isinstance(above, (exp.And, exp.Paren)):
        above = above.parent
    query = above.parent if isinstance(above, (exp.Where, exp.Having)) else None
    return query if isinstance(query, exp.Select) else None


def _of_rows(parts: Sequence[Written]) -> str:
    """Bounds come first. A NULL does not end Athena's search, so rows where a bound is NULL must not be skipped.

    The day of a partition is never NULL: its bound stands plain, so that partitions are pruned by it.
    """
    bounds, others, beside = list[Written](), list[Written](), list[str]()
    for part, text in parts:
        column = _bounded(part)
        (others if column is None else bounds).append((part, text))
        if column is not None:
            beside.append(text if field_of(column).days else f"({text} or ({text}) is null)")
    return f"({' and '.join([*beside, _sequence([*bounds, *others])])})"


def _of_groups(query: exp.Select, parts: Sequence[Written]) -> str | None:
    """What reads keys alone goes below the grouping on both engines, and there NULL skips a group as false does.

    None, for the parts as they are written, if one of those may fail, or if the keys are grouping sets: then no part
    goes below.
    """
    group = query.args.get("group")
    keys = [(part, text) for part, text in parts if not any(map(gathers, part.walk()))]
    if (group and any(map(group.args.get, _GROUPING_SETS))) or any(may_fail(part) for part, _ in keys):
        return None
    below = {id(part) for part, _ in keys}
    above = sorted((each for each in parts if id(each[0]) not in below), key=lambda each: not _is_equality(each[0]))
    return f"({' and '.join([*(text for _, text in keys), _sequence(above)])})"


def _is_equality(node: exp.Expr) -> bool:
    """`a = b`, as Athena's optimizer knows it: also an IN of one value, and NOT of an inequality."""
    node = node.unnest()
    if isinstance(node, exp.Not):
        return isinstance(node.this.unnest(), exp.NEQ)
    return isinstance(node, exp.EQ) or (isinstance(node, exp.In) and len(node.expressions) == 1)


def _of_one_table(nodes: Sequence[exp.Expr]) -> bool:
    """Whether all columns are of one relation, which is a table, or is computed from one row by row."""
    columns = [column for node in nodes for column in node.find_all(exp.Column)]
    return len({column.table for column in columns}) <= 1 and all(map(_is_scanned, columns))


def _bounded(node: exp.Expr) -> exp.Column | None:
    """The column of a table that a part may bound: the only one in it, compared as it is or cast."""
    columns = {column.sql(): column for column in node.find_all(exp.Column)}
    parts = [part for part in node.walk(prune=_is_leaf) if not _is_leaf(part)]
    if len(columns) != 1 or may_fail(node) or not all(map(_bounds, parts)):
        return None
    (column,) = columns.values()
    return column if _is_stored(column) else None


def _is_leaf(part: exp.Expr) -> bool:
    """Whether a bound is looked into no further here."""
    return isinstance(part, exp.Column) or is_constant(part)


def _bounds(part: exp.Expr) -> bool:
    """Whether Athena makes ranges of values of such a condition; of LIKE where the pattern begins with a text."""
    if isinstance(part, exp.Like):
        return not part.expression.name.startswith(("%", "_"))
    return isinstance(part, _BOUNDING) or is_call(part, *_UNWRAPPED)


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
    return not any(map(select.args.get, _REGROUPED)) and all(map(_is_scanned, below.find_all(exp.Column)))


def _sequence(parts: Sequence[Written]) -> str:
    """True where all parts are, else false; from the first that may fail each is computed where none before is false.

    `a and 10 / i > 1` becomes `case when not (a) then false when 10 // i > 1 then (a) else false end`, which divides
    also where a is NULL. If only the first may fail, `case when 10 // i > 1 then a else false end` is enough.
    """
    failing = [index for index, (node, text) in enumerate(parts) if may_fail(node) or connectors.text_may_fail(text)]
    first = max(failing[0], 1) if failing else len(parts)
    before = " and ".join(text for _, text in parts[:first])
    if first == len(parts):
        return f"({before})"
    rest = _sequence(parts[first:])
    if failing == [0]:
        return f"case when {before} then {rest} else false end"
    return f"case when not ({before}) then false when {rest} then ({before}) else false end"
