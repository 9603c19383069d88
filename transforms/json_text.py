"""JSON as Jackson reads and writes it for Trino: how far a broken text is good, which digits and escapes are written.

Pure Python for the rare texts on which DuckDB's own reader (yyjson) differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from math import copysign, isfinite
from typing import Any

_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<mark>[{}\[\]:,])"
    r'|"(?P<text>(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"'
    r"|(?P<number>-?(?:0(?![0-9])|[1-9][0-9]*)(?:\.[0-9]+(?![0-9])|(?!\.))(?:[eE][+-]?[0-9]+|(?![eE])))"
    r"|(?P<word>true|false|null)(?![\w$]))"
)
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"true": True, "false": False, "null": None}
_SPECIAL = re.compile(r'["\\\x00-\x1f\ud800-\udfff\U00010000-\U0010ffff]')
_WRITTEN = {'"': '\\"', "\\": "\\\\", **{plain: f"\\{letter}" for letter, plain in _PLAIN.items()}}
_BLANKS = " \t\r\n"
_STEP = re.compile(r'\.((?:\w|:)+)|\[(\w+)\]|\["((?:[^"\\]|\\["\\])*)"\]')


class Malformed(ValueError):
    """The text ends or goes on otherwise than JSON may."""


class Number(str):
    """The digits of a number as they were written."""

    __slots__ = ()


class Object(list[tuple[str, Any]]):
    """The members of an object in their order; a name may come twice."""

    __slots__ = ()


class Reader:
    """Reads a text from its beginning and looks no further than it must."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self) -> Any:
        """The next value: None, bool, str, Number, list or Object."""
        return self._value(self._next())

    def items(self) -> Iterator[Any]:
        """The items of the array that the text is; Malformed for anything else, when it is reached."""
        if self._mark() != "[":
            raise Malformed
        for token in self._each("]"):
            yield self._value(token)

    def end(self) -> None:
        """Nothing but white space may follow."""
        if self._text[self._at :].strip(_BLANKS):
            raise Malformed

    def apart(self) -> None:
        """A number at the root must not run into what follows."""
        if self._at < len(self._text) and self._text[self._at] not in _BLANKS:
            raise Malformed

    def seek(self, path: tuple[str, ...]) -> bool:
        """Move to the value at a path; False if there is none. The first of members with one name counts."""
        return all(self._step(name) for name in path)

    def _next(self) -> re.Match[str]:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise Malformed
        self._at = found.end()
        return found

    def _mark(self) -> str:
        return self._next()["mark"] or ""

    def _value(self, token: re.Match[str]) -> Any:
        if token["mark"] == "{":
            return Object((self._name(each), self.value()) for each in self._each("}"))
        if token["mark"] == "[":
            return [self._value(each) for each in self._each("]")]
        if token["text"] is not None:
            return _unescaped(token["text"])
        if token["number"] is not None:
            return Number(token["number"])
        if token["word"] is None:
            raise Malformed
        return _WORDS[token["word"]]

    def _each(self, close: str) -> Iterator[re.Match[str]]:
        """The first token of each item up to the bracket that closes; whoever takes it reads the item to its end."""
        token = self._next()
        while token["mark"] != close:
            yield token
            mark = self._mark()
            if mark == close:
                return
            token = self._next()
            if mark != "," or token["mark"] == close:
                raise Malformed

    def _name(self, token: re.Match[str]) -> str:
        if token["text"] is None or self._mark() != ":":
            raise Malformed
        return _unescaped(token["text"])

    def _step(self, name: str) -> bool:
        opening = self._next()["mark"]
        if opening == "{":
            return self._step_to_member(name)
        position = _index(name)
        return opening == "[" and position is not None and self._step_to_item(position)

    def _step_to_member(self, name: str) -> bool:
        for token in self._each("}"):
            if self._name(token) == name:
                return True
            self.value()
        return False

    def _step_to_item(self, wanted: int) -> bool:
        for position, token in enumerate(self._each("]")):
            if position == wanted:
                self._at = token.start()
                return True
            self._value(token)
        return False


def _index(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdigit() and int(name) < 2**31 else None


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _PLAIN.get(found[2], found[2]), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@lru_cache(maxsize=1024)
def steps(path: str) -> tuple[str, ...] | None:
    """The names and positions of a path of json_extract; None for one that Athena rejects.

    >>> steps('$.a[0]["b c"]')
    ('a', '0', 'b c')
    """
    names, position = [], 1
    while path.startswith("$") and position < len(path):
        found = _STEP.match(path, position)
        if not found:
            return None
        quoted = found[3]
        names.append(found[1] or found[2] or re.sub(r"\\(.)", r"\1", quoted))
        position = found.end()
    return tuple(names) if path.startswith("$") else None


def ordered(document: str) -> str | None:
    """What json_parse makes of a text; None if the text is not JSON.

    >>> ordered(' {"b": 1.50, "a": [1e2]}'), ordered("[1,]")
    ('{"a":[100.0],"b":1.5}', None)
    """
    reader = Reader(document)
    try:
        value = reader.value()
        reader.end()
    except Malformed:
        return None
    return written(value, ordered=True)


def merged(value: Any) -> Any:
    """A value that was read, with the last of the members of one name, in the place of the first."""
    if isinstance(value, Object):
        return Object({name: merged(each) for name, each in value}.items())
    return list(map(merged, value)) if isinstance(value, list) else value


def written(value: Any, *, ordered: bool = False) -> str:
    """The text of a value that was read, or of a plain one of Python.

    `ordered` sorts the members and keeps the last of those with one name, as json_parse does.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Number):
        return number(value)
    if isinstance(value, str):
        return f'"{_SPECIAL.sub(_escaped, value)}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _quoted_unless_finite(value)
    if isinstance(value, (Object, dict)):
        pairs = list(value.items()) if isinstance(value, dict) else value
        pairs = sorted(dict(pairs).items(), key=lambda pair: utf16(pair[0])) if ordered else pairs
        return f"{{{','.join(f'{written(name)}:{written(each, ordered=ordered)}' for name, each in pairs)}}}"
    return f"[{','.join(written(each, ordered=ordered) for each in value)}]"


def utf16(text: str) -> bytes:
    """Strings in this form are in the order of Java."""
    return text.encode("utf-16-be", "surrogatepass")


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    if char in _WRITTEN:
        return _WRITTEN[char]
    units = utf16(char).hex().upper()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def number(digits: str) -> str:
    """Whole numbers keep their digits; the others become doubles.

    >>> number("1.50"), number("1e10"), number("-0"), number("1e400")
    ('1.5', '1.0E10', '0', '"Infinity"')
    """
    if not any(mark in digits for mark in ".eE"):
        return str(int(digits))
    return _quoted_unless_finite(float(digits))


def _quoted_unless_finite(value: float) -> str:
    shown = double(value)
    return shown if shown[-1].isdigit() else f'"{shown}"'


def double(value: float) -> str:
    """A double as Java shows it.

    >>> double(0.001), double(1e7), double(5e-324), double(float("-inf"))
    ('0.001', '1.0E7', '4.9E-324', '-Infinity')
    """
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    return scientific(value)


def scientific(value: float) -> str:
    """A double as Trino casts it to varchar.

    >>> scientific(1.5), scientific(-0.0), scientific(100.0), scientific(float("inf"))
    ('1.5E0', '-0E0', '1.0E2', 'Infinity')
    """
    if not isfinite(value):
        return double(value)
    if value == 0:
        return "-0E0" if copysign(1, value) < 0 else "0E0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    power = int(exponent or 0) + len(digits) - len(part) - 1
    digits = digits.rstrip("0")
    if len(digits) == 1:  # Java looks among numbers of two digits then, which differ for the smallest
        mantissa, _, exponent = f"{abs(value):.1e}".partition("e")
        digits, power = mantissa.replace(".", "").rstrip("0"), int(exponent)
    return f"{'-' * (value < 0)}{digits[0]}.{digits[1:] or '0'}E{power}"
