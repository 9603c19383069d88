"""What to tell about SQL that the parser cannot read: the likely fault, in the author's words and at its place.

Called only after the parser has given up, so that a wrong guess can spoil a message but reject nothing.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from sqlglot import Token, TokenType
from sqlglot.errors import ParseError

from transforms.analyzer.other_engines import CLAUSES, KEYWORDS, SIGNS
from transforms.analyzer.tree import place_of_token
from transforms.errors import Problem, did_you_mean

_CLOSED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|[^'"/-]+|/(?!\*)|-""", re.S)
_BEGINNINGS = ("select", "with", "values")
_OPERATORS = frozenset(
    (
        *(TokenType.AND, TokenType.OR, TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.GT, TokenType.LTE),
        *(TokenType.GTE, TokenType.PLUS, TokenType.SLASH, TokenType.DPIPE, TokenType.BETWEEN, TokenType.LIKE),
    )
)
_WANTING: Final = _OPERATORS | {
    *(TokenType.WHERE, TokenType.HAVING, TokenType.ON, TokenType.NOT, TokenType.DASH, TokenType.GROUP_BY),
    *(TokenType.ORDER_BY, TokenType.PARTITION_BY, TokenType.LIMIT, TokenType.OFFSET, TokenType.FROM),
    *(TokenType.JOIN, TokenType.WHEN, TokenType.THEN, TokenType.ELSE, TokenType.IN, TokenType.COMMA),
}
"""Something must follow these."""
_ENDING: Final = _OPERATORS | {
    *(TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY),
    *(TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.UNION, TokenType.SEMICOLON, TokenType.COMMA),
    *(TokenType.THEN, TokenType.END, TokenType.ON),
}
_NEGATED = frozenset((TokenType.LIKE, TokenType.BETWEEN, TokenType.IN))
_REASONS: Final = {
    "Expected AS after CAST": ("cast needs a type", "write cast(x as type)"),
    "Failed to parse any statement following CTE": ("no query follows WITH", "write with name as (..) select .."),
}


def open_problem(text: str) -> Problem:
    """The quote or comment that is never closed."""
    position = 0
    while found := _CLOSED.match(text, position):
        position = found.end()
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    opened = text[position : position + 2] if text.startswith("/*", position) else text[position : position + 1]
    if not opened:
        return Problem(None, 1, 1, "the SQL cannot be read", write="write plain SQL")
    what = "this comment is not closed" if opened == "/*" else f"the quote {opened} is not closed"
    return Problem(None, line, column, what, write=f"write {'*/' if opened == '/*' else opened} behind it")


def parse_problem(error: ParseError, tokens: list[Token]) -> Problem:
    """The likely fault; when there is no guess, the word at which the parser gave up."""
    first = error.errors[0] if error.errors else {}
    near, line, column = first.get("highlight") or "", first.get("line") or 0, first.get("col") or 0
    column = max(1, column - len(near) + 1) if column else 0
    here = (line, column)
    if guess := _foreign(tokens, here) or _misspelt(tokens, here) or _gap(tokens) or _unpaired(tokens):
        token, what, write = guess
        return Problem(None, *place_of_token(token), what, write=write)
    reason = str(first.get("description") or "").rstrip(".")
    if reason == "Expected TYPE after CAST":
        return Problem(None, line, column, f'"{near}" is no type', write="write cast(x as type)")
    if reason in _REASONS:
        what, write = _REASONS[reason]
        return Problem(None, line, column, what, write=write)
    what = f'the SQL cannot be read at "{near}"'
    return Problem(None, line, column, what, "a comma or a word may be missing or too many before it")


def misspelt_beginning(tokens: list[Token]) -> tuple[Token, str, str] | None:
    """The first word, what is wrong with it and what to write, unless a query can begin with it."""
    begin = tokens[0]
    if begin.token_type is not TokenType.VAR or begin.text.lower() in _BEGINNINGS:
        return None
    near = did_you_mean(begin.text.lower(), _BEGINNINGS)
    return begin, f"a query does not begin with {begin.text}", near or "write select .. from .."


def _foreign(tokens: list[Token], place: tuple[int, int]) -> tuple[Token, str, str] | None:
    """Words and signs of other engines, and a first word that is misspelt."""
    if guess := misspelt_beginning(tokens):
        return guess
    for before, token in pairwise(tokens):
        if token.text == "`":
            return token, "` quotes nothing on Athena", 'write "name" in double quotes'
        if token.text.lower() == "top" and before.token_type is TokenType.SELECT:
            return token, "TOP does not exist on Athena", "write limit behind the query"
        if before.text.lower() == "qualify" and place in (place_of_token(token), place_of_token(before)):
            return before, *CLAUSES[TokenType.QUALIFY]
        if before.text == token.text == "*" and before.end + 1 == token.start:
            return before, *SIGNS["**"]
    return None


def _misspelt(tokens: list[Token], place: tuple[int, int]) -> tuple[Token, str, str] | None:
    """A word like FORM at which the parser gave up, or just before it: it was read as an alias."""
    index = next((index for index, token in enumerate(tokens) if place_of_token(token) == place), None)
    if index is None:
        return None
    for token in (tokens[index], *reversed(tokens[max(index - 2, 0) : index])):
        word = token.text.lower()
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        if word in ("order", "group", "partition"):
            return token, f"{word.upper()} is followed by BY", f"write {word} by .."
        if token.token_type is TokenType.VAR and (near := did_you_mean(word, KEYWORDS)):
            return token, f'"{token.text}" stands where a word of SQL is expected', near
    return None


def _gap(tokens: list[Token]) -> tuple[Token, str, str] | None:
    """A word or an operator behind which something is missing."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.token_type is TokenType.NOT and following is not None and following.token_type in _NEGATED:
            continue
        if token.token_type in _WANTING and (following is None or following.token_type in _ENDING):
            return token, f"something is missing behind {token.text.lower()}", ""
    return None


def _unpaired(tokens: list[Token]) -> tuple[Token, str, str] | None:
    """A parenthesis or a CASE that is not closed, or a parenthesis that closes nothing."""
    opened: list[Token] = []
    for token in tokens:
        kind = token.token_type
        if kind in (TokenType.L_PAREN, TokenType.CASE):
            opened.append(token)
        elif kind is TokenType.END and opened and opened[-1].token_type is TokenType.CASE:
            opened.pop()
        elif kind is TokenType.R_PAREN:
            if opened and opened[-1].token_type is TokenType.CASE:
                return opened[-1], "this case has no end", "write end behind it"
            if not opened:
                return token, "this ) closes nothing", "remove it"
            opened.pop()
    if not opened:
        return None
    if opened[-1].token_type is TokenType.CASE:
        return opened[-1], "this case has no end", "write end behind it"
    return opened[-1], "this ( is not closed", "write ) behind it"
