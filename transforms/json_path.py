"""The path language of SQL/JSON (`lax $.a[*] ? (@.b > 1)`), as Trino reads and follows it.

`compiled` turns the text into a function, once for each text; what Trino rejects is a `PathFault`, what is not
followed here a `PathUnsupported`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from transforms.json_items import (
    Items,
    PathError,
    absolute,
    compare,
    members,
    number,
    starts_with,
    type_name,
    unwrapped,
)

_TOKEN = re.compile(
    r'[ \r\n\t]*(?:(?P<text>"(?:[^"]|"")*")'
    r"|(?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<variable>\$[A-Za-z_][A-Za-z0-9_]*)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\.\.|==|!=|<>|<=|>=|&&|\|\||[-+*/%.$@()\[\],?!<>])|(?P<end>$)|(?P<unknown>.))",
    re.DOTALL,
)
_COMPARISONS = frozenset(("==", "!=", "<>", "<", "<=", ">", ">="))
_ARITHMETIC = frozenset(("+", "-", "*", "/", "%"))
_ARITHMETIC_FOUND = 'arithmetic in a path (a name with a minus stands in double quotes: $."a-b")'
_WORDS = {"true": True, "false": False, "null": None}
_METHODS: dict[str, Callable[[Any], Any]] = {
    "abs": absolute,
    "ceiling": lambda item: _rounded(item, math.ceil),
    "floor": lambda item: _rounded(item, math.floor),
}
_ON_LISTS = frozenset(("size", "type", "keyvalue"))
_MOST_DIGITS = 18


class PathFault(Exception):
    """Athena does not read the path: what is wrong."""


class PathUnsupported(Exception):
    """A part of a path that Athena follows and this module does not."""


class Here(NamedTuple):
    """Where a path is followed: the document, the values passed, and what `@` and `last` mean."""

    document: Any
    passed: Sequence[Items]
    current: Any = None
    last: int = 0


Follow = Callable[[Here], Items]
Predicate = Callable[[Here], bool | None]


@dataclass(frozen=True)
class Path:
    """A path that was read. `follow` raises PathError; `positions` are the names passed that must be whole numbers."""

    follow: Follow
    positions: frozenset[str]


@lru_cache(maxsize=1024)
def compiled(path: str, names: tuple[str, ...] = ()) -> Path:
    """The path as a function, for values passed with these names.

    >>> compiled("lax $.a[*] ? (@ > 1)").follow(Here({"a": [1, 2, 3]}, ()))
    [2, 3]
    """
    compiler = _Compiler(path, names)
    return Path(compiler.path(), frozenset(compiler.positions))


def plain_members(path: str) -> list[str] | None:
    """The names of a lax path that only goes down by them; None for any other path.

    >>> plain_members("lax $.a.b"), plain_members("lax $.a[0]"), plain_members("lax $")
    (['a', 'b'], None, None)
    """
    found = re.fullmatch(r" *lax *\$((?:\.[A-Za-z_][A-Za-z0-9_]*)+) *", path)
    return found[1][1:].split(".") if found else None


class _Compiler:
    """Recursive descent over the tokens of a path."""

    def __init__(self, path: str, names: tuple[str, ...]) -> None:
        self.tokens = [(found.lastgroup or "", found[found.lastgroup or 0]) for found in _TOKEN.finditer(path)]
        self.at, self.lax = 0, True
        self.names = names
        self.positions: set[str] = set()
        self.filters = 0

    @property
    def word(self) -> str:
        kind, word = self.tokens[self.at]
        return "" if kind == "end" else word

    def taken(self, *words: str) -> bool:
        """Step over these words when they come next; texts are no words."""
        following = self.tokens[self.at : self.at + len(words)]
        found = [word for kind, word in following if kind in ("name", "sign")] == list(words)
        self.at += len(words) if found else 0
        return found

    def expect(self, word: str) -> None:
        if not self.taken(word):
            raise PathFault(f"{word} is missing" + (f" before {self.word}" if self.word else " at the end"))

    def path(self) -> Follow:
        if not (self.taken("lax") or self.taken("strict")):
            raise PathFault("a path begins with lax or strict")
        self.lax = self.tokens[self.at - 1][1] == "lax"
        follow = self.expression()
        if self.word:
            raise PathFault(f"{self.word} stands behind the path")
        return follow

    def expression(self) -> Follow:
        if self.word in ("+", "-"):
            return self.signed()
        follow = self.accessed()
        if self.word in _ARITHMETIC:
            raise PathUnsupported(_ARITHMETIC_FOUND)
        return follow

    def signed(self) -> Follow:
        sign = -1 if self.taken("-") else 1
        self.taken("+")
        if self.tokens[self.at][0] != "number":
            raise PathUnsupported(_ARITHMETIC_FOUND)
        value = sign * self.number()
        return _always(value)

    def accessed(self) -> Follow:
        kind, word = self.tokens[self.at]
        if kind in ("text", "number", "variable") or word in ("true", "false", "null"):
            return self.constant()
        if self.taken("("):
            follow = self.expression()
            self.expect(")")
        elif self.taken("$"):
            follow = _document
        elif self.taken("@"):
            if not self.filters:
                raise PathUnsupported("@ outside of a filter")
            follow = _current
        elif word == "last":
            raise PathUnsupported("last outside of [ ]")
        else:
            raise PathFault(f"a path goes from $, not from {word}" if word else "the path ends too early")
        while step := self.step(follow):
            follow = step
        return follow

    def constant(self) -> Follow:
        kind, word = self.tokens[self.at]
        if kind == "variable":
            self.known(word)
        if not self.filters:
            raise PathUnsupported("a path that does not go from $")
        if kind == "variable":
            follow = self.variable()
        elif kind == "number":
            follow = _always(self.number())
        else:
            follow = _always(_unquoted(word) if kind == "text" else _WORDS[word])
            self.at += 1
        if self.word in (".", "..", "[", "?"):
            raise PathUnsupported("a step from a constant")
        return follow

    def variable(self) -> Follow:
        position = self.known(self.tokens[self.at][1])
        self.at += 1
        return lambda here: here.passed[position]

    def known(self, word: str) -> int:
        """Where among the values passed the one of this name stands."""
        if word[1:] not in self.names:
            raise PathFault(f"no value is passed for {word}; names without double quotes are in capital letters")
        return self.names.index(word[1:])

    def number(self) -> int | float | Decimal:
        word = self.tokens[self.at][1]
        self.at += 1
        if "e" in word.lower():
            return float(word)
        if len(word) > _MOST_DIGITS:
            raise PathUnsupported("a number of that many digits")
        return Decimal(word) if "." in word else int(word)

    def step(self, base: Follow) -> Follow | None:
        if self.taken("[", "*", "]"):
            return self.every_item(base)
        if self.taken("["):
            return self.items(base)
        if self.taken("?"):
            return self.filtered(base)
        if self.taken(".."):
            return self.descendants(base)
        if not self.taken("."):
            return None
        if self.taken("*"):
            return self.member(base, None)
        following = self.tokens[self.at + 1 : self.at + 2]
        if self.tokens[self.at][0] == "name" and following == [("sign", "(")]:
            return self.method(base)
        return self.member(base, self.key())

    def key(self) -> str:
        kind, word = self.tokens[self.at]
        if kind not in ("name", "text"):
            raise PathFault('a name of other letters than a to z stands in double quotes: $."日本", $."a-b"')
        self.at += 1
        return _unquoted(word) if kind == "text" else word

    def member(self, base: Follow, key: str | None) -> Follow:
        lax = self.lax

        def follow(here: Here) -> Items:
            found: Items = []
            for item in unwrapped(base(here)) if lax else base(here):
                if type(item) is dict and key is None:
                    found += item.values()
                elif type(item) is dict and key in item:
                    found.append(item[key])
                elif not lax:
                    raise PathError("there is no such member")
            return found

        return follow

    def descendants(self, base: Follow) -> Follow:
        key = self.key()
        return lambda here: [found for item in base(here) for found in _below(item, key)]

    def every_item(self, base: Follow) -> Follow:
        lax = self.lax

        def follow(here: Here) -> Items:
            items = base(here)
            if not lax and any(type(item) is not list for item in items):
                raise PathError("an array is expected")
            return unwrapped(items)

        return follow

    def items(self, base: Follow) -> Follow:
        lax, ranges = self.lax, [self.range()]
        while self.taken(","):
            ranges.append(self.range())
        self.expect("]")

        def follow(here: Here) -> Items:
            found: Items = []
            for item in base(here):
                if type(item) is not list and not lax:
                    raise PathError("an array is expected")
                items = item if type(item) is list else [item]
                if not items and not lax:
                    raise PathError("the array is empty")
                at = Here(here.document, here.passed, here.current, len(items) - 1)
                for first, last in ranges if items else ():
                    found += _part(items, _position(first(at)), _position(last(at)), lax)
            return found

        return follow

    def range(self) -> tuple[Follow, Follow]:
        first = self.index()
        last = self.index() if self.taken("to") else first
        if self.word not in ("]", ","):
            raise PathUnsupported("a position that is computed") if self.word else PathFault("] is missing")
        return first, last

    def index(self) -> Follow:
        """A whole number, `last`, `last - 1` or a value passed."""
        kind, word = self.tokens[self.at]
        if self.taken("last"):
            sign = 1 if self.taken("+") else -1 if self.taken("-") else 0
            away = sign * self.whole() if sign else 0
            return lambda here: [here.last + away]
        if kind == "variable":
            self.positions.add(word[1:])
            return self.variable()
        away = (-1 if self.taken("-") else 1) * self.whole()
        return lambda here: [away]

    def whole(self) -> int:
        if self.word == "]":
            raise PathFault("nothing stands in [ ]")
        value = self.number() if self.tokens[self.at][0] == "number" else None
        if not isinstance(value, int):
            raise PathUnsupported("a position that is not a whole number or last")
        return value

    def method(self, base: Follow) -> Follow:
        name, lax = self.word, self.lax
        self.at += 2
        if name == "datetime":
            raise PathFault("datetime() is not in Athena's paths yet")
        if name == "double":
            raise PathUnsupported("double() in a path")
        if name not in (*_METHODS, *_ON_LISTS):
            raise PathFault(f"there is no method {name}()")
        self.expect(")")
        if name != "keyvalue" and self.word in (".", "..", "[", "?"):
            raise PathUnsupported(f"a step behind {name}()")
        if name == "size":
            return lambda here: [_size(item, lax) for item in base(here)]
        if name == "type":
            return lambda here: [type_name(item) for item in base(here)]
        if name == "keyvalue":
            return lambda here: members(unwrapped(base(here)) if lax else base(here))
        run = _METHODS[name]
        return lambda here: [run(item) for item in (unwrapped(base(here)) if lax else base(here))]

    def filtered(self, base: Follow) -> Follow:
        lax = self.lax
        self.expect("(")
        self.filters += 1
        predicate = self.either()
        self.filters -= 1
        self.expect(")")

        def follow(here: Here) -> Items:
            items = unwrapped(base(here)) if lax else base(here)
            return [item for item in items if predicate(Here(here.document, here.passed, item, here.last))]

        return follow

    def either(self) -> Predicate:
        predicate = self.both()
        while self.taken("||"):
            predicate = _or(predicate, self.both())
        return predicate

    def both(self) -> Predicate:
        predicate = self.predicate()
        while self.taken("&&"):
            predicate = _and(predicate, self.predicate())
        return predicate

    def predicate(self) -> Predicate:
        if self.taken("!"):
            return self.negated()
        if self.taken("exists", "("):
            return self.exists()
        return self.grouped() or self.compared()

    def negated(self) -> Predicate:
        if self.taken("exists", "("):
            return _not(self.exists())
        grouped = self.grouped()
        if grouped is None:
            raise PathFault("behind ! stands exists(..) or a parenthesis")
        return _not(grouped)

    def exists(self) -> Predicate:
        follow = self.expression()
        self.expect(")")
        return _attempted(lambda here: bool(follow(here)))

    def grouped(self) -> Predicate | None:
        """A predicate in parentheses; None where a path stands in them, or nothing."""
        begin, filters = self.at, self.filters
        if not self.taken("("):
            return None
        try:
            inner = self.either()
            self.expect(")")
        except PathFault:
            self.at, self.filters = begin, filters
            return None
        return _unknown(inner) if self.taken("is", "unknown") else inner

    def compared(self) -> Predicate:
        lax, left, sign = self.lax, self.expression(), self.word
        if sign in _COMPARISONS:
            self.at += 1
            right = self.expression()
            return _attempted(lambda here: compare(sign, left(here), right(here), lax))
        if self.taken("starts", "with"):
            if self.tokens[self.at][0] not in ("text", "variable"):
                raise PathFault("starts with takes a text in double quotes")
            prefix = self.constant()
            return _attempted(lambda here: starts_with(left(here), prefix(here), lax))
        if sign == "like_regex":
            raise PathFault("like_regex is not in Athena's paths yet")
        raise PathFault("a filter compares: ? (@.a == 1), with == < > <= >= <> starts with, && || !( )")


def _document(here: Here) -> Items:
    return [here.document]


def _current(here: Here) -> Items:
    return [here.current]


def _always(value: object) -> Follow:
    return lambda here: [value]


def _unquoted(word: str) -> str:
    return word[1:-1].replace('""', '"')


def _rounded(item: Any, run: Callable[[float], int]) -> int | float:
    value = number(item)
    if isinstance(value, int) or not math.isfinite(value):
        return value
    return math.copysign(float(run(value)), value)


def _size(item: Any, lax: bool) -> int:
    if type(item) is not list and not lax:
        raise PathError("an array is expected")
    return len(item) if type(item) is list else 1


def _below(item: Any, key: str) -> Items:
    """What members of this name hold, at any depth; an object comes before what is in it."""
    inside = list(item.values()) if type(item) is dict else item if type(item) is list else []
    here = [item[key]] if type(item) is dict and key in item else []
    return here + [found for each in inside for found in _below(each, key)]


def _position(items: Items) -> int:
    if len(items) != 1 or type(items[0]) is not int:
        raise PathError("a position is one whole number")
    return items[0]


def _part(items: Items, first: int, last: int, lax: bool) -> Items:
    if not lax and not 0 <= first <= last < len(items):
        raise PathError("the array has no such items")
    return items[max(first, 0) : last + 1] if last >= 0 else []


def _attempted(predicate: Predicate) -> Predicate:
    """Unknown where a path in it cannot be followed."""

    def attempted(here: Here) -> bool | None:
        try:
            return predicate(here)
        except PathError:
            return None

    return attempted


def _not(predicate: Predicate) -> Predicate:
    def negated(here: Here) -> bool | None:
        found = predicate(here)
        return None if found is None else not found

    return negated


def _unknown(predicate: Predicate) -> Predicate:
    return lambda here: predicate(here) is None


def _and(one: Predicate, other: Predicate) -> Predicate:
    def both(here: Here) -> bool | None:
        left = one(here)
        if left is False:
            return False
        right = other(here)
        return False if right is False else None if left is None or right is None else True

    return both


def _or(one: Predicate, other: Predicate) -> Predicate:
    def either(here: Here) -> bool | None:
        left = one(here)
        if left:
            return True
        right = other(here)
        return True if right else None if left is None or right is None else False

    return either
