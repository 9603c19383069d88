"""The same query over tables that stand elsewhere: the author's text with other names in it, and nothing else changed.

Production reads staged rows before they are published, and in a namespace of one's own. Pure; never round-trips SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from sqlglot import exp

from transforms.analyzer.identifiers import plain_name
from transforms.analyzer.syntax import parse, tokenize
from transforms.names import TableName

_OF_TABLE, _OF_COLUMN = ("catalog", "db", "this"), ("catalog", "db", "table", "this")
Edit = tuple[int, int, str]
"""What to put in the place of the characters from the first to before the second."""


def renamed(sql: str, relations: Mapping[TableName, str]) -> str:
    """`sql` with the text of a relation in the place of each table that it reads.

    A table keeps its own name as alias; two of the same name from two databases are told apart by both.

    >>> renamed("select t.a, b from app.t where app.t.a > 1", {TableName("app", "t"): "stage.t_1"})
    'select t.a, b from stage.t_1 "t" where "t".a > 1'
    """
    if not relations:
        return sql
    for start, end, text in sorted(_edits(parse(sql), relations), reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql


def one_line(sql: str) -> str:
    r"""The statement without comments and line ends, to stand inside another one whose lines keep their numbers.

    >>> one_line("select a, -- first\n 'b  -- c' as b\nfrom app.t")
    "select a, 'b  -- c' as b from app.t"
    """
    tokens = tokenize(sql)
    pieces = [sql[tokens[0].start : tokens[0].end + 1]] if tokens else []
    for before, token in pairwise(tokens):
        apart = " " if token.start > before.end + 1 else ""
        pieces.append(apart + sql[token.start : token.end + 1])
    return "".join(pieces)


def placed(sent: str, written: str, line: int, column: int) -> tuple[int, int]:
    r"""Where in the author's text a place of the statement is that was sent; column 0: somewhere on the line.

    Before the text stand words of the platform, on its first line; in it other names, on the lines of the author's.

    >>> placed("create table x as select\n1/0 from s.t_1 a", "select\n1/0 from app.a", 2, 2)
    (2, 2)
    >>> placed("create table x as select 1/0", "select 1/0", 1, 27), placed("select 1 from s.t_1 a", "select 1", 1, 20)
    ((1, 9), (1, 0))
    """
    ours, theirs = (text.splitlines()[line - 1 : line] for text in (sent, written))
    if not ours or not theirs or column == 0:
        return (line if theirs else 0), 0
    longer = len(ours[0]) - len(theirs[0])
    if longer > 0 and ours[0].endswith(theirs[0]):
        return line, max(0, column - longer)
    return line, column if ours[0][: column - 1] == theirs[0][: column - 1] else 0


def _edits(tree: exp.Expression, relations: Mapping[TableName, str]) -> Iterator[Edit]:
    tables = [(node, parts) for node in tree.find_all(exp.Table) if len(parts := _parts(node, _OF_TABLE)) > 1]
    read = {_name(parts[-2:]) for _, parts in tables}
    aliases = {name: _alias(name, read) for name in read}
    for node, parts in tables:
        name = _name(parts[-2:])
        if name in relations or aliases[name] != _plain(name):
            text = relations.get(name, f'"{name.database}"."{name.table}"')
            yield _start(parts[0]), _end(parts[-1]), text if node.alias else f"{text} {aliases[name]}"
    for column in tree.find_all(exp.Column):
        parts = _parts(column, _OF_COLUMN)
        for first, second in pairwise(parts):
            name = _name([first, second])
            if name in aliases and (name in relations or aliases[name] != _plain(name)):
                yield _start(parts[0]), _end(second), aliases[name]
                break


def _alias(name: TableName, read: Collection[TableName]) -> str:
    """The table's own name, or the whole one where another database has a table of that name."""
    shared = any(other.table == name.table and other != name for other in read)
    return f'"{name.database}.{name.table}"' if shared else _plain(name)


def _plain(name: TableName) -> str:
    return f'"{name.table}"'


def _name(parts: Sequence[exp.Expr]) -> TableName:
    return TableName(*map(plain_name, parts))


def _parts(node: exp.Expr, keys: tuple[str, ...]) -> list[exp.Expr]:
    found = (node.args.get(key) for key in keys)
    return [part for part in found if isinstance(part, exp.Identifier)]


def _start(part: exp.Expr) -> int:
    return int(part.meta["start"])


def _end(part: exp.Expr) -> int:
    return int(part.meta["end"]) + 1
