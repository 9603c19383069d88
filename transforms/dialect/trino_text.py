"""What a plain Trino must read in place of a statement of Athena so that it answers as Athena does.

Athena differs from the Trino that it is made of in two ways: a bare `1.5` is a double, and an array of rows is
unnested into one column that holds the row. The author's text is changed at these places and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sqlglot import Token, TokenType, exp

from transforms.analyzer.analyze import analyze_tree
from transforms.analyzer.syntax import parse_tokens, tokenize
from transforms.analyzer.tree import place_of, type_of
from transforms.column import Schema
from transforms.errors import Rejected
from transforms.lake_types import UNKNOWN, Type

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|[A-Za-z_][A-Za-z0-9_]*"""
    r"""|(?P<number>(?:\d+(?:_\d+)*\.(?:\d+(?:_\d+)*)?|\.\d+)(?:[eE][+-]?\d+)?)|\d+(?:[eE][+-]?\d+)?|.""",
    re.DOTALL,
)
_OPENS = (TokenType.L_PAREN, TokenType.L_BRACKET)
_CLOSES = (TokenType.R_PAREN, TokenType.R_BRACKET)


def trino_text(sql: str, schema: Schema) -> str:
    """The statement for Trino; one that Athena rejects stays wrong.

    >>> trino_text("select 1.5, '1.5', decimal '1.5' from unnest(array[row(1)]) as t(r)", {})
    "select 1.5E0, '1.5', decimal '1.5' from unnest(transform(array[row(1)], e -> row(e))) as t(r)"
    """
    return doubles_in_exponents(_rows_in_one_column(sql, schema))


def doubles_in_exponents(sql: str) -> str:
    """Bare decimal literals as doubles: `1.5` is `1.5E0`."""
    return _TOKEN.sub(lambda found: _double(found) if found["number"] else found[0], sql)


def _double(found: re.Match[str]) -> str:
    text = found[0]
    return text if "e" in text.lower() else f"{text.replace('_', '')}E0"


def _rows_in_one_column(sql: str, schema: Schema) -> str:
    """Each unnested array of rows becomes one of rows that have the row as their only field."""
    if "unnest" not in sql.lower():
        return sql
    try:
        tokens = tokenize(sql)
        tree = parse_tokens(tokens, sql)
        analyze_tree(tree, schema)
    except (Rejected, RecursionError):
        return sql
    nodes = sorted(tree.find_all(exp.Unnest), key=place_of)
    written = [index for index, (word, after) in enumerate(pairwise(tokens)) if _is_unnest(word, after)]
    edits = [
        span
        for node, index in zip(nodes, written, strict=False)
        for argument, span in zip(node.expressions, _arguments(tokens, index + 1), strict=False)
        if len(nodes) == len(written) and _holds_rows(argument)
    ]
    for start, end in sorted(edits, reverse=True):
        argument = sql[start:end]
        space = argument[: len(argument) - len(argument.lstrip())]
        sql = f"{sql[:start]}{space}transform({argument.strip()}, e -> row(e)){sql[end:]}"
    return sql


def _is_unnest(word: Token, after: Token) -> bool:
    return word.text.lower() == "unnest" and after.token_type is TokenType.L_PAREN


def _holds_rows(argument: exp.Expr) -> bool:
    type_: Type = type_of(argument) if argument.meta_get("type") is not None else UNKNOWN
    return type_.name == "array" and type_.element.name == "row"


def _arguments(tokens: Sequence[Token], opening: int) -> Iterator[tuple[int, int]]:
    """Where each argument of the call begins and ends in the text, from its opening parenthesis on."""
    depth, start = 1, tokens[opening].end + 1
    for token in tokens[opening + 1 :]:
        depth += (token.token_type in _OPENS) - (token.token_type in _CLOSES)
        if depth == 0 or (depth == 1 and token.token_type is TokenType.COMMA):
            yield start, token.start
            start = token.end + 1
        if depth == 0:
            return
