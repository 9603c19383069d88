"""The same query over tables that stand elsewhere: the author's text with other names in it, and nothing else changed.

Production reads staged rows before they are published, and in a namespace of one's own. Pure; never round-trips SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.syntax import parse
from transforms.names import TableName

Edit = tuple[int, int, str]
"""What to put in the place of the characters from the first to before the second."""


def renamed(sql: str, relations: Mapping[TableName, str]) -> str:
    """`sql` with the text of a relation in the place of each table that it reads.

    >>> renamed("select t.a, b from app.t where app.t.a > 1", {TableName("app", "t"): "stage.t_1"})
    'select t.a, b from stage.t_1 "t" where "t".a > 1'
    """
    if not relations:
        return sql
    for start, end, text in sorted(_edits(parse(sql), relations), reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql


def _edits(tree: exp.Expression, relations: Mapping[TableName, str]) -> Iterator[Edit]:
    for node in tree.find_all(exp.Table, exp.Column):
        is_table = isinstance(node, exp.Table)
        parts = _parts(node, ("catalog", "db", "this") if is_table else ("catalog", "db", "table"))
        name = TableName(*map(plain_name, parts[-2:])) if len(parts) > 1 else None
        if name is None or name not in relations:
            continue
        alias = f'"{name.table}"'
        text = relations[name] + ("" if node.alias else f" {alias}") if is_table else alias
        yield _start(parts[0]), _end(parts[-1]), text


def _parts(node: exp.Expr, keys: tuple[str, ...]) -> list[exp.Expr]:
    found = (node.args.get(key) for key in keys)
    return [part for part in found if isinstance(part, exp.Identifier)]


def _start(part: exp.Expr) -> int:
    return int(part.meta["start"])


def _end(part: exp.Expr) -> int:
    return int(part.meta["end"]) + 1
