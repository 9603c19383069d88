"""Numbers in Athena's other spellings, `0x1F`, `0b101`, `0o17` and `1_000.5`, which sqlglot cuts in pieces.

Works on tokens: each becomes one number in plain digits that stands where it was written.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import Token, TokenType

_UNUSUAL: Final = re.compile(r"0[xXbBoO]|[0-9]_[0-9]")
_BASES: Final = {"x": 16, "b": 2, "o": 8}
_GROUPED: Final = re.compile(r"(?=[0-9.]*_)[0-9]+(?:_[0-9]+)*(?:\.[0-9]*(?:_[0-9]+)*)?(?![\w.])")
_BASED: Final = re.compile(r"[bB](_?[01])+\Z|[oO](_?[0-7])+\Z")
_HEX: Final = re.compile(r"(_?[0-9A-Fa-f])+\Z")


def plain_numerals(tokens: list[Token], text: str) -> list[Token]:
    """The tokens with every such number in plain digits; most texts have none and are not looked at further.

    >>> from transforms.analyzer.syntax import tokenize
    >>> [token.text for token in tokenize("0xFF + 1_000.5 + 0b11")]
    ['255', '+', '1000.5', '+', '3']
    """
    if not _UNUSUAL.search(text):
        return tokens
    found: list[Token] = []
    for token in tokens:
        before = found[-1] if found else None
        if before is not None and token.end <= before.end:
            continue
        if token.token_type is TokenType.NUMBER and (grouped := _GROUPED.match(text, token.start)):
            last = next(each for each in tokens if each.end == grouped.end() - 1)
            found.append(_number(token, last, grouped[0].replace("_", "")))
        elif token.token_type is TokenType.HEX_STRING and text[token.start] == "0" and _HEX.match(token.text):
            found.append(_number(token, token, str(int(token.text, 16))))
        elif before is not None and before.token_type is TokenType.NUMBER and before.end + 1 == token.start:
            value = _joined(before.text, token)
            if value is None:
                found.append(token)
            else:
                found[-1] = _number(before, token, value)
        else:
            found.append(token)
    return found


def _joined(digits: str, rest: Token) -> str | None:
    """The number that a zero is together with the word right behind it."""
    if rest.token_type is TokenType.VAR and digits == "0" and _BASED.match(rest.text):
        return str(int(rest.text[1:].lstrip("_"), _BASES[rest.text[0].lower()]))
    return None


def _number(first: Token, last: Token, value: str) -> Token:
    return Token(TokenType.NUMBER, value, last.line, last.col, first.start, last.end, last.comments)
