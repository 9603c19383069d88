"""Which types Trino converts into which: common supertypes, implicit coercions, casts."""

from __future__ import annotations

from functools import lru_cache

from transforms import lake_types
from transforms.lake_types import DATE, DOUBLE, INTEGERS, REAL, UNKNOWN, Field, Type, decimal

INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
NUMBERS = frozenset(lake_types.NUMBERS)
TEXTS = frozenset(("varchar", "char"))
CLOCKS = frozenset(("timestamp", "timestamp with time zone", "time", "time with time zone"))
ZONED = frozenset(("timestamp with time zone", "time with time zone"))
INTERVALS = frozenset(("interval day to second", "interval year to month"))
PATTERNS = frozenset(("joniregexp", "jsonpath", "codepoints", "likepattern"))
"""Types of constants that only Trino's own functions take; text coerces into them."""
_UNORDERED = frozenset(("map", "json", "hyperloglog", "tdigest", "qdigest", "setdigest", "function", "geometry"))
_INCOMPARABLE = frozenset(("hyperloglog", "tdigest", "qdigest", "setdigest", "function"))
_WIDER = {"timestamp": "timestamp with time zone", "time": "time with time zone"}
LONGEST_CHAR = 65536


def as_decimal(type_: Type) -> Type:
    """The decimal that holds every value of an integer type; decimals stay."""
    return type_ if type_.name == "decimal" else decimal(INTEGER_DIGITS[type_.name], 0)


@lru_cache(maxsize=8192)
def common_type(a: Type, b: Type) -> Type | None:
    """The type into which Trino coerces both; None if there is none."""
    if a == b or b == UNKNOWN:
        return a
    if a == UNKNOWN:
        return b
    x, y = a.name, b.name
    if x in NUMBERS and y in NUMBERS:
        return _common_number(a, b)
    if x in TEXTS and y in TEXTS:
        return _common_text(a, b)
    if x == y and x in CLOCKS:
        return a if a.numbers >= b.numbers else b
    if x == y and x in ("array", "map", "row"):
        return _common_nested(a, b)
    for one, other in ((a, b), (b, a)):
        if one == DATE and other.name in ("timestamp", "timestamp with time zone"):
            return other
        if _WIDER.get(one.name) == other.name:
            return Type(other.name, max(one.numbers, other.numbers))
    return None


def _common_number(a: Type, b: Type) -> Type:
    x, y = a.name, b.name
    if "double" in (x, y):
        return DOUBLE
    if "real" in (x, y):
        return REAL
    if x != "decimal" and y != "decimal":
        return max((a, b), key=lambda type_: INTEGERS.index(type_.name))
    (p1, s1), (p2, s2) = as_decimal(a).numbers, as_decimal(b).numbers
    scale = max(s1, s2)
    return decimal(min(38, max(p1 - s1, p2 - s2) + scale), scale)


def _common_text(a: Type, b: Type) -> Type:
    if a.name == b.name:
        return Type(a.name, max(a.numbers, b.numbers) if a.numbers and b.numbers else ())
    lengths = [type_.numbers[0] if type_.numbers else LONGEST_CHAR for type_ in (a, b)]
    return Type("char", (min(max(lengths), LONGEST_CHAR),))


def _common_nested(a: Type, b: Type) -> Type | None:
    if a.name == "row":
        if len(a.fields) != len(b.fields):
            return None
        fields = []
        for one, other in zip(a.fields, b.fields, strict=True):
            common = common_type(one.type, other.type)
            if common is None:
                return None
            fields.append(Field(one.name if one.name == other.name else None, common))
        return Type("row", (), (), tuple(fields))
    parts = [common_type(one, other) for one, other in zip(a.parts, b.parts, strict=True)]
    if None in parts:
        return None
    return Type(a.name, (), tuple(part for part in parts if part is not None))


def common_of(types: list[Type]) -> Type | None:
    """The common type of all; None if there is none. Of nothing: unknown."""
    found: Type | None = UNKNOWN
    for type_ in types:
        found = found and common_type(found, type_)
    return found


@lru_cache(maxsize=8192)
def coercible(source: Type, target: Type) -> bool:
    """Whether Trino casts the source to the target implicitly."""
    if source in (target, UNKNOWN):
        return True
    if target.name in PATTERNS:
        return source.name == "varchar"
    if source.name == target.name == "row":
        return len(source.fields) == len(target.fields) and all(
            coercible(one.type, other.type) for one, other in zip(source.fields, target.fields, strict=True)
        )
    if source.name == target.name and source.name in ("array", "map"):
        return all(coercible(one, other) for one, other in zip(source.parts, target.parts, strict=True))
    return common_type(source, target) == target


_TEXT_CASTS = NUMBERS | TEXTS | CLOCKS | {"boolean", "date", "json", "varbinary", "uuid", "ipaddress", "color"}
_CASTS = {
    "varchar": _TEXT_CASTS,
    "char": TEXTS | {"color"},
    "boolean": NUMBERS | {"boolean", "varchar", "json"},
    "date": {"varchar", "date", "timestamp", "timestamp with time zone", "json"},
    "timestamp": CLOCKS | {"varchar"} | {"date", "json"},
    "timestamp with time zone": CLOCKS | {"varchar"} | {"date"},
    "time": {"varchar", "time", "time with time zone", "timestamp", "timestamp with time zone"},
    "time with time zone": CLOCKS | {"varchar"},
    "json": NUMBERS | {"varchar", "boolean", "array", "map", "row", "json"},
    "varbinary": {"varbinary", "uuid", "ipaddress", "hyperloglog", "tdigest", "qdigest", "setdigest"},
    "uuid": {"varchar", "varbinary", "uuid"},
    "ipaddress": {"varchar", "varbinary", "ipaddress"},
    "interval day to second": {"varchar", "interval day to second"},
    "interval year to month": {"varchar", "interval year to month"},
} | dict.fromkeys(NUMBERS, NUMBERS | {"varchar", "boolean", "json"})
_TO_JSON = NUMBERS | {"varchar", "boolean", "date", "timestamp", "json", "unknown"}


@lru_cache(maxsize=4096)
def castable(source: Type, target: Type) -> bool:
    """Whether `cast(source as target)` exists on Trino."""
    if source in (target, UNKNOWN):
        return True
    if target.name == "json":
        return _to_json(source)
    if source.name == "json":
        return _from_json(target)
    if source.name in ("array", "map") and target.name == source.name:
        return all(castable(one, other) for one, other in zip(source.parts, target.parts, strict=True))
    if source.name == target.name == "row":
        return len(source.fields) == len(target.fields) and all(
            castable(one.type, other.type) for one, other in zip(source.fields, target.fields, strict=True)
        )
    if source.name == "uuid" and target.numbers:
        return False
    return target.name in _CASTS.get(source.name, frozenset((source.name, "varbinary")))


def _to_json(type_: Type) -> bool:
    if type_.name == "array":
        return _to_json(type_.element)
    if type_.name == "map":
        return type_.parts[0].name in NUMBERS | {"varchar", "boolean", "unknown"} and _to_json(type_.parts[1])
    if type_.name == "row":
        return all(_to_json(field.type) for field in type_.fields)
    return type_.name in _TO_JSON


def _from_json(type_: Type) -> bool:
    if type_.name == "array":
        return _from_json(type_.element)
    if type_.name == "map":
        return type_.parts[0].name in NUMBERS | {"varchar", "boolean"} and _from_json(type_.parts[1])
    if type_.name == "row":
        return all(_from_json(field.type) for field in type_.fields)
    return type_.name in NUMBERS | {"varchar", "boolean", "json"}


@lru_cache(maxsize=4096)
def comparable(type_: Type) -> bool:
    """Whether = works on values of the type."""
    inner = (*type_.parts, *(field.type for field in type_.fields))
    return type_.name not in _INCOMPARABLE and all(map(comparable, inner))


@lru_cache(maxsize=4096)
def orderable(type_: Type) -> bool:
    """Whether < and ORDER BY work on values of the type."""
    inner = (*type_.parts, *(field.type for field in type_.fields))
    return type_.name not in _UNORDERED and all(map(orderable, inner))


@lru_cache(maxsize=4096)
def zoned(type_: Type) -> bool:
    """Whether values of the type hold a time zone, also deep inside."""
    inner = (*type_.parts, *(field.type for field in type_.fields))
    return type_.name in ZONED or any(map(zoned, inner))
