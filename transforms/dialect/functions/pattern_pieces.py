"""What a date pattern is made of, in the letters of Joda; MySQL's are turned into them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LETTERS = "GCYyxMwDdeEaHKhkmsSzZ"
NUMBERS = frozenset("CYyxMwDdeHKhkmsS")
_MYSQL = {
    **{
        "a": "EEE",
        "b": "MMM",
        "c": "M",
        "d": "dd",
        "e": "d",
        "f": "SSSSSS",
        "H": "HH",
        "h": "hh",
        "I": "hh",
        "i": "mm",
    },
    **{"j": "DDD", "k": "H", "l": "h", "M": "MMMM", "m": "MM", "p": "a", "r": "hh:mm:ss a", "S": "ss", "s": "ss"},
    **{"T": "HH:mm:ss", "v": "ww", "W": "EEEE", "x": "xxxx", "Y": "yyyy", "y": "yy"},
}
_MYSQL_LACKS = "DUuVwX"


@dataclass(frozen=True, slots=True)
class Piece:
    """A letter so many times, or a text that stands for itself."""

    letter: str = ""
    width: int = 0
    text: str = ""

    @property
    def number(self) -> bool:
        """Whether it is written in digits; the name of a month is not."""
        return self.letter in NUMBERS and not (self.letter == "M" and self.width > 2)


class BadPattern(ValueError):
    """A pattern that Trino rejects, when it is used."""


@lru_cache(maxsize=256)
def joda(pattern: str) -> tuple[Piece, ...]:
    """The pieces of a pattern of format_datetime and parse_datetime. Raises BadPattern."""
    if not pattern or pattern == "'":
        raise BadPattern("Invalid pattern specification")
    pieces: list[Piece] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char.isascii() and char.isalpha():
            width = len(pattern) - position - len(pattern[position:].lstrip(char))
            if char not in LETTERS:
                raise BadPattern(f"Illegal pattern component: {char * width}")
            pieces.append(Piece(char, width))
            position += width
        else:
            literal, position = _literal(pattern, position)
            pieces.append(Piece(text=literal))
    return tuple(pieces)


def _literal(pattern: str, position: int) -> tuple[str, int]:
    """Text up to the next letter: what stands in quotes, and signs; two quotes are one."""
    text, quoted = "", False
    while position < len(pattern):
        char = pattern[position]
        if char == "'":
            if pattern[position + 1 : position + 2] == "'":
                text += "'"
                position += 1
            else:
                quoted = not quoted
        elif not quoted and char.isascii() and char.isalpha():
            break
        else:
            text += char
        position += 1
    return text, position


@lru_cache(maxsize=256)
def mysql(pattern: str) -> tuple[Piece, ...]:
    """The pieces of a pattern of date_format and date_parse. Raises BadPattern."""
    pieces = tuple(_joined(_of_mysql(pattern)))
    if not pieces:
        raise BadPattern("Both printing and parsing not supported")
    return pieces


def _of_mysql(pattern: str) -> Iterator[Piece]:
    for found in re.finditer(r"%(.)|([^%])", pattern, re.DOTALL):
        letter = found[1]
        if letter is None:
            yield Piece(text=found[2])
        elif letter in _MYSQL_LACKS:
            raise BadPattern(f"%{letter} not supported in date format string")
        elif letter in _MYSQL:
            yield from joda(_MYSQL[letter])
        else:
            yield Piece(text=letter)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    literal = ""
    for piece in pieces:
        if piece.letter:
            if literal:
                yield Piece(text=literal)
            literal = ""
            yield piece
        else:
            literal += piece.text
    if literal:
        yield Piece(text=literal)
