"""The order of clauses in a query, which sqlglot does not mind, found in the tokens.

Decides by the words that begin a clause; what stands inside of a clause is the parser's and the walk's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import Token, TokenType

from transforms.analyzer.tree import place_of_token
from transforms.errors import Problem

_ORDER: Final = {
    TokenType.SELECT: 1,
    TokenType.FROM: 2,
    TokenType.WHERE: 3,
    TokenType.GROUP_BY: 4,
    TokenType.HAVING: 5,
    TokenType.WINDOW: 6,
    TokenType.ORDER_BY: 7,
    TokenType.OFFSET: 8,
    TokenType.LIMIT: 9,
    TokenType.FETCH: 9,
}
_BEHIND_ROWS: Final = _ORDER[TokenType.WINDOW]
"""What stands behind this rank orders and cuts the rows of a whole query, not of one part of a set operation."""
_SETS = frozenset((TokenType.UNION, TokenType.INTERSECT, TokenType.EXCEPT))
_WATCHED: Final = frozenset((*_ORDER, *_SETS, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.VALUES))
_COUNTS = frozenset((TokenType.NUMBER, TokenType.ALL, TokenType.PLACEHOLDER))


def out_of_order(tokens: list[Token]) -> Iterator[Problem]:
    """Every clause that stands before one that Athena wants before it, or twice; counts of rows in another form."""
    ranks: list[tuple[int, str]] = [(0, "")]
    for index, token in enumerate(tokens):
        kind = token.token_type
        if kind not in _WATCHED:
            continue
        rank, before = ranks[-1]
        if kind is TokenType.L_PAREN:
            ranks.append((0, ""))
        elif kind is TokenType.R_PAREN:
            if len(ranks) > 1:
                ranks.pop()
        elif kind in _SETS:
            if rank > _BEHIND_ROWS and _follows_query(tokens, index):
                what = f"{before} stands before {token.text.upper()}"
                yield _problem(token, what, "write (select .. order by .. limit ..) in parentheses")
            ranks[-1] = (0, "")
        elif kind is TokenType.SELECT:
            ranks[-1] = (_ORDER[kind], "SELECT")
        elif kind is TokenType.VALUES:
            ranks[-1] = (_BEHIND_ROWS, "VALUES")
        elif rank and _begins_clause(tokens, index):
            word = token.text.upper()
            if _ORDER[kind] <= rank:
                if word == before:
                    yield _problem(token, f"{word} stands twice", "remove one of them")
                else:
                    what = f"{word} stands behind {before}"
                    yield _problem(token, what, f"write {word.lower()} .. before {before.lower()} ..")
            ranks[-1] = (max(rank, _ORDER[kind]), word)
            yield from _count(tokens, index)


def _begins_clause(tokens: list[Token], index: int) -> bool:
    """Whether the word is no name, and no part of `extract(day from x)` or `is distinct from`."""
    kind, before = tokens[index].token_type, tokens[index - 1].token_type
    following = tokens[index + 1].token_type if index + 1 < len(tokens) else None
    if kind is TokenType.FROM:
        if before is TokenType.FROM:
            return False
        return before is not TokenType.DISTINCT or tokens[index - 2].token_type is TokenType.SELECT
    if kind in (TokenType.OFFSET, TokenType.LIMIT):
        return following in _COUNTS and before is not TokenType.DOT
    if kind is TokenType.FETCH:
        return following in (TokenType.FIRST, TokenType.NEXT)
    if kind is TokenType.WINDOW:
        return index + 2 < len(tokens) and tokens[index + 2].token_type is TokenType.ALIAS
    return True


def _follows_query(tokens: list[Token], index: int) -> bool:
    """`* except (..)` is told elsewhere."""
    return tokens[index - 1].token_type is not TokenType.STAR


def _count(tokens: list[Token], index: int) -> Iterator[Problem]:
    """OFFSET 2 ROWS, LIMIT 3, FETCH FIRST 3 ROWS ONLY: how many rows, and nothing else."""
    kind = tokens[index].token_type
    words = [token.text.upper() for token in tokens[index : index + 6]]
    if kind is TokenType.LIMIT and words[2:3] == [","] and words[3:4] and words[3].isdigit():
        yield _problem(tokens[index], "LIMIT takes one number", "write offset .. limit ..")
    if kind is TokenType.LIMIT and words[2:3] == ["PERCENT"]:
        yield _problem(tokens[index], "LIMIT counts rows", "write limit 5")
    if kind is TokenType.FETCH:
        rest = words[3:] if words[2:3] and words[2].isdigit() else words[2:]
        if not rest or rest[0] not in ("ROW", "ROWS") or (rest[1:2] != ["ONLY"] and rest[1:3] != ["WITH", "TIES"]):
            yield _problem(tokens[index], "FETCH FIRST is not complete", "write fetch first 3 rows only")


def _problem(token: Token, what: str, write: str) -> Problem:
    return Problem(None, *place_of_token(token), what, "", write)
