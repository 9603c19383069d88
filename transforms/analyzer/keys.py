"""Which output columns no two rows can share, as the form of a query shows: GROUP BY, DISTINCT, or a first row kept.

Only what certainly holds is told: of a query in another form nothing is known. Works on the typed tree.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from transforms.analyzer.tree import call_of

Key = tuple[str, ...]
_GROUPED_OTHERWISE = ("rollup", "cube", "grouping_sets", "totals", "all")
_ROWS_MULTIPLY = ("joins", "laterals", "match")


def unique_keys(tree: exp.Expr) -> tuple[Key, ...]:
    """The sets of output columns in which two rows of one execution always differ; NULL is a value like another.

    >>> from transforms.analyzer import parse
    >>> from transforms.analyzer.analyze import analyze_tree
    >>> def keys(sql):
    ...     tree = parse(sql)
    ...     _ = analyze_tree(tree, {})
    ...     return unique_keys(tree)
    >>> keys("select t.a, count(*) as n from (values (1, 2)) t(a, b) group by t.a")
    (('a',),)
    >>> numbered = "select t.a, row_number() over (partition by t.a) as n from (values 1) t(a)"
    >>> keys(f"select x.a from ({numbered}) x where x.n = 1")
    (('a',),)
    >>> keys("select t.a + 1 as a from (values 1) t(a) group by t.a")
    ()
    """
    if not isinstance(tree, exp.Select):
        return ()
    return tuple(_keys(tree))


def _keys(select: exp.Select) -> Iterator[Key]:
    group, distinct = select.args.get("group"), select.args.get("distinct")
    if distinct is not None and not distinct.args.get("on"):
        yield tuple(sorted({item.alias_or_name for item in select.expressions}))
    if group is not None:
        yield from _grouped(select, group)
    elif not any(select.args.get(name) for name in (*_ROWS_MULTIPLY, "having")):
        yield from _first_rows(select)


def _grouped(select: exp.Select, group: exp.Group) -> Iterator[Key]:
    if any(group.args.get(name) for name in _GROUPED_OTHERWISE):
        return
    names = []
    for one in group.expressions:
        if isinstance(one, exp.Literal):
            names.append(select.expressions[int(one.name) - 1].alias_or_name)
            continue
        shown = [item.alias_or_name for item in select.expressions if _value(item) == one]
        if not shown or isinstance(one, (exp.Tuple, exp.Rollup, exp.Cube, exp.GroupingSets)):
            return
        names.append(shown[0])
    yield tuple(sorted(set(names)))


def _first_rows(select: exp.Select) -> Iterator[Key]:
    """`where x.n = 1` over a subquery in which `row_number() over (partition by ..)` is n."""
    source = _only_source(select)
    where = select.args.get("where")
    if source is None or where is None:
        return
    inner, alias = source
    for condition in _conjuncts(where.this):
        column = _equals_one(condition)
        if column is None or column.table != alias:
            continue
        number = next((item for item in inner.expressions if item.alias_or_name == column.name), None)
        window = _value(number) if number is not None else None
        if isinstance(window, exp.Window) and _is_row_number(window):
            key = [_carried(select, inner, alias, one) for one in window.args.get("partition_by") or ()]
            if key and all(key):
                yield tuple(sorted({name for name in key if name}))


def _only_source(select: exp.Select) -> tuple[exp.Select, str] | None:
    source = select.args.get("from_")
    derived = source.this if source is not None else None
    if not isinstance(derived, exp.Subquery) or not isinstance(derived.this, exp.Select):
        return None
    alias = derived.args.get("alias")
    renames = alias is not None and alias.args.get("columns")
    multiplies = any(derived.args.get(name) for name in (*_ROWS_MULTIPLY, "sample"))
    return None if alias is None or renames or multiplies else (derived.this, derived.alias)


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    else:
        yield condition


def _equals_one(condition: exp.Expr) -> exp.Column | None:
    if not isinstance(condition, exp.EQ):
        return None
    for column, value in ((condition.this, condition.expression), (condition.expression, condition.this)):
        if isinstance(column, exp.Column) and isinstance(value, exp.Literal) and value.this == "1":
            return column
    return None


def _is_row_number(window: exp.Window) -> bool:
    call = call_of(window)
    return call is not None and call.name == "row_number" and call.filter is None


def _carried(select: exp.Select, inner: exp.Select, alias: str, value: exp.Expr) -> str | None:
    """The output column of the outer query that holds this value of the inner one."""
    for item in inner.expressions:
        if _value(item) == value:
            for shown in select.expressions:
                column = _value(shown)
                if isinstance(column, exp.Column) and (column.table, column.name) == (alias, item.alias_or_name):
                    return str(shown.alias_or_name)
    return None


def _value(item: exp.Expr) -> exp.Expr:
    return item.this if isinstance(item, exp.Alias) else item
