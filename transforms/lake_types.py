"""The types of columns and expressions: Trino's, of which the lake can hold a part.

Two spellings: Athena's SQL (`varchar`, `array(bigint)`, `row(a varchar)`), which `str` gives, and Hive's
(`string`, `array<bigint>`, `struct<a:string>`), which schema files and Glue use. `parse` reads both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
FLOATING = ("real", "double")
DOUBLE_DIGITS = 15
"""A double writes every decimal number of so many digits back as it was; of those with more, some."""
NUMBERS = (*INTEGERS, *FLOATING, "decimal")
MOMENTS = ("timestamp", "timestamp with time zone", "time", "interval day to second", "interval year to month")
_ALIASES = {"string": "varchar", "int": "integer", "binary": "varbinary", "float": "real", "bool": "boolean"}
_HIVE = {"varchar": "string", "integer": "int", "varbinary": "binary", "real": "float"}
_PLAIN = frozenset(
    (
        *INTEGERS,
        "boolean",
        "real",
        "double",
        "varchar",
        "varbinary",
        "date",
        "json",
        "unknown",
        "uuid",
        "ipaddress",
        "interval day to second",
        "interval year to month",
        "hyperloglog",
        "color",
        "tdigest",
        "qdigest",
        "jsonpath",
    )
)
_LAKE = frozenset((*INTEGERS, "boolean", "real", "double", "decimal", "varchar", "varbinary", "date", "timestamp"))
_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_$]*|\d+|[(),<>:])')


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a row type; a row made by `row(1, 2)` has fields without names."""

    name: str | None
    type: Type

    def __str__(self) -> str:
        if self.name is None:
            return str(self.type)
        plain = re.fullmatch(r"[a-z_][a-z0-9_]*", self.name)
        return f"{self.name if plain else chr(34) + self.name + chr(34)} {self.type}"


@dataclass(frozen=True, slots=True)
class Type:
    """A Trino type.

    `numbers` holds precision and scale of a decimal, the length of varchar(n) and char(n), the digits of a
    timestamp or time. `parts` holds an array's element, a map's key and value. `fields` holds a row's fields.
    """

    name: str
    numbers: tuple[int, ...] = ()
    parts: tuple[Type, ...] = ()
    fields: tuple[Field, ...] = ()

    @staticmethod
    def parse(text: str) -> Type:
        """Either spelling. Raises ValueError with the reason."""
        return _parse(text)

    def __str__(self) -> str:
        if self.name == "timestamp with time zone" or self.name == "time with time zone":
            head, digits = self.name.split(" ", 1)[0], f"({self.numbers[0]})" if self.numbers else ""
            return f"{head}{digits} with time zone"
        inner = [*map(str, self.numbers), *map(str, self.parts), *map(str, self.fields)]
        separator = "," if self.name == "decimal" else ", "
        return f"{self.name}({separator.join(inner)})" if inner else self.name

    @property
    def hive(self) -> str:
        """Hive's spelling, as Glue and schema files write it; only for what the lake can hold."""
        if self.name == "decimal":
            return f"decimal({self.numbers[0]},{self.numbers[1]})"
        if self.name in ("array", "map"):
            return f"{self.name}<{','.join(part.hive for part in self.parts)}>"
        if self.name == "row":
            return f"struct<{','.join(f'{field.name}:{field.type.hive}' for field in self.fields)}>"
        if self.name == "varchar" and self.numbers:
            return f"varchar({self.numbers[0]})"
        return _HIVE.get(self.name, self.name)

    @property
    def in_lake(self) -> bool:
        """Whether a table may have a column of this type: a Hive table on Athena, timestamps in milliseconds."""
        if self.name in ("array", "map"):
            return all(part.in_lake for part in self.parts)
        if self.name == "row":
            return all(field.name is not None and field.type.in_lake for field in self.fields)
        if self.name == "timestamp":
            return self.numbers in ((), (3,))
        return self.name in _LAKE

    @property
    def stored(self) -> Type:
        """The type of a table's column that holds such values: `string` has no length."""
        if self.name == "varchar":
            return VARCHAR
        fields = tuple(Field(field.name, field.type.stored) for field in self.fields)
        return Type(self.name, self.numbers, tuple(part.stored for part in self.parts), fields)

    @property
    def element(self) -> Type:
        """The element of an array."""
        return self.parts[0]


def decimal(precision: int, scale: int) -> Type:
    """decimal(p,s), 1 <= p <= 38."""
    return Type("decimal", (precision, scale))


def array(element: Type) -> Type:
    """array(element)."""
    return Type("array", (), (element,))


def map_of(key: Type, value: Type) -> Type:
    """map(key, value)."""
    return Type("map", (), (key, value))


BOOLEAN, BIGINT, INTEGER, DOUBLE = Type("boolean"), Type("bigint"), Type("integer"), Type("double")
REAL, VARCHAR, VARBINARY, DATE = Type("real"), Type("varchar"), Type("varbinary"), Type("date")
TIMESTAMP, UNKNOWN = Type("timestamp", (3,)), Type("unknown")


@lru_cache(maxsize=4096)
def _parse(text: str) -> Type:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if not found:
            raise ValueError(f'"{text}" is not a type: cannot read it from "{text[position:]}"')
        tokens.append(found[1])
        position = found.end()
    reader = _TypeReader(text, tokens)
    result = reader.type()
    if reader.rest:
        raise ValueError(f'"{text}" is not a type: "{reader.rest[0]}" is left over')
    return result


class _TypeReader:
    """Recursive descent over the tokens of one type."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text = text
        self.rest = tokens

    def type(self) -> Type:
        name = self._next().lower()
        name = _ALIASES.get(name, name)
        if name in ("array", "map", "row", "struct"):
            return self._nested(name)
        if name == "interval":
            return Type(f"interval {self._next().lower()} {self._next().lower()} {self._next().lower()}")
        numbers = tuple(int(n) for n in self._list(self._next)) if self._peek() == "(" else ()
        if name in ("timestamp", "time"):
            zone = self._peek().lower() == "with"
            if zone:
                self.rest = self.rest[3:]
            return Type(f"{name} with time zone" if zone else name, numbers or (3,))
        if name == "decimal":
            precision, scale = (*numbers, 38, 0)[:2] if numbers[1:] or not numbers else (numbers[0], 0)
            if not 1 <= precision <= 38 or not 0 <= scale <= precision:
                raise ValueError(f'"{self.text}" is not a type: decimal(p,s) needs 1 <= p <= 38 and 0 <= s <= p')
            return Type(name, (precision, scale))
        if name in ("varchar", "char"):
            return Type(name, numbers or ((1,) if name == "char" else ()))
        if name not in _PLAIN or numbers:
            raise ValueError(f'"{self.text}" is not a type that Athena has')
        return Type(name)

    def _nested(self, name: str) -> Type:
        if name in ("row", "struct"):
            return Type("row", (), (), tuple(self._list(self._field)))
        parts = tuple(self._list(self.type))
        if len(parts) != (1 if name == "array" else 2):
            raise ValueError(f'"{self.text}" is not a type: {name} has {len(parts)} type parameters')
        return Type(name, (), parts)

    def _field(self) -> Field:
        following = self.rest[1] if len(self.rest) > 1 else ""
        if following in (",", ")", ">", "(", "<") and not self._peek().startswith('"'):
            return Field(None, self.type())
        if self._peek().lower() in ("timestamp", "time") and following.lower() == "with":
            return Field(None, self.type())
        name = self._next()
        if self._peek() == ":":
            self._next()
        return Field(name[1:-1].replace('""', '"') if name.startswith('"') else name.lower(), self.type())

    def _list(self, item: Callable[[], T]) -> list[T]:
        close = {"(": ")", "<": ">"}.get(self._next())
        if close is None:
            raise ValueError(f'"{self.text}" is not a type: a parameter list is missing')
        items = [item()]
        while self._peek() == ",":
            self._next()
            items.append(item())
        if self._next() != close:
            raise ValueError(f'"{self.text}" is not a type: "{close}" is missing')
        return items

    def _peek(self) -> str:
        return self.rest[0] if self.rest else ""

    def _next(self) -> str:
        if not self.rest:
            raise ValueError(f'"{self.text}" is not a type: it ends too early')
        return self.rest.pop(0)
