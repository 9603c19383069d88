"""What kind of statement a text is, told by its first words; nothing is read further here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import Token, TokenType

from transforms.analyzer.syntax import tokenize
from transforms.errors import Rejected


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is the module's own word; `type` and `substatement` are those of GetQueryExecution."""

    name: str
    type: str
    substatement: str


QUERY = Kind("query", "DML", "SELECT")
_UNKNOWN = Kind("unknown", "DDL", "")
_WORDS: dict[tuple[str, ...], Kind] = {
    **dict.fromkeys((("select",), ("with",), ("values",), ("table",), ("(",)), QUERY),
}
_LONGEST = 4


def words_of(text: str) -> list[Token]:
    """The tokens without the semicolon at the end. Raises Rejected."""
    tokens = tokenize(text)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    return tokens


def kind_of(text: str) -> Kind:
    """Never raises: a text that has no tokens is a query that fails."""
    try:
        words = tuple(token.text.lower() for token in words_of(text)[:_LONGEST])
    except Rejected:
        return QUERY
    for count in range(len(words), 0, -1):
        if words[:count] in _WORDS:
            return _WORDS[words[:count]]
    return _UNKNOWN


def with_parameters(text: str, values: list[str]) -> str:
    """The text with a value, as SQL, for each question mark. Raises ValueError when their numbers differ.

    >>> with_parameters("select '?', ?", ["1"])
    "select '?', 1"
    """
    try:
        marks = [token for token in tokenize(text) if token.token_type is TokenType.PLACEHOLDER and token.text == "?"]
    except Rejected:
        return text
    if len(marks) != len(values):
        raise ValueError(f"Incorrect number of parameters: expected {len(marks)} but found {len(values)}")
    pieces, position = [], 0
    for mark, value in zip(marks, values, strict=True):
        pieces += [text[position : mark.start], value]
        position = mark.end + 1
    return "".join([*pieces, text[position:]])
