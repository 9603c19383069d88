"""Clauses that sqlglot reads where Athena's grammar has no place for them, found in the tokens.

Decides by the tokens around FROM, VALUES and SELECT; what the names mean is the walk's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import Token, TokenType

from transforms.analyzer.tree import place_of_token
from transforms.errors import Problem

_SETS = frozenset((TokenType.UNION, TokenType.INTERSECT, TokenType.EXCEPT))
_QUERY_STARTS: Final = _SETS | {None, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.ALL, TokenType.DISTINCT}
"""What may stand before a query; no expression ends so where a FROM could follow without a SELECT before it."""
_RELATION_STARTS = frozenset((TokenType.FROM, TokenType.JOIN))
_LIST_ENDS: Final = _SETS | {
    *(TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY),
    *(TokenType.R_PAREN, TokenType.SEMICOLON),
}
_WORDED: Final = {
    "EXTRACT": "extract(day from x)",
    "POSITION": "position('a' in x), or strpos(x, 'a')",
    "SUBSTRING": "substring(x from 1 for 2), or substr(x, 1, 2)",
    "TRIM": "trim(x), or trim('a' from x)",
}
_CALLS_WITH_FROM = frozenset(("EXTRACT", "TRIM", "SUBSTRING"))
_WATCHED: Final = frozenset(
    (
        *(TokenType.L_PAREN, TokenType.R_PAREN, TokenType.SELECT, TokenType.FROM, TokenType.VALUES),
        *(TokenType.SEMICOLON, *_SETS),
    )
)


def misplaced(tokens: list[Token]) -> Iterator[Problem]:
    """Every FROM without SELECT, bare VALUES or SELECT in FROM, empty select list."""
    levels = [False]
    for index, token in enumerate(tokens):
        kind = token.token_type
        if kind not in _WATCHED:
            continue
        before = tokens[index - 1].token_type if index else None
        if kind is TokenType.L_PAREN:
            if before is TokenType.R_PAREN and not _begins_query(tokens, index):
                yield _problem(token, "( stands right behind )", "write a comma or a word between them")
            yield from _wording(tokens, index)
            called = index > 0 and tokens[index - 1].text.upper() in _CALLS_WITH_FROM
            levels.append(called)
        elif kind is TokenType.R_PAREN:
            if len(levels) > 1:
                levels.pop()
        elif kind is TokenType.SELECT:
            levels[-1] = True
            yield from _select(tokens, index, before)
        elif kind is TokenType.FROM:
            if before is TokenType.FROM:
                yield _problem(token, "FROM stands twice", "remove one of them")
            elif not levels[-1] and before in _QUERY_STARTS and not _compares(tokens, index):
                yield _problem(token, "the query begins with FROM", "write select .. from ..")
        elif kind is TokenType.VALUES and before in (*_RELATION_STARTS, TokenType.COMMA):
            yield _problem(token, "VALUES in FROM needs parentheses", "write (values ..) as t(a, b)")
        elif before is not TokenType.STAR and (kind in _SETS or kind is TokenType.SEMICOLON):
            levels[-1] = False


def _select(tokens: list[Token], index: int, before: TokenType | None) -> Iterator[Problem]:
    following = tokens[index + 1].token_type if index + 1 < len(tokens) else None
    if before is not TokenType.ALIAS and (following is None or following in _LIST_ENDS):
        yield _problem(tokens[index], "the select list is empty", "write the columns, or *")
    if before in _RELATION_STARTS:
        yield _problem(tokens[index], "a query in FROM needs parentheses", "write (select ..) as t")


def _wording(tokens: list[Token], index: int) -> Iterator[Problem]:
    """The words inside of `extract(day from x)` and its like, which sqlglot reads in other forms, too."""
    name = tokens[index - 1].text.upper() if index else ""
    if name not in _WORDED:
        return
    depth, inside = 0, []
    for token in tokens[index:]:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if not depth:
            break
        if depth == 1:
            inside.append(token.token_type)
    if (
        (name == "EXTRACT" and TokenType.FROM not in inside)
        or (name == "POSITION" and TokenType.IN not in inside)
        or (name == "SUBSTRING" and TokenType.FOR in inside and TokenType.FROM not in inside)
        or (name == "TRIM" and inside[1:2] == [TokenType.FROM])
    ):
        yield _problem(tokens[index - 1], f"{name.lower()} is called otherwise on Athena", f"write {_WORDED[name]}")


def _begins_query(tokens: list[Token], index: int) -> bool:
    """Whether a query in parentheses begins here, as it may behind `with x as (..)`."""
    following = tokens[index + 1].token_type if index + 1 < len(tokens) else None
    return following in (TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.L_PAREN)


def _compares(tokens: list[Token], index: int) -> bool:
    """Whether this is the FROM of `is distinct from`."""
    word = tokens[index - 2].token_type if index > 1 else None
    return tokens[index - 1].token_type is TokenType.DISTINCT and word in (TokenType.IS, TokenType.NOT)


def _problem(token: Token, what: str, write: str) -> Problem:
    return Problem(None, *place_of_token(token), what, "", write)
