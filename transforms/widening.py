"""What one type of the lake is to another: whether it holds every value, reads its files, or would lose something."""

from __future__ import annotations

from itertools import zip_longest

from transforms.lake_types import INTEGERS, Type

_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def widens(new: Type, old: Type) -> bool:
    """Whether a column may become `new` by itself: each value of `old` is one of `new`, and the same one.

    >>> widens(Type.parse("bigint"), Type.parse("int")), widens(Type.parse("decimal(12,4)"), Type.parse("decimal(8,4)"))
    (True, True)
    >>> widens(Type.parse("double"), Type.parse("bigint")), widens(Type.parse("string"), Type.parse("int"))
    (False, False)
    """
    if new == old:
        return False
    if new.name == old.name == "array":
        return widens(new.element, old.element)
    if new.name in INTEGERS and old.name in INTEGERS:
        return INTEGERS.index(new.name) > INTEGERS.index(old.name)
    if new.name == "decimal" and (old.name == "decimal" or old.name in INTEGERS):
        precision, scale = old.numbers if old.name == "decimal" else (_DIGITS[old.name], 0)
        return new.numbers[1] >= scale and new.numbers[0] - new.numbers[1] >= precision - scale
    return (new.name, old.name) == ("double", "real")


def reads_files_of(new: Type, old: Type) -> bool:
    """Whether Athena reads Parquet of `old` as `new`: every value, and the statistics that it skips row groups by.

    Of a decimal with another scale, and of a whole number as a decimal, Trino takes the statistics as they are written
    and so leaves out rows; a real as a double is an error of corrupt statistics.
    """
    if new == old:
        return True
    if new.name == old.name and new.name in ("array", "map"):
        return all(map(reads_files_of, new.parts, old.parts))
    if new.name == old.name == "row":
        held = {field.name: field.type for field in old.fields}
        return all(field.name not in held or reads_files_of(field.type, held[field.name]) for field in new.fields)
    if new.name in INTEGERS and old.name in INTEGERS:
        return widens(new, old)
    return new.name == old.name == "decimal" and new.numbers[1] == old.numbers[1] and widens(new, old)


def loses(new: Type, old: Type) -> bool:
    """Whether a cast from `old` to `new` cuts digits without an error.

    >>> loses(Type.parse("decimal(8,2)"), Type.parse("decimal(12,4)")), loses(Type.parse("int"), Type.parse("bigint"))
    (True, False)
    """
    if new.name == old.name and new.parts:
        return any(map(loses, new.parts, old.parts))
    if new.name == old.name == "row":
        pairs = zip_longest(new.fields, old.fields)
        return any(a and b and a.name == b.name and loses(a.type, b.type) for a, b in pairs)
    scale = old.numbers[1] if old.name == "decimal" else 1 if old.name in ("real", "double") else 0
    if new.name in INTEGERS or new.name == "decimal":
        return scale > (new.numbers[1] if new.name == "decimal" else 0)
    return (new.name, old.name) in (("real", "double"), ("date", "timestamp"))
