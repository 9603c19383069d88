"""PostgreSQL's types as the lake's: one table, and for each what does not fit and why.

Decides types and the SQL that selects a column. Never runs a query and never changes a value silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.live import LiveColumn
from transforms.lake_types import (
    BIGINT,
    DATE,
    DOUBLE,
    DOUBLE_DIGITS,
    INTEGERS,
    TIMESTAMP,
    VARBINARY,
    VARCHAR,
    Type,
    array,
    decimal,
)

BARE_NUMERIC = decimal(38, 9)
"""numeric without precision, when the schema file does not say otherwise; rows with more digits are rejects."""

TYPES: Mapping[str, Type] = {
    "bool": Type("boolean"),
    "int2": Type("smallint"),
    "int4": Type("integer"),
    "int8": BIGINT,
    "oid": BIGINT,
    "float4": Type("real"),  # NaN is a reject
    "float8": DOUBLE,  # NaN is a reject
    "numeric": BARE_NUMERIC,  # numeric(p,s): decimal(p,s); over 38 digits: string; NaN and infinity are rejects
    "date": DATE,  # infinity and years outside 1 to 9999 are rejects
    "timestamp": TIMESTAMP,  # as written, taken as UTC; infinity and years outside 1 to 9999 are rejects
    "timestamptz": TIMESTAMP,  # in UTC; digits under a millisecond are rejects, or go with `timestamps: truncate`
    "bytea": VARBINARY,
    "text": VARCHAR,
    "varchar": VARCHAR,
    "bpchar": VARCHAR,
    "name": VARCHAR,
}
"""Every other type is text, as PostgreSQL writes it: time, interval, json, uuid, enum, inet, money, ranges, xml.

An array is an array of its element's type; arrays of more than one dimension are rejects. A domain is its base type.
A row type is JSON text."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as PostgreSQL's catalog describes it, domains resolved. `element` is an array's element type."""

    name: str
    type: str
    modifier: int
    element: str = ""
    composite: bool = False
    comment: str = ""

    @property
    def lake_type(self) -> Type:
        """The lake's type when nobody declares another one."""
        if self.element:
            return array(_scalar(self.element, self.modifier))
        return _scalar(self.type, self.modifier)

    @property
    def live(self) -> LiveColumn:
        """As every kind of source tells it."""
        note = ""
        if self.type == "numeric" and self.modifier < 0:
            note = f"numeric without precision: {self.lake_type.hive} is a guess; rows with more digits become rejects"
        finer = self.type in ("timestamp", "timestamptz") and (self.modifier < 0 or self.modifier > 3)
        return LiveColumn(self.name, self.lake_type, self.written, self.takes, self.comment, finer, note)

    @property
    def is_text(self) -> bool:
        """Whether a person may have written its values."""
        return self.type in ("text", "varchar", "bpchar", "citext", "inet") and not self.element

    @property
    def written(self) -> str:
        """The type for messages."""
        return f"{self.element}[]" if self.element else self.type

    @property
    def quoted(self) -> str:
        """The name in SQL."""
        return quoted(self.name)

    def takes(self, declared: Type) -> bool:
        """Whether every value fits the declared type, or each one that does not can be told from the others."""
        found = self.lake_type
        if found == declared:
            return True
        if declared == VARCHAR:  # infinity and digits without end are texts by choice, plain numbers by mistake
            plain = found.name == "decimal" and self.modifier >= 0
            return not plain and found.name not in (*INTEGERS, "boolean", "real", "double")
        if found.name == "array" and declared.name == "array":
            inner = SourceColumn(self.name, self.element, self.modifier)
            return inner.takes(declared.element)
        if found.name in INTEGERS and declared.name in INTEGERS:
            return INTEGERS.index(declared.name) >= INTEGERS.index(found.name)
        if found.name in INTEGERS and declared.name == "decimal":
            return declared.numbers[0] - declared.numbers[1] >= {"smallint": 5, "integer": 10}.get(found.name, 19)
        if self.type == "numeric" and declared.name in ("decimal", "double", "bigint"):
            return self.modifier < 0 or declared.name == "bigint" or _holds(declared, found)
        return found.name == "real" and declared.name == "double"

    def select(self, declared: Type, name: str) -> str:
        """The SQL of the column, under the name that it has in the lake."""
        return f"{self._expression(declared)} as {quoted(name)}"

    def _expression(self, declared: Type) -> str:
        name = self.quoted
        if declared == VARCHAR and self.composite:
            return f"to_json({name})::text"
        if declared == VARCHAR and self.type not in ("text", "varchar"):
            return f"{name}::text"
        if declared.name == "array":
            known = self.element in TYPES and not (declared.element == VARCHAR and TYPES[self.element] != VARCHAR)
            cast = "" if known else "::text[]"
            return f"case when array_ndims({name}) > 1 then null else ({name}{cast})[:] end"
        if self.type in ("numeric", "oid") or declared.name == "decimal":
            return {"oid": f"{name}::bigint", "numeric": f"{name}::text"}.get(self.type, f"{name}::numeric")
        return name


def quoted(name: str) -> str:
    """An identifier in SQL.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def quoted_table(name: str) -> str:
    """`schema.table` or `table`, each part quoted; a name with a dot in it needs its schema.

    >>> quoted_table("public.a.b")
    '"public"."a.b"'
    """
    return ".".join(map(quoted, name.split(".", 1)))


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _scalar(name: str, modifier: int) -> Type:
    if name == "numeric" and modifier >= 4:
        precision, scale = (modifier - 4) >> 16 & 0xFFFF, (modifier - 4) & 0x7FF
        scale = scale - 0x800 if scale >= 0x400 else scale
        precision = max(precision - min(scale, 0), scale)
        return decimal(precision, max(scale, 0)) if precision <= 38 else VARCHAR
    return TYPES.get(name, VARCHAR)


def _holds(wide: Type, narrow: Type) -> bool:
    if narrow.name != "decimal":
        return False
    if wide == DOUBLE:
        return narrow.numbers[0] <= DOUBLE_DIGITS
    return (
        wide.numbers[1] >= narrow.numbers[1]
        and wide.numbers[0] - wide.numbers[1] >= narrow.numbers[0] - narrow.numbers[1]
    )
